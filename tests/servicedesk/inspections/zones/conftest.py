"""A zone with a site, a Redis of its own, and a worker that is played."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import current_app
from redis import Redis

from collectors.model import Transcript
from collectors.zone import names
from collectors.zone.errands import Answer, Beat, Errand, open_errand, seal_answer, seal_beat
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.queues import Queues
from servicedesk.core.runtime import Runtime, runtime
from servicedesk.inspections.zones import keys
from servicedesk.inspections.zones.models import Zone
from servicedesk.inspections.zones.service import save_zone
from tests.servicedesk.inspections.play import visit_of
from tests.servicedesk.world import SYSTEM, World
from tests.support.redis import RedisServer, running_redis


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


def use_redis(url: str, **values: object) -> None:
    """Let the present application use this Redis, and other settings."""
    here = runtime()
    settings = dataclasses.replace(here.settings, redis_url=url, **values)  # type: ignore[arg-type]
    current_app.extensions["servicedesk"] = Runtime(settings, here.keyring, here.blobs)


def make_zone(world: World, name: str = "branch", sites: tuple[str, ...] = ("north-1",)) -> Zone:
    with unit_of_work():
        return save_zone(
            None,
            name=name,
            note="",
            active=True,
            site_ids=[world.sites[one].id for one in sites],
            keyring=runtime().keyring,
            actor=SYSTEM,
            now=world.now,
        )


class PlayedWorker:
    """Does what a zone's worker does, step by step."""

    def __init__(self, zone: Zone, redis: Redis, name: str = "probe") -> None:
        self.zone_id, self.zone, self.name, self.redis = zone.id, zone.name, name, redis
        self.key = keys.keys_of(zone, runtime().keyring)[0]
        self.beats = 0

    def beat(
        self, state: str = "working", under_way: tuple[tuple[int, int], ...] = (), **values: int
    ) -> None:
        """A sign of life, newer than the last."""
        self.beats += 1
        at = utcnow() + timedelta(seconds=self.beats)
        beat = Beat(self.name, "1.2.3", at, state, under_way=under_way, **values)  # type: ignore[arg-type]
        self.redis.hset(names.beats_key(self.zone), self.name, seal_beat(beat, self.key))

    def take(self, now: datetime | None = None) -> list[Errand]:
        """Everything in the queue."""
        queue = Queues(self.redis).queue(names.queue_name(self.zone))
        sealed = [one for job in queue.jobs for one in job.args[0]]
        queue.empty()
        return [open_errand(one, self.key, now=now or utcnow()) for one in sealed]

    def deliver(self, errand: Errand, transcript: Transcript | None = None, *, reason: str = "") -> None:
        """Send an answer; without a transcript an errand given back when there is a reason."""
        if transcript is None and not reason:
            transcript = visit_of(errand.target, at=utcnow()).transcript
        answer = Answer(errand.record_id, errand.attempt, transcript, reason)
        self.send(seal_answer(answer, self.key))

    def send(self, sealed: str) -> None:
        self.redis.xadd(names.answers_key(self.zone), {"answer": sealed})

    @property
    def undelivered(self) -> int:
        return int(self.redis.xlen(names.answers_key(self.zone)))


Play = Callable[..., PlayedWorker]


@pytest.fixture
def play(redis_server: RedisServer, tmp_path: Path) -> Iterator[Play]:
    """``play(zone)``: a worker of the zone, in an empty Redis that the application uses too."""
    with closing(redis_server.connect()) as redis:
        redis.flushall()

        def one(zone: Zone, name: str = "probe") -> PlayedWorker:
            use_redis(redis_server.url)
            return PlayedWorker(zone, redis, name)

        yield one
        db.session.remove()
