"""What workers do: answer the questions that wait. The database says which."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import replace

import sqlalchemy as sa
from redis import RedisError

from servicedesk.core.clock import utcnow
from servicedesk.core.db import db
from servicedesk.core.names import DEFAULT
from servicedesk.core.queues import RESULT_TTL_S, Queues
from servicedesk.core.runtime import runtime
from servicedesk.inspections.whatif import service
from servicedesk.inspections.whatif.models import Rejudging
from servicedesk.staff.actors import actor_for
from servicedesk.staff.models import User

log = logging.getLogger(__name__)
ANSWER = "servicedesk.inspections.whatif.jobs.answer"


def answer(rejudging_id: int) -> bool:
    """Worker job: answer a question; done twice it changes nothing the second time."""
    user_id = db.session.scalar(sa.select(Rejudging.ordered_by_id).where(Rejudging.id == rejudging_id))
    user = db.session.get(User, user_id) if user_id else None
    if user is None:
        return False
    now = utcnow()
    actor = replace(actor_for(user, today=now.date()), request_id=f"rejudging-{rejudging_id}")
    db.session.rollback()  # the work has transactions of its own
    return service.work(rejudging_id, actor=actor, blobs=runtime().blobs, now=now)


def _job_id(rejudging_id: int) -> str:
    return f"rejudging-{rejudging_id}"


def enqueue(rejudging_id: int) -> None:
    """Put a question on the queue; without Redis the sweep does it later."""
    with contextlib.suppress(RedisError, OSError):
        Queues.connect(runtime().settings).queue(DEFAULT).enqueue(
            ANSWER,
            rejudging_id,
            job_id=_job_id(rejudging_id),
            result_ttl=RESULT_TTL_S,
            failure_ttl=RESULT_TTL_S,
        )


def sweep() -> int:
    """Periodic: enqueue again the questions that wait and are in no queue. Returns how many wait."""
    ids = db.session.scalars(sa.select(Rejudging.id).where(Rejudging.state.in_(service.WAITING))).all()
    queue = Queues.connect(runtime().settings).queue(DEFAULT)
    for number in ids:
        job = queue.fetch_job(_job_id(number))
        if job is None or not (job.is_queued or job.is_started):
            log.warning("rejudging %d waits and is queued again", number)
            enqueue(number)
    return len(ids)
