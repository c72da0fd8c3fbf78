"""What the scheduler calls."""

from __future__ import annotations

import logging

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.sentences import N_
from servicedesk.maintenance import opening

log = logging.getLogger(__name__)
ACTOR = Actor.system(N_("maintenance plan"))
BATCH = 100


def open_due() -> int:
    """Periodic: open the tickets whose day has come, each plan in a transaction of its own."""
    now, opened = utcnow(), 0
    for plan_id in opening.due_ids(now, BATCH):
        try:
            with unit_of_work():
                opened += len(opening.open_due(plan_id, actor=ACTOR, now=now))
        except DomainError as error:
            # One that cannot be opened must not keep the others waiting, nor be tried at every turn.
            log.warning("maintenance plan %d: %s", plan_id, error)
            with unit_of_work():
                opening.put_off(plan_id, str(error), now=now)
    return opened
