"""Carries out queued visits: claims each in the database, asks the device, records the answer.

Nothing is held in the database while a device answers. A claim is a lease: if this process dies, the
lease runs out and the sweep queues the visit again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from collectors import runner, transcripts
from collectors.messages import N_
from collectors.model import DeviceFacts, Target, Transcript, Visit
from collectors.outcome import Outcome
from collectors.processes import VISITS_AT_ONCE
from servicedesk.core.blobs import BlobStore
from servicedesk.core.clock import utcnow
from servicedesk.core.crypto import DecryptionError, Keyring
from servicedesk.core.db import db, for_update, unit_of_work
from servicedesk.equipment.models import Device
from servicedesk.inspections.limits import AAA_VISITS, NoRoomError, require_room
from servicedesk.inspections.models import InspectionRecord
from servicedesk.inspections.recording import Claim, record_interruption, record_visit
from servicedesk.inspections.targets import target_for

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=45)
GRACE_S = 15.0  # a visit ends itself at its deadline; this long after it we stop waiting
MAX_INTERRUPTIONS = 3
WAITS_FOR_ROOM_S = 10.0
PUT_OFF = timedelta(seconds=5)

# Stored in English like all that collectors say; translated when they are shown.
_INTERNAL = N_("internal error: %(error)s")
_ENDLESS = N_("The visit did not end within %(seconds)s s.")
_INTERRUPTED = N_("The visit was interrupted %(count)s times; it is not tried again in this run.")

Visitor = Callable[[Target], Visit]


@dataclass(slots=True)
class _Running:
    claim: Claim
    target: Target
    gives_up_at: float  # time.monotonic()


@dataclass(slots=True)
class Visiting:
    """One batch of visits."""

    keyring: Keyring
    blobs: BlobStore
    threads: int = VISITS_AT_ONCE
    deadline_s: float = 120.0
    visitor: Visitor = runner.visit
    lease: timedelta = LEASE
    aaa_visits: int = AAA_VISITS
    _running: dict[Future[Visit], _Running] = field(default_factory=dict)

    def run(self, record_ids: Iterable[int]) -> int:
        """Visit every device whose record is still queued; returns how many were recorded here."""
        pending = list(record_ids)
        recorded = 0
        pool = ThreadPoolExecutor(self.threads, thread_name_prefix="visit")
        beat, every_s = time.monotonic(), self.lease.total_seconds() / 4
        worked = time.monotonic()
        try:
            while pending or self._running:
                pending = self._begin_some(pending, pool)
                if self._running:
                    worked = time.monotonic()
                elif pending:
                    # All that is left waits for others' visits to end. Not for ever: the next batch may run.
                    if time.monotonic() - worked > WAITS_FOR_ROOM_S:
                        break
                    time.sleep(1.0)
                done, _rest = wait(self._running, timeout=1.0, return_when=FIRST_COMPLETED)
                recorded += sum(self._finish(future) for future in done)
                recorded += self._give_up()
                if time.monotonic() - beat >= every_s:
                    self.extend_leases()
                    _still_here(pending)
                    beat = time.monotonic()
            put_off(pending, now=utcnow())
        finally:
            # A thread that hangs beyond its deadline must not hold the whole batch.
            pool.shutdown(wait=False, cancel_futures=True)
        return recorded

    def _begin_some(self, pending: list[int], pool: ThreadPoolExecutor) -> list[int]:
        """Fill the free threads; returns what is left, those first that had no room."""
        crowded: list[int] = []
        while pending and len(self._running) < self.threads:
            record_id = pending.pop(0)
            try:
                self._begin(record_id, pool)
            except NoRoomError:
                crowded.append(record_id)
        return [*pending, *crowded]

    def _begin(self, record_id: int, pool: ThreadPoolExecutor) -> None:
        try:
            claimed = claim(
                record_id,
                self.keyring,
                self.deadline_s,
                now=utcnow(),
                lease=self.lease,
                aaa_visits=self.aaa_visits,
            )
        except sa.exc.SQLAlchemyError:
            log.exception("record %d could not be claimed; it stays queued", record_id)
            return
        if claimed is not None:
            holder, target = claimed
            future = pool.submit(self.visitor, target)
            self._running[future] = _Running(holder, target, time.monotonic() + target.deadline_s + GRACE_S)

    def _finish(self, future: Future[Visit]) -> int:
        running = self._running.pop(future)
        error = future.exception()
        if error is not None:
            # runner.visit never raises for what a device does, so this is a fault of ours: say so.
            log.error("visit of %s failed inside the collector", running.target.name, exc_info=error)
            visit = _empty_visit(
                running.target, Outcome.PARSE_FAILED, _INTERNAL % {"error": type(error).__name__}
            )
        else:
            visit = future.result()
        return self._record(running, visit)

    def _give_up(self) -> int:
        late = [f for f, r in self._running.items() if time.monotonic() > r.gives_up_at]
        count = 0
        for future in late:
            running = self._running.pop(future)
            sentence = _ENDLESS % {"seconds": f"{running.target.deadline_s:.0f}"}
            count += self._record(running, _empty_visit(running.target, Outcome.TIMEOUT, sentence))
        return count

    def _record(self, running: _Running, visit: Visit) -> int:
        try:
            sha256 = self.blobs.put(
                transcripts.pack(visit.transcript), sha256=transcripts.digest(visit.transcript)
            )
            with unit_of_work():
                return int(record_visit(running.claim, visit, sha256, now=utcnow()))
        except (sa.exc.SQLAlchemyError, OSError):
            # One record that cannot be written must not take the batch along. Its lease runs out, so
            # it is visited again; after MAX_INTERRUPTIONS the record says that it failed.
            log.exception("the visit of %s could not be recorded", running.target.name)
            return 0

    def extend_leases(self) -> None:
        """Say that the visits under way go on."""
        claims = {r.claim.record_id for r in self._running.values()}
        if not claims:
            return
        try:
            with unit_of_work() as session:
                session.execute(
                    sa.update(InspectionRecord)
                    .where(InspectionRecord.id.in_(claims), InspectionRecord.state == "running")
                    .values(lease_until=utcnow() + self.lease)
                )
        except sa.exc.SQLAlchemyError:
            log.exception("the leases of %d visits could not be extended", len(claims))


def _empty_visit(target: Target, outcome: Outcome, sentence: str) -> Visit:
    transcript = Transcript(target.key, target.address, utcnow(), 0.0, (), outcome, sentence)
    return Visit(transcript, DeviceFacts(), ())


def _still_here(record_ids: list[int]) -> None:
    """Say that these are not lost: they wait in a batch that runs."""
    if not record_ids:
        return
    try:
        with unit_of_work() as session:
            waiting = (InspectionRecord.id.in_(record_ids), InspectionRecord.state == "queued")
            session.execute(sa.update(InspectionRecord).where(*waiting).values(enqueued_at=utcnow()))
    except sa.exc.SQLAlchemyError:
        log.exception("%d waiting visits could not be kept", len(record_ids))


def put_off(record_ids: list[int], *, now: datetime) -> None:
    """Leave visits there was no room for to the sweep, some seconds later."""
    if not record_ids:
        return
    with unit_of_work() as session:
        session.execute(
            sa.update(InspectionRecord)
            .where(InspectionRecord.id.in_(record_ids), InspectionRecord.state == "queued")
            .values(enqueued_at=None, not_before=now + PUT_OFF)
        )


def claim(
    record_id: int,
    keyring: Keyring,
    deadline_s: float,
    *,
    now: datetime,
    lease: timedelta = LEASE,
    aaa_visits: int = AAA_VISITS,
) -> tuple[Claim, Target] | None:
    """Take one queued visit, or None when it is not queued (any more) or not yet due.

    Raises:
        NoRoomError: a jump host or an AAA group has as many visits as it may; the visit stays queued.
    """
    with unit_of_work() as session:
        record = session.scalar(
            for_update(sa.select(InspectionRecord).where(InspectionRecord.id == record_id))
        )
        if record is None or record.state != "queued" or record.not_before > now:
            return None
        if record.interruptions >= MAX_INTERRUPTIONS:
            record_interruption(record, _INTERRUPTED % {"count": record.interruptions}, now=now)
            return None
        device = session.get_one(Device, record.device_id)
        require_room(device, aaa_visits=aaa_visits)
        try:
            target = target_for(device, keyring=keyring, deadline_s=deadline_s, now=now)
        except DecryptionError as error:
            record_interruption(record, str(error), now=now)
            return None
        record.state, record.attempt = "running", record.attempt + 1
        record.lease_until = now + lease
        return Claim(record.id, record.attempt), target


def release_lost(now: datetime) -> int:
    """Queue again the visits whose lease ran out: their worker is gone."""
    lost = db.session.scalars(
        sa.select(InspectionRecord)
        .where(InspectionRecord.state == "running", InspectionRecord.lease_until < now)
        .with_for_update(skip_locked=True)
    ).all()
    for record in lost:
        record.state, record.lease_until = "queued", None
        record.interruptions += 1
        record.not_before, record.enqueued_at = now, None
    return len(lost)
