"""Write to the audit trail, and verify it."""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from servicedesk.audit.models import AuditEntry, AuditHead
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update

GENESIS = "0" * 64


def snapshot(record: Any, names: Iterable[str]) -> dict[str, Any]:
    """The named attributes as JSON values, for ``before`` and ``after``. Never give it secrets."""
    return {name: _plain(getattr(record, name)) for name in names}


def _plain(value: Any) -> Any:
    match value:
        case datetime() | date():
            return value.isoformat()
        case enum.Enum():
            return value.value
        case None | bool() | int() | float() | str() | list() | dict():
            return value
        case _:
            return str(value)


def record(
    actor: Actor,
    action: str,
    target: Any,
    *,
    now: datetime,
    label: str = "",
    client_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Append one entry in the caller's transaction.

    Of ``before`` and ``after`` only what differs is kept, when both are given.
    """
    db.session.flush()
    if before is not None and after is not None:
        changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
        before = {key: before[key] for key in sorted(changed) if key in before}
        after = {key: after[key] for key in sorted(changed) if key in after}
    head = _locked_head()
    if client_id is None:
        client_id = getattr(target, "client_id", None)
    entry = AuditEntry(
        at=now,
        actor_id=actor.user_id,
        actor_name=actor.name,
        action=action,
        object_type=type(target).__tablename__ if hasattr(type(target), "__tablename__") else str(target),
        object_id=getattr(target, "id", None),
        object_label=label[:300],
        client_id=client_id,
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
        request_id=actor.request_id,
        address=actor.address,
        previous_hash=head.hash,
        hash="",
    )
    entry.hash = entry_hash(entry)
    db.session.add(entry)
    db.session.flush()
    head.entry_id, head.hash = entry.id, entry.hash
    return entry


def take_turn() -> None:
    """Take the trail's lock before rows that are locked after it, so that all take them in one order."""
    _locked_head()


def _locked_head() -> AuditHead:
    head = db.session.scalar(for_update(sa.select(AuditHead).where(AuditHead.id == 1)))
    if head is None:
        head = AuditHead(id=1, entry_id=0, hash=GENESIS)
        db.session.add(head)
        db.session.flush()
    return head


def entry_hash(entry: AuditEntry) -> str:
    """sha256 over the previous hash and the entry's own content in canonical JSON."""
    content = [
        entry.previous_hash,
        entry.at.isoformat(timespec="microseconds"),
        entry.actor_id,
        entry.actor_name,
        entry.action,
        entry.object_type,
        entry.object_id,
        entry.object_label,
        entry.client_id,
        entry.before,
        entry.after,
        entry.request_id,
        entry.address,
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether the chain holds; ``broken_id`` is the first entry that does not fit."""

    entries: int
    broken_id: int | None = None


def verify() -> Verification:
    """Walk the whole chain from its start, in batches of bounded memory.

    Others may append meanwhile: all entries up to the end as it was at the beginning must be there, and
    none beyond the end as it is afterwards.
    """
    (end_id, end_hash), found = _head(), GENESIS
    previous, count, last_id = GENESIS, 0, 0
    query = sa.select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=500)
    with db.session.scalars(query) as entries:
        for entry in entries:
            if entry.previous_hash != previous or entry.hash != entry_hash(entry):
                return Verification(count, entry.id)
            previous, last_id = entry.hash, entry.id
            found = entry.hash if entry.id == end_id else found
            count += 1
    if found != end_hash or last_id > _head()[0]:
        return Verification(count, end_id or last_id)
    return Verification(count)


def _head() -> tuple[int, str]:
    """The number and hash of the newest entry, as written down beside the entries."""
    row = db.session.execute(sa.select(AuditHead.entry_id, AuditHead.hash)).one_or_none()
    return (row.entry_id, row.hash) if row is not None else (0, GENESIS)
