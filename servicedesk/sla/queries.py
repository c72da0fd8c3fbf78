"""Clocks as pages and lists show them. Who may see a ticket may see its clocks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from servicedesk.core.db import db, kept_by_thread
from servicedesk.sla.calendar import from_data, working_seconds
from servicedesk.sla.models import ACTIVE, MET, PAUSED, RUNNING, SlaClock, SlaInterval
from servicedesk.sla.service import calendar_of, clocks_of, noted, reading_of


@dataclass(frozen=True, slots=True)
class IntervalView:
    """A stretch with the working seconds in it; only those of running ones count."""

    from_at: datetime
    to_at: datetime | None
    running: bool
    reason: str
    actor_name: str
    working_s: int
    retargeted_s: int | None = None  # the target from here on
    correction_reason: str = ""
    evidence: str = ""
    corrected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClockView:
    """One clock at one moment."""

    kind: str
    state: str
    level: int
    allowed_s: int
    elapsed_s: int
    remaining_s: int
    always: bool
    due_at: datetime | None
    met_at: datetime | None
    late_since: datetime | None
    paused_for: str
    intervals: tuple[IntervalView, ...]


def clock_views(ticket_id: int, now: datetime) -> list[ClockView]:
    """The ticket's clocks: response, then restore."""
    return [_view(clock, now) for clock in clocks_of(ticket_id)]


def _view(clock: SlaClock, now: datetime) -> ClockView:
    reading = reading_of(clock, now)
    rows = noted(clock)

    def interval(row: SlaInterval) -> IntervalView:
        by = row.snapshot or clock.snapshot
        return IntervalView(
            row.from_at,
            row.to_at,
            row.running,
            row.reason,
            row.actor_name,
            working_seconds(from_data(by.calendar), row.from_at, row.to_at or now),
            row.target_seconds,
            row.correction.reason if row.correction is not None else "",
            row.correction.evidence if row.correction is not None else "",
            row.correction.at if row.correction is not None else None,
        )

    # What follows a final stop is no part of the measured time; corrections are told after what they correct.
    shown = rows if clock.state in ACTIVE else rows[:-1]
    shown = [*shown, *(row for row in clock.intervals if row.correction is not None)]
    return ClockView(
        kind=clock.kind,
        state=clock.state,
        level=reading.level,
        allowed_s=reading.allowed_s,
        elapsed_s=reading.elapsed_s,
        remaining_s=reading.remaining_s,
        always=calendar_of(clock).always,
        due_at=clock.due_at if clock.state == MET else reading.due_at,
        met_at=clock.met_at,
        late_since=reading.late_since,
        paused_for=rows[-1].reason if clock.state == PAUSED else "",
        intervals=tuple(interval(row) for row in shown),
    )


def clock_marks(ticket_ids: Collection[int]) -> dict[int, tuple[datetime | None, int | None]]:
    """For the rows of a list, in one query: when the first running clock is due, and the worst level of an
    active one; by ticket, without those that have no active clock."""
    rows = db.session.execute(_marks(), {"ticket_ids": list(ticket_ids)})
    return {number: (due_at, level) for number, due_at, level in rows}


@kept_by_thread
def _marks() -> sa.Select[int, datetime | None, int | None]:
    tickets: sa.BindParameter[list[int]] = sa.bindparam("ticket_ids", expanding=True)
    return (
        sa.select(
            SlaClock.ticket_id,
            sa.func.min(SlaClock.due_at).filter(SlaClock.state == RUNNING),
            sa.func.max(SlaClock.level),
        )
        .where(SlaClock.ticket_id.in_(tickets), SlaClock.state.in_(ACTIVE))
        .group_by(SlaClock.ticket_id)
    )


def breached_ticket_ids(now: datetime) -> sa.Select[int]:
    """Tickets with an active clock whose time is over."""
    return sa.select(SlaClock.ticket_id).where(
        sa.or_(
            sa.and_(SlaClock.state == RUNNING, SlaClock.due_at <= now),
            sa.and_(SlaClock.state == PAUSED, SlaClock.breached_at.is_not(None)),
        )
    )


def due_ticket_ids(until: datetime) -> sa.Select[int]:
    """Tickets with a clock that is due before ``until``, or was."""
    return sa.select(SlaClock.ticket_id).where(SlaClock.state == RUNNING, SlaClock.due_at < until)
