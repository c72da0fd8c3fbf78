"""Carry a file out as one piece of work, or take it back as one."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.blobs import BlobStore
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.core.sheet_files import read_rows
from servicedesk.equipment.device_files import DEVICES
from servicedesk.equipment.file_kinds import (
    CREATE,
    SAME,
    UPDATE,
    WRONG,
    FileKind,
    Planned,
    Progress,
    Work,
    of_line,
)
from servicedesk.equipment.import_models import DeviceImport
from servicedesk.equipment.module_files import MODULES
from servicedesk.equipment.software.files import SOFTWARE
from servicedesk.equipment.software.licence_files import LICENCES

KINDS: dict[str, FileKind] = {kind.name: kind for kind in (DEVICES, MODULES, SOFTWARE, LICENCES)}
WAITING = {"queued": "done", "undo_queued": "undone"}  # what waits for a worker → what becomes of it
_COUNTS = ("created_count", "updated_count", "unchanged_count")


def kind_of(found: DeviceImport) -> FileKind:
    """What kind of file an import is of."""
    return KINDS[found.kind]


def prepare(
    client_id: int,
    file_name: str,
    content: bytes,
    *,
    kind: str = DEVICES.name,
    actor: Actor,
    blobs: BlobStore,
    now: datetime,
) -> tuple[DeviceImport, list[Planned]]:
    """Look a file over and remember it; no record is touched.

    Raises:
        NotAllowedError, InvalidError: not readable, or not a table of this kind.
    """
    scope = actor.scope(Permission.DEVICE_EDIT)
    if not scope:
        raise NotAllowedError
    planned = KINDS[kind].plan(read_rows(content), client_id, actor)
    if not planned:
        raise InvalidError(_("There is nothing below the first row."), "file")
    found = DeviceImport(
        client_id=client_id,
        kind=kind,
        user_id=actor.user_id,
        actor_name=actor.name,
        file_name=file_name[:255] or kind,
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
    kind = kind_of(found)
    planned = kind.plan(read_rows(blobs.get(found.sha256)), found.client_id, actor)
    _count(found, planned)
    wrong = next((one for one in planned if one.action == WRONG), None)
    if wrong is not None:
        raise of_line(wrong.line, " ".join(wrong.errors))
    todo = [one for one in planned if one.action in (CREATE, UPDATE)]
    reason = _("Import %(number)s: %(name)s", number=found.id, name=found.file_name)[:300]
    found.changes = kind.carry_out(todo, Work(found.client_id, actor, now, reason, progress))
    found.moment = now


def _take_back(found: DeviceImport, *, actor: Actor, now: datetime, progress: Progress) -> None:
    reason = _("Import %(number)s taken back", number=found.id)
    work = Work(found.client_id, actor, now, reason, progress)
    kind_of(found).take_back(found.changes, found.moment or found.created_at, work)
    found.changes = []
