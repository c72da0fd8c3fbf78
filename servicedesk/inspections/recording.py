"""Writes what a visit gave: readings, evidence, findings. Twice the same visit changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from collectors.document import visit_document
from collectors.messages import N_
from collectors.model import Evidence, Levels, Message, Transcript, Visit
from collectors.model import Finding as Judgement
from collectors.outcome import ABNORMAL, Outcome, worst
from servicedesk.core.db import db, for_update
from servicedesk.equipment.jump_host_models import JumpHost
from servicedesk.equipment.jump_hosts import chain, note_shown_key
from servicedesk.equipment.models import Device, DeviceAccess
from servicedesk.equipment.service import note_host_key
from servicedesk.inspections import findings, maintenance
from servicedesk.inspections.coverage import ledger
from servicedesk.inspections.drift import noting
from servicedesk.inspections.models import (
    DeviceSnapshot,
    InspectionRecord,
    InspectionRun,
    LevelSet,
    Reading,
    ReadingItem,
)
from servicedesk.inspections.outcomes import CODES

RETRIED = frozenset({Outcome.UNREACHABLE, Outcome.TIMEOUT})
_INSPECTED = frozenset({Outcome.OK.value, Outcome.PARSE_FAILED.value})
# Failures of a whole visit that somebody must look into; they become findings of "reachable".
_FAILURE_SEVERITY: dict[Outcome, Outcome] = {
    Outcome.UNREACHABLE: Outcome.CRITICAL,
    Outcome.TIMEOUT: Outcome.CRITICAL,
    Outcome.HOST_KEY_CHANGED: Outcome.CRITICAL,
    Outcome.AUTH_FAILED: Outcome.WARNING,
}


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to record one visit: lost when the lease ran out and somebody else took over."""

    record_id: int
    attempt: int


def locked_claim(claim: Claim) -> InspectionRecord | None:
    """The record, locked, while the claim still holds."""
    record = db.session.scalar(
        for_update(sa.select(InspectionRecord).where(InspectionRecord.id == claim.record_id))
    )
    if record is None or record.state != "running" or record.attempt != claim.attempt:
        return None
    return record


def record_visit(claim: Claim, visit: Visit, transcript_sha256: str, *, now: datetime) -> bool:
    """Write a visit's result in the caller's transaction; False when it was written before.

    The transcript must be in the blob store already.
    """
    record = locked_claim(claim)
    if record is None:
        return False
    run = db.session.get_one(InspectionRun, record.run_id)
    device = db.session.get_one(Device, record.device_id)
    transcript = visit.transcript
    _note_host_keys(device, transcript, now)
    answered = _partly_answered(transcript)
    if (
        transcript.outcome in RETRIED
        and not answered
        and _retry_later(record, run, transcript, transcript_sha256, now)
    ):
        return True
    judged = with_reachability(device, transcript, visit.findings)
    judged += noting.note(device, record, visit, now=now)
    _write_readings(record, judged, transcript)
    record.state, record.lease_until, record.finished_at = "done", None, now
    record.outcome = Outcome.OK.value if answered else transcript.outcome.value
    record.error = transcript.error
    record.started_at = transcript.started_at
    record.duration_ms = round(transcript.duration_s * 1000)
    record.transcript_sha256, record.platform = transcript_sha256, transcript.platform
    record.worst = _overall([j.outcome for j in judged]).value
    record.abnormal_count = sum(1 for j in judged if j.outcome in ABNORMAL)
    _update_device(device, record, visit, now)
    record.maintenance = maintenance.reason(device, transcript.started_at)
    findings.apply_judgements(device, record, judged, now=now, quiet=bool(record.maintenance))
    ledger.write_visit(record, run, device, judged)
    complete_if_done(run, now, record)
    return True


def _overall(outcomes: Sequence[Outcome]) -> Outcome:
    """A device's own state: that it lacks some sensor says nothing about its health."""
    telling = [o for o in outcomes if o not in (Outcome.NOT_APPLICABLE, Outcome.UNSUPPORTED)]
    return worst(telling or outcomes)


def _retry_later(
    record: InspectionRecord, run: InspectionRun, transcript: Transcript, sha256: str, now: datetime
) -> bool:
    next_try = now + timedelta(minutes=run.retry_gap_minutes)
    if len(record.attempts) >= run.retries or next_try > run.ends_by:
        return False
    tried = {
        "at": transcript.started_at.isoformat(),
        "outcome": transcript.outcome.value,
        "error": transcript.error,
        "transcript": sha256,
    }
    record.attempts = [*record.attempts, tried]
    record.state, record.lease_until = "queued", None
    record.not_before, record.enqueued_at = next_try, None
    return True


def _note_host_keys(device: Device, transcript: Transcript, now: datetime) -> None:
    _note_jump_host_key(device, transcript, now)
    shown = transcript.session.get("host_key", "")
    access = next((a for a in device.accesses if a.protocol == "ssh"), None)
    if shown and access is not None and transcript.outcome is Outcome.HOST_KEY_CHANGED:
        note_host_key(access, shown, transcript.session.get("host_key_fingerprint", ""), now=now)


def _is_pending(device: Device, transcript: Transcript) -> bool:
    """Whether no key of whom it failed at, the device or a jump host, was ever approved."""
    failed = transcript.session.get("jump_failed", "")
    if not failed:
        return not _has_approved_key(device.accesses)
    hop = db.session.get(JumpHost, int(failed)) if failed.isdecimal() and len(failed) < 10 else None
    return hop is not None and not hop.public_key


def _note_jump_host_key(device: Device, transcript: Transcript, now: datetime) -> None:
    """A jump host that showed a key nobody approved; it must be one that leads to this device."""
    session = transcript.session
    failed, shown = session.get("jump_failed", ""), session.get("jump_host_key", "")
    if not shown or transcript.session.get("ssh.outcome") != Outcome.HOST_KEY_CHANGED:
        return
    for access in device.accesses:
        if access.jump_host_id is None:
            continue
        for hop in chain(db.session.get_one(JumpHost, access.jump_host_id)):
            if str(hop.id) == failed:
                note_shown_key(hop.id, shown, session.get("jump_host_key_fingerprint", ""), now=now)


def with_reachability(device: Device, transcript: Transcript, judged: Sequence[Judgement]) -> list[Judgement]:
    """The first items of every record: could the device be asked, by each of its accesses?

    That a device does not answer is abnormal in itself; what could not be read because of it is not
    inspected. A new device's host key waiting for approval is work for somebody, but no fault.
    """
    judged = list(judged)
    if not any(row.check == "reachable" for row in judged):
        sentence = Message(N_("The device could not be inspected: %(reason)s"), {"reason": transcript.error})
        judged.insert(0, Judgement("reachable", "", transcript.outcome, sentence))
    pending = _is_pending(device, transcript)
    rows = []
    for judgement in judged:
        severity = _FAILURE_SEVERITY.get(judgement.outcome) if judgement.check == "reachable" else None
        if severity is None or (judgement.outcome is Outcome.HOST_KEY_CHANGED and pending):
            rows.append(judgement)
        else:
            rows.append(replace(judgement, outcome=severity))
    return rows


def _partly_answered(transcript: Transcript) -> bool:
    """Whether at least one access worked to its end, so that the device was inspected."""
    return any(key.endswith(".outcome") and value == Outcome.OK for key, value in transcript.session.items())


def _has_approved_key(accesses: Sequence[DeviceAccess]) -> bool:
    return any(key.state == "approved" for access in accesses for key in access.host_keys)


def _write_readings(record: InspectionRecord, judged: Sequence[Judgement], transcript: Transcript) -> None:
    item_ids = _item_ids([(j.check, j.item[:300], j.unit) for j in judged])
    level_ids = _level_ids({j.levels for j in judged if j.levels is not None})
    rows: dict[int, dict[str, Any]] = {}
    for judgement in judged:
        item_id = item_ids[judgement.check, judgement.item[:300], judgement.unit]
        exchange, line = _position(judgement.evidence, transcript)
        row: dict[str, Any] = {
            "record_id": record.id,
            "item_id": item_id,
            "outcome": CODES[judgement.outcome],
            "value": judgement.value,
            "level_set_id": level_ids[judgement.levels] if judgement.levels is not None else None,
            "exchange": exchange,
            "line": line,
            "versions": judgement.rule_version * 256 + judgement.parser_version,
            "message": None if judgement.outcome is Outcome.OK else findings.message_data(judgement),
        }
        # Two things of one name on a device: the worse one is the one to show.
        known = rows.get(item_id)
        if known is None or (known["outcome"] == CODES[Outcome.OK] != row["outcome"]):
            rows[item_id] = row
    if rows:
        db.session.execute(sa.insert(Reading), list(rows.values()))


def _position(evidence: Evidence | None, transcript: Transcript) -> tuple[int | None, int | None]:
    """Exchange and line; an OID is looked up in the exchange's lines, so the row needs no text."""
    if evidence is None or evidence.exchange >= len(transcript.exchanges):
        return None, None
    if evidence.line is not None or not evidence.oid:
        return evidence.exchange, evidence.line
    wanted = evidence.oid.lstrip(".").encode() + b"|"
    answer = transcript.exchanges[evidence.exchange].answer
    start = 0 if answer.startswith(wanted) else answer.find(b"\n" + wanted) + 1
    if start == 0 and not answer.startswith(wanted):
        return evidence.exchange, None
    return evidence.exchange, answer.count(b"\n", 0, start) + 1


def _item_ids(keys: Sequence[tuple[str, str, str]]) -> dict[tuple[str, str, str], int]:
    """Dictionary numbers, made where they are missing; one query for any number of keys."""
    wanted = set(keys)
    checks, items = {key[0] for key in wanted}, {key[1] for key in wanted}
    statement = sa.select(ReadingItem).where(ReadingItem.check.in_(checks), ReadingItem.item.in_(items))
    found = {(r.check, r.item, r.unit): r.id for r in db.session.scalars(statement)}
    for check, item, unit in sorted(wanted - set(found)):
        found[check, item, unit] = _insert_item(check, item, unit)
    return found


def _insert_item(check: str, item: str, unit: str) -> int:
    """Insert, or find what another worker inserted at this moment."""
    try:
        with db.session.begin_nested():
            row = ReadingItem(check=check, item=item, unit=unit)
            db.session.add(row)
            db.session.flush()
            return row.id
    except sa.exc.IntegrityError:
        statement = sa.select(ReadingItem.id).where(
            ReadingItem.check == check, ReadingItem.item == item, ReadingItem.unit == unit
        )
        return db.session.scalars(statement).one()


def _level_ids(wanted: set[Levels]) -> dict[Levels, int]:
    if not wanted:
        return {}
    provenances = {levels.provenance[:300] for levels in wanted}
    rows = db.session.scalars(sa.select(LevelSet).where(LevelSet.provenance.in_(provenances)))
    found = {
        (r.warning_upper, r.critical_upper, r.warning_lower, r.critical_lower, r.provenance): r.id
        for r in rows
    }
    ids: dict[Levels, int] = {}
    for levels in wanted:
        key = (
            levels.warning_upper,
            levels.critical_upper,
            levels.warning_lower,
            levels.critical_lower,
            levels.provenance[:300],
        )
        if key not in found:
            row = LevelSet(
                warning_upper=key[0],
                critical_upper=key[1],
                warning_lower=key[2],
                critical_lower=key[3],
                provenance=key[4],
            )
            db.session.add(row)
            db.session.flush()
            found[key] = row.id
        ids[levels] = found[key]
    return ids


def _update_device(device: Device, record: InspectionRecord, visit: Visit, now: datetime) -> None:
    device.last_outcome, device.last_inspected_at = record.worst, now
    if record.outcome not in (Outcome.OK, Outcome.PARSE_FAILED):
        return
    # What the record does not say is filled in from the device; what it says is never overwritten.
    identity = visit.facts.identity
    device.platform = identity.platform or device.platform
    for name, value in (
        ("vendor", identity.vendor),
        ("model", identity.model),
        ("serial", identity.serial),
        ("software_version", identity.version),
    ):
        if value and not getattr(device, name):
            setattr(device, name, value[: 200 if name in ("model", "software_version") else 100])
    snapshot = db.session.get(DeviceSnapshot, device.id)
    if snapshot is None:
        snapshot = DeviceSnapshot(device_id=device.id)
        db.session.add(snapshot)
    snapshot.record_id, snapshot.at = record.id, now
    snapshot.document = visit_document(visit)


def record_interruption(record: InspectionRecord, reason: str, *, now: datetime) -> None:
    """End a visit that cannot be made: its worker was killed again and again, or a secret does not open."""
    record.state, record.lease_until, record.finished_at = "done", None, now
    record.outcome = record.worst = Outcome.NOT_INSPECTED.value
    record.error = reason
    device = db.session.get_one(Device, record.device_id)
    device.last_outcome = Outcome.NOT_INSPECTED.value
    run = db.session.get_one(InspectionRun, record.run_id)
    ledger.write_unvisited(
        [(record.id, device.device_class)], run.required, Outcome.NOT_INSPECTED.value, reason
    )
    complete_if_done(run, now, record)


def complete_if_done(run: InspectionRun, now: datetime, record: InspectionRecord | None = None) -> bool:
    """Complete a run whose last visit is done, and count it.

    Args:
        record: the one that has just been done. Until the run is complete its figures are added up record
            by record, since counting the whole run each time would cost more the larger the run is.
    """
    db.session.flush()
    run = db.session.scalars(for_update(sa.select(InspectionRun).where(InspectionRun.id == run.id))).one()
    if _has_open_records(run):
        if record is not None:
            run.inspected_count += int(record.outcome in _INSPECTED)
            run.abnormal_count += record.abnormal_count
        return False
    rows = db.session.execute(
        sa.select(
            InspectionRecord.outcome,
            sa.func.count().label("number"),
            sa.func.sum(InspectionRecord.abnormal_count).label("abnormal"),
        )
        .where(InspectionRecord.run_id == run.id)
        .group_by(InspectionRecord.outcome)
    ).all()
    run.inspected_count = sum(r.number for r in rows if r.outcome in _INSPECTED)
    run.abnormal_count = sum(r.abnormal or 0 for r in rows)
    if run.state == "running":
        run.state, run.finished_at = "complete", now
        return True
    return False


def _has_open_records(run: InspectionRun) -> bool:
    """Looked up by state: the open ones become fewer, while a run's records are always all there."""
    record = InspectionRecord
    # The sum keeps SQLite from reading the index of runs instead, record by record to the first open one.
    statement = sa.select(record.id).where(
        record.state.in_(("queued", "running")), record.run_id + 0 == run.id
    )
    return db.session.scalar(statement.limit(1)) is not None
