"""Who is on duty when: pure functions of a team's entries. Times of day are those of the team's clock."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

DAY = 24 * 60  # minutes
_SPAN = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*[-\u2013\u2014~]\s*([0-9]{1,2}):([0-9]{2})")


class Shift(Protocol):
    """An entry of the roster, see ``models.Duty``."""

    @property
    def user_id(self) -> int | None: ...
    @property
    def weekday(self) -> int | None: ...
    @property
    def day(self) -> date | None: ...
    @property
    def from_minute(self) -> int: ...
    @property
    def until_minute(self) -> int: ...


S = TypeVar("S", bound=Shift)


def shifts_on(shifts: Iterable[S], day: date) -> list[S]:
    """The entries that hold for a day, by their beginning: its own where there are any, else the weekly."""
    found = list(shifts)
    single = [one for one in found if one.day == day]
    holding = single or [one for one in found if one.day is None and one.weekday == day.weekday()]
    return sorted(holding, key=lambda one: (one.from_minute, one.until_minute, one.user_id or 0))


def on_duty(shifts: Iterable[Shift], at: datetime, zone: ZoneInfo) -> list[int]:
    """Account numbers of those on duty at a moment, each once; a night belongs to the day it began."""
    found = list(shifts)
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    today, yesterday = local.date(), local.date() - timedelta(days=1)
    present = [
        one.user_id
        for day, now_minute in ((today, minute), (yesterday, minute + DAY))
        for one in shifts_on(found, day)
        if one.from_minute <= now_minute < one.until_minute and one.user_id is not None
    ]
    return list(dict.fromkeys(present))


def parse_span(text: str) -> tuple[int, int] | None:
    """``08:30-17:30`` as minutes from midnight; ``18:00-08:00`` ends on the next day. None for anything else.

    Digits and signs of Chinese keyboards are taken too.
    """
    match = _SPAN.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None
    from_hour, from_minute, until_hour, until_minute = map(int, match.groups())
    start, end = from_hour * 60 + from_minute, until_hour * 60 + until_minute
    if from_minute > 59 or until_minute > 59 or start >= DAY or end > DAY:
        return None
    return start, end if end > start else end + DAY


def format_span(start: int, end: int) -> str:
    """The reverse of ``parse_span``."""
    end = end - DAY if end > DAY else end
    return f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
