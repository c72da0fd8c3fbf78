"""Months, quarters, half-years and years: as the address writes them and as moments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

_FORM = re.compile(r"(\d{4})(?:-(?:(\d{2})|Q([1-4])|H([12])))?")
MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """``kind`` is month, quarter, half or year; it begins on the first day of ``month``."""

    kind: str
    year: int
    month: int

    @property
    def text(self) -> str:
        """2026-11, 2026-Q4, 2026-H2 or 2026."""
        match self.kind:
            case "month":
                return f"{self.year}-{self.month:02}"
            case "quarter":
                return f"{self.year}-Q{(self.month + 2) // 3}"
            case "half":
                return f"{self.year}-H{(self.month + 5) // 6}"
            case _:
                return f"{self.year}"

    def moved(self, steps: int) -> Period:
        """So many periods later."""
        months = self.year * 12 + self.month - 1 + steps * MONTHS[self.kind]
        return Period(self.kind, months // 12, months % 12 + 1)

    def of_kind(self, kind: str) -> Period:
        """The period of another length in which this one begins."""
        length = MONTHS[kind]
        return Period(kind, self.year, (self.month - 1) // length * length + 1)

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its beginning and its end, which is no part of it; aware UTC."""
        after = self.moved(1)
        first, last = date(self.year, self.month, 1), date(after.year, after.month, 1)
        begin, end = (datetime.combine(day, time.min, zone).astimezone(UTC) for day in (first, last))
        return begin, end


def parse_period(text: str, today: date) -> Period:
    """The period of an address; the present month for anything else."""
    found = _FORM.fullmatch(text)
    present = Period("month", today.year, today.month)
    if found is None or not 1971 <= int(found[1]) < 2199:
        return present
    year = int(found[1])
    if found[2]:
        return Period("month", year, int(found[2])) if 1 <= int(found[2]) <= 12 else present
    if found[3]:
        return Period("quarter", year, int(found[3]) * 3 - 2)
    if found[4]:
        return Period("half", year, int(found[4]) * 6 - 5)
    return Period("year", year, 1)
