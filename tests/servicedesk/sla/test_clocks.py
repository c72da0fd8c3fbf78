"""Clocks of tickets, on both databases: what starts, pauses, meets and breaches them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError
from servicedesk.sla.calendar import WorkCalendar
from servicedesk.sla.ledger import GRACE_S
from servicedesk.sla.models import SlaClock, SlaSnapshot
from servicedesk.sla.policies import office_calendar, save_calendar
from servicedesk.sla.promises import PolicyData, save_policy
from servicedesk.sla.queries import clock_views
from servicedesk.tickets import jobs
from servicedesk.tickets.models import Ticket, TimelineEntry
from servicedesk.tickets.service import TransitionInput, comment, transition
from tests.servicedesk.conftest import Queries
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

REPORT = {"title": "Printer jams", "impact": "3", "urgency": "2"}


def clock(ticket: Ticket, kind: str = "restore") -> SlaClock:
    fresh()
    return db.session.scalars(
        sa.select(SlaClock).where(SlaClock.ticket_id == ticket.id, SlaClock.kind == kind)
    ).one()


def move(world: World, ticket: Ticket, name: str, who: str, after: timedelta, **given: object) -> datetime:
    """One arrow, so long after the world's now (09:00 on a Tuesday); SYSTEM when nobody is named."""
    actor = world.actor(who) if who else SYSTEM
    words = {"reason": "because", "resolution": "cleaned", "details": world.mended(), **given}
    with unit_of_work():
        transition(ticket, name, TransitionInput(**words), actor=actor, now=world.now + after)  # type: ignore[arg-type]
    return world.now + after


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def check(monkeypatch: pytest.MonkeyPatch, now: datetime) -> int:
    monkeypatch.setattr(jobs, "utcnow", lambda: now)
    return jobs.check_clocks()


def marks(ticket: Ticket) -> list[tuple[str, int]]:
    fresh()
    rows = db.session.scalars(
        sa.select(TimelineEntry)
        .where(TimelineEntry.ticket_id == ticket.id, TimelineEntry.kind == "sla")
        .order_by(TimelineEntry.id)
    )
    return [(row.data["clock"], row.data["mark"]) for row in rows if row.internal and "mark" in row.data]


def test_a_fault_gets_both_clocks_by_its_priority(any_world: World) -> None:
    ticket = any_world.ticket(site_id=any_world.sites["north-1"].id)  # P3: 2 h and 16 h of working time
    assert clock(ticket, "response").due_at == any_world.now + hours(2)
    # 09:00 on Tuesday: 6.5 h that day, 7 h on Wednesday, 2.5 h on Thursday
    assert clock(ticket).due_at == any_world.now + hours(48 + 2)
    assert clock(ticket).state == "running"


def test_a_critical_fault_does_not_wait_for_office_hours(any_world: World) -> None:
    ticket = any_world.ticket(impact=1, urgency=1)
    assert clock(ticket).due_at == any_world.now + hours(4)


def test_a_data_request_has_no_restore_time_and_waits_for_its_approval(any_world: World) -> None:
    details = {"purpose": "p", "scope": "s", "sensitivity": "public", "recipient": "r"}
    ticket = any_world.ticket(category="data_request", details=details)
    assert [view.kind for view in clock_views(ticket.id, any_world.now)] == ["response"]
    assert clock(ticket, "response").state == "paused"
    approved = move(any_world, ticket, "approve", "", hours(1))
    assert clock(ticket, "response").due_at == approved + hours(2)
    move(any_world, ticket, "start", "emma", hours(1.5))
    assert (clock(ticket, "response").state, clock(ticket, "response").elapsed_seconds) == ("met", 1800)


def test_waiting_for_the_requester_pauses_the_restore_time(any_world: World) -> None:
    ticket = any_world.ticket()
    move(any_world, ticket, "start", "emma", hours(0.5))
    move(any_world, ticket, "ask", "emma", hours(1))
    paused = clock(ticket)
    assert (paused.state, paused.due_at, paused.elapsed_seconds) == ("paused", None, 3600)
    move(any_world, ticket, "answer", "rita", hours(25))
    running = clock(ticket)
    assert (running.state, running.elapsed_seconds) == ("running", 3600)
    assert running.due_at is not None
    assert running.due_at == any_world.now + hours(48 + 24 + 2)  # the day it waited, later than before
    (view,) = [v for v in clock_views(ticket.id, any_world.now + hours(25)) if v.kind == "restore"]
    assert [(i.running, i.reason) for i in view.intervals] == [
        (True, "opened"), (False, "waiting"), (True, "continued"),
    ]  # fmt: skip


def test_assignment_by_an_inspection_is_no_reaction_but_a_persons_is(any_world: World) -> None:
    ticket = any_world.ticket()
    emma = any_world.users["emma"].id
    move(any_world, ticket, "assign", "", hours(0), assignee_id=emma)
    assert clock(ticket, "response").state == "running"
    at = move(any_world, ticket, "assign", "sam", hours(0.5), assignee_id=emma)
    assert (clock(ticket, "response").state, clock(ticket, "response").met_at) == ("met", at)


def test_comments_of_the_requester_and_internal_notes_are_no_reaction(any_world: World) -> None:
    ticket = any_world.ticket()
    for who, internal in (("rita", False), ("emma", True)):
        with unit_of_work():
            comment(ticket, "hello", internal=internal, actor=any_world.actor(who), now=any_world.now)
        assert clock(ticket, "response").state == "running"
    with unit_of_work():
        comment(ticket, "on my way", internal=False, actor=any_world.actor("emma"), now=any_world.now)
    assert clock(ticket, "response").state == "met"


def test_a_reopened_ticket_continues_where_it_stopped(any_world: World) -> None:
    ticket = any_world.ticket()
    move(any_world, ticket, "start", "emma", hours(1))
    move(any_world, ticket, "resolve", "emma", hours(2))
    assert (clock(ticket).state, clock(ticket).met_at) == ("met", any_world.now + hours(2))
    move(any_world, ticket, "reopen", "rita", hours(24))
    again = clock(ticket)
    assert (again.state, again.met_at, again.elapsed_seconds) == ("running", None, 7200)
    assert clock(ticket, "response").state == "met"


def test_a_reopening_at_the_last_minute_leaves_time_and_warns_anew(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = any_world.ticket(impact=1, urgency=1)
    move(any_world, ticket, "start", "emma", hours(0.1))
    last = timedelta(hours=3, minutes=59)
    assert check(monkeypatch, any_world.now + last) == 1
    move(any_world, ticket, "resolve", "emma", last)
    again = move(any_world, ticket, "reopen", "rita", hours(10))
    assert clock(ticket).due_at == again + timedelta(seconds=GRACE_S)
    assert check(monkeypatch, again) == 0
    assert check(monkeypatch, again + timedelta(seconds=GRACE_S)) == 1
    assert marks(ticket) == [("restore", 90), ("restore", 100)]


def test_a_cancelled_ticket_ends_its_clocks_unmet(any_world: World) -> None:
    ticket = any_world.ticket()
    move(any_world, ticket, "cancel", "rita", hours(1))
    assert (clock(ticket).state, clock(ticket, "response").state) == ("ended", "ended")
    assert clock(ticket).met_at is None


def test_marks_are_told_once_and_only_the_highest(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = any_world.ticket()
    assert check(monkeypatch, any_world.now + timedelta(minutes=80)) == 0
    assert check(monkeypatch, any_world.now + timedelta(minutes=91)) == 1
    assert check(monkeypatch, any_world.now + timedelta(minutes=92)) == 0
    assert check(monkeypatch, any_world.now + hours(20)) == 1
    assert check(monkeypatch, any_world.now + hours(21)) == 0
    assert marks(ticket) == [("response", 75), ("response", 100)]
    assert clock(ticket, "response").breached_at == any_world.now + hours(2)


def test_a_change_of_the_calendar_does_not_touch_running_clocks(any_world: World) -> None:
    north = any_world.organisations["north"].id
    made = {"client_id": north, "name": "Office", "actor": SYSTEM, "now": any_world.now}
    with unit_of_work():
        row = save_calendar(None, office_calendar("Asia/Shanghai"), **made)  # type: ignore[arg-type]
        save_policy(None, north, PolicyData(row.id, 60, 600), actor=SYSTEM, now=any_world.now)
    before = any_world.ticket()
    promised = clock(before).due_at
    with unit_of_work():
        save_calendar(row, WorkCalendar("Asia/Shanghai", always=True), **made)  # type: ignore[arg-type]
    after = any_world.ticket()
    move(any_world, before, "start", "emma", hours(0.5))
    move(any_world, before, "ask", "emma", hours(1))
    move(any_world, before, "answer", "rita", hours(1))
    assert clock(before).due_at == promised
    assert clock(after).due_at == any_world.now + hours(10)
    assert (clock(before).calendar_version, clock(after).calendar_version) == (1, 2)


def test_the_most_specific_policy_wins(any_world: World) -> None:
    north, site = any_world.organisations["north"].id, any_world.sites["north-1"].id
    always = WorkCalendar("Asia/Shanghai", always=True)
    with unit_of_work():
        row = save_calendar(None, always, client_id=north, name="All", actor=SYSTEM, now=any_world.now)
        for minutes, names in (
            (50, {"site_id": site, "category": "fault"}),
            (10, {}),
            (40, {"category": "fault", "priority": 3}),
            (30, {"site_id": site}),
            (20, {"priority": 3}),
        ):
            data = PolicyData(row.id, minutes, **names)  # type: ignore[arg-type]
            save_policy(None, north, data, actor=SYSTEM, now=any_world.now)

    def minutes_of(**values: object) -> float:
        return clock(any_world.ticket(**values), "response").target_seconds / 60  # type: ignore[arg-type]

    assert minutes_of(site_id=site) == 50
    assert minutes_of() == 40
    assert minutes_of(site_id=site, category="general") == 30
    assert minutes_of(category="general") == 20
    assert minutes_of(category="general", urgency=3) == 10
    assert minutes_of(who="rolf") == 120


def test_a_policy_that_cannot_be_kept_is_refused(world: World) -> None:
    north = world.organisations["north"].id
    little = WorkCalendar("UTC", (((0, 1),), (), (), (), (), (), ()))
    with unit_of_work():
        row = save_calendar(None, little, client_id=north, name="x", actor=SYSTEM, now=world.now)
    for client, minutes in ((north, 0), (north, 6000), (world.organisations["south"].id, 5)):
        with pytest.raises(InvalidError), unit_of_work():
            save_policy(None, client, PolicyData(row.id, minutes), actor=SYSTEM, now=world.now)


def test_tickets_by_the_same_calendar_share_its_copy(world: World) -> None:
    for _ in range(3):
        world.ticket()
    fresh()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SlaSnapshot)) == 1


def test_pages_say_what_is_due_and_why(app: Flask, world: World) -> None:
    ticket = world.ticket()
    move(world, ticket, "start", "emma", hours(1))
    page = Browser(app, "rita").get(f"/tickets/{ticket.id}").text
    for words in ("Response time", "Restore time", "16 hours", "of working time", "How the time was counted"):
        assert words in page
    page = Browser(app, "emma").get("/tickets/?queue=open").text
    assert ticket.number in page
    assert "Due" in page


def test_the_queue_of_overdue_tickets_holds_those_alone(app: Flask, world: World) -> None:
    late, fine = world.ticket(), world.ticket()
    with unit_of_work() as session:
        session.execute(sa.update(SlaClock).values(due_at=datetime.fromisoformat("2099-01-01T00:00:00Z")))
        past = datetime.fromisoformat("2020-01-01T00:00:00Z")
        session.execute(sa.update(SlaClock).where(SlaClock.ticket_id == late.id).values(due_at=past))
    browser = Browser(app, "emma")
    for queue in ("breached", "due_today"):
        page = browser.get(f"/tickets/?queue={queue}").text
        assert late.number in page
        assert fine.number not in page
    assert "Overdue" in page


def test_the_list_takes_as_many_queries_with_clocks_as_without(
    app: Flask, world: World, queries: Queries
) -> None:
    browser = Browser(app, "emma")
    world.ticket()
    browser.get("/tickets/")
    with queries:
        browser.get("/tickets/")
    few = queries.count
    for _ in range(20):
        world.ticket()
    with Queries() as many:
        browser.get("/tickets/")
    assert many.count == few
