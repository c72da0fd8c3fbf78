"""Rooms, racks and models as far as an actor may see them, with what stands in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.db import anywhere, db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Building, Device, DeviceModel, Rack, Room
from servicedesk.organisations.models import Site


def room_rows(actor: Actor, site_id: int | None = None) -> sa.Select[*tuple[Any, ...]]:
    """Columns of the list of rooms, with the number of racks and devices."""
    racks = sa.select(sa.func.count()).where(Rack.room_id == Room.id).scalar_subquery()
    devices = sa.select(sa.func.count()).where(Device.room_id == Room.id).scalar_subquery()
    statement = (
        sa.select(
            Room.id,
            Room.name,
            Room.floor,
            Site.name.label("site_name"),
            Building.name.label("building_name"),
            racks.label("rack_count"),
            devices.label("device_count"),
        )
        .join(Site, Site.id == Room.site_id)
        .outerjoin(Building, Building.id == Room.building_id)
        .where(actor.scope(Permission.DEVICE_VIEW).clause(Room.client_id, Room.site_id))
    )
    return statement.where(Room.site_id == site_id) if site_id else statement


def get_visible_room(room_id: int, actor: Actor) -> Room:
    """The room, or NotFoundError."""
    room = db.session.scalar(
        sa.select(Room)
        .where(Room.id == room_id, actor.scope(Permission.DEVICE_VIEW).clause(Room.client_id, Room.site_id))
        .options(joinedload(Room.site), joinedload(Room.building))
    )
    if room is None:
        raise NotFoundError
    return room


def get_visible_rack(rack_id: int, actor: Actor) -> Rack:
    """The rack, or NotFoundError."""
    rack = db.session.scalar(
        sa.select(Rack)
        .join(Rack.room)
        .where(Rack.id == rack_id, actor.scope(Permission.DEVICE_VIEW).clause(Room.client_id, Room.site_id))
        .options(joinedload(Rack.room).joinedload(Room.site), joinedload(Rack.room).joinedload(Room.building))
    )
    if rack is None:
        raise NotFoundError
    return rack


def rack_rows(room_id: int) -> Sequence[Any]:
    """The racks of a room with the units that are filled and the worst that was found in them."""
    filled = sa.func.coalesce(sa.func.sum(sa.case((Device.rack_unit.is_not(None), Device.height_u))), 0)
    bad = sa.func.coalesce(
        sa.func.sum(sa.case((Device.last_outcome.in_(("critical", "unreachable", "timeout")), 1), else_=0)), 0
    )
    return db.session.execute(
        sa.select(
            Rack.id,
            Rack.name,
            Rack.height_u,
            Rack.grid_row,
            Rack.grid_column,
            filled.label("filled"),
            bad.label("bad"),
            sa.func.count(Device.id).label("device_count"),
        )
        .outerjoin(Device, sa.and_(Device.rack_id == Rack.id, Device.state != "disposed"))
        .where(Rack.room_id == room_id)
        .group_by(Rack.id)
        .order_by(Rack.name, Rack.id)
    ).all()


def unplaced_devices(*, room_id: int | None = None, rack_id: int | None = None) -> Sequence[Any]:
    """Devices of a room without a rack, or of a rack without a unit; at most 200."""
    where = (
        [Device.rack_id == rack_id, Device.rack_unit.is_(None)]
        if rack_id is not None
        else [Device.room_id == room_id, Device.rack_id.is_(None)]
    )
    return db.session.execute(
        sa.select(Device.id, Device.name, Device.device_class, Device.last_outcome, Device.state)
        .where(*where)
        .order_by(Device.name)
        .limit(200)
    ).all()


def model_rows(actor: Actor, text: str = "") -> sa.Select[*tuple[Any, ...]]:
    """Columns of the catalogue of models, with how many devices are of each."""
    count = sa.select(sa.func.count()).where(Device.model_id == DeviceModel.id).scalar_subquery()
    statement = sa.select(
        DeviceModel.id,
        DeviceModel.manufacturer,
        DeviceModel.name,
        DeviceModel.device_class,
        DeviceModel.height_u,
        DeviceModel.port_count,
        DeviceModel.end_of_sale_on,
        DeviceModel.end_of_support_on,
        DeviceModel.end_of_life_on,
        count.label("device_count"),
    ).where(actor.scope(Permission.DEVICE_VIEW).clause(DeviceModel.client_id))
    if text:
        like = anywhere(text)
        columns = (DeviceModel.manufacturer, DeviceModel.name)
        statement = statement.where(sa.or_(*(column.ilike(like, escape="\\") for column in columns)))
    return statement


def get_visible_model(model_id: int, actor: Actor) -> DeviceModel:
    """The model, or NotFoundError."""
    clause = actor.scope(Permission.DEVICE_VIEW).clause(DeviceModel.client_id)
    found = db.session.scalar(sa.select(DeviceModel).where(DeviceModel.id == model_id, clause))
    if found is None:
        raise NotFoundError
    return found


def models_of(client_ids: set[int]) -> Sequence[Any]:
    """Models to choose from in a form."""
    return db.session.execute(
        sa.select(DeviceModel.id, DeviceModel.manufacturer, DeviceModel.name)
        .where(DeviceModel.client_id.in_(client_ids))
        .order_by(DeviceModel.manufacturer, DeviceModel.name)
    ).all()
