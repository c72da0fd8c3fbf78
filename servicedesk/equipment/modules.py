"""Modules of devices: line cards, power supplies, disks; written by people or by inspections."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import sqlalchemy.orm
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.equipment.module_models import DeviceModule

KINDS: dict[str, LazyString] = {
    "chassis": _l("Chassis"),
    "supervisor": lazy_pgettext("module", "Supervisor"),
    "line_card": _l("Line card"),
    "module": _l("Module"),
    "power": _l("Power supply"),
    "fan": _l("Fan"),
    "disk": _l("Disk"),
    "memory": _l("Memory module"),
    "transceiver": _l("Transceiver"),
    "battery": _l("Battery"),
    "other": _l("Other"),
}
MAX_EACH = 4000
# What inspections call a module alone is told further by its words.
_FURTHER = (
    ("supervisor", re.compile(r"\b(?:supervisor|sup-?\d|mpu|sru|mcu|management module)", re.IGNORECASE)),
    ("transceiver", re.compile(r"transceiver|\b(?:sfp|qsfp|xfp|glc)\b", re.IGNORECASE)),
    ("line_card", re.compile(r"line ?card|\blpu\b|\bnim\b|\bslot\b|\bboard\b", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class ModuleData:
    """What a person may write; the names are those of ``DeviceModule``."""

    slot: str
    kind: str = "module"
    name: str = ""
    part_number: str = ""
    serial: str = ""
    revision: str = ""


FIELDS = tuple(ModuleData.__dataclass_fields__)
_SIZES = {"slot": 100, "name": 200, "part_number": 200, "serial": 100, "revision": 64}


def save_module(
    device: Device, module: DeviceModule | None, data: ModuleData, *, actor: Actor, now: datetime
) -> DeviceModule:
    """Record or change a module of a device.

    Raises:
        NotAllowedError, InvalidError: no place, or another module is there.
    """
    _require(device, actor)
    if module is not None and module.device_id != device.id:
        raise NotFoundError
    slot = data.slot.strip()[:100]
    if not slot:
        raise InvalidError(_("Say in which slot or bay it is."), "slot")
    if data.kind not in KINDS:
        raise InvalidError(_("Choose a kind from the list."), "kind")
    taken = db.session.scalar(
        sa.select(DeviceModule.id).where(DeviceModule.device_id == device.id, DeviceModule.slot == slot)
    )
    if taken is not None and (module is None or taken != module.id):
        raise InvalidError(_("Another module is recorded in %(slot)s.", slot=slot), "slot")
    before = _snapshot(module) if module is not None else None
    if module is None:
        _require_room(device)
        module = DeviceModule(device_id=device.id)
        db.session.add(module)
    for name in FIELDS:
        setattr(module, name, getattr(data, name).strip()[: _SIZES.get(name, 16)])
    module.by_inspection, module.recorded_by, module.recorded_at = False, actor.name, now
    db.session.flush()
    after = _snapshot(module)
    if before != after:
        action = "device.module_added" if before is None else "device.module_changed"
        audit.record(actor, action, device, now=now, label=device.name, before=before, after=after)
    return module


def _snapshot(module: DeviceModule) -> dict[str, Any]:
    """For the history, where a kind is that of a relation."""
    kept = audit.snapshot(module, FIELDS)
    return {"module_kind" if name == "kind" else name: value for name, value in kept.items()}


def remove_module(device: Device, module_id: int, *, actor: Actor, now: datetime) -> None:
    """Take a module out of the record; the device's history keeps what it was."""
    _require(device, actor)
    module = module_of(device, module_id)
    before = _snapshot(module)
    db.session.delete(module)
    db.session.flush()
    audit.record(actor, "device.module_removed", device, now=now, label=device.name, before=before)


def module_of(device: Device, module_id: int) -> DeviceModule:
    """A module of this device, or NotFoundError."""
    found = db.session.get(DeviceModule, module_id)
    if found is None or found.device_id != device.id:
        raise NotFoundError
    return found


def _require(device: Device, actor: Actor) -> None:
    if not actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id):
        raise NotAllowedError


def _require_room(device: Device) -> None:
    count = db.session.scalar(sa.select(sa.func.count()).where(DeviceModule.device_id == device.id)) or 0
    if count >= MAX_EACH:
        raise InvalidError(_("At most %(count)s modules.", count=MAX_EACH), "slot")


def further_kind(kind: str, words: str) -> str:
    """What a piece is that is only called a module; ``words``: its place and part number."""
    if kind != "module":
        return kind if kind in KINDS else "other"
    return next((name for name, pattern in _FURTHER if pattern.search(words)), kind)


def record_found(
    device: Device,
    found: Iterable[ModuleData],
    *,
    slots: Collection[str] | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Let the record say what an inspection found; one entry of the device's history.

    Args:
        slots: of which these are all modules; None: of the whole device. What an inspection recorded there
            and is not among them was taken out. What people wrote stays.

    Raises:
        NotAllowedError.
    """
    _require(device, actor)
    rows = db.session.scalars(sa.select(DeviceModule).where(DeviceModule.device_id == device.id))
    known = {row.slot: row for row in rows}
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    seen = set()
    for data in found:
        seen.add(data.slot)
        row = known.get(data.slot)
        old = _words(row) if row is not None else ""
        if row is None and len(known) < MAX_EACH:
            row = known[data.slot] = DeviceModule(device_id=device.id, slot=data.slot)
            row.kind, row.name, row.part_number, row.serial, row.revision = data.kind, "", "", "", ""
            db.session.add(row)
        if row is not None and _fill(row, data):
            row.by_inspection, row.recorded_by, row.recorded_at = True, actor.name, now
            before[data.slot], after[data.slot] = old, _words(row)
    for slot, row in known.items():
        if row.by_inspection and slot not in seen and (slots is None or slot in slots):
            before[slot], after[slot] = _words(row), ""
            db.session.delete(row)
    db.session.flush()
    if after:
        both = (_listed(before), _listed(after))
        audit.record(
            actor,
            "device.modules_recorded",
            device,
            now=now,
            label=device.name,
            before={"modules": both[0]},
            after={"modules": both[1]},
        )


def _fill(row: DeviceModule, data: ModuleData) -> bool:
    changed = row.recorded_at is None  # a new one is only complete below
    for name in ("part_number", "serial"):
        value = getattr(data, name)
        if value and value != getattr(row, name):
            setattr(row, name, value)
            changed = True
    return changed


def _words(row: DeviceModule) -> str:
    return " ".join(filter(None, (row.part_number, row.serial))) or str(row.kind)


def _listed(parts: Mapping[str, str], most: int = 40) -> list[str]:
    return [f"{slot}: {words or '—'}" for slot, words in list(parts.items())[:most]]


def module_rows(
    actor: Actor, *, device: Device | None = None, kind: str = "", text: str = ""
) -> sa.Select[*tuple[Any, ...]]:
    """Columns of modules: of a device, or of all of the actor's; ``text`` begins a serial or part number."""
    statement = (
        sa.select(
            DeviceModule.id,
            DeviceModule.device_id,
            DeviceModule.slot,
            DeviceModule.kind,
            DeviceModule.name,
            DeviceModule.part_number,
            DeviceModule.serial,
            DeviceModule.revision,
            DeviceModule.by_inspection,
            DeviceModule.recorded_by,
            DeviceModule.recorded_at,
            Device.name.label("device_name"),
        )
        .join(Device, Device.id == DeviceModule.device_id)
        .where(actor.scope(Permission.DEVICE_VIEW).clause(Device.client_id, Device.site_id))
    )
    if device is not None:
        statement = statement.where(DeviceModule.device_id == device.id)
    if kind:
        statement = statement.where(DeviceModule.kind == kind)
    if text:
        columns = (DeviceModule.serial, DeviceModule.part_number)
        statement = statement.where(sa.or_(*(_begins(column, text[:100]) for column in columns)))
    return statement


def _begins(column: sa.orm.InstrumentedAttribute[str], text: str) -> sa.ColumnElement[bool]:
    """A beginning as it is typed, in capitals, or in small letters: each a range of the column's index."""
    ranges = [
        sa.and_(column >= form, column < form[:-1] + chr(ord(form[-1]) + 1))
        for form in dict.fromkeys((text, text.upper(), text.lower()))
    ]
    return sa.or_(*ranges)


def counted(device: Device) -> dict[str, int]:
    """How many of each kind a device has."""
    rows = db.session.execute(
        sa.select(DeviceModule.kind, sa.func.count())
        .where(DeviceModule.device_id == device.id)
        .group_by(DeviceModule.kind)
    ).all()
    numbers = {row[0]: row[1] for row in rows}
    return {kind: numbers[kind] for kind in KINDS if kind in numbers}
