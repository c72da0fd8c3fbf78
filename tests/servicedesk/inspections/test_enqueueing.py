"""Visits on their way to the queue: once, and again only when they were lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from servicedesk.config import Settings
from servicedesk.core.db import unit_of_work
from servicedesk.inspections import jobs
from servicedesk.inspections.runs import start_site
from tests.servicedesk.world import SYSTEM, World

LONG = timedelta(minutes=5)


class FakeQueues:
    """Remembers what was enqueued; ``waiting`` jobs of every site wait for a place."""

    def __init__(self) -> None:
        self.waiting = 0
        self.batches: list[list[int]] = []

    def enqueue_visits(self, batches: Sequence[list[int]], *, rate_key: str, concurrency: int) -> None:
        self.batches += batches

    def waiting_visits(self, rate_key: str) -> int:
        return self.waiting


@pytest.fixture
def queues(monkeypatch: pytest.MonkeyPatch) -> FakeQueues:
    fake = FakeQueues()
    monkeypatch.setattr(jobs.Queues, "connect", lambda _settings: fake)
    return fake


def test_a_process_visits_the_devices_of_a_job_at_once() -> None:
    assert Settings().collect_threads == jobs.BATCH


def test_waiting_visits_are_enqueued_once_while_their_site_has_jobs(
    any_world: World, queues: FakeQueues
) -> None:
    devices = [any_world.device(name=f"server{number}", protocol="ssh") for number in range(30)]
    with unit_of_work():
        start_site(devices[0].site, actor=SYSTEM, now=any_world.now)
    assert jobs.enqueue_waiting(any_world.now) == 30
    assert [len(batch) for batch in queues.batches] == [jobs.BATCH, 30 - jobs.BATCH]
    queues.waiting = 1
    assert jobs.enqueue_waiting(any_world.now + LONG) == 0, "their turn has not come"
    queues.waiting = 0
    assert jobs.enqueue_waiting(any_world.now + LONG) == 30, "nobody has them any more"
    assert jobs.enqueue_waiting(any_world.now + LONG) == 0
