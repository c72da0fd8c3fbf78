"""History judged again: kept transcripts, today's parsers, rules and levels. Nothing is changed.

What was signed stays as it was signed; this says which verdicts would be others today.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from collectors import transcripts
from collectors.checks.device.configuration import AGAINST_THE_RECORD
from collectors.errors import ParseError
from collectors.model import Finding as Judgement
from collectors.model import Target
from collectors.outcome import JUDGED, Outcome
from collectors.runner import judge_transcript
from servicedesk.core.actor import Actor
from servicedesk.core.blobs import BlobMissingError, BlobStore
from servicedesk.core.db import db
from servicedesk.equipment.models import Device
from servicedesk.inspections.models import InspectionRecord, InspectionRun, Reading, ReadingItem
from servicedesk.inspections.outcomes import BY_CODE
from servicedesk.inspections.queries import scope_of
from servicedesk.inspections.recording import with_reachability
from servicedesk.inspections.targets import judging_target

# What is rare or new may be more than what is different: each kind is counted apart.
CHANGED, APPEARED, GONE, VALUE = "changed", "appeared", "gone", "value"


@dataclass(frozen=True, slots=True)
class Period:
    """Records that ended from ``since`` on and before ``until``; of one device or site, or of all."""

    since: datetime
    until: datetime
    device_id: int | None = None
    site_id: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One item that would read otherwise. ``kind``: changed (another outcome), value (another number, the
    same outcome), appeared (judged today alone) or gone (judged then alone)."""

    record_id: int
    at: datetime | None
    device_name: str
    check: str
    item: str
    kind: str
    old: Outcome | None
    new: Outcome | None
    old_value: float | None = None
    new_value: float | None = None


@dataclass(frozen=True, slots=True)
class Rejudged:
    """One record judged again: what would change, or why it could not be judged."""

    record_id: int
    changes: tuple[Change, ...]
    problem: str = ""


def record_numbers(period: Period, actor: Actor) -> list[int]:
    """The records with a transcript that the actor may see, oldest first."""
    statement = (
        sa.select(InspectionRecord.id)
        .join(InspectionRun, InspectionRun.id == InspectionRecord.run_id)
        .where(
            scope_of(actor, InspectionRun),
            InspectionRecord.state == "done",
            InspectionRecord.transcript_sha256 != "",
            InspectionRecord.finished_at >= period.since,
            InspectionRecord.finished_at < period.until,
        )
        .order_by(InspectionRecord.id)
    )
    if period.device_id is not None:
        statement = statement.where(InspectionRecord.device_id == period.device_id)
    if period.site_id is not None:
        statement = statement.where(InspectionRun.site_id == period.site_id)
    return list(db.session.scalars(statement))


def rejudge(numbers: list[int], blobs: BlobStore, *, batch: int = 50) -> Iterator[Rejudged]:
    """Judge records again, a batch of them at a time, so that memory is that of a batch.

    Levels are today's, of the contracts in force on the day of the visit. Nothing is written.
    """
    for start in range(0, len(numbers), batch):
        some = numbers[start : start + batch]
        stored = _stored(some)
        records = db.session.scalars(
            sa.select(InspectionRecord)
            .where(InspectionRecord.id.in_(some))
            .options(joinedload(InspectionRecord.device).selectinload(Device.accesses))
            .order_by(InspectionRecord.id)
        ).all()
        targets: dict[tuple[int, date], Target] = {}  # of one device and day: its levels are the same
        for record in records:
            yield _again(record, stored.get(record.id, {}), blobs, targets)
        db.session.expire_all()


def _again(
    record: InspectionRecord,
    old: Mapping[tuple[str, str], tuple[Outcome, float | None]],
    blobs: BlobStore,
    targets: dict[tuple[int, date], Target],
) -> Rejudged:
    try:
        transcript = transcripts.unpack(blobs.get(record.transcript_sha256))
    except (BlobMissingError, ParseError) as error:
        return Rejudged(record.id, (), str(error))
    if transcripts.digest(transcript) != record.transcript_sha256:
        return Rejudged(record.id, (), "the kept transcript is not the one this record names")
    key = (record.device_id, transcript.started_at.date())
    if key not in targets:
        targets[key] = judging_target(record.device, now=transcript.started_at)
    _facts, findings = judge_transcript(transcript, targets[key])
    judged = with_reachability(record.device, transcript, findings)
    return Rejudged(record.id, tuple(_differences(record, old, _by_item(judged))))


def _by_item(judged: list[Judgement]) -> dict[tuple[str, str], tuple[Outcome, float | None]]:
    """Of two things of one name the worse one, as records keep it."""
    found: dict[tuple[str, str], tuple[Outcome, float | None]] = {}
    for one in judged:
        key = (one.check, one.item[:300])
        if key not in found or (found[key][0] is Outcome.OK and one.outcome is not Outcome.OK):
            found[key] = (one.outcome, one.value)
    return found


def _stored(numbers: list[int]) -> dict[int, dict[tuple[str, str], tuple[Outcome, float | None]]]:
    rows = db.session.execute(
        sa.select(Reading.record_id, ReadingItem.check, ReadingItem.item, Reading.outcome, Reading.value)
        .join(ReadingItem, ReadingItem.id == Reading.item_id)
        .where(Reading.record_id.in_(numbers), ReadingItem.check.not_in(AGAINST_THE_RECORD))
    )
    found: dict[int, dict[tuple[str, str], tuple[Outcome, float | None]]] = {}
    for row in rows:
        found.setdefault(row.record_id, {})[row.check, row.item] = (BY_CODE[row.outcome], row.value)
    return found


def _differences(
    record: InspectionRecord,
    old: Mapping[tuple[str, str], tuple[Outcome, float | None]],
    new: Mapping[tuple[str, str], tuple[Outcome, float | None]],
) -> Iterator[Change]:
    for check, item in sorted({*old, *new}):
        before, after = old.get((check, item)), new.get((check, item))
        kind = _kind(before, after)
        if kind:
            yield Change(
                record.id,
                record.finished_at,
                record.device.name,
                check,
                item,
                kind,
                before[0] if before else None,
                after[0] if after else None,
                before[1] if before else None,
                after[1] if after else None,
            )


def _kind(before: tuple[Outcome, float | None] | None, after: tuple[Outcome, float | None] | None) -> str:
    if before is None:
        return APPEARED
    if after is None:
        return GONE
    if before[0] is not after[0]:
        return CHANGED
    return VALUE if before[0] in JUDGED and before[1] != after[1] else ""
