"""Buildings, rooms and racks: made, changed, placed on the room's plan, deleted while they are empty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Building, Device, Rack, Room
from servicedesk.equipment.removal import require_unused
from servicedesk.organisations.models import Site

MAX_GRID = 30
_ROOM = ("name", "floor", "building_id", "grid_rows", "grid_columns")
_RACK = ("name", "height_u", "grid_row", "grid_column")


@dataclass(frozen=True, slots=True)
class RoomData:
    """``building`` by its name; one that is not known yet is made."""

    name: str
    building: str = ""
    floor: str = ""
    grid_rows: int = 4
    grid_columns: int = 8


@dataclass(frozen=True, slots=True)
class RackData:
    """``grid_row`` and ``grid_column`` together, or neither."""

    name: str
    height_u: int = 42
    grid_row: int | None = None
    grid_column: int | None = None


def _require(actor: Actor, client_id: int, site_id: int) -> None:
    if not actor.allows(Permission.DEVICE_EDIT, client_id, site_id):
        raise NotAllowedError


def save_room(room: Room | None, site: Site, data: RoomData, *, actor: Actor, now: datetime) -> Room:
    """Make or change a room of a site.

    Raises:
        NotAllowedError, InvalidError, ConflictError: a rack would fall off the plan.
    """
    _require(actor, site.client_id, site.id)
    name = data.name.strip()
    if not name:
        raise InvalidError(_("The room needs a name."), "name")
    if room is not None and room.site_id != site.id:
        raise InvalidError(_("A room stays at its site."), "site_id")
    if not (1 <= data.grid_rows <= MAX_GRID and 1 <= data.grid_columns <= MAX_GRID):
        raise InvalidError(_("A plan has 1 to %(most)s rows and columns.", most=MAX_GRID), "grid_rows")
    other = db.session.scalar(sa.select(Room.id).where(Room.site_id == site.id, Room.name == name))
    if other is not None and (room is None or other != room.id):
        raise InvalidError(_("Another room of this site has this name."), "name")
    before = audit.snapshot(room, _ROOM) if room is not None else None
    building = _building(site, data.building.strip(), now)
    if room is None:
        room = Room(client_id=site.client_id, site_id=site.id, created_at=now)
        db.session.add(room)
    else:
        _require_racks_inside(room, data)
    room.name, room.floor, room.building_id = name, data.floor.strip(), building.id if building else None
    room.grid_rows, room.grid_columns, room.updated_at = data.grid_rows, data.grid_columns, now
    after = audit.snapshot(room, _ROOM)
    action = "room.created" if before is None else "room.updated"
    if before != after:
        audit.record(actor, action, room, now=now, label=name, before=before, after=after)
    return room


def _building(site: Site, name: str, now: datetime) -> Building | None:
    if not name:
        return None
    found = db.session.scalar(sa.select(Building).where(Building.site_id == site.id, Building.name == name))
    if found is None:
        found = Building(client_id=site.client_id, site_id=site.id, name=name, created_at=now)
        db.session.add(found)
        db.session.flush()
    return found


def _require_racks_inside(room: Room, data: RoomData) -> None:
    outside = db.session.scalar(
        sa.select(Rack.name)
        .where(
            Rack.room_id == room.id,
            sa.or_(Rack.grid_row > data.grid_rows, Rack.grid_column > data.grid_columns),
        )
        .limit(1)
    )
    if outside is not None:
        raise ConflictError(
            _("%(name)s would lie outside of the plan. Move it first.", name=outside), "grid_rows"
        )


def save_rack(rack: Rack | None, room: Room, data: RackData, *, actor: Actor, now: datetime) -> Rack:
    """Make or change a rack of a room.

    Raises:
        NotAllowedError, InvalidError, ConflictError: its square is taken, or a device sits higher.
    """
    _require(actor, room.client_id, room.site_id)
    name = data.name.strip()
    if not name:
        raise InvalidError(_("The rack needs a name."), "name")
    if not 1 <= data.height_u <= 60:
        raise InvalidError(_("A rack has 1 to 60 units."), "height_u")
    other = db.session.scalar(sa.select(Rack.id).where(Rack.room_id == room.id, Rack.name == name))
    if other is not None and (rack is None or other != rack.id):
        raise InvalidError(_("Another rack of this room has this name."), "name")
    _require_square(rack, room, data)
    before = audit.snapshot(rack, _RACK) if rack is not None else None
    if rack is None:
        rack = Rack(client_id=room.client_id, room_id=room.id, created_at=now)
        db.session.add(rack)
    else:
        _require_tall_enough(rack, data.height_u)
    rack.name, rack.height_u, rack.updated_at = name, data.height_u, now
    rack.grid_row, rack.grid_column = data.grid_row, data.grid_column
    after = audit.snapshot(rack, _RACK)
    action = "rack.created" if before is None else "rack.updated"
    if before != after:
        audit.record(actor, action, rack, now=now, label=name, before=before, after=after)
    return rack


def _require_square(rack: Rack | None, room: Room, data: RackData) -> None:
    if (data.grid_row is None) != (data.grid_column is None):
        raise InvalidError(_("Give both the row and the column, or neither."), "grid_row")
    if data.grid_row is None or data.grid_column is None:
        return
    if not (1 <= data.grid_row <= room.grid_rows and 1 <= data.grid_column <= room.grid_columns):
        raise InvalidError(
            _(
                "The plan of this room has %(rows)s rows and %(columns)s columns.",
                rows=room.grid_rows,
                columns=room.grid_columns,
            ),
            "grid_row",
        )
    there = db.session.scalar(
        sa.select(Rack).where(
            Rack.room_id == room.id, Rack.grid_row == data.grid_row, Rack.grid_column == data.grid_column
        )
    )
    if there is not None and (rack is None or there.id != rack.id):
        raise ConflictError(_("%(name)s stands on this square already.", name=there.name), "grid_row")


def _require_tall_enough(rack: Rack, height_u: int) -> None:
    higher = db.session.scalar(
        sa.select(Device.name)
        .where(Device.rack_id == rack.id, Device.rack_unit + Device.height_u - 1 > height_u)
        .limit(1)
    )
    if higher is not None:
        raise ConflictError(_("%(name)s sits higher than that. Move it first.", name=higher), "height_u")


def remove_room(room: Room, *, actor: Actor, now: datetime) -> None:
    """Delete a room without racks and devices."""
    _require(actor, room.client_id, room.site_id)
    require_unused("rooms", [room.id], room.name)
    audit.record(actor, "room.removed", room, now=now, label=room.name, before=audit.snapshot(room, _ROOM))
    db.session.delete(room)
    db.session.flush()


def remove_rack(rack: Rack, *, actor: Actor, now: datetime) -> None:
    """Delete a rack without devices."""
    _require(actor, rack.client_id, rack.room.site_id)
    require_unused("racks", [rack.id], rack.name)
    audit.record(actor, "rack.removed", rack, now=now, label=rack.name, before=audit.snapshot(rack, _RACK))
    db.session.delete(rack)
    db.session.flush()
