"""Visits of a zone on their way out and back: each recorded once, whatever is lost, late or forged."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from flask import current_app
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from collectors.errors import SealError
from collectors.outcome import Outcome
from collectors.zone.errands import Answer, open_errand, seal_answer
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.queues import Queues
from servicedesk.core.runtime import runtime
from servicedesk.inspections import jobs as inspection_jobs
from servicedesk.inspections.models import InspectionRecord, InspectionRun, Reading
from servicedesk.inspections.runs import start_site
from servicedesk.inspections.visiting import release_lost
from servicedesk.inspections.zones import dispatching, jobs, receiving
from servicedesk.inspections.zones.models import ZoneSite, ZoneWorker
from servicedesk.inspections.zones.service import renew_key
from tests.servicedesk.inspections.play import visit_of
from tests.servicedesk.inspections.zones.conftest import Play, make_zone
from tests.servicedesk.world import SYSTEM, World, fresh

pytestmark = pytest.mark.redis


def begin(world: World, count: int = 1, site: str = "north-1", **values: object) -> InspectionRun:
    for number in range(count):
        world.device(f"sw{number}", site, protocol="ssh")
    with unit_of_work():
        run = start_site(world.sites[site], actor=SYSTEM, now=utcnow())
        for name, value in values.items():
            setattr(run, name, value)
    return run


def records() -> list[InspectionRecord]:
    fresh()
    return list(db.session.scalars(sa.select(InspectionRecord).order_by(InspectionRecord.id)))


def readings() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Reading)) or 0


def test_a_visit_goes_out_sealed_and_comes_back_once(any_world: World, play: Play) -> None:
    worker = play(make_zone(any_world))
    begin(any_world)
    assert inspection_jobs.enqueue_waiting(utcnow()) == 0, "the server does not go there itself"
    worker.beat()
    assert jobs.sweep() == 0
    job = Queues(worker.redis).queue("collect:branch").jobs[0]
    raw = b"".join(value for value in worker.redis.hgetall(job.key).values())
    assert b"inspect-me" not in raw
    assert b"127.0.0.1" not in raw
    [errand] = worker.take()
    assert errand.target.accesses[0].password == "inspect-me"  # type: ignore[union-attr]
    assert [(r.state, r.attempt) for r in records()] == [("running", 1)]

    worker.deliver(errand)
    worker.deliver(errand)
    assert jobs.sweep() == 1
    assert worker.undelivered == 0
    [record] = records()
    assert (record.state, record.outcome) == ("done", "ok")
    once = readings()
    assert once > 0
    worker.deliver(errand)
    assert jobs.sweep() == 0
    assert readings() == once
    assert db.session.scalars(sa.select(InspectionRun)).one().state == "complete"


def test_nothing_is_sent_where_nobody_works(world: World, play: Play) -> None:
    worker = play(make_zone(world))
    begin(world)
    jobs.sweep()
    worker.beat(state="full")
    jobs.sweep()
    assert worker.take() == []
    assert [(r.state, r.attempt) for r in records()] == [("queued", 0)]
    worker.beat()
    jobs.sweep()
    assert len(worker.take()) == 1


def test_a_sign_of_life_that_is_played_again_brings_nobody_back(world: World, play: Play) -> None:
    worker = play(make_zone(world))
    worker.beat()
    jobs.sweep()
    long_ago = utcnow() - timedelta(minutes=5)
    with unit_of_work():
        db.session.execute(sa.update(ZoneWorker).values(seen_at=long_ago))
    begin(world)
    jobs.sweep()
    assert worker.take() == []
    fresh()
    assert db.session.scalars(sa.select(ZoneWorker)).one().seen_at == long_ago


def test_visits_of_a_run_whose_time_is_over_say_that_nobody_came(any_world: World, play: Play) -> None:
    play(make_zone(any_world))
    begin(any_world, 2, ends_by=utcnow() - timedelta(minutes=1))
    jobs.sweep()
    assert {(r.state, r.outcome) for r in records()} == {("done", "not_inspected")}
    assert "branch" in records()[0].error
    assert db.session.scalars(sa.select(InspectionRun)).one().state == "complete"


def test_only_what_the_workers_can_soon_make_is_sent(
    world: World, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "OUT_PER_WORKER", 3)
    worker = play(make_zone(world))
    begin(world, 5)
    worker.beat()
    jobs.sweep()
    first = worker.take()
    assert len(first) == 3
    worker.beat()
    jobs.sweep()
    assert worker.take() == []
    worker.deliver(first[0])
    jobs.sweep()
    assert len(worker.take()) == 1


def test_a_late_answer_counts_while_nobody_was_sent_again(any_world: World, play: Play) -> None:
    """The link was away for longer than the lease; what was bought with a visit is not thrown away."""
    worker = play(make_zone(any_world))
    begin(any_world)
    worker.beat()
    jobs.sweep()
    [errand] = worker.take()
    with unit_of_work():
        assert release_lost(utcnow() + timedelta(hours=1)) == 1
    worker.beat(state="stopped")
    worker.deliver(errand)
    assert jobs.sweep() == 1
    assert [(r.state, r.attempt, r.outcome) for r in records()] == [("done", 1, "ok")]


def test_an_answer_of_an_attempt_that_was_made_again_changes_nothing(any_world: World, play: Play) -> None:
    worker = play(make_zone(any_world))
    begin(any_world)
    worker.beat()
    jobs.sweep()
    [old] = worker.take()
    with unit_of_work():
        release_lost(utcnow() + timedelta(hours=1))
        db.session.execute(sa.update(InspectionRecord).values(not_before=utcnow()))
    worker.beat()
    jobs.sweep()
    [new] = worker.take()
    assert (new.record_id, new.attempt) == (old.record_id, old.attempt + 1)
    worker.deliver(old)
    assert jobs.sweep() == 0
    assert records()[0].state == "running"
    worker.deliver(new)
    assert jobs.sweep() == 1


def test_a_device_that_is_tried_again_is_not_counted_twice_by_a_second_delivery(
    any_world: World, play: Play
) -> None:
    worker = play(make_zone(any_world))
    begin(any_world, retries=2, retry_gap_minutes=0, ends_by=utcnow() + timedelta(hours=1))
    worker.beat()
    jobs.sweep()
    [errand] = worker.take()
    silent = visit_of(errand.target, at=utcnow(), outcome=Outcome.UNREACHABLE, error="no answer").transcript
    worker.deliver(errand, silent)
    worker.deliver(errand, silent)
    jobs.sweep()
    [record] = records()
    assert len(record.attempts) == 1
    worker.deliver(errand, silent)
    worker.beat()
    jobs.sweep()
    assert len(records()[0].attempts) == 1
    [again] = worker.take()
    worker.deliver(again)
    assert jobs.sweep() == 1


def test_errands_given_back_are_sent_again_and_count_as_no_interruption(world: World, play: Play) -> None:
    worker = play(make_zone(world))
    begin(world)
    worker.beat()
    jobs.sweep()
    [errand] = worker.take()
    worker.deliver(errand, reason="the worker is being stopped")
    worker.beat(state="stopped")
    jobs.sweep()
    assert [(r.state, r.interruptions) for r in records()] == [("queued", 0)]
    worker.beat()
    jobs.sweep()
    assert worker.take()[0].attempt == 2


def test_signs_of_life_extend_the_leases_of_what_is_under_way_and_of_nothing_else(
    any_world: World, play: Play
) -> None:
    worker = play(make_zone(any_world))
    begin(any_world, 2)
    worker.beat()
    jobs.sweep()
    one, two = worker.take()
    with unit_of_work():
        db.session.execute(sa.update(InspectionRecord).values(lease_until=utcnow() - timedelta(seconds=1)))
    worker.beat(under_way=((one.record_id, one.attempt), (two.record_id, two.attempt + 1), (10**9, 1)))
    jobs.sweep()
    with unit_of_work():
        assert release_lost(utcnow()) == 1
    assert {r.id: r.state for r in records()} == {one.record_id: "running", two.record_id: "queued"}


def test_a_zone_cannot_answer_for_another_zone_nor_for_the_server(any_world: World, play: Play) -> None:
    worker = play(make_zone(any_world))
    other = play(make_zone(any_world, "other", ("south-1",)), "other")
    begin(any_world)
    worker.beat()
    jobs.sweep()
    [errand] = worker.take()
    transcript = visit_of(errand.target, at=utcnow()).transcript
    answer = Answer(errand.record_id, errand.attempt, transcript)
    other.send(seal_answer(answer, other.key))
    other.send(seal_answer(answer, worker.key))
    jobs.sweep()
    assert records()[0].state == "running"
    assert other.undelivered == 0
    with unit_of_work():  # the site is the server's again
        db.session.execute(sa.delete(ZoneSite))
    worker.deliver(errand)
    assert jobs.sweep() == 0
    assert records()[0].state == "running"


@pytest.mark.parametrize("rubbish", ["", "x" * 5000, "gAAAAAB", "\x00\x01", "中文"])
def test_rubbish_is_counted_and_holds_nothing_up(world: World, play: Play, rubbish: str) -> None:
    zone = make_zone(world)
    worker = play(zone)
    begin(world)
    worker.beat()
    jobs.sweep()
    [errand] = worker.take()
    worker.send(rubbish)
    worker.redis.hset("beats:branch", "evil", rubbish)
    worker.redis.hset("beats:branch", b"\xff\xfe", b"\xff" * 10)
    worker.deliver(errand)
    assert jobs.sweep() == 1
    fresh()
    assert zone.refused_count == 1
    assert [one.name for one in zone.workers] == ["probe"]


def test_an_answer_about_another_device_is_refused(world: World, play: Play) -> None:
    zone = make_zone(world)
    worker = play(zone)
    begin(world, 2)
    worker.beat()
    jobs.sweep()
    one, two = worker.take()
    worker.deliver(one, visit_of(two.target, at=utcnow()).transcript)
    jobs.sweep()
    fresh()
    assert zone.refused_count == 1
    assert {r.state for r in records()} == {"running"}


def test_an_answer_that_cannot_be_written_stays_and_the_others_pass_it(
    world: World, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = play(make_zone(world))
    begin(world, 2)
    worker.beat()
    jobs.sweep()
    one, two = worker.take()
    worker.deliver(one)
    worker.deliver(two)
    real = receiving.record_visit

    def failing(claim: object, *rest: object, **named: object) -> bool:
        if claim.record_id == one.record_id:  # type: ignore[attr-defined]
            raise sa.exc.OperationalError("the disk", {}, Exception("is full"))
        return real(claim, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(receiving, "record_visit", failing)
    assert jobs.sweep() == 1
    assert worker.undelivered == 1
    monkeypatch.setattr(receiving, "record_visit", real)
    assert jobs.sweep() == 1
    assert worker.undelivered == 0


def test_after_a_new_key_old_answers_are_taken_and_old_workers_are_not_heard(
    world: World, play: Play
) -> None:
    zone = make_zone(world)
    worker = play(zone)
    begin(world, 2)
    worker.beat()
    jobs.sweep()
    one, two = worker.take()
    worker.deliver(one)
    with unit_of_work():
        renew_key(zone, keyring=runtime().keyring, actor=SYSTEM, now=utcnow())
    worker.beat(under_way=((two.record_id, two.attempt),))
    assert jobs.sweep() == 1
    with unit_of_work():
        renew_key(zone, keyring=runtime().keyring, actor=SYSTEM, now=utcnow())
    worker.deliver(two)
    assert jobs.sweep() == 0, "that key is two keys old"
    fresh()
    assert zone.refused_count == 1


def test_an_errand_is_refused_when_its_time_is_over_or_its_key_another(world: World, play: Play) -> None:
    worker = play(make_zone(world))
    begin(world)
    worker.beat()
    jobs.sweep()
    sealed = Queues(worker.redis).queue("collect:branch").jobs[0].args[0][0]
    with pytest.raises(SealError):
        open_errand(sealed, Fernet.generate_key(), now=utcnow())
    lease = timedelta(seconds=runtime().settings.zone_lease_s)
    with pytest.raises(SealError, match="too old"):
        open_errand(sealed, worker.key, now=utcnow() + lease)
    assert open_errand(sealed, worker.key, now=utcnow()).target.name == "sw0"


def test_a_visit_queued_here_before_its_site_moved_is_not_made_from_here(world: World, play: Play) -> None:
    run = begin(world)
    record_id = db.session.scalars(
        sa.select(InspectionRecord.id).where(InspectionRecord.run_id == run.id)
    ).one()
    play(make_zone(world))
    assert inspection_jobs.visit_batch([record_id]) == 0
    assert records()[0].state == "queued"


def test_a_server_that_dies_after_recording_records_nothing_twice(
    any_world: World, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = play(make_zone(any_world))
    begin(any_world)
    worker.beat()
    jobs.sweep()
    [errand] = worker.take()
    worker.deliver(errand)

    def killed(*_: object) -> None:
        raise RedisConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(Redis, "xdel", killed)
        jobs.sweep()
    assert (records()[0].state, worker.undelivered) == ("done", 1)
    once = readings()
    assert jobs.sweep() == 0
    assert (readings(), worker.undelivered) == (once, 0)


def test_two_servers_at_once_record_each_answer_once(any_world: World, play: Play) -> None:
    application = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy
    worker = play(make_zone(any_world))
    begin(any_world, 6)
    worker.beat()
    jobs.sweep()
    for errand in worker.take():
        worker.deliver(errand)
        worker.deliver(errand)
    start = threading.Barrier(2)

    def server() -> int:
        with application.app_context():
            start.wait(10)
            return jobs.sweep()

    db.session.rollback()
    with ThreadPoolExecutor(2) as pool:
        recorded = [future.result(60) for future in [pool.submit(server) for _ in range(2)]]
    assert sum(recorded) == 6
    assert {r.state for r in records()} == {"done"}
    assert worker.undelivered == 0
    counted = db.session.execute(
        sa.select(Reading.record_id, Reading.item_id, sa.func.count()).group_by(
            Reading.record_id, Reading.item_id
        )
    )
    assert {row[2] for row in counted} == {1}
    assert db.session.scalars(sa.select(InspectionRun)).one().state == "complete"
