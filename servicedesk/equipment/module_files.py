"""Files of modules: a module is known by its device and its slot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import DomainError, InvalidError
from servicedesk.core.permissions import Permission
from servicedesk.core.sheet_files import Row
from servicedesk.equipment.file_kinds import (
    CREATE,
    SAME,
    UPDATE,
    WRONG,
    FileKind,
    Planned,
    Work,
    cells_of,
    changed_since,
    differing,
    gone_meanwhile,
    of_line,
)
from servicedesk.equipment.models import Device
from servicedesk.equipment.module_models import DeviceModule
from servicedesk.equipment.modules import FIELDS, KINDS, MAX_EACH, ModuleData, remove_module, save_module
from servicedesk.equipment.sheet_table import Column, Table, Words, Wrong

TABLE = Table(
    (
        Column("device", _l("Device"), 200, "SW-CORE-1"),
        Column("slot", _l("Slot or bay"), 100, "slot 1"),
        Column("kind", _l("Kind"), 40, "line_card"),
        Column("name", _l("Name")),
        Column("part_number", _l("Part number"), 200, "LE1D2G48SX1E"),
        Column("serial", _l("Serial number"), 100, "210305A1B2C3"),
        Column("revision", _l("Revision"), 64, "A"),
    ),
    {"kind": KINDS},
    ("device",),
)
_CHUNK = 500  # names or numbers in one question


@dataclass(slots=True)
class Records:
    """Devices of the client that the actor keeps, by name, and their modules by device and slot."""

    devices: dict[str, int]
    modules: dict[tuple[int, str], Any]
    counts: dict[int, int]


def _load(names: Sequence[str], client_id: int, actor: Actor) -> Records:
    clause = actor.scope(Permission.DEVICE_EDIT).clause(Device.client_id, Device.site_id)
    found = Records({}, {}, {})
    for start in range(0, len(names), _CHUNK):
        devices = sa.select(Device.id, Device.name).where(
            Device.client_id == client_id, clause, Device.name.in_(names[start : start + _CHUNK])
        )
        found.devices |= {row.name: row.id for row in db.session.execute(devices)}
    ids = list(found.devices.values())
    columns = [getattr(DeviceModule, name) for name in FIELDS]
    for start in range(0, len(ids), _CHUNK):
        modules = sa.select(DeviceModule.id, DeviceModule.device_id, *columns).where(
            DeviceModule.device_id.in_(ids[start : start + _CHUNK])
        )
        for row in db.session.execute(modules):
            found.modules[row.device_id, row.slot] = row
            found.counts[row.device_id] = found.counts.get(row.device_id, 0) + 1
    return found


def plan(rows: Iterable[Row], client_id: int, actor: Actor) -> list[Planned]:
    """What each row would do.

    Raises:
        InvalidError: the heading is not ours.
    """
    table, words = cells_of(rows, TABLE)
    names = sorted({given["device"] for _line, given in table if "device" in given})
    records = _load(names, client_id, actor)
    taken: dict[Any, int] = {}
    return [_once(_plan_row(line, given, records, words), given, taken) for line, given in table]


def _once(one: Planned, given: Mapping[str, str], taken: dict[Any, int]) -> Planned:
    """Two rows about one slot: the later one is wrong."""
    key = (given.get("device"), given.get("slot"))
    if None not in key and taken.setdefault(key, one.line) != one.line:
        told = _("Line %(line)s is about this slot already.", line=taken[key])
        return replace(one, action=WRONG, data=None, errors=(*one.errors, told))
    return one


def _plan_row(line: int, given: Mapping[str, str], records: Records, words: Words) -> Planned:
    wrong = Wrong(TABLE)
    wrong.measure(given)
    label = f"{given.get('device', '—')} / {given.get('slot', '—')}"[:200]
    device_id = wrong.ask("", _device, given, records)
    if "slot" not in given:
        wrong.told.append(_("Say in which slot or bay it is."))
    old = records.modules.get((device_id or 0, given.get("slot", "")))
    values: dict[str, Any] = {name: getattr(old, name) for name in FIELDS} if old is not None else {}
    values |= {name: text for name, text in given.items() if name not in ("device", "kind")}
    if "kind" in given:
        values["kind"] = wrong.ask("kind", TABLE.coded, "kind", given["kind"], words)
    if old is None and device_id is not None:
        records.counts[device_id] = records.counts.get(device_id, 0) + 1
        if records.counts[device_id] > MAX_EACH:
            wrong.told.append(_("At most %(count)s modules.", count=MAX_EACH))
    if wrong.told or device_id is None:
        return Planned(line, WRONG, label, device_id, errors=tuple(wrong.told))
    data = ModuleData(**values)
    changed = differing(old, data, FIELDS)
    action = CREATE if old is None else UPDATE if changed else SAME
    found = (old.id if old is not None else None, data)
    return Planned(line, action, label, device_id, found, changed, note=data.serial)


def _device(given: Mapping[str, str], records: Records) -> int:
    if "device" not in given:
        raise InvalidError(_("Say in which device it is."))
    if given["device"] not in records.devices:
        raise InvalidError(_("There is no device “%(name)s” that you may change.", name=given["device"][:60]))
    return records.devices[given["device"]]


def _loaded(model: Any, ids: Iterable[int]) -> dict[int, Any]:
    wanted = sorted(set(ids))
    found: dict[int, Any] = {}
    for start in range(0, len(wanted), _CHUNK):
        chosen = model.id.in_(wanted[start : start + _CHUNK])
        found |= {row.id: row for row in db.session.scalars(sa.select(model).where(chosen))}
    return found


def _carry_out(todo: Sequence[Planned], work: Work) -> list[Any]:
    """Entries are ``[device_id, module_id, before]``; None before: the import made it."""
    devices = _loaded(Device, (one.device_id for one in todo if one.device_id is not None))
    modules = _loaded(DeviceModule, (one.data[0] for one in todo if one.data[0] is not None))
    changes: list[Any] = []
    for number, one in enumerate(todo, start=1):
        module_id, data = one.data
        device, module = devices.get(one.device_id or 0), modules.get(module_id or 0)
        if device is None or (module_id is not None and module is None):
            raise gone_meanwhile()
        before = audit.snapshot(module, (*FIELDS, "by_inspection")) if module is not None else None
        try:
            saved = save_module(device, module, data, actor=work.actor, now=work.now)
        except DomainError as error:
            raise of_line(one.line, error) from error
        changes.append([device.id, saved.id, before])
        work.progress(number, len(todo))
    return changes


def _take_back(changes: Sequence[Any], moment: datetime, work: Work) -> None:
    devices = _loaded(Device, (device_id for device_id, _module_id, _before in changes))
    modules = _loaded(DeviceModule, (module_id for _device_id, module_id, _before in changes))
    for device_id, module_id, before in changes:
        device, module = devices.get(device_id), modules.get(module_id)
        if device is None or module is None or module.recorded_at != moment:
            name = device.name if device is not None else f"#{device_id}"
            raise changed_since(f"{name} / {module.slot if module else (before or {}).get('slot', '—')}")
    for number, (device_id, module_id, before) in enumerate(changes, start=1):
        device, module = devices[device_id], modules[module_id]
        if before is None:
            remove_module(device, module_id, actor=work.actor, now=work.now)
        else:
            data = ModuleData(**{name: before[name] for name in FIELDS})
            save_module(device, module, data, actor=work.actor, now=work.now)
            module.by_inspection = before["by_inspection"]
        work.progress(number, len(changes))


MODULES = FileKind(
    "modules",
    _l("Modules and parts"),
    "modules.index",
    _l("A module is known by its device and its slot or bay."),
    _l("Serial number"),
    TABLE,
    plan,
    _carry_out,
    _take_back,
    TABLE.vocabulary(),
)
