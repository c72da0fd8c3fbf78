"""What lies with people who are away or have left, and giving it on."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from servicedesk.assignment import labels
from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.notifications.models import NotificationEvent
from servicedesk.staff.service import update_user
from servicedesk.tickets import handover, service
from servicedesk.tickets.models import Ticket, TimelineEntry
from servicedesk.tickets.service import TransitionInput
from tests.servicedesk.assignment.play import away, rule, team
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

# arrows that lead to a state, after "assign"
STATES = {
    "assigned": (),
    "in_progress": ("start",),
    "waiting": ("start", "ask"),
    "suspended": ("start", "suspend"),
}


def with_emma(world: World, state: str, who: str = "emma") -> Ticket:
    ticket = world.ticket("rita", "fault")
    with unit_of_work():
        given = TransitionInput(assignee_id=world.users[who].id)
        service.transition(ticket, "assign", given, actor=world.actor("sam"), now=world.now)
        for arrow in STATES[state]:
            given = TransitionInput(reason="because")
            service.transition(ticket, arrow, given, actor=world.actor(who), now=world.now)
    return ticket


def close(world: World, who: str) -> None:
    with unit_of_work():
        update_user(
            world.users[who],
            actor=SYSTEM,
            display_name=who.title(),
            email="",
            phone="",
            department=None,
            active=False,
            now=world.now,
        )


def lies_with(ticket: Ticket) -> tuple[str, str]:
    fresh()
    found = db.session.get_one(Ticket, ticket.id)
    return found.state, found.assignee.username if found.assignee else ""


def test_all_of_somebody_away_goes_to_who_stands_in_whatever_its_state(any_world: World) -> None:
    tickets = {state: with_emma(any_world, state) for state in STATES}
    assert handover.waiting(any_world.actor("sam"), any_world.now) == []
    away(any_world, "emma", "sue")
    (one,) = handover.waiting(any_world.actor("sam"), any_world.now)
    assert (one.name, one.active, one.substitute, len(one.tickets)) == ("Emma", True, "Sue", 4)
    emma = any_world.users["emma"].id
    outcome = handover.hand_over(emma, actor=any_world.actor("sam"), now=any_world.now)
    assert (outcome.done, outcome.refused) == (4, [])
    assert {state: lies_with(ticket) for state, ticket in tickets.items()} == {
        state: (state, "sue") for state in STATES
    }
    for state in ("waiting", "suspended"):  # no arrow of the table leads there: a path of its own
        wanted = sa.select(AuditEntry).where(AuditEntry.object_id == tickets[state].id)
        entry = db.session.scalars(wanted.where(AuditEntry.action == "ticket.given")).one()
        assert entry.after == {"assignee_id": any_world.users["sue"].id}
        events = sa.select(NotificationEvent.name).where(
            NotificationEvent.subject_id == tickets[state].id,
            NotificationEvent.name == "ticket.assigned",
        )
        assert len(db.session.scalars(events).all()) == 2
    assert handover.waiting(any_world.actor("sam"), any_world.now) == []


def test_what_lies_with_a_closed_account_goes_by_the_rules_else_to_nobody(world: World) -> None:
    first, second = with_emma(world, "in_progress"), with_emma(world, "suspended")
    close(world, "emma")
    emma = world.users["emma"].id
    desk = team(world, "sue")
    rule(world, labels.ROUND_ROBIN, team_id=desk.id, category="fault")
    handover.hand_over(emma, actor=world.actor("sam"), now=world.now)
    assert [lies_with(ticket) for ticket in (first, second)] == [("in_progress", "sue"), ("suspended", "sue")]
    close(world, "sue")
    handover.hand_over(world.users["sue"].id, actor=world.actor("sam"), now=world.now)
    assert [lies_with(ticket) for ticket in (first, second)] == [("in_progress", ""), ("suspended", "")]
    entry = db.session.scalars(
        sa.select(TimelineEntry)
        .where(TimelineEntry.ticket_id == first.id)
        .order_by(TimelineEntry.id.desc())
        .limit(1)
    ).one()
    assert entry.data == {"event": "taken", "former": "Sue"}


def test_one_click_on_the_page_gives_all_to_the_one_chosen(app: Flask, world: World) -> None:
    tickets = [with_emma(world, state) for state in STATES]
    close(world, "emma")
    browser = Browser(app, "sam")
    page = browser.get("/tickets/hand-over").text
    assert "account closed" in page
    assert all(ticket.number in page for ticket in tickets)
    emma = world.users["emma"].id
    refused = browser.post(f"/tickets/hand-over/{emma}", assignee_id=world.users["stan"].id)
    assert refused.status_code == 302
    assert "Choose somebody who works" in browser.get("/tickets/hand-over").text
    browser.post(f"/tickets/hand-over/{emma}", assignee_id=world.users["sue"].id)
    assert "4 tickets handed over" in browser.get("/tickets/hand-over").text
    assert {lies_with(ticket)[1] for ticket in tickets} == {"sue"}
    assert browser.post(f"/tickets/hand-over/{emma}", assignee_id="").status_code == 404


def test_nothing_of_another_clients_is_listed_or_handed_over(app: Flask, world: World) -> None:
    ticket = with_emma(world, "assigned")
    close(world, "emma")
    browser = Browser(app, "stan")
    assert ticket.number not in browser.get("/tickets/hand-over").text
    assert browser.post(f"/tickets/hand-over/{world.users['emma'].id}").status_code == 404
    assert lies_with(ticket) == ("assigned", "emma")


def test_a_requester_sees_that_it_is_in_other_hands_but_not_why(app: Flask, world: World) -> None:
    ticket = with_emma(world, "waiting")
    close(world, "emma")
    handover.hand_over(world.users["emma"].id, world.users["sue"].id, actor=world.actor("sam"), now=world.now)
    page = Browser(app, "rita").get(f"/tickets/{ticket.id}").text
    assert "gave it to Sue" in page
    assert "not there" not in page
