"""When a message may go out: quiet hours and digests, in the reader's own time. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def time_of_day(text: str) -> time | None:
    """ "08:30"; None for anything else."""
    found = _CLOCK.fullmatch(text)
    return time(int(found[1]), int(found[2])) if found else None


def zone_named(*names: str) -> ZoneInfo:
    """The first of the names that is a time zone; UTC when none is."""
    for name in names:
        if name:
            try:
                return ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                continue
    return ZoneInfo("UTC")


def quiet_until(now: datetime, zone: ZoneInfo, quiet_from: str, quiet_to: str) -> datetime | None:
    """When the present quiet hours end; None outside of them.

    ``quiet_from`` 22:00 and ``quiet_to`` 07:00 span midnight; equal or missing times mean none.
    """
    begin, end = time_of_day(quiet_from), time_of_day(quiet_to)
    if begin is None or end is None or begin == end:
        return None
    local = now.astimezone(zone)
    clock = local.time()
    inside = begin <= clock < end if begin < end else clock >= begin or clock < end
    return _next(local, end, zone) if inside else None


def next_digest(now: datetime, zone: ZoneInfo, digest_at: str) -> datetime:
    """The next time of the daily digest, strictly after ``now``."""
    return _next(now.astimezone(zone), time_of_day(digest_at) or time(8, 30), zone)


def _next(local: datetime, clock: time, zone: ZoneInfo) -> datetime:
    day = local.date() if clock > local.time() else local.date() + timedelta(days=1)
    return datetime.combine(day, clock, zone).astimezone(UTC)
