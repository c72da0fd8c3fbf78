"""What a file of devices would do, row by row. Planning reads the client's records and writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import DomainError, InvalidError
from servicedesk.core.permissions import Permission
from servicedesk.core.sheet_files import Row
from servicedesk.equipment import device_columns as columns
from servicedesk.equipment.lifecycle import targets
from servicedesk.equipment.models import Device, Rack, Room
from servicedesk.equipment.placing import in_the_way, not_free
from servicedesk.equipment.service import FIELDS, DeviceData, require_address
from servicedesk.organisations.models import Department, Site
from servicedesk.staff.queries import holders

KEYS = ("asset_tag", "serial", "name")
CREATE, UPDATE, SAME, WRONG = "create", "update", "same", "wrong"
_TEXTS = ("asset_tag", "serial", "name", "address", "vendor", "model", "software_version", "notes")


@dataclass(frozen=True, slots=True)
class Planned:
    """One row of the file: what becomes of it, or why it cannot."""

    line: int
    action: str
    label: str
    device_id: int | None = None
    data: DeviceData | None = None
    changed: tuple[str, ...] = ()
    error: str = ""


@dataclass(slots=True)
class Records:
    """The client's records by the words that a file uses for them."""

    devices: dict[int, Any]
    by_key: dict[str, dict[str, list[int]]]
    sites: dict[str, Site]
    rooms: dict[tuple[int, str], int]
    racks: dict[tuple[int, str], tuple[int, int]]  # (room, name) → number, height
    departments: dict[str, int]
    people: dict[str, int]
    mounted: dict[int, dict[Any, Any]] = field(default_factory=dict)  # rack → device or line → who is there


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
    table = list(rows)
    headings, words = columns.known_words()
    names = columns.columns_of(table[0][1], headings)
    records = load(client_id, actor)
    taken: dict[Any, int] = {}  # device numbers and new names → the line that has them
    planned = []
    for line, cells in table[1:]:
        given = {name: cell for name, cell in zip(names, cells, strict=False) if name and cell}
        label = given.get("name") or given.get("asset_tag") or given.get("serial") or "—"
        try:
            one = _row(line, given, records, words)
            _require_once(one, taken)
        except DomainError as error:
            one = Planned(line, WRONG, label[:200], error=str(error))
        planned.append(one)
    return planned


def _require_once(one: Planned, taken: dict[Any, int]) -> None:
    name = one.data.name if one.data else one.label
    for key in (one.device_id, f"name:{name}"):
        if key is not None and taken.setdefault(key, one.line) != one.line:
            raise InvalidError(_("Line %(line)s is about this device already.", line=taken[key]))


def _find(given: Mapping[str, str], records: Records) -> int | None:
    """By asset tag, else by serial number, else by name: the first that is given and known."""
    for key in KEYS:
        found = records.by_key[key].get(given.get(key, ""), [])
        if len(found) > 1:
            raise InvalidError(
                _(
                    "%(count)s devices have this: %(value)s. Make it unique first.",
                    count=len(found),
                    value=given[key],
                )
            )
        if found:
            return found[0]
    return None


def _row(
    line: int, given: dict[str, str], records: Records, words: Mapping[str, Mapping[str, str]]
) -> Planned:
    for name, text in given.items():
        if len(text) > columns.BY_NAME[name].size:
            raise InvalidError(_("“%(name)s” is too long.", name=columns.BY_NAME[name].label))
    device_id = _find(given, records)
    old = records.devices.get(device_id) if device_id is not None else None
    data = _data(given, old, records, words)
    if not data.name:
        raise InvalidError(_("A new device needs a name."))
    owner = records.by_key["name"].get(data.name, [])
    if owner and owner != [device_id]:
        raise InvalidError(_("Another device of this client has this name."))
    require_address(data.address)
    if old is not None and data.state not in targets(old.state):
        raise InvalidError(_("This state cannot follow the present one. Change it on the device's page."))
    if data.state == "disposed" and (old is None or old.state != "disposed"):
        raise InvalidError(_("Disposal needs a proof. Do it on the device's page."))
    _place(line, device_id, data, records)
    changed = tuple(name for name in FIELDS if old is None or getattr(old, name) != getattr(data, name))
    action = CREATE if old is None else UPDATE if changed else SAME
    return Planned(line, action, data.name, device_id, data, changed if old is not None else ())


def _data(
    given: dict[str, str], old: Any, records: Records, words: Mapping[str, Mapping[str, str]]
) -> DeviceData:
    values: dict[str, Any] = {name: getattr(old, name) for name in FIELDS} if old is not None else {}
    site = records.sites.get(given["site"]) if "site" in given else None
    if "site" in given and site is None:
        raise InvalidError(_("There is no site “%(name)s” that you may change.", name=given["site"][:60]))
    if site is None and old is not None:
        site = next((one for one in records.sites.values() if one.id == old.site_id), None)
    if site is None and old is None and len(records.sites) == 1:
        site = next(iter(records.sites.values()))
    if site is None:
        raise InvalidError(_("Say at which of your sites the device is."))
    if old is not None and site.id != old.site_id:
        values |= {"room_id": None, "rack_id": None, "rack_unit": None}
    values["site_id"] = site.id
    values |= {name: given[name] for name in _TEXTS if name in given}
    values |= {name: columns.coded(name, given[name], words) for name in columns.CODES if name in given}
    values |= {name: columns.units(given[name]) for name in ("rack_unit", "height_u") if name in given}
    if "warranty_until" in given:
        values["warranty_until"] = columns.day(given["warranty_until"])
    if old is not None and ("vendor" in given or "model" in given):
        values["model_id"] = None if _other_product(old, given) else old.model_id
    return DeviceData(**{"name": ""} | values | _named(given, values, site, records))


def _other_product(old: Any, given: Mapping[str, str]) -> bool:
    """Whether the words no longer fit the model of the catalogue."""
    return any(given.get(name, getattr(old, name)) != getattr(old, name) for name in ("vendor", "model"))


def _named(
    given: Mapping[str, str], values: Mapping[str, Any], site: Site, records: Records
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    room_id = values.get("room_id")
    if "room" in given:
        room_id = records.rooms.get((site.id, given["room"]))
        if room_id is None:
            raise InvalidError(_("There is no room “%(name)s” at this site.", name=given["room"][:60]))
        found["room_id"] = room_id
    if "rack" in given:
        rack = records.racks.get((room_id or 0, given["rack"]))
        if rack is None:
            raise InvalidError(_("There is no rack “%(name)s” in this room.", name=given["rack"][:60]))
        found["rack_id"] = rack[0]
    for name, column, known in (
        ("department", "department_id", records.departments),
        ("responsible", "responsible_id", records.people),
        ("standby", "standby_id", records.people),
    ):
        if name in given:
            if given[name] not in known:
                raise InvalidError(
                    _(
                        "%(column)s: “%(name)s” is not known.",
                        column=columns.BY_NAME[name].label,
                        name=given[name][:60],
                    )
                )
            found[column] = known[given[name]]
    return found


def _place(line: int, device_id: int | None, data: DeviceData, records: Records) -> None:
    """Whether the units are free, beside what is there and what earlier rows put there."""
    me: Any = device_id if device_id is not None else f"line:{line}"
    old = records.devices.get(device_id) if device_id is not None else None
    if old is not None and old.rack_id:
        records.mounted.get(old.rack_id, {}).pop(me, None)
    if data.rack_unit is None:
        return
    if data.rack_id is None:
        raise InvalidError(_("Choose the rack that the unit belongs to."))
    height = next((tall for number, tall in records.racks.values() if number == data.rack_id), 0)
    if data.rack_unit + data.height_u - 1 > height:
        raise InvalidError(_("The rack has units 1 to %(height)s.", height=height))
    there = records.mounted.setdefault(data.rack_id, {})
    blocking = in_the_way(data, there.values())
    if blocking:
        raise InvalidError(not_free(data, blocking))
    there[me] = data
