"""What the scheduler calls."""

from __future__ import annotations

from servicedesk.approvals import sweeping
from servicedesk.core.clock import utcnow
from servicedesk.core.db import unit_of_work

BATCH = 200


def sweep() -> int:
    """Periodic: reminders, escalations and lost seats. A transaction for each chain, so locks are short."""
    now = utcnow()
    looked_at = 0
    while True:
        with unit_of_work():
            ids = sweeping.due_chains(now, BATCH)
        for chain_id in ids:
            with unit_of_work():
                looked_at += sweeping.sweep_chain(chain_id, now)
        if len(ids) < BATCH:
            return looked_at
