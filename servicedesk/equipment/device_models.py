"""The catalogue of device models: made, changed, deleted while no device is of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.equipment.models import DeviceModel
from servicedesk.equipment.removal import require_unused


@dataclass(frozen=True, slots=True)
class ModelData:
    """What a person may write about a model; the names are those of ``DeviceModel``."""

    manufacturer: str
    name: str
    device_class: str = "other"
    height_u: int = 1
    full_depth: bool = True
    port_count: int = 0
    end_of_sale_on: date | None = None
    end_of_support_on: date | None = None
    end_of_life_on: date | None = None
    notes: str = ""


FIELDS = tuple(ModelData.__dataclass_fields__)


def save_model(
    device_model: DeviceModel | None, client_id: int, data: ModelData, *, actor: Actor, now: datetime
) -> DeviceModel:
    """Make or change a model of a client's catalogue.

    Raises:
        NotAllowedError, InvalidError.
    """
    if not actor.allows(Permission.DEVICE_EDIT, client_id) or (
        device_model and device_model.client_id != client_id
    ):
        raise NotAllowedError
    maker, name = data.manufacturer.strip(), data.name.strip()
    if not maker or not name:
        raise InvalidError(_("A model needs a manufacturer and a name."), "name")
    if data.device_class not in DEVICE_CLASSES:
        raise InvalidError(_("Choose a device class from the list."), "device_class")
    if not (1 <= data.height_u <= 60 and 0 <= data.port_count <= 10_000):
        raise InvalidError(_("A device is 1 to 60 units high and has at most 10,000 ports."), "height_u")
    days = [day for day in (data.end_of_sale_on, data.end_of_support_on, data.end_of_life_on) if day]
    if days != sorted(days):
        raise InvalidError(
            _("Sale ends before support, and support before life. Check the days."), "end_of_support_on"
        )
    other = db.session.scalar(
        sa.select(DeviceModel.id).where(
            DeviceModel.client_id == client_id, DeviceModel.manufacturer == maker, DeviceModel.name == name
        )
    )
    if other is not None and (device_model is None or other != device_model.id):
        raise InvalidError(_("This model is in the catalogue already."), "name")
    before = audit.snapshot(device_model, FIELDS) if device_model is not None else None
    if device_model is None:
        device_model = DeviceModel(client_id=client_id, created_at=now)
        db.session.add(device_model)
    for field in FIELDS:
        value = getattr(data, field)
        setattr(device_model, field, value.strip() if isinstance(value, str) else value)
    device_model.updated_at = now
    after = audit.snapshot(device_model, FIELDS)
    if before != after:
        action = "device_model.created" if before is None else "device_model.updated"
        label = f"{maker} {name}"
        audit.record(actor, action, device_model, now=now, label=label, before=before, after=after)
    return device_model


def remove_model(device_model: DeviceModel, *, actor: Actor, now: datetime) -> None:
    """Delete a model no device is of."""
    if not actor.allows(Permission.DEVICE_EDIT, device_model.client_id):
        raise NotAllowedError
    label = f"{device_model.manufacturer} {device_model.name}"
    require_unused("device_models", [device_model.id], label)
    before = audit.snapshot(device_model, FIELDS)
    audit.record(actor, "device_model.removed", device_model, now=now, label=label, before=before)
    db.session.delete(device_model)
    db.session.flush()
