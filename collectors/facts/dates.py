"""Days as devices write them: ``Sat Jul 26 01:00:00 2025``, ``Wed Mar 27 2024``, ``2025-07-26``."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?"
_FORMS = (
    re.compile(
        rf"(?:[A-Za-z]{{3}},?\s+)?(?P<month>[A-Za-z]{{3}})\s+(?P<day>\d{{1,2}}),?(?:\s+{_TIME})?"
        r"(?:\s+[A-Z]{3,5})?\s+(?P<year>\d{4})",
        re.ASCII,
    ),
    re.compile(
        rf"(?P<year>\d{{4}})[-/](?P<month>\d{{1,2}})[-/](?P<day>\d{{1,2}})(?:[ T]+{_TIME})?", re.ASCII
    ),
)


def day_of(text: str) -> datetime | None:
    """The moment, aware UTC, whatever the device's zone: it is for counting days. None: no such date."""
    match = next((found for form in _FORMS if (found := form.fullmatch(text.strip())) is not None), None)
    if match is None:
        return None
    month = match["month"].lower()
    try:
        return datetime(
            int(match["year"]),
            int(month) if month.isdigit() else _MONTHS.index(month) + 1,
            int(match["day"]),
            int(match["hour"] or 0),
            int(match["minute"] or 0),
            int(match["second"] or 0),
            tzinfo=UTC,
        )
    except ValueError:  # no month of that name, or a 31 April
        return None
