"""What workers and the scheduler call. Jobs carry numbers only; the database is the truth."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import sqlalchemy as sa

from servicedesk.core.clock import utcnow
from servicedesk.core.db import unit_of_work
from servicedesk.core.names import DEFAULT
from servicedesk.core.queues import RESULT_TTL_S, Queues
from servicedesk.core.runtime import runtime
from servicedesk.notifications import sending, service
from servicedesk.notifications.models import WAITING, Delivery

log = logging.getLogger(__name__)
DELIVER_BATCH = "servicedesk.notifications.jobs.deliver_batch"
BATCH = 20
LOST_AFTER = timedelta(minutes=15)  # enqueued so long ago and still waiting: Redis lost it
KEEP_READ = timedelta(days=90)


def deliver_batch(delivery_ids: list[int]) -> int:
    """Worker job: send these; those that are done, or others' by now, are skipped. Returns how many."""
    here = runtime()
    return sum(
        sending.deliver(number, keyring=here.keyring, settings=here.settings, clock=utcnow)
        for number in delivery_ids
    )


def sweep() -> int:
    """Periodic: enqueue what is due; what a worker took with it is uncertain. Returns how many enqueued."""
    now = utcnow()
    with unit_of_work():
        lost = sending.release_lost(now)
        sending.make_digests(now)
    if lost:
        log.warning("%d messages may have been sent or not: see the delivery log", lost)
    return enqueue_waiting(now)


def enqueue_waiting(now: datetime) -> int:
    """Put due messages on the queue; enqueued after the commit, so that a job finds its rows."""
    with unit_of_work() as session:
        ids = list(
            session.scalars(
                sa.select(Delivery.id)
                .where(
                    Delivery.state == WAITING,
                    Delivery.not_before <= now,
                    sa.or_(Delivery.enqueued_at.is_(None), Delivery.enqueued_at < now - LOST_AFTER),
                )
                .order_by(Delivery.not_before, Delivery.id)
                .limit(1000)
            )
        )
        if ids:
            session.execute(sa.update(Delivery).where(Delivery.id.in_(ids)).values(enqueued_at=now))
    queue = Queues.connect(runtime().settings).queue(DEFAULT) if ids else None
    for start in range(0, len(ids), BATCH):
        if queue is not None:
            queue.enqueue(
                DELIVER_BATCH,
                ids[start : start + BATCH],
                result_ttl=RESULT_TTL_S,
                failure_ttl=RESULT_TTL_S,
            )
    return len(ids)


def forget_old() -> int:
    """Periodic: read notifications of long ago. Returns how many."""
    with unit_of_work():
        return service.forget_old(utcnow(), keep=KEEP_READ)
