"""What may be deleted: nothing that another record still names. The sentence says what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.audit.labels import object_label
from servicedesk.core.actor import Actor
from servicedesk.core.db import Base, db
from servicedesk.core.errors import ConflictError, NotAllowedError
from servicedesk.core.i18n import enumeration
from servicedesk.core.permissions import Permission
from servicedesk.equipment.leaving import devices_leave
from servicedesk.equipment.lifecycle import names_in_need
from servicedesk.equipment.models import Device
from servicedesk.equipment.network_models import Interface, Link
from servicedesk.equipment.searching import forget_device
from servicedesk.equipment.service import FIELDS

_CHUNK = 500  # numbers in one question


def references(table: str) -> Iterator[sa.Column[Any]]:
    """Columns of all tables, also of domains above, that name a row of ``table`` and do not go with it."""
    for other in Base.metadata.sorted_tables:
        for column in other.columns:
            for key in column.foreign_keys:
                if key.column.table.name == table and key.ondelete != "CASCADE":
                    yield column


def uses(table: str, ids: Sequence[int]) -> dict[str, int]:
    """How often each kind of record, by its name for people, names one of these rows."""
    found: dict[str, int] = {}
    for column in references(table):
        for start in range(0, len(ids), _CHUNK):
            chosen = column.in_(ids[start : start + _CHUNK])
            count = db.session.scalar(sa.select(sa.func.count()).select_from(column.table).where(chosen)) or 0
            if count:
                label = str(object_label(column.table.name))
                found[label] = found.get(label, 0) + count
    return found


def require_unused(table: str, ids: Sequence[int], name: str) -> None:
    """Refuse to delete what is named elsewhere.

    Raises:
        ConflictError: with the kinds of records and their number.
    """
    found = uses(table, ids)
    if found:
        raise ConflictError(
            _(
                "%(name)s is still used by: %(uses)s. Its history stays with it, so it cannot be deleted.",
                name=name,
                uses=enumeration(f"{label} ({count})" for label, count in sorted(found.items())),
            )
        )


def _require_no_cable(device_ids: Sequence[int], name: str) -> None:
    for start in range(0, len(device_ids), _CHUNK):
        chosen = Interface.device_id.in_(device_ids[start : start + _CHUNK])
        ends = sa.or_(Link.a_id == Interface.id, Link.b_id == Interface.id)
        if db.session.scalar(
            sa.select(sa.literal(1)).select_from(Link).join(Interface, ends).where(chosen).limit(1)
        ):
            raise ConflictError(_("A cable still leads to %(name)s. Unplug it first.", name=name))


def remove_devices(devices: Sequence[Device], *, actor: Actor, now: datetime, reason: str = "") -> None:
    """Delete devices that nothing speaks of; the audit trail keeps what they were.

    Raises:
        NotAllowedError: one is out of the actor's reach.
        ConflictError: running devices need it, or tickets, inspections and other records name it. The
            caller rolls back what ended with the devices by then.
    """
    for device in devices:
        if not actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id):
            raise NotAllowedError
    if len(devices) == 1:
        needed_by = names_in_need(devices[0].id)
        if needed_by:
            raise ConflictError(
                _(
                    "%(names)s still need this device. Move them or remove the relation first.",
                    names=enumeration(needed_by),
                )
            )
    names = devices[0].name if len(devices) == 1 else _("One of these devices")
    ids = [device.id for device in devices]
    devices_leave(ids, _("The device was deleted."), gone=True, actor=actor, now=now)
    require_unused("devices", ids, names)
    _require_no_cable(ids, names)
    for device in devices:
        before = audit.snapshot(device, FIELDS) | ({"reason": reason} if reason else {})
        audit.record(actor, "device.removed", device, now=now, label=device.name, before=before)
        db.session.delete(device)
        forget_device(device.id)
    db.session.flush()
