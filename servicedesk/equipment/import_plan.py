"""What a file of devices would do, row by row. Planning reads the client's records and writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.permissions import Permission
from servicedesk.core.sheet_files import Row
from servicedesk.equipment import device_columns as columns
from servicedesk.equipment.file_kinds import WRONG, Planned, cells_of
from servicedesk.equipment.import_rows import KEYS, Records, plan_row
from servicedesk.equipment.models import Device, Rack, Room
from servicedesk.equipment.service import FIELDS
from servicedesk.organisations.models import Department, Site
from servicedesk.staff.queries import holders


def load(client_id: int, actor: Actor) -> Records:
    """Everything that planning needs, in a fixed number of queries."""
    device_columns = [getattr(Device, name) for name in FIELDS]
    rows = db.session.execute(
        sa.select(Device.id, *device_columns).where(Device.client_id == client_id)
    ).all()
    by_key: dict[str, dict[str, list[int]]] = {key: {} for key in KEYS}
    mounted: dict[int, dict[Any, Any]] = {}
    for row in rows:
        for key in KEYS:
            if getattr(row, key):
                by_key[key].setdefault(getattr(row, key), []).append(row.id)
        if row.rack_id and row.rack_unit and row.state != "disposed":
            mounted.setdefault(row.rack_id, {})[row.id] = row
    clause = actor.scope(Permission.DEVICE_EDIT).clause(Site.client_id, Site.id)
    sites = db.session.scalars(sa.select(Site).where(clause, Site.client_id == client_id, Site.active))
    rooms = db.session.execute(sa.select(Room.id, Room.site_id, Room.name).where(Room.client_id == client_id))
    racks = db.session.execute(
        sa.select(Rack.id, Rack.room_id, Rack.name, Rack.height_u).where(Rack.client_id == client_id)
    )
    departments = db.session.execute(
        sa.select(Department.name, Department.id).where(Department.organisation_id == client_id)
    )
    people: dict[str, int] = {}
    for user in holders(Permission.TICKET_WORK, client_id):
        people.setdefault(user.display_name, user.id)
        people[user.username] = user.id
    return Records(
        {row.id: row for row in rows},
        by_key,
        {site.name: site for site in sites},
        {(row.site_id, row.name): row.id for row in rooms},
        {(row.room_id, row.name): (row.id, row.height_u) for row in racks},
        {row.name: row.id for row in departments},
        people,
        mounted,
    )


def plan(rows: Iterable[Row], client_id: int, actor: Actor) -> list[Planned]:
    """What each row would do.

    Raises:
        InvalidError: the heading is not ours.
    """
    table, words = cells_of(rows, columns.TABLE)
    records = load(client_id, actor)
    taken: dict[Any, int] = {}  # device numbers and new names → the line that has them
    planned = []
    for line, given in table:
        one = plan_row(line, given, records, words)
        planned.append(_once(one, given.get("name") or (one.data.name if one.data else ""), taken))
    return planned


def _once(one: Planned, name: str, taken: dict[Any, int]) -> Planned:
    """Two rows about one device: the later one is wrong."""
    for key in (one.device_id, f"name:{name}" if name else None):
        if key is not None and taken.setdefault(key, one.line) != one.line:
            told = _("Line %(line)s is about this device already.", line=taken[key])
            return replace(one, action=WRONG, data=None, errors=(*one.errors, told))
    return one
