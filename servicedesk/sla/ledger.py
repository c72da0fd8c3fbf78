"""What a clock shows: from the stretches it ran and paused, working time used, left and due. Pure.

Stretches come in any order and may overlap: a moment counts when a running stretch covers it and no
paused one does, and it counts once. Where corrections cover a moment, they alone decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from servicedesk.sla.calendar import WorkCalendar, add_working, working_seconds

REOPENED = "reopened"
# Who gets a ticket back a minute before its time is over can do nothing about it: half an hour is what it
# takes to read it again and go there. A clock that was late before the reopening stays late.
GRACE_S = 30 * 60
LEVELS = (50, 75, 90, 100)  # percent of the target; 100 is breached


@dataclass(frozen=True, slots=True)
class Stretch:
    """From ``from_at`` up to but not including ``to_at`` (None: until further notice).

    ``target_s`` and ``calendar`` are given where the promise changed with this stretch; ``corrected`` is one
    that was stated afterwards and outranks those noted at the time.
    """

    from_at: datetime
    to_at: datetime | None
    running: bool
    reason: str = ""
    target_s: int | None = None
    calendar: WorkCalendar | None = None
    corrected: bool = False

    def covers(self, moment: datetime) -> bool:
        """Whether the moment lies inside."""
        return self.from_at <= moment and (self.to_at is None or moment < self.to_at)


@dataclass(frozen=True, slots=True)
class Reading:
    """A clock at one moment. ``allowed_s`` is the target, more after a reopening or a change of the promise
    shortly before its end.

    ``due_at`` is None unless the clock runs; ``late_since`` is the moment the target was used up.
    """

    elapsed_s: int
    allowed_s: int
    running: bool
    due_at: datetime | None
    late_since: datetime | None

    @property
    def remaining_s(self) -> int:
        """Working seconds left, never negative."""
        return max(0, self.allowed_s - self.elapsed_s)

    @property
    def level(self) -> int:
        """0 (all well), 50, 75, 90 or 100 (breached)."""
        if self.late_since is not None:
            return 100
        reached = (level for level in LEVELS if self.elapsed_s * 100 >= level * self.allowed_s)
        return max(reached, default=0)


def read_clock(stretches: Iterable[Stretch], calendar: WorkCalendar, target_s: int, now: datetime) -> Reading:
    """Read a clock at ``now``; what is written down for later does not count yet."""
    known = [s for s in stretches if s.from_at <= now and (s.to_at is None or s.to_at > s.from_at)]
    turns = sorted(
        (s.from_at.astimezone(UTC), s.target_s or 0)
        for s in known
        if not s.corrected and (s.target_s is not None or (s.running and s.reason == REOPENED))
    )
    elapsed, allowed, late_since = 0, target_s, None
    for start, end in _running_parts(known, now):
        if late_since is None:
            allowed = _allowed_from(turns, start, allowed, elapsed)
        by = _calendar_at(known, start, calendar)
        counted = working_seconds(by, start, end)
        if late_since is None and elapsed + counted >= allowed:
            late_since = add_working(by, start, allowed - elapsed)
        elapsed += counted
    if late_since is None:
        allowed = _allowed_from(turns, now, allowed, elapsed)
    running = _runs_at(known, now)
    by = _calendar_at(known, now, calendar)
    due_at = (late_since or add_working(by, now, allowed - elapsed)) if running else None
    return Reading(elapsed, allowed, running, due_at, late_since)


def _allowed_from(turns: list[tuple[datetime, int]], limit: datetime, allowed: int, elapsed: int) -> int:
    """What is allowed after the turns up to ``limit``, which are taken out: reopenings (no target) and new
    targets. None of them leaves less than the grace."""
    while turns and turns[0][0] <= limit:
        _moment, target = turns.pop(0)
        allowed = max(target or allowed, elapsed + GRACE_S)
    return allowed


def _calendar_at(stretches: Sequence[Stretch], moment: datetime, default: WorkCalendar) -> WorkCalendar:
    """The calendar of the latest stretch noted until then; a correction has none of its own."""
    noted = [s for s in stretches if not s.corrected and s.from_at <= moment]
    latest = max(noted, key=lambda s: s.from_at, default=None)
    return latest.calendar or default if latest is not None else default


def _runs_at(stretches: Sequence[Stretch], moment: datetime) -> bool:
    covering = [s for s in stretches if s.covers(moment)]
    deciding = [s for s in covering if s.corrected] or covering
    return bool(deciding) and all(s.running for s in deciding)


def _running_parts(stretches: Sequence[Stretch], now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The parts before ``now`` that count, in order, none overlapping another."""
    edges = {now.astimezone(UTC)}
    for stretch in stretches:
        edges.add(stretch.from_at.astimezone(UTC))
        if stretch.to_at is not None and stretch.to_at < now:
            edges.add(stretch.to_at.astimezone(UTC))
    for start, end in pairwise(sorted(edges)):
        if _runs_at(stretches, start):
            yield start, end
