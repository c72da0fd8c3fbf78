"""Takes the answers of a zone's workers: opened, judged, recorded once, then taken out of Redis.

A worker delivers at least once. What was recorded is recognised by record and attempt: an answer counts
while the attempt it belongs to is the newest and the record is open, also when its lease ran out meanwhile
and nobody was sent again. Every other answer is late and changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from redis import Redis

from collectors import runner, transcripts
from collectors.errors import ParseError, SealError
from collectors.model import Transcript, Visit
from collectors.zone import names
from collectors.zone.errands import Answer, open_answer
from servicedesk.core.blobs import BlobStore
from servicedesk.core.db import db, unit_of_work
from servicedesk.equipment.models import Device
from servicedesk.inspections.models import InspectionRecord, InspectionRun
from servicedesk.inspections.recording import Claim, record_visit
from servicedesk.inspections.targets import judging_target
from servicedesk.inspections.zones.dispatching import give_back
from servicedesk.inspections.zones.models import Zone, ZoneSite

log = logging.getLogger(__name__)
PAGE = 20
MAX_AT_ONCE = 500
Entries = list[tuple[bytes, dict[bytes, bytes]]]
RECORDED, RETURNED, LATE, REFUSED = "recorded", "returned", "late", "refused"


def receive(zone_id: int, keys: Sequence[bytes], redis: Redis, blobs: BlobStore, *, now: datetime) -> int:
    """Take what waits, at most ``MAX_AT_ONCE``; returns how many answers were recorded."""
    stream = names.answers_key(db.session.get_one(Zone, zone_id).name)
    recorded, taken, after = 0, 0, "-"
    while taken < MAX_AT_ONCE:
        # The connection decodes nothing, so numbers and fields are bytes.
        entries = cast(Entries, redis.xrange(stream, min=after, count=PAGE))
        if not entries:
            break
        for number, fields in entries:
            taken += 1
            try:
                outcome = take(zone_id, fields.get(b"answer", b""), keys, blobs, now=now)
            except (sa.exc.SQLAlchemyError, OSError):
                # It stays where it is and is taken up next time; the others must not wait for it.
                log.exception("an answer of zone %d could not be recorded", zone_id)
                continue
            recorded += outcome == RECORDED
            # Only now: whoever is killed before finds it again, and it changes nothing the second time.
            redis.xdel(stream, number)
        after = f"({entries[-1][0].decode()}"
    return recorded


def take(zone_id: int, sealed: bytes, keys: Sequence[bytes], blobs: BlobStore, *, now: datetime) -> str:
    """Open one answer and record it; what became of it."""
    answer = _opened(sealed.decode("ascii", "replace"), keys)
    if answer is None:
        _note_refusal(zone_id, now)
        return REFUSED
    record = _open_record(zone_id, answer)
    if record is None:
        log.info("a late answer for record %d, attempt %d", answer.record_id, answer.attempt)
        return LATE
    if answer.transcript is None:
        log.warning("record %d was given back: %s", answer.record_id, answer.reason)
        give_back([Claim(answer.record_id, answer.attempt)], now)
        return RETURNED
    device = db.session.get_one(Device, record.device_id)
    if answer.transcript.target_key != str(device.id):
        _note_refusal(zone_id, now)
        return REFUSED
    visit = _judged(answer.transcript, device, now)
    return _recorded(zone_id, answer, visit, blobs, now)


def _opened(sealed: str, keys: Sequence[bytes]) -> Answer | None:
    for key in keys:
        try:
            return open_answer(sealed, key)
        except SealError:
            continue
        except ParseError as error:
            log.warning("an answer was damaged: %s", error)
            return None
    return None


def _note_refusal(zone_id: int, now: datetime) -> None:
    with unit_of_work():
        db.session.execute(
            sa.update(Zone)
            .where(Zone.id == zone_id)
            .values(refused_count=Zone.refused_count + 1, refused_at=now)
        )


def _open_record(zone_id: int, answer: Answer, *, lock: bool = False) -> InspectionRecord | None:
    """The record, when the answer counts: its own zone's, its newest attempt, not done."""
    statement = (
        sa.select(InspectionRecord)
        .join(InspectionRun, InspectionRun.id == InspectionRecord.run_id)
        .join(ZoneSite, ZoneSite.site_id == InspectionRun.site_id)
        .where(
            InspectionRecord.id == answer.record_id,
            InspectionRecord.attempt == answer.attempt,
            InspectionRecord.attempt > 0,
            InspectionRecord.state.in_(("running", "queued")),
            ZoneSite.zone_id == zone_id,
        )
    )
    if lock:
        # The run is locked after what a record needs, as everywhere; only the record here.
        statement = statement.with_for_update(of=InspectionRecord).execution_options(populate_existing=True)
    return db.session.scalar(statement)


def _judged(transcript: Transcript, device: Device, now: datetime) -> Visit:
    facts, findings = runner.judge_transcript(transcript, judging_target(device, now=now))
    return Visit(transcript, facts, findings)


def _recorded(zone_id: int, answer: Answer, visit: Visit, blobs: BlobStore, now: datetime) -> str:
    transcript = visit.transcript
    sha256 = blobs.put(transcripts.pack(transcript), sha256=transcripts.digest(transcript))
    with unit_of_work():
        record = _open_record(zone_id, answer, lock=True)
        if record is None:
            return LATE
        # Released meanwhile, but nobody was sent again: the answer is as good as it was.
        record.state = "running"
        db.session.flush()
        if not record_visit(Claim(record.id, record.attempt), visit, sha256, now=now):
            return LATE
        if record.state == "queued":
            # It is tried again later: a second delivery of this answer must not count as that try.
            record.attempt += 1
    return RECORDED
