"""A year's official calendar from a file: TOML as in ``data/cn.toml``, CSV ``date,kind,name``, or iCalendar.

Reading writes nothing. A bad file ends in one sentence that names its line.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _

from servicedesk.core.errors import InvalidError
from servicedesk.sla.texts import MAX_DAYS, YEARS, parse_day

FIELD = "file"
MAX_BYTES = 256 * 1024
HOLIDAY, MAKE_UP = "holiday", "make_up"
# Words of official files; the Chinese ones are "rest" and "work shift".
_KINDS = {
    "holiday": HOLIDAY,
    "off": HOLIDAY,
    "\u4f11": HOLIDAY,
    "make_up": MAKE_UP,
    "makeup": MAKE_UP,
    "work": MAKE_UP,
    "\u73ed": MAKE_UP,
}
_AT_LINE = re.compile(r"at line (\d+)")


@dataclass(frozen=True, slots=True)
class OfficialDay:
    """A day off, or a day of the weekend that is worked."""

    day: date
    kind: str
    name: str = ""


def read_official(name: str, content: bytes) -> list[OfficialDay]:
    """The days of a file, in order; what it is follows from its name's ending.

    Raises:
        InvalidError: not readable as what it says it is, a line that is wrong, a day given twice, no day.
    """
    if len(content) > MAX_BYTES:
        raise InvalidError(_("The file is too large for a calendar."), FIELD)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidError(
            _("The file is no text in UTF-8. Save it again in that encoding."), FIELD
        ) from None
    if "\x00" in text:
        raise InvalidError(_("The file is no text in UTF-8. Save it again in that encoding."), FIELD)
    readers = {"toml": _toml, "csv": _csv, "ics": _ics}
    reader = readers.get(name.rpartition(".")[2].lower())
    if reader is None:
        raise InvalidError(_("Give a file whose name ends in .toml, .csv or .ics."), FIELD)
    found: dict[date, OfficialDay] = {}
    for line, official in reader(text):
        if official.day in found:
            raise _wrong(line, _("%(day)s is there twice.", day=official.day.isoformat()))
        found[official.day] = official
        if len(found) > MAX_DAYS:
            raise InvalidError(_("More than %(count)s single days.", count=MAX_DAYS), FIELD)
    if not found:
        raise InvalidError(_("There is no day in this file."), FIELD)
    return [found[day] for day in sorted(found)]


def _wrong(line: int, what: str) -> InvalidError:
    return InvalidError(_("Line %(line)s: %(what)s", line=line, what=what), FIELD)


def _csv(text: str) -> Iterator[tuple[int, OfficialDay]]:
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if not any(cells) or cells[0].lower() == "date":
                continue
            day = parse_day(cells[0], reader.line_num, FIELD)
            kind = _KINDS.get(cells[1].lower()) if len(cells) > 1 else None
            if kind is None:
                raise _wrong(reader.line_num, _("the second column says holiday or work."))
            yield reader.line_num, OfficialDay(day, kind, cells[2][:100] if len(cells) > 2 else "")
    except csv.Error:
        raise _wrong(reader.line_num, _("this is no line of a CSV file.")) from None


def _toml(text: str) -> Iterator[tuple[int, OfficialDay]]:
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _AT_LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise _wrong(line, _("this is no TOML.")) from None
    years = data.get("year")
    if not isinstance(years, list) or not all(isinstance(year, dict) for year in years):
        raise InvalidError(_("The file has no [[year]] with holidays and make_up."), FIELD)
    for year in years:
        yield from _toml_year(year, text)


def _toml_year(year: dict[str, Any], text: str) -> Iterator[tuple[int, OfficialDay]]:
    holidays, make_up = year.get("holidays", []), year.get("make_up", [])
    if not isinstance(holidays, list) or not isinstance(make_up, list):
        raise InvalidError(_("The file has no [[year]] with holidays and make_up."), FIELD)
    for pair in holidays:
        if not isinstance(pair, list) or len(pair) != 2:
            raise _wrong(_line_of(text, pair), _("a holiday is a first and a last day."))
        first, last = (_toml_day(value, text) for value in pair)
        yield from _span(first, last, _line_of(text, pair[0]), HOLIDAY, "")
    for value in make_up:
        yield _line_of(text, value), OfficialDay(_toml_day(value, text), MAKE_UP)


def _toml_day(value: Any, text: str) -> date:
    return parse_day(str(value), _line_of(text, value), FIELD)


def _line_of(text: str, value: Any) -> int:
    """Where a value stands: TOML's parser forgets it."""
    at = text.find(str(value))
    return text.count("\n", 0, at) + 1 if at >= 0 else 1


def _span(first: date, last: date, line: int, kind: str, name: str) -> Iterator[tuple[int, OfficialDay]]:
    if not 0 <= (last - first).days <= 60:
        raise _wrong(line, _("the last day is before the first, or more than 60 days after it."))
    for number in range((last - first).days + 1):
        yield line, OfficialDay(first + timedelta(days=number), kind, name)


def _ics(text: str) -> Iterator[tuple[int, OfficialDay]]:
    """All-day events; one whose summary speaks of work is a make-up day (RFC 5545, 3.6.1)."""
    event: dict[str, str] | None = None
    for line, content in _unfolded(text):
        name, _mark, value = content.partition(":")
        key = name.partition(";")[0].upper()
        if (key, value.upper()) == ("BEGIN", "VEVENT"):
            event = {}
        elif (key, value.upper()) == ("END", "VEVENT"):
            if event is None or "DTSTART" not in event:
                raise _wrong(line, _("an event without a beginning."))
            yield from _event(event, line)
            event = None
        elif event is not None and key == "RRULE":
            raise _wrong(line, _("events that repeat are not read; give the days of the year."))
        elif event is not None:
            event[key] = value.strip()


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    lines: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line[:1] in (" ", "\t") and lines:
            lines[-1] = (lines[-1][0], lines[-1][1] + line[1:])
        elif line.strip():
            lines.append((number, line))
    return iter(lines)


def _event(event: dict[str, str], line: int) -> Iterator[tuple[int, OfficialDay]]:
    first = _ics_day(event["DTSTART"], line)
    last = _ics_day(event["DTEND"], line) - timedelta(days=1) if "DTEND" in event else first
    summary = event.get("SUMMARY", "")[:100]
    works = "\u73ed" in summary or "work" in summary.lower()
    yield from _span(first, max(first, last), line, MAKE_UP if works else HOLIDAY, summary)


def _ics_day(value: str, line: int) -> date:
    try:
        day = date.fromisoformat(f"{value[:4]}-{value[4:6]}-{value[6:8]}")
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise _wrong(line, _("an event whose day cannot be read."))
    return day
