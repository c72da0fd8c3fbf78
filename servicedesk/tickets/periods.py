"""Weeks, months, quarters, half-years and years: as the address writes them and as moments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_FORM = re.compile(r"(\d{4})(?:-(?:(\d{2})|Q([1-4])|H([12])|W(\d{2})))?")
MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
WEEK = "week"


@dataclass(frozen=True, slots=True)
class Period:
    """``kind`` is week (of ISO 8601), month, quarter, half or year; ``first`` is its first day."""

    kind: str
    first: date

    @property
    def year(self) -> int:
        """The year it is counted to; a week's is that of its Thursday."""
        return self.first.isocalendar().year if self.kind == WEEK else self.first.year

    @property
    def text(self) -> str:
        """2026-W48, 2026-11, 2026-Q4, 2026-H2 or 2026."""
        month = self.first.month
        match self.kind:
            case "week":
                return f"{self.year}-W{self.first.isocalendar().week:02}"
            case "month":
                return f"{self.year}-{month:02}"
            case "quarter":
                return f"{self.year}-Q{(month + 2) // 3}"
            case "half":
                return f"{self.year}-H{(month + 5) // 6}"
            case _:
                return f"{self.year}"

    @property
    def last(self) -> date:
        """Its last day."""
        return self.moved(1).first - timedelta(days=1)

    def moved(self, steps: int) -> Period:
        """So many periods later."""
        if self.kind == WEEK:
            return Period(WEEK, self.first + timedelta(weeks=steps))
        months = self.first.year * 12 + self.first.month - 1 + steps * MONTHS[self.kind]
        return Period(self.kind, date(months // 12, months % 12 + 1, 1))

    def of_kind(self, kind: str) -> Period:
        """The period of another length in which this one begins."""
        if kind == WEEK:
            return Period(WEEK, self.first - timedelta(days=self.first.weekday()))
        length = MONTHS[kind]
        return Period(kind, date(self.first.year, (self.first.month - 1) // length * length + 1, 1))

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its beginning and its end, which is no part of it; aware UTC."""
        days = self.first, self.moved(1).first
        begin, end = (datetime.combine(day, time.min, zone).astimezone(UTC) for day in days)
        return begin, end


def parse_period(text: str, today: date) -> Period:
    """The period of an address; the present month for anything else."""
    found = _FORM.fullmatch(text)
    present = Period("month", date(today.year, today.month, 1))
    if found is None or not 1971 <= int(found[1]) < 2199:
        return present
    year = int(found[1])
    if found[2]:
        return Period("month", date(year, int(found[2]), 1)) if 1 <= int(found[2]) <= 12 else present
    if found[3]:
        return Period("quarter", date(year, int(found[3]) * 3 - 2, 1))
    if found[4]:
        return Period("half", date(year, int(found[4]) * 6 - 5, 1))
    if found[5]:
        try:
            return Period(WEEK, date.fromisocalendar(year, int(found[5]), 1))
        except ValueError:
            return present
    return Period("year", date(year, 1, 1))
