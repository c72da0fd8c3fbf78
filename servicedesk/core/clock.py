"""The one place that asks what time it is."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def utcnow() -> datetime:
    """Aware UTC now. Boundaries (views, jobs, commands) call it; services are given the time."""
    return datetime.now(UTC)


def parse_time(text: str, zone: ZoneInfo) -> datetime:
    """What a date-and-time field sends, read in a zone; aware UTC.

    Raises:
        ValueError: no such moment.
    """
    moment = datetime.fromisoformat(text.strip().replace(" ", "T")[:16])
    if not 1970 < moment.year < 2200:
        raise ValueError("out of range")
    return moment.replace(tzinfo=zone).astimezone(UTC)
