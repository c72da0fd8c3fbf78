"""Working time: which seconds between two moments count. Pure: no database, no clock of its own.

Moments are cut to whole seconds, so that the parts of a stretch always add up to the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY_MINUTES = 24 * 60
# Ten years without enough working time is a calendar nobody meant; searching on would not end.
HORIZON_DAYS = 3660

Hours = tuple[tuple[int, int], ...]  # minutes since local midnight, (from, to), to at most 1440


class CalendarError(ValueError):
    """A calendar that cannot be worked with; the sentence says what is wrong."""


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """When work is done.

    ``weekly`` holds seven days from Monday on; ``days`` replaces single dates: a holiday has no hours, a
    make-up working day has some. ``always`` counts every second and looks at nothing else.

    Raises:
        CalendarError: an unknown time zone, hours that overlap or leave the day, no working hours at all.
    """

    timezone: str
    weekly: tuple[Hours, ...] = ()
    days: Mapping[date, Hours] = field(default_factory=dict)
    always: bool = False

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise CalendarError(f"There is no time zone {self.timezone!r}.") from error
        if self.always:
            return
        if len(self.weekly) != 7:
            raise CalendarError("A week has seven days.")
        if not any(self.weekly):
            raise CalendarError("A calendar needs working hours on at least one day of the week.")
        for hours in (*self.weekly, *self.days.values()):
            _require_ordered(hours)

    def hours_on(self, day: date) -> Hours:
        """The day's working hours, local time."""
        if self.always:
            return ((0, DAY_MINUTES),)
        own = self.days.get(day)
        return self.weekly[day.weekday()] if own is None else own


def _require_ordered(hours: Hours) -> None:
    if any(not 0 <= start < end <= DAY_MINUTES for start, end in hours):
        raise CalendarError("Working hours begin before they end, within one day.")
    if any(before[1] > after[0] for before, after in pairwise(hours)):
        raise CalendarError("Working hours of a day follow each other without overlap.")


def working_seconds(calendar: WorkCalendar, start: datetime, end: datetime) -> int:
    """Working seconds from ``start`` to ``end``; 0 when the end is not after the start.

    Args:
        start, end: aware, of any zone.
    """
    begin, finish = _whole(start), _whole(end)
    if finish <= begin:
        return 0
    if calendar.always:
        return _seconds(finish - begin)
    total = 0
    for opens, closes in _stretches(calendar, begin):
        if opens >= finish:
            break
        total += _seconds(min(closes, finish) - opens)
    return total


def add_working(calendar: WorkCalendar, start: datetime, seconds: int) -> datetime:
    """The first moment by which ``seconds`` of working time have passed since ``start``; aware UTC.

    Raises:
        ValueError: negative ``seconds``.
        CalendarError: the calendar does not offer that much working time within ten years.
    """
    if seconds < 0:
        raise ValueError("working time cannot be negative")
    begin = _whole(start)
    if calendar.always or seconds == 0:
        return begin + timedelta(seconds=seconds)
    left = seconds
    for opens, closes in _stretches(calendar, begin):
        length = _seconds(closes - opens)
        if length >= left:
            return opens + timedelta(seconds=left)
        left -= length
    raise CalendarError("The calendar has too few working hours for this target.")


def _whole(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("naive datetime given to a calendar")
    return moment.astimezone(UTC).replace(microsecond=0)


def _seconds(length: timedelta) -> int:
    return length.days * 86400 + length.seconds


def _stretches(calendar: WorkCalendar, begin: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Working stretches after ``begin``, in order, none overlapping another; UTC."""
    zone = ZoneInfo(calendar.timezone)
    covered = begin
    # A day earlier: where clocks go back at midnight, yesterday's last hour reaches into today.
    first = begin.astimezone(zone).date() - timedelta(days=1)
    for number in range(HORIZON_DAYS):
        day = first + timedelta(days=number)
        for start_minute, end_minute in calendar.hours_on(day):
            # An hour that happens twice is worked twice: from its first beginning to its last end.
            opens = max(covered, _instant(zone, day, start_minute, fold=0))
            closes = _instant(zone, day, end_minute, fold=1)
            if closes > opens:
                covered = closes
                yield opens, closes


def _instant(zone: ZoneInfo, day: date, minute: int, *, fold: int) -> datetime:
    """A wall-clock time as UTC; one that the clocks skip is the moment they skip it."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    wall = (midnight + timedelta(minutes=minute)).replace(fold=fold)
    instant = wall.astimezone(UTC)
    before, after = wall.replace(fold=0).utcoffset(), wall.replace(fold=1).utcoffset()
    if before is None or after is None or before >= after:  # neither skipped nor doubtful, or happens twice
        return instant
    low, high = (wall.replace(fold=f, tzinfo=zone).astimezone(UTC) for f in (1, 0))
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def to_data(calendar: WorkCalendar) -> dict[str, Any]:
    """The calendar as JSON: hours as ``["08:30", "12:00"]``, dates as ``2026-10-01``."""
    return {
        "timezone": calendar.timezone,
        "always": calendar.always,
        "weekly": [hours_to_data(hours) for hours in calendar.weekly],
        "days": {day.isoformat(): hours_to_data(hours) for day, hours in sorted(calendar.days.items())},
    }


def from_data(data: Mapping[str, Any]) -> WorkCalendar:
    """The calendar written by ``to_data``.

    Raises:
        CalendarError: something in it is not of that form.
    """
    try:
        return WorkCalendar(
            timezone=str(data["timezone"]),
            weekly=tuple(hours_from_data(hours) for hours in data.get("weekly", ())),
            days={
                date.fromisoformat(day): hours_from_data(hours) for day, hours in data.get("days", {}).items()
            },
            always=bool(data.get("always", False)),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise CalendarError("The stored calendar is damaged.") from error


def hours_to_data(hours: Hours) -> list[list[str]]:
    """``[["08:30", "12:00"], …]``; the end of the day is 24:00."""
    return [[_clock(start), _clock(end)] for start, end in hours]


def hours_from_data(data: Any) -> Hours:
    """The reverse of ``hours_to_data``."""
    return tuple((_minutes(start), _minutes(end)) for start, end in data)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _minutes(text: str) -> int:
    hour, mark, minute = str(text).partition(":")
    if not (mark and hour.isdigit() and minute.isdigit() and int(minute) < 60):
        raise CalendarError(f"{text!r} is not a time of day.")
    return int(hour) * 60 + int(minute)
