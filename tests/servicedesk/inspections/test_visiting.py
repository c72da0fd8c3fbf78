"""A batch of visits: one bad device delays and loses nothing of the others."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from collectors.model import Target, Visit
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.inspections import visiting
from servicedesk.inspections.models import InspectionRecord, InspectionRun
from servicedesk.inspections.runs import start_site
from servicedesk.inspections.visiting import Visiting, release_lost
from tests.servicedesk.inspections.play import OK, judged, visit_of
from tests.servicedesk.world import SYSTEM, World, fresh


def batch(world: World, count: int = 6) -> list[int]:
    for number in range(count):
        world.device(f"sw{number}", protocol="ssh")
    with unit_of_work():
        start_site(world.sites["north-1"], actor=SYSTEM, now=utcnow())
    return list(db.session.scalars(sa.select(InspectionRecord.id).order_by(InspectionRecord.id)))


def outcomes() -> dict[str, str]:
    fresh()
    return {r.device.name: r.outcome for r in db.session.scalars(sa.select(InspectionRecord))}


def worker(visitor: visiting.Visitor, deadline_s: float = 30.0) -> Visiting:
    return Visiting(runtime().keyring, runtime().blobs, threads=4, deadline_s=deadline_s, visitor=visitor)


def test_a_device_that_hangs_is_given_up_and_the_others_are_recorded_at_once(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visiting, "GRACE_S", 0.5)
    ended = threading.Event()
    finished: dict[str, float] = {}

    def visitor(target: Target) -> Visit:
        if target.name == "sw0":
            ended.wait(20)
        finished[target.name] = time.monotonic()
        return visit_of(target, [judged(OK)], at=utcnow())

    began = time.monotonic()
    assert worker(visitor, deadline_s=3.0).run(batch(any_world)) == 6
    ended.set()
    assert outcomes() == {"sw0": "timeout", **{f"sw{n}": "ok" for n in range(1, 6)}}
    assert all(at - began < 10 for name, at in finished.items() if name != "sw0")
    assert db.session.scalars(sa.select(InspectionRun)).one().state == "complete"


def test_a_fault_of_the_collector_itself_is_a_record_not_a_lost_device(world: World) -> None:
    def visitor(target: Target) -> Visit:
        if target.name == "sw2":
            raise ZeroDivisionError
        return visit_of(target, [judged(OK)], at=utcnow())

    assert worker(visitor).run(batch(world)) == 6
    assert outcomes()["sw2"] == "parse_failed"


def test_the_same_batch_twice_at_once_visits_every_device_once(any_world: World) -> None:
    from flask import current_app

    app = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy
    seen: list[str] = []

    def visitor(target: Target) -> Visit:
        seen.append(target.name)
        time.sleep(0.05)
        return visit_of(target, [judged(OK)], at=utcnow())

    ids = batch(any_world)

    def work() -> None:
        with app.app_context():
            worker(visitor).run(ids)
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(seen) == [f"sw{n}" for n in range(6)]
    assert set(outcomes().values()) == {"ok"}


def test_a_slow_device_keeps_its_lease(world: World) -> None:
    seen: list[object] = []

    def visitor(target: Target) -> Visit:
        time.sleep(3.0)
        return visit_of(target, [judged(OK)], at=utcnow())

    ids = batch(world, 1)
    slow = Visiting(
        runtime().keyring, runtime().blobs, visitor=visitor, deadline_s=30, lease=timedelta(seconds=2)
    )
    original = slow.extend_leases

    def spy() -> None:
        original()
        with unit_of_work():
            seen.append(release_lost(utcnow()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Visiting, "extend_leases", lambda self: spy())
        assert slow.run(ids) == 1
    assert seen
    assert set(seen) == {0}
