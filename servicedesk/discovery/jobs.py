"""What workers and the scheduler call. The database says what is to be done."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from redis import RedisError

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import unit_of_work
from servicedesk.core.names import COLLECT
from servicedesk.core.queues import RESULT_TTL_S, Queues
from servicedesk.core.runtime import runtime
from servicedesk.core.sentences import N_
from servicedesk.discovery import keeping
from servicedesk.discovery.models import Sweep, SweepChunk
from servicedesk.discovery.service import UNDER_WAY
from servicedesk.discovery.sweeping import carry_on

ACTOR = Actor.system(N_("scheduler"))
MOST_BATCHES = 200  # of one call, so that it ends long before the next one comes
CARRY_ON = "servicedesk.discovery.jobs.carry_on_sweep"
LOST_AFTER = timedelta(seconds=90)  # enqueued, and no worker has been at it for so long


def carry_on_sweep(sweep_id: int) -> bool:
    """Worker job: ask some of a sweep's addresses, and queue up again for the rest."""
    more = carry_on(sweep_id, runtime().keyring)
    if more:
        enqueue(sweep_id)
    return more


def enqueue(sweep_id: int) -> None:
    """Put a sweep on the collecting queue, behind what waits there; without Redis it is done later."""
    try:
        queue = Queues.connect(runtime().settings).queue(COLLECT)
        queue.enqueue(CARRY_ON, sweep_id, result_ttl=RESULT_TTL_S, failure_ttl=RESULT_TTL_S)
    except RedisError:
        return
    with unit_of_work() as session:
        session.execute(sa.update(Sweep).where(Sweep.id == sweep_id).values(enqueued_at=utcnow()))


def forget_old() -> int:
    """Periodic: remove hosts of old sweeps, a bounded batch at a time; how many batches that were."""
    now, batches = utcnow(), 0
    while batches < MOST_BATCHES:
        with unit_of_work():
            sweep_id = keeping.next_due(now)
            if sweep_id is None:
                break
            keeping.clear_batch(sweep_id, actor=ACTOR, now=now)
        batches += 1
    return batches


def sweep_lost() -> int:
    """Periodic: enqueue sweeps again that Redis lost or whose worker died; how many."""
    now = utcnow()
    busy = sa.exists().where(SweepChunk.sweep_id == Sweep.id, SweepChunk.lease_until > now)
    with unit_of_work() as session:
        waiting = session.scalars(
            sa.select(Sweep.id).where(
                Sweep.state.in_(UNDER_WAY),
                sa.or_(Sweep.enqueued_at.is_(None), Sweep.enqueued_at < now - LOST_AFTER),
                ~busy,
            )
        ).all()
    for sweep_id in waiting:
        enqueue(sweep_id)
    return len(waiting)
