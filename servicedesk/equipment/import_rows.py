"""What one row of a file of devices would do, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from servicedesk.core.errors import InvalidError
from servicedesk.equipment import device_columns as columns
from servicedesk.equipment.file_kinds import CREATE, SAME, UPDATE, WRONG, Planned, differing
from servicedesk.equipment.lifecycle import targets
from servicedesk.equipment.placing import in_the_way, not_free
from servicedesk.equipment.service import FIELDS, DeviceData, require_address
from servicedesk.equipment.sheet_table import Wrong, day
from servicedesk.organisations.models import Site

KEYS = ("asset_tag", "serial", "name")
_TEXTS = ("asset_tag", "serial", "name", "address", "vendor", "model", "software_version", "notes")
_READ: dict[str, Callable[[str], Any]] = {
    "rack_unit": columns.units,
    "height_u": columns.units,
    "warranty_until": day,
}


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


def plan_row(
    line: int, given: dict[str, str], records: Records, words: Mapping[str, Mapping[str, str]]
) -> Planned:
    """The row as a device to make or change; ``WRONG`` with every reason that its cells give."""
    wrong = Wrong(columns.TABLE)
    label = (given.get("name") or given.get("asset_tag") or given.get("serial") or "—")[:200]
    wrong.measure(given)
    before = len(wrong.told)
    device_id = wrong.ask("", _find, given, records)
    ambiguous = len(wrong.told) > before
    old = records.devices.get(device_id) if device_id is not None else None
    data = _data(given, old, records, words, wrong)
    if data is not None and not ambiguous:
        _require_agreeing(device_id, old, data, records, wrong)
    if data is not None and not wrong.told:
        wrong.ask("", _place, line, device_id, data, records)
    if data is None or wrong.told:
        return Planned(line, WRONG, label, device_id, errors=tuple(wrong.told))
    changed = differing(old, data, FIELDS)
    action = CREATE if old is None else UPDATE if changed else SAME
    return Planned(line, action, data.name, device_id, data, changed, note=data.serial)


def _require_agreeing(
    device_id: int | None, old: Any, data: DeviceData, records: Records, wrong: Wrong
) -> None:
    """The rules between cells, and between the row and the record."""
    if not data.name:
        wrong.told.append(_("A new device needs a name."))
    owner = records.by_key["name"].get(data.name, [])
    if owner and owner != [device_id]:
        wrong.told.append(_("Another device of this client has this name."))
    wrong.ask("", require_address, data.address)
    if data.state == "disposed" and (old is None or old.state != "disposed"):
        wrong.told.append(_("Disposal needs a proof. Do it on the device's page."))
    elif old is not None and data.state not in targets(old.state):
        wrong.told.append(_("This state cannot follow the present one. Change it on the device's page."))


def _data(
    given: dict[str, str],
    old: Any,
    records: Records,
    words: Mapping[str, Mapping[str, str]],
    wrong: Wrong,
) -> DeviceData | None:
    """None: nobody knows at which site the device is, so nothing else can be looked up."""
    site = wrong.ask("", _site, given, old, records)
    values: dict[str, Any] = {name: getattr(old, name) for name in FIELDS} if old is not None else {}
    if old is not None and site is not None and site.id != old.site_id:
        values |= {"room_id": None, "rack_id": None, "rack_unit": None}
    read: dict[str, Any] = {name: given[name] for name in _TEXTS if name in given}
    read |= {
        name: wrong.ask(name, columns.TABLE.coded, name, given[name], words)
        for name in columns.CODES
        if name in given
    }
    read |= {
        name: wrong.ask(name, question, given[name]) for name, question in _READ.items() if name in given
    }
    values |= {name: value for name, value in read.items() if value is not None}
    if old is not None and ("vendor" in given or "model" in given):
        values["model_id"] = None if _other_product(old, given) else old.model_id
    values |= _people(given, records, wrong)
    if site is None:
        return None
    values["site_id"] = site.id
    return DeviceData(**{"name": ""} | values | _room_and_rack(given, values, site, records, wrong))


def _site(given: Mapping[str, str], old: Any, records: Records) -> Site:
    """The site of the row, else that of the device, else the only one there is."""
    if "site" in given:
        if given["site"] not in records.sites:
            raise InvalidError(_("There is no site “%(name)s” that you may change.", name=given["site"][:60]))
        return records.sites[given["site"]]
    every = list(records.sites.values())
    if old is not None:
        every = [one for one in every if one.id == old.site_id]
    if len(every) != 1:
        raise InvalidError(_("Say at which of your sites the device is."))
    return every[0]


def _other_product(old: Any, given: Mapping[str, str]) -> bool:
    """Whether the words no longer fit the model of the catalogue."""
    return any(given.get(name, getattr(old, name)) != getattr(old, name) for name in ("vendor", "model"))


def _room_and_rack(
    given: Mapping[str, str], values: Mapping[str, Any], site: Site, records: Records, wrong: Wrong
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    room_id = values.get("room_id")
    if "room" in given:
        room_id = records.rooms.get((site.id, given["room"]))
        if room_id is None:
            wrong.told.append(_("There is no room “%(name)s” at this site.", name=given["room"][:60]))
            return {}  # what the rack's name means is not known
        found["room_id"] = room_id
    if "rack" in given:
        rack = records.racks.get((room_id or 0, given["rack"]))
        if rack is None:
            wrong.told.append(_("There is no rack “%(name)s” in this room.", name=given["rack"][:60]))
        else:
            found["rack_id"] = rack[0]
    return found


def _people(given: Mapping[str, str], records: Records, wrong: Wrong) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, column, known in (
        ("department", "department_id", records.departments),
        ("responsible", "responsible_id", records.people),
        ("standby", "standby_id", records.people),
    ):
        if name not in given:
            continue
        if given[name] in known:
            found[column] = known[given[name]]
            continue
        wrong.told.append(
            _(
                "%(column)s: “%(name)s” is not known.",
                column=columns.TABLE.by_name[name].label,
                name=given[name][:60],
            )
        )
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
