"""A change from its plan to its review; who else works on the same devices; blackouts and maintenance."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.equipment.models import Device
from servicedesk.equipment.relations import relate, related_device_ids, relations_of, unrelate
from servicedesk.tickets import belongings, change_calendar
from servicedesk.tickets.change_calendar import conflicts, free_slot, save_entry
from servicedesk.tickets.editing import edit_fields, editable_fields
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.risk import QUESTIONS
from servicedesk.tickets.service import TransitionInput, transition
from servicedesk.tickets.slots import Span
from tests.servicedesk.world import Browser, World

ZONE = ZoneInfo("Asia/Shanghai")
RISKS = {question.name: question.answers[0][0] for question in QUESTIONS}


def typed(moment: datetime) -> str:
    return moment.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")


def window(world: World, from_h: float, to_h: float) -> dict[str, str]:
    return {
        "window_start": typed(world.now + timedelta(hours=from_h)),
        "window_end": typed(world.now + timedelta(hours=to_h)),
    }


def change(world: World, device: Device, subtype: str = "normal") -> Ticket:
    details = {"subtype": subtype, "reason_for_change": "security fix", "urgency_reason": "exploited now"}
    return world.ticket("rita", "change", site_id=device.site_id, device_id=device.id, details=details)


def submit(world: World, ticket: Ticket, from_h: float, to_h: float, name: str = "submit") -> None:
    details = {**RISKS, "plan": "1. back up", "backout_plan": "restore", **window(world, from_h, to_h)}
    with unit_of_work():
        transition(ticket, name, TransitionInput(details=details), actor=world.actor("sam"), now=world.now)


def move(world: World, ticket: Ticket, name: str, who: str, hours: float = 0, **details: str) -> None:
    given = TransitionInput(reason="because", resolution="done", rating=5, details=details)
    with unit_of_work():
        transition(ticket, name, given, actor=world.actor(who), now=world.now + timedelta(hours=hours))


def test_a_change_is_planned_approved_carried_out_in_its_window_and_verified(any_world: World) -> None:
    world = any_world
    ticket = change(world, world.device("core-1"))
    submit(world, ticket, 10, 12)
    assert editable_fields(ticket, world.actor("sam")) == (), "what was approved stays as it was approved"
    world.decide(ticket, "carl")
    with pytest.raises(InvalidError, match="has not begun"):
        move(world, ticket, "start", "sam", 2)
    with pytest.raises(InvalidError, match="is over"):
        move(world, ticket, "start", "sam", 13)
    move(world, ticket, "start", "sam", 10)
    move(world, ticket, "implemented", "sam", 11, implementation="as planned", change_result="successful")
    move(world, ticket, "resolve", "sam", 11.5, verification="neighbours are back")
    move(world, ticket, "confirm", "rita", 20)
    assert ticket.state == "closed"


@pytest.mark.parametrize(("subtype", "result"), [("normal", "rolled_back"), ("emergency", "successful")])
def test_what_went_wrong_or_could_not_wait_is_reviewed_before_it_is_closed(
    world: World, subtype: str, result: str
) -> None:
    ticket = change(world, world.device("core-1"), subtype)
    submit(world, ticket, 0, 2)
    world.decide(ticket, "carl")
    move(world, ticket, "start", "sam", 0.5)
    move(world, ticket, "implemented", "sam", 1, implementation="stopped", change_result=result)
    move(world, ticket, "resolve", "sam", 1, verification="as before")
    for name, who in (("confirm", "rita"), ("close", "sam")):
        with pytest.raises(InvalidError, match="reviewed before"):
            move(world, ticket, name, who, 2)
    with unit_of_work():
        edit_fields(ticket, {"review": "test it first"}, actor=world.actor("sam"), now=world.now)
    move(world, ticket, "close", "sam", 3)
    assert ticket.state == "closed"


def test_a_standard_change_needs_no_approval_and_a_normal_one_cannot_do_without(world: World) -> None:
    standard, normal = (change(world, world.device(f"sw-{kind}"), kind) for kind in ("standard", "normal"))
    submit(world, standard, 1, 2, "schedule")
    assert standard.state == "scheduled"
    with pytest.raises(ConflictError):
        submit(world, normal, 1, 2, "schedule")
    assert normal.state == "new"


@pytest.mark.parametrize(("hours", "words"), [((12, 10), "after it begins"), ((-5, -2), "in the past")])
def test_a_window_that_cannot_be_is_refused(world: World, hours: tuple[float, float], words: str) -> None:
    ticket = change(world, world.device("core-1"))
    with pytest.raises(InvalidError, match=words):
        submit(world, ticket, *hours)
    assert (ticket.state, ticket.window_start) == ("new", None)


def test_two_changes_of_one_device_are_not_planned_for_the_same_time(any_world: World) -> None:
    world = any_world
    device = world.device("core-1")
    first, second = change(world, device), change(world, device)
    submit(world, first, 10, 12)
    with pytest.raises(InvalidError, match=rf"{first.number} is planned on core-1.*next free time"):
        submit(world, second, 11, 13)
    submit(world, second, 12, 13)
    assert second.state == "awaiting_approval"


def test_an_emergency_goes_first(world: World) -> None:
    device = world.device("core-1")
    first, urgent = change(world, device), change(world, device, "emergency")
    submit(world, first, 0, 2)
    submit(world, urgent, 0, 1)
    assert urgent.state == "awaiting_approval"


def test_related_devices_are_shown_but_forbid_nothing(any_world: World) -> None:
    world = any_world
    host, guest, stranger = (world.device(name) for name in ("host", "guest", "stranger"))
    with unit_of_work():
        relate(guest, host, "runs_on", actor=world.actor("sam"), now=world.now)
    first, second, third = change(world, host), change(world, guest), change(world, stranger)
    for ticket in (first, second, third):
        submit(world, ticket, 10, 12)
    span = Span(world.now + timedelta(hours=10), world.now + timedelta(hours=12))
    assert [(c.number, c.related, c.devices) for c in conflicts(second, span)] == [
        (first.number, True, ("host",))
    ]
    assert conflicts(third, span) == []


def test_further_devices_of_a_change_count_too(world: World) -> None:
    one, two = world.device("one"), world.device("two")
    first, second = change(world, one), change(world, two)
    with unit_of_work():
        belongings.add_device(first, two, actor=world.actor("sam"), now=world.now)
    submit(world, first, 10, 12)
    with pytest.raises(InvalidError, match="is planned on two"):
        submit(world, second, 10, 12)


def entry(
    world: World, kind: str, from_h: float, to_h: float, who: str = "sam", site: str = "north-2"
) -> None:
    place = world.sites[site]
    with unit_of_work():
        save_entry(
            client_id=place.client_id,
            site_id=place.id,
            kind=kind,
            name=f"{kind} of the year",
            span=Span(world.now + timedelta(hours=from_h), world.now + timedelta(hours=to_h)),
            actor=world.actor(who),
            now=world.now,
        )


def test_in_a_blackout_only_emergencies_are_carried_out(any_world: World) -> None:
    world = any_world
    device = world.device("core-1", "north-2")
    entry(world, "blackout", 5, 24)
    with pytest.raises(InvalidError, match=r"blackout of the year.*next free time"):
        submit(world, change(world, device), 6, 8)
    urgent = change(world, device, "emergency")
    submit(world, urgent, 6, 8)
    assert urgent.state == "awaiting_approval"


def test_where_maintenance_is_agreed_the_free_time_lies_within(any_world: World) -> None:
    world = any_world
    device = world.device("core-1", "north-2")
    entry(world, "maintenance", 30, 34)
    ticket, other = change(world, device), change(world, device)
    submit(world, other, 30, 32)
    free = free_slot(ticket, timedelta(hours=2), world.now)
    assert free is not None
    assert free.start == world.now + timedelta(hours=32)


@pytest.mark.parametrize(
    ("kind", "hours", "error"),
    [
        ("party", (1, 2), InvalidError),
        ("blackout", (2, 1), InvalidError),
        ("blackout", (0, 9000), InvalidError),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(
    world: World, kind: str, hours: tuple[float, float], error: type[Exception]
) -> None:
    with pytest.raises(error):
        entry(world, kind, *hours)


def test_the_calendar_is_edited_by_those_who_answer_for_changes(app: Flask, world: World) -> None:
    for who in ("emma", "rita", "rolf"):
        with pytest.raises(NotAllowedError):
            entry(world, "blackout", 1, 2, who)
    entry(world, "blackout", 1, 2, "carl")
    page = Browser(app, "emma").get("/tickets/calendar?month=2026-11").text
    assert "blackout of the year" in page
    assert "blackout of the year" not in Browser(app, "stan").get("/tickets/calendar?month=2026-11").text
    with pytest.raises(NotFoundError), unit_of_work():
        change_calendar.remove_entry(1, actor=world.actor("stan"), now=world.now)
    with unit_of_work():
        change_calendar.remove_entry(1, actor=world.actor("carl"), now=world.now)


@pytest.mark.parametrize("month", ["", "2026-13", "0000-01", "9999-12", "x" * 500, "2026-02"])
def test_any_month_is_a_page(app: Flask, world: World, month: str) -> None:
    answer = Browser(app, "sam").get(f"/tickets/calendar?month={month}")
    assert answer.status_code == 200
    assert "<table" in answer.text


def test_the_calendar_takes_as_many_queries_for_one_change_as_for_thirty(
    app: Flask, world: World, queries: object
) -> None:
    counts = []
    for number in (1, 30):
        for at in range(number):
            submit(world, change(world, world.device(f"box-{number}-{at}")), 10, 12)
        browser = Browser(app, "sam")
        browser.get("/")
        with queries:  # type: ignore[attr-defined]
            browser.get("/tickets/calendar?month=2026-11")
        counts.append(queries.count)  # type: ignore[attr-defined]
    assert counts[1] - counts[0] == counts[0]


def test_relations_are_kept_once_and_within_a_client(any_world: World) -> None:
    world = any_world
    one, two, foreign = world.device("one"), world.device("two"), world.device("three", "south-1")
    sam = world.actor("sam")
    for _ in range(2):
        with unit_of_work():
            relation = relate(one, two, "powered_by", actor=sam, now=world.now)
    assert related_device_ids({two.id}) == {one.id}
    assert [(row.kind, row.other_name, row.forward) for row in relations_of(two)] == [
        ("powered_by", "one", False)
    ]
    for other, kind in ((one, "powered_by"), (two, "loves")):
        with pytest.raises(InvalidError), unit_of_work():
            relate(one, other, kind, actor=sam, now=world.now)
    with pytest.raises(NotAllowedError), unit_of_work():
        relate(one, foreign, "powered_by", actor=sam, now=world.now)
    with unit_of_work():
        unrelate(two, relation.id, actor=sam, now=world.now)
    assert related_device_ids({one.id}) == frozenset()
