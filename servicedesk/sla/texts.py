"""Working hours and single days as people write them, one line each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from flask_babel import gettext as _

from servicedesk.core.errors import InvalidError
from servicedesk.sla.calendar import CalendarError, Hours, hours_from_data, hours_to_data

OFF = "-"
_SPAN = re.compile(r"(\d{1,2}:\d{2})\s*[-–—~]\s*(\d{1,2}:\d{2})")
# What Chinese keyboards give: wide digits, colon, comma, semicolon and the comma of lists.
_WIDE = str.maketrans(
    "".join(map(chr, (*range(0xFF10, 0xFF1A), 0xFF1A, 0xFF0C, 0xFF1B, 0x3001))) + ";", "0123456789:,,,,"
)
MAX_DAYS = 2000
YEARS = range(1971, 2200)


def format_hours(hours: Hours) -> str:
    """``08:30-12:00, 14:00-17:30``; a day without hours is a dash."""
    return ", ".join(f"{start}-{end}" for start, end in hours_to_data(hours)) or OFF


def parse_hours(text: str, field: str = "", line: int | None = None) -> Hours:
    """The reverse; digits and signs of Chinese keyboards are taken too.

    Raises:
        InvalidError: not of that form; ``line`` is named when it is given.
    """
    plain = text.translate(_WIDE).strip()
    if plain in ("", OFF):
        return ()
    spans = [part.strip() for part in re.split(r"[,\s]*,[,\s]*|(?<=\d)\s+(?=\d)", plain) if part.strip()]
    found = [_SPAN.fullmatch(span) for span in spans]
    try:
        if not all(found) or len(found) > 12:
            raise CalendarError(text)
        return _ordered(hours_from_data([match.groups() for match in found if match is not None]))
    except CalendarError:
        example = "08:30-12:00, 14:00-17:30"
        if line is None:
            raise InvalidError(
                _("Write hours in order, like %(example)s, or - for none.", example=example), field
            ) from None
        raise InvalidError(
            _(
                "Line %(line)s: write hours in order, like %(example)s, or - for none.",
                line=line,
                example=example,
            ),
            field,
        ) from None


def _ordered(hours: Hours) -> Hours:
    """Refuse what a calendar would refuse, where the line is known."""
    ends = [0, *(end for _start, end in hours)]
    if any(not before <= start < end <= 24 * 60 for before, (start, end) in zip(ends, hours, strict=False)):
        raise CalendarError("order")
    return hours


def format_days(days: Mapping[date, Hours]) -> str:
    """A line a day: ``2026-10-01 -`` or ``2026-10-10 08:30-12:00, 14:00-17:30``."""
    return "\n".join(f"{day.isoformat()} {format_hours(hours)}" for day, hours in sorted(days.items()))


def parse_days(text: str, field: str = "days") -> dict[date, Hours]:
    """The reverse; empty lines count for nothing.

    Raises:
        InvalidError: a line that is none, a day given twice, too many days.
    """
    days: dict[date, Hours] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        first, *rest = line.strip().split(maxsplit=1)
        day = parse_day(first, number, field)
        if day in days:
            raise InvalidError(_("Line %(line)s: this day is there twice.", line=number), field)
        days[day] = parse_hours(rest[0] if rest else "", field, number)
        if len(days) > MAX_DAYS:
            raise InvalidError(_("More than %(count)s single days.", count=MAX_DAYS), field)
    return days


def parse_day(text: str, line: int, field: str) -> date:
    """A date like 2026-10-01, for a line of a text or a file."""
    plain = text.translate(_WIDE).strip()
    try:
        day = date.fromisoformat(plain)
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise InvalidError(
            _("Line %(line)s: %(text)s is no date like 2026-10-01.", line=line, text=text[:40]), field
        )
    return day
