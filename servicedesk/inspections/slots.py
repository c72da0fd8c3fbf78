"""When a plan is due: pure functions on the site's wall clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def parse_times(text: str) -> tuple[time, ...]:
    """Read "08:30, 14:00" (any of , ; 、 ， or blanks between), sorted, without doubles.

    Raises:
        ValueError: a part is no time of day, or there is none at all.
    """
    parts = [part for part in re.split(r"[\s,;，；、]+", text.strip()) if part]
    for part in parts:
        if not _TIME.fullmatch(part):
            raise ValueError(part)
    if not parts:
        raise ValueError(text)
    return tuple(sorted({time.fromisoformat(part) for part in parts}))


def slots_between(
    times: tuple[time, ...],
    weekdays: str,
    zone: ZoneInfo,
    after: datetime,
    until: datetime,
    works: Callable[[date], bool] | None = None,
) -> Iterator[datetime]:
    """Due instants in UTC with ``after`` < slot ≤ ``until``, in order.

    Args:
        works: which days count, instead of the weekdays.

    A time the clocks skip in spring falls on the instant after the gap (PEP 495, fold=0 offsets); one
    they repeat in autumn counts once, at its first occurrence.
    """
    day: date = after.astimezone(zone).date() - timedelta(days=1)
    last: date = until.astimezone(zone).date()
    while day <= last:
        if works(day) if works is not None else str(day.isoweekday()) in weekdays:
            for at in times:
                slot = datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
                if after < slot <= until:
                    yield slot
        day += timedelta(days=1)


def next_slot(
    times: tuple[time, ...],
    weekdays: str,
    zone: ZoneInfo,
    after: datetime,
    works: Callable[[date], bool] | None = None,
) -> datetime | None:
    """The first slot after ``after``, within 8 days, by a calendar with its long holidays within 30."""
    days = 8 if works is None else 30
    return next(slots_between(times, weekdays, zone, after, after + timedelta(days=days), works), None)
