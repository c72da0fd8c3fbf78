"""Runs nobody reported: begun by hand at a site or on a device, or by a schedule, once a slot."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.runbooks import jobs, rounds
from servicedesk.runbooks.definition import Runbook
from servicedesk.runbooks.models import RunbookRun, RunbookSchedule
from servicedesk.runbooks.rounds import ScheduleData
from servicedesk.staff.models import User
from servicedesk.tickets.models import Ticket
from tests.servicedesk.conftest import Queries
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

ZONE = ZoneInfo("Asia/Shanghai")


def data(world: World, **values: object) -> ScheduleData:
    site = world.sites["north-1"].id
    made = ScheduleData("every-kind", site, None, "week", 1, "12345", "08:30", date(2026, 11, 1))
    return replace(made, **values)  # type: ignore[arg-type]  # one field or two at a time


def planned(world: World, **values: object) -> RunbookSchedule:
    with unit_of_work():
        return rounds.save(None, data(world, **values), actor=world.actor("sam"), now=world.now)


def local(schedule: RunbookSchedule, after: datetime) -> str:
    slot = rounds.next_due(schedule, ZONE, after)
    return "" if slot is None else f"{slot.astimezone(ZONE):%Y-%m-%d %H:%M}"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("values", "after", "wanted"),
    [
        ({}, "2026-11-24 08:30", "2026-11-25 08:30"),
        ({}, "2026-11-27 09:00", "2026-11-30 08:30"),  # a Friday
        ({"weekdays": "7"}, "2026-11-24 09:00", "2026-11-29 08:30"),
        ({"starts_on": date(2027, 3, 1)}, "2026-11-24 09:00", "2027-03-01 08:30"),
        ({"unit": "day", "every": 3}, "2026-11-24 09:00", "2026-11-25 08:30"),
        ({"unit": "day", "every": 1}, "2026-11-24 08:29", "2026-11-24 08:30"),
        ({"unit": "day", "starts_on": date(2026, 12, 1)}, "2026-11-24 09:00", "2026-12-01 08:30"),
        ({"unit": "month", "starts_on": date(2026, 8, 31)}, "2026-11-24 09:00", "2026-11-30 08:30"),
        ({"unit": "month", "starts_on": date(2026, 8, 31)}, "2027-01-31 09:00", "2027-02-28 08:30"),
        (
            {"unit": "month", "every": 6, "starts_on": date(2026, 6, 15)},
            "2026-11-24 09:00",
            "2026-12-15 08:30",
        ),
    ],
)
def test_the_next_slot(values: dict[str, object], after: str, wanted: str) -> None:
    rhythm: dict[str, object] = {"unit": "week", "every": 1, "weekdays": "12345", "at": "08:30"}
    schedule = RunbookSchedule(**{**rhythm, "starts_on": date(2026, 11, 1), **values})
    assert local(schedule, at(after)) == wanted


def test_a_round_by_hand_makes_a_ticket_and_begins(any_world: World, every_kind: Runbook) -> None:
    world, emma = any_world, any_world.actor("emma")
    device = world.device("srv")
    with unit_of_work():
        run = rounds.begin(every_kind, world.sites["north-1"], device, actor=emma, now=world.now)
    fresh()
    ticket = run.ticket
    assert (ticket.category, ticket.title) == ("general", "One step of every kind · srv")
    assert (run.device_id, run.owner_id, ticket.assignee_id) == (device.id, emma.user_id, emma.user_id)
    assert (ticket.site_id, ticket.source) == (world.sites["north-1"].id, "round")


def test_nobody_begins_a_round_where_they_do_not_work(world: World, every_kind: Runbook) -> None:
    device = world.device("srv", "north-2")
    for who, site, on in (("stan", "north-1", None), ("rita", "north-1", None), ("erik", "north-2", None)):
        with pytest.raises(NotAllowedError), unit_of_work():
            rounds.begin(every_kind, world.sites[site], on, actor=world.actor(who), now=world.now)
    with pytest.raises(InvalidError), unit_of_work():
        rounds.begin(every_kind, world.sites["north-1"], device, actor=world.actor("emma"), now=world.now)
    fresh()
    assert db.session.query(Ticket).count() == 0


def test_a_slot_begins_one_run_and_gives_it_to_its_person(
    any_world: World, every_kind: Runbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = any_world
    schedule = planned(world, assignee_id=world.users["emma"].id)
    assert local(schedule, world.now) == "2026-11-25 08:30"
    monkeypatch.setattr(jobs, "utcnow", lambda: world.now)
    assert jobs.open_due() == 0
    monkeypatch.setattr(jobs, "utcnow", lambda: at("2026-11-25 08:31"))
    assert (jobs.open_due(), jobs.open_due()) == (1, 0)
    fresh()
    run = db.session.query(RunbookRun).one()
    assert (run.owner_id, run.ticket.assignee_id) == (world.users["emma"].id,) * 2
    monkeypatch.setattr(jobs, "utcnow", lambda: at("2026-12-09 10:00"))  # two weeks nothing ran
    assert (jobs.open_due(), jobs.open_due()) == (1, 0)
    fresh()
    assert schedule.next_at == at("2026-12-10 08:30")


def test_one_that_cannot_be_begun_says_why_and_keeps_no_other_waiting(
    world: World, every_kind: Runbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, left, good = planned(world), planned(world, assignee_id=world.users["emma"].id), planned(world)
    with unit_of_work():
        db.session.get_one(RunbookSchedule, gone.id).key = "no-such"
        db.session.get_one(User, world.users["emma"].id).active = False
    monkeypatch.setattr(jobs, "utcnow", lambda: at("2026-11-25 08:31"))
    assert jobs.open_due() == 2
    fresh()
    assert gone.problem.startswith("The runbook or the device")
    assert left.problem.startswith("The person no longer works")
    assert (good.problem, gone.next_at) == ("", good.next_at)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("key", {"key": "no-such"}),
        ("device_id", {"device_id": 999}),
        ("every", {"unit": "day", "every": 0}),
        ("every", {"unit": "year"}),
        ("weekdays", {"weekdays": ""}),
        ("at", {"at": "25:00"}),
        ("at", {"at": "8:30"}),
        ("at", {"at": "08:30, 09:30"}),
    ],
)
def test_what_cannot_be_is_refused(
    world: World, every_kind: Runbook, field: str, values: dict[str, object]
) -> None:
    with pytest.raises(InvalidError) as refused:
        planned(world, **values)
    assert refused.value.field == field
    with pytest.raises(InvalidError):
        planned(world, assignee_id=world.users["rolf"].id)


def test_who_plans_and_who_sees(world: World, every_kind: Runbook) -> None:
    for who in ("emma", "rita", "stan"):
        with pytest.raises(NotAllowedError), unit_of_work():
            rounds.save(None, data(world), actor=world.actor(who), now=world.now)
    schedule = planned(world)
    assert rounds.get(schedule.id, world.actor("erik")).id == schedule.id
    for who in ("stan", "rita"):
        with pytest.raises(NotFoundError):
            rounds.get(schedule.id, world.actor(who))
    assert rounds.open_slot(schedule.id, actor=SYSTEM, now=world.now - timedelta(days=9)) is None


def test_in_the_browser(app: Flask, world: World, every_kind: Runbook, queries: Queries) -> None:
    sam, emma, stan = (Browser(app, who) for who in ("sam", "emma", "stan"))
    site = world.sites["north-1"].id
    fields = {"key": "every-kind", "site_id": site, "unit": "day", "every": 2, "at": "07:15", "active": "1"}
    new = "/runbooks/schedules/new"
    assert sam.post(new, **{**fields, "at": "x"}, starts_on="2026-11-01").status_code == 422
    assert sam.post(new, **fields, starts_on="2026-11-01").status_code == 302
    counts = []
    for more in (0, 6):
        for _number in range(more):
            planned(world)
        with queries:
            page = emma.get("/runbooks/schedules/").text
        counts.append(queries.count)
        queries.statements.clear()
    assert counts[0] == counts[1]
    assert "every 2 days" in page
    assert "One step of every kind" in page
    assert emma.get(new).status_code == stan.get("/runbooks/schedules/1/edit").status_code == 404
    assert sam.get("/runbooks/schedules/1/edit").status_code == 200
    begun = emma.post("/runbooks/every-kind/round", site_id=site, device_id="")
    assert "One step of every kind" in emma.get(begun.headers["Location"]).text
    for who in ("stan", "rita"):
        assert Browser(app, who).post("/runbooks/every-kind/round", site_id=site).status_code == 404
