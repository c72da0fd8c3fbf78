"""What happens to improvements by itself."""

from __future__ import annotations

import logging

from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError
from servicedesk.reports.improvement import ticketing, verifying

log = logging.getLogger(__name__)


def sweep() -> int:
    """Periodic: items follow their tickets. Returns how many moved."""
    with unit_of_work():
        return ticketing.follow(now=utcnow())


def verify() -> int:
    """Periodic: later records verify what is done. Returns how many items they decided."""
    decided = 0
    for item_id in verifying.waiting():
        try:
            with unit_of_work():
                decided += verifying.settle(item_id, now=utcnow())
        except ConflictError:
            log.info("improvement %d was decided meanwhile", item_id)
    db.session.rollback()
    return decided
