"""What happens to improvements by itself."""

from __future__ import annotations

from servicedesk.core.clock import utcnow
from servicedesk.core.db import unit_of_work
from servicedesk.reports.improvement import ticketing


def sweep() -> int:
    """Periodic: items follow their tickets. Returns how many moved."""
    with unit_of_work():
        return ticketing.follow(now=utcnow())
