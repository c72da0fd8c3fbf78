"""What the scheduler calls."""

from __future__ import annotations

import logging

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.sentences import N_
from servicedesk.runbooks import rounds

log = logging.getLogger(__name__)
ACTOR = Actor.system(N_("runbook schedule"))
BATCH = 200


def open_due() -> int:
    """Periodic: begin the runs whose slot has come, each in a transaction of its own. Returns how many."""
    now, begun = utcnow(), 0
    for schedule_id in rounds.due_ids(now, BATCH):
        try:
            with unit_of_work():
                begun += rounds.open_slot(schedule_id, actor=ACTOR, now=now) is not None
        except DomainError as error:
            # One that cannot be begun must not keep the others waiting, nor be tried every minute.
            log.warning("runbook schedule %d: %s", schedule_id, error)
            with unit_of_work():
                rounds.put_off(schedule_id, str(error), now=now)
    return begun
