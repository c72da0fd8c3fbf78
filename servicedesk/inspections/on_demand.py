"""One device asked for somebody else's purpose: what may be asked, and what a visit said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cache

import sqlalchemy as sa

from collectors import transcripts
from collectors.checks import catalogue
from collectors.errors import ParseError
from collectors.outcome import Outcome, worst
from collectors.platforms.cli_dialects import dialects
from collectors.platforms.linux_commands import SECTIONS
from servicedesk.core.actor import Actor
from servicedesk.core.blobs import BlobMissingError, BlobStore
from servicedesk.core.db import db
from servicedesk.equipment.models import Device
from servicedesk.inspections.models import InspectionRecord
from servicedesk.inspections.queries import ReadingRow, readings
from servicedesk.inspections.runs import start_device

MAX_SHOWN_BYTES = 20_000  # of one answer; the whole is in the evidence


@dataclass(frozen=True, slots=True)
class Answer:
    """A raw answer of the device, as text, perhaps cut."""

    number: int  # of the exchange in the transcript
    question: str
    text: str
    cut: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What a visit said of some checks. ``outcome`` None: it is still under way.

    ``missing``: checks of which it says nothing.
    """

    record_id: int
    outcome: Outcome | None
    rows: Sequence[ReadingRow] = ()
    missing: Sequence[str] = ()
    error: str = ""
    at: datetime | None = None


def ask(device: Device, *, actor: Actor, now: datetime) -> int:
    """Queue a visit of the device; the caller hands it to the workers after the commit.

    Returns:
        the number of the record that will hold the answer.
    """
    run = start_device(device, actor=actor, now=now)
    return db.session.scalars(sa.select(InspectionRecord.id).where(InspectionRecord.run_id == run.id)).one()


def look(record_id: int, checks: Sequence[str]) -> Look:
    """The readings of these checks, or of what is abnormal when none is named."""
    record = db.session.get_one(InspectionRecord, record_id)
    if record.state != "done":
        return Look(record_id, None)
    found = readings(record_id)
    rows = [row for row in found if row.check in checks]
    missing = [name for name in checks if name not in {row.check for row in rows}]
    return Look(
        record_id, _overall(record, found, rows, missing), rows, missing, record.error, record.finished_at
    )


def _overall(
    record: InspectionRecord, found: Sequence[ReadingRow], rows: Sequence[ReadingRow], missing: Sequence[str]
) -> Outcome:
    """One outcome for all. A check of which the visit says nothing is of another kind of device, unless the
    device was not reached by all its ways, or nothing at all was said: then it was not inspected."""
    outcomes = [row.outcome for row in rows if row.outcome is not Outcome.NOT_APPLICABLE]
    reached = all(row.outcome is Outcome.OK for row in found if row.check == "reachable")
    if missing and not (rows and reached):
        outcomes.append(Outcome.NOT_INSPECTED)
    if outcomes:
        return worst(outcomes)
    return Outcome.NOT_APPLICABLE if rows else Outcome(record.outcome)


def answers(record_id: int, patterns: Sequence[str], *, blobs: BlobStore) -> list[Answer]:
    """Raw answers to the questions that match; none when the transcript is gone or there was no visit."""
    record = db.session.get_one(InspectionRecord, record_id)
    if not patterns or not record.transcript_sha256:
        return []
    try:
        transcript = transcripts.unpack(blobs.get(record.transcript_sha256))
    except (BlobMissingError, ParseError):
        return []
    found = []
    for number, exchange in enumerate(transcript.exchanges):
        if any(fnmatchcase(exchange.question, pattern) for pattern in patterns):
            text = exchange.answer[:MAX_SHOWN_BYTES].decode("utf-8", errors="replace")
            cut = len(exchange.answer) > MAX_SHOWN_BYTES
            found.append(Answer(number, exchange.question, text, cut))
    return found


@cache
def questions() -> tuple[str, ...]:
    """Every command visits send to hosts and network gear: all of them only read."""
    commands = [section.command for section in SECTIONS]
    for dialect in dialects().values():
        for command in dialect.commands:
            commands += command.ask
    return tuple(dict.fromkeys(commands))


def checks() -> frozenset[str]:
    """Names of all checks."""
    return frozenset(catalogue())
