"""Every arrow of every category's table: who may take it, what it asks for, where it leads."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask

from servicedesk.core.actor import Actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import ConflictError, DomainError, InvalidError, NotAllowedError
from servicedesk.tickets import approving, lists
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.service import (
    NewTicket,
    TransitionInput,
    available,
    create_ticket,
    transition,
)
from servicedesk.tickets.workflow import Phase, TicketField, Transition, Who, Workflow
from servicedesk.tickets.workflows import WORKFLOWS
from tests.servicedesk.world import SYSTEM, Browser, World

# Who of the world is which part in a ticket that rita asked for.
PARTS = {
    "rita": {Who.REQUESTER},
    "dora": {Who.DATA_OWNER},
    "carl": {Who.CHANGE_AUTHORITY},
    "emma": {Who.WORKER},
    "sam": {Who.WORKER, Who.ASSIGNER},
    "stan": set(),  # everything at home, nothing here
    "rolf": set(),
    "admin": set(),
    "erik": set(),  # an engineer of the other site
}
ARROWS = [
    pytest.param(workflow, arrow, id=f"{workflow.category}-{arrow.name}")
    for workflow in WORKFLOWS.values()
    for arrow in workflow.transitions
    if not arrow.hidden
]
ASKING = [
    pytest.param(workflow, arrow, needed, id=f"{workflow.category}-{arrow.name}-{needed}")
    for workflow in WORKFLOWS.values()
    for arrow in workflow.transitions
    for needed in arrow.requires
    if not arrow.hidden
]


def new_ticket(world: World, category: str, who: str = "rita", site: str = "north-2") -> Ticket:
    """A ticket with every early field of its category, at ``site``."""
    workflow = WORKFLOWS[category]
    details = {item.name: a_value(world, item) for item in workflow.early_fields}
    place = world.sites[site]
    with unit_of_work():
        new = NewTicket(place.client_id, category, "Printer jams", site_id=place.id, details=details)
        return create_ticket(new, actor=world.actor(who), now=world.now)


def a_value(world: World, item: TicketField) -> str:
    """Something that fits the field."""
    match item.kind:
        case "choice":
            return "personal" if item.name == "sensitivity" else item.choices[0][0]
        case "listed":
            return str(lists.entries([item.listed], world.sites["north-2"].client_id)[item.listed][0].id)
        case "time":
            hours = {"restored_at": 8, "window_start": 8 + 24, "window_end": 8 + 26}.get(item.name, 8 + 48)
            return (world.now + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M")
        case "flag":
            return "yes"
    return "text"


def put(
    ticket: Ticket,
    workflow: Workflow,
    state: str,
    arrow: Transition | None = None,
    *,
    now: datetime | None = None,
) -> Ticket:
    """The ticket in ``state``, however it came there, and such that the arrow makes sense for it."""
    with unit_of_work():
        ticket.state, ticket.phase = state, workflow.by_state[state].phase.value
        name = arrow.name if arrow is not None else ""
        if name in ("receive", "resubmit"):
            ticket.details = {**ticket.details, "sensitivity": "personal"}
        elif name == "confirm" and ticket.category == "data_request":
            ticket.details = {**ticket.details, "sensitivity": "public"}
        elif ticket.category == "change":
            ticket.subtype = "standard" if name == "schedule" else "normal"
            if name == "start" and now is not None:
                ticket.window_start, ticket.window_end = now - timedelta(hours=1), now + timedelta(hours=1)
    return ticket


def full_input(world: World, workflow: Workflow) -> TransitionInput:
    """Whatever any arrow may ask for."""
    return TransitionInput(
        reason="because",
        resolution="cleaned the rollers",
        assignee_id=world.users["emma"].id,
        rating=4,
        rating_comment="quick",
        details={item.name: a_value(world, item) for item in workflow.fields},
    )


def take(
    ticket: Ticket,
    arrow: Transition,
    given: TransitionInput,
    actor: Actor,
    world: World,
    version: int | None = None,
) -> None:
    with unit_of_work():
        transition(ticket, arrow.name, given, actor=actor, now=world.now, version=version)


@pytest.mark.parametrize(("workflow", "arrow"), ARROWS)
def test_an_arrow_is_taken_by_those_of_the_table_and_nobody_else(
    world: World, workflow: Workflow, arrow: Transition
) -> None:
    ticket = new_ticket(world, workflow.category)
    given = full_input(world, workflow)
    for source, (who, parts) in product(arrow.sources, PARTS.items()):
        with unit_of_work():
            approving.end(ticket, actor=SYSTEM, now=world.now)
        put(ticket, workflow, source, arrow, now=world.now)
        actor = world.actor(who)
        offered = arrow in available(ticket, actor)
        if parts & set(arrow.who):
            assert offered, (who, source)
            take(ticket, arrow, given, actor, world)
            assert ticket.state == arrow.target
            assert ticket.phase == workflow.by_state[arrow.target].phase
        else:
            assert not offered, (who, source)
            with pytest.raises(NotAllowedError):
                take(ticket, arrow, given, actor, world)
            assert ticket.state == source


@pytest.mark.parametrize(("workflow", "arrow", "needed"), ASKING)
def test_an_arrow_without_what_it_asks_for_moves_nothing(
    world: World, workflow: Workflow, arrow: Transition, needed: str
) -> None:
    ticket = put(new_ticket(world, workflow.category), workflow, arrow.sources[0], arrow, now=world.now)
    with unit_of_work():
        if needed in workflow.by_field:
            ticket.details = {name: value for name, value in ticket.details.items() if name != needed}
            if column := workflow.by_field[needed].column:
                setattr(ticket, column, None)
    version = ticket.version
    given = full_input(world, workflow)
    lackings: dict[str, dict[str, Any]] = {
        "reason": {"reason": " \n "},
        "resolution": {"resolution": "\t"},
        "assignee": {"assignee_id": None},
        "rating": {"rating": None},
    }
    lacking = lackings.get(needed, {"details": {**given.details, needed: "  "}})
    values: dict[str, Any] = {
        name: getattr(given, name) for name in TransitionInput.__dataclass_fields__
    } | lacking
    who = next(name for name, parts in PARTS.items() if parts & set(arrow.who))
    with pytest.raises(InvalidError) as refusal:
        take(ticket, arrow, TransitionInput(**values), world.actor(who), world)
    assert str(refusal.value)
    assert refusal.value.field in (needed, f"{needed}_id")
    assert (ticket.state, ticket.version) == (arrow.sources[0], version)


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=list(WORKFLOWS))
def test_from_another_state_an_arrow_is_refused_as_a_conflict(world: World, workflow: Workflow) -> None:
    ticket = new_ticket(world, workflow.category)
    for arrow in workflow.transitions:
        for state in set(workflow.by_state) - set(arrow.sources):
            put(ticket, workflow, state)
            with pytest.raises(ConflictError):
                take(ticket, arrow, full_input(world, workflow), SYSTEM, world)
            assert ticket.state == state


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=list(WORKFLOWS))
def test_every_state_can_be_reached_and_left_unless_it_is_an_end(workflow: Workflow) -> None:
    reached, waiting = {workflow.initial}, [workflow.initial]
    while waiting:
        for arrow in workflow.from_state(waiting.pop()):
            if arrow.target not in reached:
                reached.add(arrow.target)
                waiting.append(arrow.target)
    assert reached == set(workflow.by_state)
    for state in workflow.states:
        assert workflow.from_state(state.name) or state.phase is Phase.CLOSED, state.name


def test_of_two_who_decide_at_once_the_second_is_told(any_world: World) -> None:
    world, workflow = any_world, WORKFLOWS["fault"]
    ticket = new_ticket(world, "fault")
    seen = ticket.version
    start = workflow.transition("start")
    assign = workflow.transition("assign")
    assert start is not None
    assert assign is not None
    take(ticket, assign, full_input(world, workflow), world.actor("sam"), world, version=seen)
    with pytest.raises(ConflictError, match="Look at it again"):
        take(ticket, start, TransitionInput(), world.actor("sue"), world, version=seen)
    assert ticket.state == "assigned"
    assert ticket.assignee_id == world.users["emma"].id


@pytest.mark.parametrize(("category", "who"), [("data_request", "dora"), ("change", "carl")])
def test_the_arrows_of_a_decision_are_no_buttons(app: Flask, world: World, category: str, who: str) -> None:
    workflow = WORKFLOWS[category]
    ticket = put(new_ticket(world, category), workflow, "awaiting_approval")
    for arrow in ("approve", "reject", "send_back"):
        answer = Browser(app, who).post(f"/tickets/{ticket.id}/do/{arrow}", reason="fine")
        assert answer.status_code == 404
        with pytest.raises(NotAllowedError), unit_of_work():
            transition(ticket, arrow, TransitionInput(), actor=world.actor(who), now=world.now)
    assert ticket.state == "awaiting_approval"


def test_work_that_begins_has_somebody_who_does_it(world: World) -> None:
    workflow = WORKFLOWS["fault"]
    ticket = new_ticket(world, "fault")
    start = workflow.transition("start")
    assert start is not None
    take(ticket, start, TransitionInput(), world.actor("emma"), world)
    assert ticket.assignee_id == world.users["emma"].id


@pytest.mark.parametrize("who", ["rita", "stan", "rolf", "admin"])
def test_a_ticket_is_given_only_to_people_who_work_for_this_client(world: World, who: str) -> None:
    assign = WORKFLOWS["fault"].transition("assign")
    assert assign is not None
    ticket = new_ticket(world, "fault")
    with pytest.raises(InvalidError, match="works on this client"):
        take(ticket, assign, TransitionInput(assignee_id=world.users[who].id), world.actor("sam"), world)


def test_a_name_that_is_no_arrow_is_refused(app: Flask, world: World) -> None:
    ticket = new_ticket(world, "fault")
    browser = Browser(app, "sue")
    assert browser.post(f"/tickets/{ticket.id}/do/delete").status_code == 404
    with pytest.raises(DomainError), unit_of_work():
        transition(ticket, "delete", TransitionInput(), actor=SYSTEM, now=world.now)
