"""What the scheduler calls."""

from __future__ import annotations

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.core.sentences import N_
from servicedesk.inspections.retention import queries, service

ACTOR = Actor.system(N_("scheduler"))
MOST_BATCHES = 100  # of one call, so that it ends long before the next one comes


def sweep() -> int:
    """Periodic: remove what policies let go. Returns how many batches that were."""
    now, blobs, batches = utcnow(), runtime().blobs, 0
    with unit_of_work():
        clients = [number for number, _policy in queries.policies()]
    for client_id in clients:
        while batches < MOST_BATCHES:
            with unit_of_work():
                # Read anew each time: whoever settles a longer time meanwhile is obeyed.
                policy = dict(queries.policies()).get(client_id)
                removal = service.begin_next(client_id, policy, now=now) if policy is not None else None
                removal_id = removal.id if removal is not None else None
            if removal_id is None:
                break
            with unit_of_work():
                service.remove_batch(removal_id, blobs, actor=ACTOR, now=now)
            batches += 1
    return batches
