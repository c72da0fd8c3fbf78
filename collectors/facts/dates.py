"""Days as devices write them: ``Sat Jul 26 01:00:00 2025``, ``Mar 27 2024``, ``2025-07-26``, ``20250726``."""

from __future__ import annotations

import re
from datetime import UTC, datetime

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?"
_FORMS = (
    re.compile(
        rf"(?:[A-Za-z]{{3}},?\s+)?(?P<month>[A-Za-z]{{3}})[a-z]*\s+(?P<day>\d{{1,2}}),?(?:\s+{_TIME})?"
        r"(?:\s+[A-Z]{3,5})?\s+(?P<year>\d{4})",
        re.ASCII,
    ),
    re.compile(
        rf"(?P<year>\d{{4}})[-/](?P<month>\d{{1,2}})[-/](?P<day>\d{{1,2}})"
        rf"(?:[ T]+{_TIME}(?:\s+[A-Z]{{2,5}})?)?",
        re.ASCII,
    ),
    re.compile(rf"{_TIME}\s+(?P<year>\d{{4}})[-/](?P<month>\d{{1,2}})[-/](?P<day>\d{{1,2}})", re.ASCII),
    # the whole day alone, or as the beginning of a version: PAN-DB's 20250726.20013, VRP's 2025072600
    re.compile(r"(?P<year>20\d\d)(?P<month>\d\d)(?P<day>\d\d)(?:\d\d|\.\d+)?", re.ASCII),
)


def day_of_octets(octets: bytes) -> datetime | None:
    """SNMPv2-TC DateAndTime as ``day_of`` gives it; the zone, if there is one, counts for nothing.

    None for what has another length, and for the zeros that stand for "no such day".
    """
    if len(octets) not in (8, 11):
        return None
    try:
        month, day, hour, minute, second = octets[2:7]
        return datetime(int.from_bytes(octets[:2], "big"), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def day_of(text: str) -> datetime | None:
    """The moment, aware UTC, whatever the device's zone: it is for counting days. None: no such date."""
    match = next((found for form in _FORMS if (found := form.fullmatch(text.strip())) is not None), None)
    if match is None:
        return None
    parts = match.groupdict()
    month = parts["month"].lower()
    try:
        return datetime(
            int(parts["year"]),
            int(month) if month.isdigit() else MONTHS.index(month) + 1,
            int(parts["day"]),
            int(parts.get("hour") or 0),
            int(parts.get("minute") or 0),
            int(parts.get("second") or 0),
            tzinfo=UTC,
        )
    except ValueError:  # no month of that name, or a 31 April
        return None
