"""The one place that asks what time it is."""

from __future__ import annotations

from datetime import UTC, datetime


def utcnow() -> datetime:
    """Aware UTC now. Boundaries (views, jobs, commands) call it; services are given the time."""
    return datetime.now(UTC)
