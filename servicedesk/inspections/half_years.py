"""When a deep inspection is due: once in each half-year, on a day of its window. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

DAILY, DEEP = "daily", "deep"  # kinds of plans
MONTHS = (1, 2, 3, 4, 5, 6)  # in which the first half-year may begin
SHORTEST = 181  # days of a half-year, at least: a window ends within it


@dataclass(frozen=True, slots=True)
class Window:
    """``first_month``: of the first half-year; the second begins six months later. ``opens_on``: the day of
    the half-year, from 1; ``open_days``: how many days, that one among them."""

    first_month: int
    opens_on: int
    open_days: int

    def half_of(self, day: date) -> str:
        """2026-H2; the year is that in which its first half-year began."""
        months = day.year * 12 + day.month - self.first_month
        return f"{months // 12}-H{months % 12 // 6 + 1}"

    def bounds(self, half: str) -> tuple[date, date]:
        """First and last day of the window in a half-year."""
        months = int(half[:4]) * 12 + self.first_month - 1 + (6 if half.endswith("2") else 0)
        opens = date(months // 12, months % 12 + 1, 1) + timedelta(days=self.opens_on - 1)
        return opens, opens + timedelta(days=self.open_days - 1)

    def holds(self, day: date) -> bool:
        """Whether the day is one of a window's."""
        opens, closes = self.bounds(self.half_of(day))
        return opens <= day <= closes

    def narrowed(self, works: Callable[[date], bool] | None, weekdays: str) -> Callable[[date], bool]:
        """Which days count: those of the window on which the plan works."""

        def counts(day: date) -> bool:
            if not self.holds(day):
                return False
            return works(day) if works is not None else str(day.isoweekday()) in weekdays

        return counts


def due_slots(
    slots: Iterable[datetime],
    window: Window,
    zone: ZoneInfo,
    done: Collection[str],
    *,
    now: datetime,
    grace: timedelta,
) -> list[datetime]:
    """One slot at most of each half-year that has had none.

    Args:
        slots: those of the window's days that have come, in order.
        grace: how long after a slot its run may still begin.

    A slot that was slept over is no miss while the window is open: a later day serves. The last slot of
    a window that has closed stands for a half-year that was missed.
    """
    today = now.astimezone(zone).date()
    found: dict[str, datetime] = {}
    for slot in slots:
        half = window.half_of(slot.astimezone(zone).date())
        if half not in done:
            found[half] = slot
    return [slot for half, slot in found.items() if now <= slot + grace or today > window.bounds(half)[1]]
