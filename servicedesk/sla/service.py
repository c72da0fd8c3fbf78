"""Clocks of tickets: begun, paused, met, resumed, and looked at when a mark is due.

Tickets call this inside their own transaction with plain values; nothing here knows what a ticket is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import LoaderOption

from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.sla.calendar import WorkCalendar, add_working, from_data, to_data
from servicedesk.sla.escalation import DEFAULT_MARKS
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
from servicedesk.sla.policies import Terms, TicketFacts, policy_for

OPENED, WAITING, CONTINUED, REACTED, RESOLVED, CLOSED = (
    "opened",
    "waiting",
    "continued",
    "reacted",
    "resolved",
    "closed",
)
RETARGETED, CORRECTED = "retargeted", "corrected"


@dataclass(frozen=True, slots=True)
class Notice:
    """A mark that a clock has reached, in percent; 100 is a breach."""

    ticket_id: int
    kind: str
    mark: int
    due_at: datetime | None


def ticket_created(facts: TicketFacts, *, phase: str, actor: Actor, now: datetime) -> None:
    """Begin the clocks that the ticket's policy promises; while it waits for an approval they stand."""
    terms = policy_for(facts, now)
    for kind, minutes in ((RESPONSE, terms.response_minutes), (RESTORE, terms.restore_minutes)):
        if minutes is not None:
            _begin(facts.ticket_id, kind, minutes, terms, waits=phase == "waiting", actor=actor, now=now)
    db.session.flush()


def _begin(
    ticket_id: int, kind: str, minutes: int, terms: Terms, *, waits: bool, actor: Actor, now: datetime
) -> None:
    clock = SlaClock(
        ticket_id=ticket_id,
        kind=kind,
        calendar_id=terms.calendar_id,
        calendar_version=terms.calendar_version,
        snapshot=_snapshot(terms.calendar),
        target_seconds=minutes * 60,
        state=PAUSED if waits else RUNNING,
        elapsed_seconds=0,
        level=0,
        marks=list(terms.marks),
    )
    db.session.add(clock)
    _turn(clock, clock.state, WAITING if waits else OPENED, actor=actor, now=now)


def retarget(facts: TicketFacts, *, phase: str, actor: Actor, now: datetime) -> bool:
    """Put the ticket's active clocks under the policy that fits it now; whether anything changed.

    What was used stays used, by the calendar of its time; the new target leaves at least the grace, and who
    was late stays late. Clocks that were met keep what was promised to them.
    """
    terms = policy_for(facts, now)
    promised = {RESPONSE: terms.response_minutes, RESTORE: terms.restore_minutes}
    changed = False
    clocks = _clocks_for_update(facts.ticket_id)
    for clock in clocks:
        minutes = promised[clock.kind]
        if clock.state not in ACTIVE:
            continue
        if minutes is None:
            _stop(clock, ENDED, RETARGETED, actor=actor, now=now)
            changed = True
        elif (minutes * 60, terms.calendar) != (_target_of(clock), calendar_of(clock)):
            clock.marks = list(terms.marks)
            clock.calendar_id, clock.calendar_version = terms.calendar_id, terms.calendar_version
            _change_promise(clock, minutes * 60, terms.calendar, actor=actor, now=now)
            changed = True
        elif list(terms.marks) != list(clock.marks or DEFAULT_MARKS):
            clock.marks = list(terms.marks)
            clock.check_at = _next_mark(clock, reading_of(clock, now), now)
    missing = {kind: minutes for kind, minutes in promised.items() if minutes is not None}
    for kind in missing.keys() - {clock.kind for clock in clocks}:
        _begin(facts.ticket_id, kind, missing[kind], terms, waits=phase == "waiting", actor=actor, now=now)
        changed = True
    db.session.flush()
    return changed


def _change_promise(
    clock: SlaClock, target_s: int, calendar: WorkCalendar, *, actor: Actor, now: datetime
) -> None:
    """A new stretch of the same kind under another target and calendar; a pause keeps its reason."""
    reason = noted(clock)[-1].reason if clock.state == PAUSED else RETARGETED
    _turn(clock, clock.state, reason, actor=actor, now=now, promise=(target_s, _snapshot(calendar)))


def _target_of(clock: SlaClock) -> int:
    """The target as it was last changed."""
    given = [row.target_seconds for row in noted(clock) if row.target_seconds is not None]
    return given[-1] if given else clock.target_seconds


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
        reached = _highest(clock, reading)
        if reached > clock.level:
            clock.level = reached
            announce(Notice(clock.ticket_id, clock.kind, reached, reading.due_at))
            told += 1
        _write_down(clock, reading, now)
    db.session.flush()
    return told


def reading_of(clock: SlaClock, now: datetime) -> Reading:
    """What the clock shows at ``now``, by the calendar it began with."""
    return read_clock(_stretches(clock), from_data(clock.snapshot.calendar), clock.target_seconds, now)


def _stretches(clock: SlaClock) -> list[Stretch]:
    return [
        Stretch(
            row.from_at,
            row.to_at,
            row.running,
            row.reason,
            row.target_seconds,
            from_data(row.snapshot.calendar) if row.snapshot is not None else None,
            row.correction_id is not None or row.correction is not None,
        )
        for row in clock.intervals
    ]


def noted(clock: SlaClock) -> list[SlaInterval]:
    """What was noted as it happened, in order; the last one is open. Corrections are not among it."""
    return [row for row in clock.intervals if row.correction_id is None and row.correction is None]


def calendar_of(clock: SlaClock) -> WorkCalendar:
    """The calendar it counts by now: that of the day it began, or of the last change of the promise."""
    rows = noted(clock)
    snapshot = (rows[-1].snapshot if rows else None) or clock.snapshot
    return from_data(snapshot.calendar)


def _with_history(snapshot: LoaderOption | None = None) -> sa.Select[SlaClock]:
    """``snapshot``: how calendars are loaded; apart unless said, since no lock may reach what is shared."""
    return sa.select(SlaClock).options(
        selectinload(SlaClock.intervals).options(
            selectinload(SlaInterval.snapshot), selectinload(SlaInterval.correction)
        ),
        snapshot or selectinload(SlaClock.snapshot),
    )


def clocks_of(ticket_id: int) -> list[SlaClock]:
    """The ticket's clocks with all they did: response, then restore."""
    snapshot = joinedload(SlaClock.snapshot, innerjoin=True)
    statement = _with_history(snapshot).where(SlaClock.ticket_id == ticket_id).order_by(SlaClock.id)
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


def _turn(
    clock: SlaClock,
    state: str,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
    promise: tuple[int, SlaSnapshot] | None = None,
) -> None:
    """Close the open interval, begin the next, and work out what is due now.

    Args:
        promise: target in seconds and calendar, where they change.
    """
    last = noted(clock)[-1] if clock.intervals else None
    # Two workers' clocks may differ by a moment: an interval never ends before it began.
    at = now if last is None else max(now, last.from_at)
    if last is not None:
        last.to_at = at
    clock.intervals.append(
        SlaInterval(
            from_at=at,
            running=state == RUNNING,
            reason=reason,
            actor_name=actor.name,
            target_seconds=promise[0] if promise else None,
            snapshot=promise[1] if promise else (last.snapshot if last is not None else None),
        )
    )
    clock.state = state
    _read_again(clock, at)


def _read_again(clock: SlaClock, at: datetime) -> None:
    reading = reading_of(clock, at)
    if reading.level < clock.level:
        # A grace, a longer target or a correction gives time back; its warnings are new ones.
        clock.level = _highest(clock, reading)
    _write_down(clock, reading, at)


def _highest(clock: SlaClock, reading: Reading) -> int:
    """The highest of the clock's marks that is reached."""
    return max((mark for mark in clock.marks or DEFAULT_MARKS if mark <= reading.level), default=0)


def _write_down(clock: SlaClock, reading: Reading, now: datetime) -> None:
    clock.elapsed_seconds = reading.elapsed_s
    clock.due_at = reading.due_at
    clock.breached_at = reading.late_since
    clock.check_at = _next_mark(clock, reading, now)


def _next_mark(clock: SlaClock, reading: Reading, now: datetime) -> datetime | None:
    """When the next mark is reached that was not told yet; None while the clock stands or when all were."""
    if not reading.running:
        return None
    mark = next((mark for mark in clock.marks or DEFAULT_MARKS if mark > clock.level), None)
    if mark is None:
        return None
    seconds = -(-reading.allowed_s * mark // 100) - reading.elapsed_s
    return add_working(calendar_of(clock), now, seconds) if seconds > 0 else now


def restate(clock: SlaClock, row: SlaInterval, now: datetime) -> None:
    """Add a corrected stretch and work out again what the clock shows, and what it showed when it stopped."""
    clock.intervals.append(row)
    db.session.flush()
    if clock.state in ACTIVE:
        _read_again(clock, now)
        return
    stopped_at = noted(clock)[-1].from_at
    _read_again(clock, now)
    before = [s for s in _stretches(clock) if s.corrected or s.from_at < stopped_at]
    open_end = [replace(s, to_at=None) if s.to_at == stopped_at and not s.corrected else s for s in before]
    first = from_data(clock.snapshot.calendar)
    clock.due_at = read_clock(open_end, first, clock.target_seconds, stopped_at).due_at


def clock_for_update(ticket_id: int, kind: str) -> SlaClock | None:
    """One clock of a ticket, locked; None where nothing was promised."""
    return next((clock for clock in _clocks_for_update(ticket_id) if clock.kind == kind), None)
