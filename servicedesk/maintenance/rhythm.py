"""When something is due again: pure, no database, no clock of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

UNITS = ("day", "week", "month", "dates")
MOST = 366
_YEAR_DAY = re.compile(r"(\d{2})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Every ``every`` days, weeks or months from ``starts_on`` on, or on fixed days of each year.

    ``dates``: month and day of each, for the unit "dates". The 31st of a shorter month is its last day, the
    29th of February in a common year the 28th.
    """

    unit: str
    every: int
    starts_on: date
    dates: tuple[tuple[int, int], ...] = ()

    def due_after(self, day: date) -> date:
        """The first due day after ``day``."""
        return next(self.due_from(day + timedelta(days=1)))

    def due_from(self, first: date) -> Iterator[date]:
        """Due days from ``first`` on, without end."""
        first = max(first, self.starts_on)
        if self.unit == "dates":
            yield from self._fixed(first)
            return
        step = max(0, self._steps_until(first) - 1)
        while True:
            day = self._step(step)
            if day >= first:
                yield day
            step += 1

    def between(self, first: date, last: date) -> list[date]:
        """Due days of a period, both ends included."""
        found = []
        for day in self.due_from(first):
            if day > last:
                break
            found.append(day)
        return found

    def _steps_until(self, day: date) -> int:
        if self.unit == "month":
            months = (day.year - self.starts_on.year) * 12 + day.month - self.starts_on.month
            return months // self.every
        return (day - self.starts_on).days // (self.every * (7 if self.unit == "week" else 1))

    def _step(self, step: int) -> date:
        if self.unit != "month":
            days = step * self.every * (7 if self.unit == "week" else 1)
            return self.starts_on + timedelta(days=days)
        months = self.starts_on.month - 1 + step * self.every
        return _clamped(self.starts_on.year + months // 12, months % 12 + 1, self.starts_on.day)

    def _fixed(self, first: date) -> Iterator[date]:
        year = first.year
        while True:
            for month, day in sorted(self.dates):
                found = _clamped(year, month, day)
                if found >= first:
                    yield found
            year += 1


def _clamped(year: int, month: int, day: int) -> date:
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day, last))


def parse_dates(text: str) -> tuple[tuple[int, int], ...]:
    """ "03-15 09-15" as pairs, each once, in order.

    Raises:
        ValueError: something else stands there, or nothing.
    """
    found = set()
    for word in re.split(r"[\s,;]+", text.strip()):
        match = _YEAR_DAY.fullmatch(word)
        if match is None:
            raise ValueError(word)
        month, day = int(match[1]), int(match[2])
        date(2024, month, day)  # a leap year has every day
        found.add((month, day))
    return tuple(sorted(found))
