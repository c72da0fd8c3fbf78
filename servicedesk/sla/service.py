"""Clocks of tickets: begun, paused, met, resumed, and looked at when a mark is due.

Tickets call this inside their own transaction with plain values; nothing here knows what a ticket is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.sla.calendar import WorkCalendar, add_working, from_data, to_data
from servicedesk.sla.ledger import REOPENED, Reading, Stretch, read_clock
from servicedesk.sla.models import (
    ACTIVE,
    ENDED,
    MET,
    PAUSED,
    RESPONSE,
    RESTORE,
    RUNNING,
    SlaClock,
    SlaInterval,
    SlaSnapshot,
)
from servicedesk.sla.policies import TicketFacts, policy_for

OPENED, WAITING, CONTINUED, REACTED, RESOLVED, CLOSED = (
    "opened",
    "waiting",
    "continued",
    "reacted",
    "resolved",
    "closed",
)
MARKS = (75, 90, 100)  # percent at which somebody is told


@dataclass(frozen=True, slots=True)
class Notice:
    """A mark that a clock has reached: 75, 90, or 100 for a breach."""

    ticket_id: int
    kind: str
    mark: int
    due_at: datetime | None


def ticket_created(facts: TicketFacts, *, phase: str, actor: Actor, now: datetime) -> None:
    """Begin the clocks that the ticket's policy promises; while it waits for an approval they stand."""
    terms = policy_for(facts)
    snapshot = _snapshot(terms.calendar)
    waits = phase == "waiting"
    for kind, minutes in ((RESPONSE, terms.response_minutes), (RESTORE, terms.restore_minutes)):
        if minutes is None:
            continue
        clock = SlaClock(
            ticket_id=facts.ticket_id,
            kind=kind,
            calendar_id=terms.calendar_id,
            calendar_version=terms.calendar_version,
            snapshot=snapshot,
            target_seconds=minutes * 60,
            state=PAUSED if waits else RUNNING,
            elapsed_seconds=0,
            level=0,
        )
        db.session.add(clock)
        _turn(clock, clock.state, WAITING if waits else OPENED, actor=actor, now=now)
    db.session.flush()


def ticket_moved(
    ticket_id: int,
    *,
    old_phase: str,
    new_phase: str,
    reacted: bool,
    actor: Actor,
    now: datetime,
    restored_at: datetime | None = None,
) -> None:
    """Pause, resume or stop the clocks as the ticket changes its phase.

    Args:
        reacted: whether this move is a worker's own reaction, which meets the response time.
        restored_at: when service was back, as stated; the restore time ends then, not when it was written.
    """
    for clock in _clocks_for_update(ticket_id):
        if reacted and clock.kind == RESPONSE and clock.state in ACTIVE:
            _stop(clock, MET, REACTED, actor=actor, now=now)
        elif new_phase == old_phase or (clock.kind == RESPONSE and clock.state == MET):
            continue
        elif new_phase == "resolved" and clock.state in ACTIVE:
            _stop(clock, MET, RESOLVED, actor=actor, now=min(restored_at or now, now))
        elif new_phase == "closed" and clock.state in ACTIVE:
            _stop(clock, ENDED, CLOSED, actor=actor, now=now)
        elif new_phase == "waiting" and clock.state == RUNNING:
            _turn(clock, PAUSED, WAITING, actor=actor, now=now)
        elif new_phase == "open" and clock.state == PAUSED:
            _turn(clock, RUNNING, CONTINUED, actor=actor, now=now)
        elif new_phase in ("open", "waiting") and clock.state in (MET, ENDED):
            clock.met_at = None
            _turn(clock, RUNNING, REOPENED, actor=actor, now=now)
            if new_phase == "waiting":
                _turn(clock, PAUSED, WAITING, actor=actor, now=now)
    db.session.flush()


def ticket_answered(ticket_id: int, *, actor: Actor, now: datetime) -> None:
    """A worker wrote to the requester: the first time, this meets the response time."""
    for clock in _clocks_for_update(ticket_id):
        if clock.kind == RESPONSE and clock.state in ACTIVE:
            _stop(clock, MET, REACTED, actor=actor, now=now)
    db.session.flush()


def tickets_to_check(now: datetime, limit: int = 200) -> list[int]:
    """Tickets with a clock that has reached its next mark, the longest due first."""
    statement = (
        sa.select(SlaClock.ticket_id)
        .where(SlaClock.state == RUNNING, SlaClock.check_at <= now)
        .group_by(SlaClock.ticket_id)
        .order_by(sa.func.min(SlaClock.check_at), SlaClock.ticket_id)
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def check_clocks(ticket_ids: Collection[int], now: datetime, announce: Callable[[Notice], None]) -> int:
    """Tell the highest mark each clock has newly reached, once; returns how many were told.

    The caller holds the locks of these tickets: tickets before clocks, as everywhere.
    """
    told = 0
    statement = _with_history().where(
        SlaClock.ticket_id.in_(list(ticket_ids)), SlaClock.state == RUNNING, SlaClock.check_at <= now
    )
    for clock in db.session.scalars(for_update(statement.order_by(SlaClock.id))):
        reading = reading_of(clock, now)
        reached = max((mark for mark in MARKS if mark <= reading.level), default=0)
        if reached > clock.level:
            clock.level = reached
            announce(Notice(clock.ticket_id, clock.kind, reached, reading.due_at))
            told += 1
        _write_down(clock, reading, now)
    db.session.flush()
    return told


def reading_of(clock: SlaClock, now: datetime) -> Reading:
    """What the clock shows at ``now``, by the calendar it began with."""
    stretches = [Stretch(i.from_at, i.to_at, i.running, i.reason) for i in clock.intervals]
    return read_clock(stretches, calendar_of(clock), clock.target_seconds, now)


def calendar_of(clock: SlaClock) -> WorkCalendar:
    """The calendar as it was when the clock began."""
    return from_data(clock.snapshot.calendar)


def _with_history() -> sa.Select[SlaClock]:
    return sa.select(SlaClock).options(selectinload(SlaClock.intervals), selectinload(SlaClock.snapshot))


def clocks_of(ticket_id: int) -> list[SlaClock]:
    """The ticket's clocks with all they did: response, then restore."""
    statement = _with_history().where(SlaClock.ticket_id == ticket_id).order_by(SlaClock.id)
    return list(db.session.scalars(statement))


def _clocks_for_update(ticket_id: int) -> list[SlaClock]:
    statement = _with_history().where(SlaClock.ticket_id == ticket_id).order_by(SlaClock.id)
    return list(db.session.scalars(for_update(statement)))


def _snapshot(calendar: WorkCalendar) -> SlaSnapshot:
    data = to_data(calendar)
    digest = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
    wanted = sa.select(SlaSnapshot).where(SlaSnapshot.digest == digest)
    found = db.session.scalar(wanted)
    if found is not None:
        return found
    try:
        with db.session.begin_nested():
            snapshot = SlaSnapshot(digest=digest, calendar=data)
            db.session.add(snapshot)
    except sa.exc.IntegrityError:  # somebody else's first ticket by this calendar, a moment earlier
        return db.session.scalars(wanted).one()
    return snapshot


def _stop(clock: SlaClock, state: str, reason: str, *, actor: Actor, now: datetime) -> None:
    """Stand still for good, remembering what was due."""
    due_at = reading_of(clock, now).due_at
    if state == MET:
        clock.met_at = now
    _turn(clock, state, reason, actor=actor, now=now)
    clock.due_at = due_at


def _turn(clock: SlaClock, state: str, reason: str, *, actor: Actor, now: datetime) -> None:
    """Close the open interval, begin the next, and work out what is due now."""
    last = clock.intervals[-1] if clock.intervals else None
    # Two workers' clocks may differ by a moment: an interval never ends before it began.
    at = now if last is None else max(now, last.from_at)
    if last is not None:
        last.to_at = at
    clock.intervals.append(
        SlaInterval(from_at=at, running=state == RUNNING, reason=reason, actor_name=actor.name)
    )
    clock.state = state
    reading = reading_of(clock, at)
    if reading.level < clock.level:
        # Only the grace after a reopening gives time back; its warnings are new ones.
        clock.level = max((mark for mark in MARKS if mark <= reading.level), default=0)
    _write_down(clock, reading, at)


def _write_down(clock: SlaClock, reading: Reading, now: datetime) -> None:
    clock.elapsed_seconds = reading.elapsed_s
    clock.due_at = reading.due_at
    clock.breached_at = reading.late_since
    clock.check_at = _next_mark(clock, reading, now)


def _next_mark(clock: SlaClock, reading: Reading, now: datetime) -> datetime | None:
    """When the next mark is reached that was not told yet; None while the clock stands or when all were."""
    if not reading.running:
        return None
    mark = next((mark for mark in MARKS if mark > clock.level), None)
    if mark is None:
        return None
    seconds = -(-reading.allowed_s * mark // 100) - reading.elapsed_s
    return add_working(calendar_of(clock), now, seconds) if seconds > 0 else now
