"""History judged again in the browser: counted, listed, exported, and nothing rewritten."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from redis import RedisError

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.queues import Queues
from servicedesk.core.runtime import runtime
from servicedesk.inspections import signing
from servicedesk.inspections.models import InspectionRecord, InspectionRun, Reading
from servicedesk.inspections.whatif import jobs, service
from servicedesk.inspections.whatif.models import RejudgedItem, Rejudging
from tests.servicedesk.conftest import Queries
from tests.servicedesk.inspections.test_rejudging import define, visited
from tests.servicedesk.world import Browser, World, fresh

DAYS = (date(2026, 11, 20), date(2026, 11, 25))
EVIL = "<script>alert(1)</script>"


def ask(
    world: World, who: str = "sam", device: int | None = None, days: tuple[date, date] = DAYS
) -> Rejudging:
    with unit_of_work():
        made = service.order(
            world.sites["north-1"], device, days, EVIL, actor=world.actor(who), now=world.now
        )
    fresh()
    return made


def work(world: World, asked: Rejudging, who: str = "sam") -> bool:
    number = asked.id
    fresh()
    done = service.work(number, actor=world.actor(who), blobs=runtime().blobs, now=world.now)
    fresh()
    return done


@pytest.fixture
def stricter(any_world: World) -> InspectionRun:
    """A visit that read 31 °C as normal, signed; since then 30 °C is critical."""
    found = define(any_world, 40)
    run = visited(any_world, any_world.device(protocol="snmp"))
    with unit_of_work():
        signing.sign(run, note="", actor=any_world.actor("erik"), now=any_world.now)
    define(any_world, 30, found)
    fresh()
    return run


def test_what_would_change_is_listed_and_nothing_is_changed(
    any_world: World, stricter: InspectionRun
) -> None:
    before = db.session.execute(sa.select(Reading.outcome, Reading.value)).all()
    asked = ask(any_world)
    assert work(any_world, asked)
    assert (asked.state, asked.total, asked.done, asked.changed, asked.problems) == ("done", 1, 1, 1, 0)
    (row,) = db.session.scalars(sa.select(RejudgedItem).where(RejudgedItem.kind == "changed"))
    assert (row.old, row.new, row.old_value, row.new_value) == ("ok", "critical", 31.0, 31.0)
    assert db.session.execute(sa.select(Reading.outcome, Reading.value)).all() == before
    assert signing.content_hash(stricter) == stricter.content_hash


def test_answered_twice_changes_nothing_and_interrupted_begins_again(
    any_world: World, stricter: InspectionRun
) -> None:
    asked = ask(any_world)
    assert work(any_world, asked)
    assert not work(any_world, asked)
    with unit_of_work():
        asked.state = "running"
    assert work(any_world, asked)
    assert (asked.changed, db.session.scalar(sa.select(sa.func.count()).select_from(RejudgedItem))) == (1, 1)
    assert stricter.reviewed_at is None


def test_days_are_those_of_the_site(any_world: World, stricter: InspectionRun) -> None:
    day = stricter.day
    for days, total in (((day, day), 1), ((day - timedelta(days=3), day - timedelta(days=1)), 0)):
        asked = ask(any_world, days=days)
        work(any_world, asked)
        assert asked.total == total


def test_a_raw_answer_that_is_gone_is_told(any_world: World, stricter: InspectionRun) -> None:
    with unit_of_work() as session:
        session.execute(sa.update(InspectionRecord).values(transcript_sha256="0" * 64))
    asked = ask(any_world)
    work(any_world, asked)
    assert (asked.done, asked.problems, asked.changed) == (1, 1, 0)


def test_the_devices_concerned_are_inspected_once(any_world: World, stricter: InspectionRun) -> None:
    asked = ask(any_world)
    with pytest.raises(ConflictError), unit_of_work():
        service.inspect_again(asked, actor=any_world.actor("sam"), now=any_world.now)
    fresh()
    work(any_world, asked)
    with unit_of_work():
        run = service.inspect_again(asked, actor=any_world.actor("sam"), now=any_world.now)
    fresh()
    devices = db.session.scalars(
        sa.select(InspectionRecord.device_id).where(InspectionRecord.run_id == run.id)
    ).all()
    first = sa.select(InspectionRecord.device_id).where(InspectionRecord.run_id == stricter.id)
    assert devices == db.session.scalars(first).all()
    with pytest.raises(ConflictError), unit_of_work():
        service.inspect_again(asked, actor=any_world.actor("sam"), now=any_world.now)
    fresh()


@pytest.mark.parametrize("who", ["rita", "erik", "stan", "admin"])
def test_only_reviewers_of_the_site_ask(world: World, who: str) -> None:
    with pytest.raises(NotAllowedError):
        ask(world, who)


def test_no_endless_period_and_no_foreign_device(world: World) -> None:
    foreign = world.device("foreign", "south-1")
    for days in ((DAYS[1], DAYS[0]), (date(2024, 1, 1), date(2026, 1, 1))):
        with pytest.raises(InvalidError) as refused:
            ask(world, days=days)
        assert refused.value.field == "last"
    with pytest.raises(InvalidError):
        ask(world, device=foreign.id)


@pytest.fixture
def no_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object) -> None:
        raise RedisError("not there")

    monkeypatch.setattr(Queues, "queue", lost)


@pytest.mark.usefixtures("no_redis")
def test_asked_answered_and_exported_in_the_browser(app: Flask, world: World) -> None:
    found = define(world, 40)
    visited(world, world.device(protocol="snmp"))
    define(world, 30, found)
    browser, path = Browser(app, "sam"), "/inspections/judged-again"
    site = world.sites["north-1"].id
    fields = {"site_id": site, "first": "2026-11-20", "last": "2026-11-25", "occasion": EVIL}
    wrong = browser.post(f"{path}/", **{**fields, "first": "then", "last": "2026-02-30"})
    assert wrong.status_code == 422
    assert wrong.text.count("Write a day as 2026-11-24.") == 2
    answer = browser.post(f"{path}/", **fields)
    assert answer.status_code == 302
    fresh()
    number = db.session.scalars(sa.select(Rejudging.id)).one()
    assert "hx-get" in browser.get(f"{path}/{number}").text
    assert jobs.answer(number)
    page = browser.get(f"{path}/{number}").text
    assert EVIL not in page
    assert "another verdict" in page
    assert "the same value, other levels or rule" in page
    assert "hx-get" not in browser.get(f"{path}/{number}?poll=1").text
    assert "Critical" in browser.get(f"{path}/{number}/changes.csv").text
    assert "1 / 1" in browser.get(f"{path}/").text
    for who in ("erik", "rita", "stan"):
        other = Browser(app, who)
        assert other.get(f"{path}/{number}").status_code == 404
        assert other.get(f"{path}/{number}/changes.csv").status_code == 404
        assert other.post(f"{path}/{number}/inspect").status_code == 404
    assert Browser(app, "erik").get(f"{path}/").status_code == 404
    assert browser.post(f"{path}/{number}/inspect").status_code == 302


@pytest.mark.usefixtures("no_redis")
def test_another_client_s_site_cannot_be_chosen(app: Flask, world: World) -> None:
    fields = {"site_id": world.sites["south-1"].id, "first": "2026-11-20", "last": "2026-11-25"}
    assert Browser(app, "sam").post("/inspections/judged-again/", **fields).status_code == 422


def test_the_pages_take_as_many_queries_for_many(app: Flask, world: World) -> None:
    found = define(world, 40)
    visited(world, world.device(protocol="snmp"))
    define(world, 30, found)
    asked = ask(world)
    work(world, asked)
    browser, number = Browser(app, "sam"), asked.id
    paths = ("/inspections/judged-again/", f"/inspections/judged-again/{number}")
    counts = []
    for _round in range(2):
        for path in paths:
            browser.get(path)
        with Queries() as seen:
            for path in paths:
                browser.get(path)
        counts.append(seen.count)
        (row,) = db.session.execute(sa.select(RejudgedItem).limit(1)).scalars()
        values = {c.key: getattr(row, c.key) for c in sa.inspect(RejudgedItem).columns if c.key != "id"}
        with unit_of_work() as session:
            session.execute(sa.insert(RejudgedItem), [values] * 30)
        for _more in range(4):
            ask(world)
    assert counts[0] == counts[1]
