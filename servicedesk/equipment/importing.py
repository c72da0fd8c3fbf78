"""Carry a file of devices out as one piece of work, or take it back as one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.blobs import BlobStore
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, DomainError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.core.sheet_files import read_rows
from servicedesk.equipment import import_plan
from servicedesk.equipment.import_models import DeviceImport
from servicedesk.equipment.import_rows import CREATE, SAME, UPDATE, WRONG, Planned
from servicedesk.equipment.models import Device
from servicedesk.equipment.removal import remove_devices
from servicedesk.equipment.service import FIELDS, DeviceData, save_device

WAITING = {"queued": "done", "undo_queued": "undone"}  # what waits for a worker → what becomes of it
_COUNTS = ("created_count", "updated_count", "unchanged_count")
Progress = Callable[[int, int], None]


def prepare(
    client_id: int, file_name: str, content: bytes, *, actor: Actor, blobs: BlobStore, now: datetime
) -> tuple[DeviceImport, list[Planned]]:
    """Look a file over and remember it; no device is touched.

    Raises:
        NotAllowedError, InvalidError: not readable, or not a table of devices.
    """
    scope = actor.scope(Permission.DEVICE_EDIT)
    if not scope:
        raise NotAllowedError
    planned = import_plan.plan(read_rows(content), client_id, actor)
    if not planned:
        raise InvalidError(_("There is no device below the first row."), "file")
    found = DeviceImport(
        client_id=client_id,
        user_id=actor.user_id,
        actor_name=actor.name,
        file_name=file_name[:255] or "devices",
        sha256=blobs.put(content),
        row_count=len(planned),
        created_at=now,
    )
    _count(found, planned)
    db.session.add(found)
    db.session.flush()
    return found, planned


def _count(found: DeviceImport, planned: list[Planned]) -> None:
    actions = [one.action for one in planned]
    for name, action in zip(_COUNTS, (CREATE, UPDATE, SAME), strict=True):
        setattr(found, name, actions.count(action))


def queue(found: DeviceImport, *, undo: bool = False, actor: Actor) -> None:
    """Let a worker carry it out, or take it back.

    Raises:
        ConflictError: it was done, or taken back, already.
    """
    if not actor.allows_somewhere(Permission.DEVICE_EDIT):
        raise NotAllowedError
    if found.state != ("done" if undo else "previewed"):
        raise ConflictError(_("This was done already. Load the page again."))
    found.state, found.error = ("undo_queued" if undo else "queued"), ""
    db.session.flush()


def work(
    import_id: int, *, actor: Actor, blobs: BlobStore, now: datetime, progress: Progress
) -> DeviceImport | None:
    """Do what waits, all of it or nothing; None when somebody else did it. Call inside one unit of work.

    Raises:
        DomainError: the first row that cannot be done; the caller rolls back and calls ``refuse``.
    """
    device_import = db.session.scalar(for_update(sa.select(DeviceImport).where(DeviceImport.id == import_id)))
    if device_import is None or device_import.state not in WAITING:
        return None
    if device_import.state == "queued":
        _carry_out(device_import, actor=actor, blobs=blobs, now=now, progress=progress)
    else:
        _take_back(device_import, actor=actor, now=now, progress=progress)
    state = WAITING[device_import.state]
    device_import.state = state
    action = "device_import.done" if state == "done" else "device_import.undone"
    audit.record(
        actor,
        action,
        device_import,
        now=now,
        label=device_import.file_name,
        after=audit.snapshot(device_import, ("row_count", *_COUNTS)),
    )
    return device_import


def refuse(import_id: int, sentence: str) -> None:
    """Remember why nothing was done; what waits to be taken back stays done."""
    found = db.session.get(DeviceImport, import_id)
    if found is not None and found.state in WAITING:
        found.state, found.error = ("failed" if found.state == "queued" else "done"), sentence
        db.session.flush()


def _carry_out(
    found: DeviceImport, *, actor: Actor, blobs: BlobStore, now: datetime, progress: Progress
) -> None:
    planned = import_plan.plan(read_rows(blobs.get(found.sha256)), found.client_id, actor)
    _count(found, planned)
    wrong = next((one for one in planned if one.action == WRONG), None)
    if wrong is not None:
        raise ConflictError(_("Line %(line)s: %(what)s", line=wrong.line, what=" ".join(wrong.errors)))
    todo = [one for one in planned if one.action in (CREATE, UPDATE)]
    kept = _loaded([one.device_id for one in todo if one.device_id is not None])
    changes: list[Any] = []
    reason = _("Import %(number)s: %(name)s", number=found.id, name=found.file_name)[:300]
    for number, one in enumerate(todo, start=1):
        device = kept.get(one.device_id or 0)
        if one.data is None or (one.device_id is not None and device is None):
            raise ConflictError(_("A device was deleted meanwhile. Look the file over again."))
        before = audit.snapshot(device, FIELDS) if device is not None else None
        try:
            saved = save_device(device, one.data, actor=actor, now=now, reason=reason)
        except DomainError as error:
            raise ConflictError(_("Line %(line)s: %(what)s", line=one.line, what=str(error))) from error
        changes.append([saved.id, before])
        progress(number, len(todo))
    found.changes, found.moment = changes, now


def _loaded(ids: list[int]) -> dict[int, Device]:
    found: dict[int, Device] = {}
    for start in range(0, len(ids), 500):
        statement = sa.select(Device).where(Device.id.in_(ids[start : start + 500]))
        found |= {device.id: device for device in db.session.scalars(statement)}
    return found


def _take_back(found: DeviceImport, *, actor: Actor, now: datetime, progress: Progress) -> None:
    kept = _loaded([number for number, _before in found.changes])
    for number, before in found.changes:
        device = kept.get(number)
        if device is None or device.updated_at != found.moment:
            name = device.name if device is not None else (before or {}).get("name", f"#{number}")
            raise ConflictError(
                _("%(name)s was changed after the import, so it cannot be taken back as a whole.", name=name)
            )
    reason = _("Import %(number)s taken back", number=found.id)
    made = [kept[number] for number, before in found.changes if before is None]
    if made:
        remove_devices(made, actor=actor, now=now, reason=reason)
    total = len(found.changes)
    progress(len(made), total)
    for done, (number, before) in enumerate((row for row in found.changes if row[1]), start=len(made) + 1):
        save_device(kept[number], _restored(before), actor=actor, now=now, reason=reason, any_state=True)
        progress(done, total)
    found.changes = []


def _restored(before: dict[str, Any]) -> DeviceData:
    values = {one.name: before[one.name] for one in fields(DeviceData) if one.name in before}
    if values.get("warranty_until"):
        values["warranty_until"] = date.fromisoformat(values["warranty_until"])
    return DeviceData(**values)
