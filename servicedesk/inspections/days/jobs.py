"""What the scheduler calls."""

from __future__ import annotations

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import unit_of_work
from servicedesk.core.sentences import N_
from servicedesk.inspections.days import notices, service

ACTOR = Actor.system(N_("scheduler"))


def ask() -> int:
    """Periodic: ask for explanations of days that are over. Returns for how many."""
    now = utcnow()
    with unit_of_work():
        asked = service.ask(now)
        for row in asked:
            notices.unexplained(row, actor=ACTOR, now=now)
    return len(asked)
