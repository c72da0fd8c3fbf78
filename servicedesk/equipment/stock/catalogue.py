"""Kinds of parts and places of storage: made and changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import DeviceModel, Room
from servicedesk.equipment.stock.models import Part, StockLevel, StockMovement, StockPlace
from servicedesk.organisations.models import Site

MAX_MINIMUM = 100_000


@dataclass(frozen=True, slots=True)
class PartData:
    """What a person may write; the names are those of ``Part``."""

    name: str
    manufacturer: str = ""
    part_number: str = ""
    unit: str = ""
    serialised: bool = False
    minimum: int = 0
    active: bool = True
    notes: str = ""


FIELDS = tuple(PartData.__dataclass_fields__)


def save_part(
    part: Part | None,
    client_id: int,
    data: PartData,
    model_ids: Collection[int] = (),
    *,
    actor: Actor,
    now: datetime,
) -> Part:
    """Make or change a kind of part; ``model_ids``: the device models it fits.

    Raises:
        NotAllowedError, InvalidError.
        ConflictError: pieces that were booked one way cannot be followed the other way.
    """
    if not actor.allows(Permission.STOCK_EDIT, client_id) or (part and part.client_id != client_id):
        raise NotAllowedError
    audit.take_turn()  # before the part's row, as bookings do
    name, manufacturer, number = data.name.strip(), data.manufacturer.strip(), data.part_number.strip()
    if not name:
        raise InvalidError(_("The part needs a name."), "name")
    if not 0 <= data.minimum <= MAX_MINIMUM:
        raise InvalidError(_("Give 0 to %(most)s.", most=MAX_MINIMUM), "minimum")
    same = (Part.client_id == client_id, Part.manufacturer == manufacturer, Part.name == name)
    other = db.session.scalar(sa.select(Part.id).where(*same, Part.part_number == number))
    if other is not None and (part is None or other != part.id):
        raise InvalidError(_("This part is in the catalogue already."), "name")
    if part is not None and part.serialised != data.serialised and _was_booked(part.id):
        raise ConflictError(
            _("Pieces of it were booked already. Make another part for those that are followed differently."),
            "serialised",
        )
    models = _models(client_id, model_ids)
    before = audit.snapshot(part, FIELDS) | {"fits": _names(part.fits)} if part is not None else None
    if part is None:
        part = Part(client_id=client_id, created_at=now)
        db.session.add(part)
    for field in FIELDS:
        value = getattr(data, field)
        setattr(part, field, value.strip() if isinstance(value, str) else value)
    part.fits, part.updated_at = models, now
    db.session.flush()
    after = audit.snapshot(part, FIELDS) | {"fits": _names(models)}
    if before != after:
        action = "part.created" if before is None else "part.updated"
        audit.record(actor, action, part, now=now, label=name, before=before, after=after)
    return part


def _was_booked(part_id: int) -> bool:
    return bool(db.session.scalar(sa.select(sa.exists().where(StockMovement.part_id == part_id))))


def _models(client_id: int, model_ids: Collection[int]) -> list[DeviceModel]:
    wanted = sorted(set(model_ids))
    found = db.session.scalars(
        sa.select(DeviceModel)
        .where(DeviceModel.client_id == client_id, DeviceModel.id.in_(wanted))
        .order_by(DeviceModel.manufacturer, DeviceModel.name)
    ).all()
    if len(found) != len(wanted):
        raise InvalidError(_("There is no such model here."), "model_ids")
    return list(found)


def _names(models: Collection[DeviceModel]) -> list[str]:
    return [f"{model.manufacturer} {model.name}" for model in models]


@dataclass(frozen=True, slots=True)
class PlaceData:
    """What a person may write; the names are those of ``StockPlace``."""

    name: str
    room_id: int | None = None
    active: bool = True


PLACE_FIELDS = tuple(PlaceData.__dataclass_fields__)


def save_place(
    place: StockPlace | None, site: Site, data: PlaceData, *, actor: Actor, now: datetime
) -> StockPlace:
    """Make or change a place of storage; it stays at its site.

    Raises:
        NotAllowedError, InvalidError.
        ConflictError: parts still lie there, so it stays in use.
    """
    if not actor.allows(Permission.STOCK_EDIT, site.client_id, site.id) or (
        place is not None and place.site_id != site.id
    ):
        raise NotAllowedError
    name = data.name.strip()
    if not name:
        raise InvalidError(_("The place needs a name."), "name")
    room = db.session.get(Room, data.room_id) if data.room_id else None
    if data.room_id and (room is None or room.site_id != site.id):
        raise InvalidError(_("The room is at another site."), "room_id")
    other = db.session.scalar(
        sa.select(StockPlace.id).where(StockPlace.site_id == site.id, StockPlace.name == name)
    )
    if other is not None and (place is None or other != place.id):
        raise InvalidError(_("Another place of this site has this name."), "name")
    if place is not None and place.active and not data.active:
        lying = sa.select(sa.exists().where(StockLevel.place_id == place.id, StockLevel.quantity > 0))
        if db.session.scalar(lying):
            raise ConflictError(_("Parts still lie there. Move them first."), "active")
    before = audit.snapshot(place, PLACE_FIELDS) if place is not None else None
    if place is None:
        place = StockPlace(client_id=site.client_id, site_id=site.id, created_at=now)
        db.session.add(place)
    place.name, place.room_id, place.active, place.updated_at = name, data.room_id, data.active, now
    db.session.flush()
    after = audit.snapshot(place, PLACE_FIELDS)
    if before != after:
        action = "stock_place.created" if before is None else "stock_place.updated"
        audit.record(actor, action, place, now=now, label=name, before=before, after=after)
    return place
