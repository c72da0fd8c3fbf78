"""Files of devices: rows carried out, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from servicedesk.audit import service as audit
from servicedesk.core.db import db
from servicedesk.core.errors import DomainError
from servicedesk.equipment.device_columns import TABLE
from servicedesk.equipment.file_kinds import FileKind, Planned, Work, changed_since, gone_meanwhile, of_line
from servicedesk.equipment.history import VOCABULARY
from servicedesk.equipment.import_plan import plan
from servicedesk.equipment.models import Device
from servicedesk.equipment.removal import remove_devices
from servicedesk.equipment.service import FIELDS, DeviceData, save_device


def _carry_out(todo: Sequence[Planned], work: Work) -> list[Any]:
    """Entries are ``[device_id, before]``; None before: the import made it."""
    kept = _loaded([one.device_id for one in todo if one.device_id is not None])
    changes: list[Any] = []
    for number, one in enumerate(todo, start=1):
        device = kept.get(one.device_id or 0)
        if one.data is None or (one.device_id is not None and device is None):
            raise gone_meanwhile()
        before = audit.snapshot(device, FIELDS) if device is not None else None
        try:
            saved = save_device(device, one.data, actor=work.actor, now=work.now, reason=work.reason)
        except DomainError as error:
            raise of_line(one.line, error) from error
        changes.append([saved.id, before])
        work.progress(number, len(todo))
    return changes


def _loaded(ids: list[int]) -> dict[int, Device]:
    found: dict[int, Device] = {}
    for start in range(0, len(ids), 500):
        statement = sa.select(Device).where(Device.id.in_(ids[start : start + 500]))
        found |= {device.id: device for device in db.session.scalars(statement)}
    return found


def _take_back(changes: Sequence[Any], moment: datetime, work: Work) -> None:
    kept = _loaded([number for number, _before in changes])
    for number, before in changes:
        device = kept.get(number)
        if device is None or device.updated_at != moment:
            raise changed_since(
                device.name if device is not None else (before or {}).get("name", f"#{number}")
            )
    made = [kept[number] for number, before in changes if before is None]
    if made:
        remove_devices(made, actor=work.actor, now=work.now, reason=work.reason)
    total = len(changes)
    work.progress(len(made), total)
    for done, (number, before) in enumerate((row for row in changes if row[1]), start=len(made) + 1):
        data = _restored(before)
        save_device(kept[number], data, actor=work.actor, now=work.now, reason=work.reason, any_state=True)
        work.progress(done, total)


def _restored(before: dict[str, Any]) -> DeviceData:
    values = {one.name: before[one.name] for one in fields(DeviceData) if one.name in before}
    if values.get("warranty_until"):
        values["warranty_until"] = date.fromisoformat(values["warranty_until"])
    return DeviceData(**values)


DEVICES = FileKind(
    "devices",
    _l("Devices"),
    "equipment.devices",
    _l("A device is known by its asset tag, else its serial number, else its name."),
    _l("Serial number"),
    TABLE,
    plan,
    _carry_out,
    _take_back,
    VOCABULARY,
)
