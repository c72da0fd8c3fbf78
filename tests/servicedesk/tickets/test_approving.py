"""Data requests and changes wait for those who approve them, and follow what these decide."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import NoResultFound

from servicedesk.approvals.models import ApprovalChain, ApprovalSeat
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError
from servicedesk.tickets.editing import edit_fields, editable_fields
from servicedesk.tickets.models import Ticket, TimelineEntry
from servicedesk.tickets.risk import QUESTIONS
from servicedesk.tickets.service import TransitionInput, transition
from tests.servicedesk.world import Browser, World, fresh

DATA = {"purpose": "audit", "scope": "invoices", "sensitivity": "internal", "recipient": "finance"}
CALM = {question.name: question.answers[0][0] for question in QUESTIONS}


def data_request(world: World, who: str = "rita") -> Ticket:
    return world.ticket(who, "data_request", details=DATA)


def change(world: World, subtype: str = "normal", **risks: str) -> Ticket:
    """A change of rita's that sam has submitted."""
    details = {"subtype": subtype, "reason_for_change": "x", "urgency_reason": "y"}
    ticket = world.ticket("rita", "change", details=details)
    submit(world, ticket, **risks)
    return ticket


def submit(world: World, ticket: Ticket, **risks: str) -> None:
    plan = {
        "plan": "1",
        "backout_plan": "2",
        "window_start": "2026-12-05T22:00",
        "window_end": "2026-12-05T23:00",
    }
    given = TransitionInput(details={**CALM, **plan, **risks})
    with unit_of_work():
        transition(ticket, "submit", given, actor=world.actor("sam"), now=world.now)


def chains(ticket: Ticket) -> list[tuple[str, str]]:
    rows = db.session.scalars(
        sa.select(ApprovalChain).where(ApprovalChain.subject_id == ticket.id).order_by(ApprovalChain.id)
    )
    return [(chain.key, chain.state) for chain in rows]


def asked(ticket: Ticket) -> set[str]:
    rows = db.session.scalars(
        sa.select(ApprovalSeat)
        .join(ApprovalSeat.run)
        .where(ApprovalSeat.state == "open")
        .where(
            ApprovalSeat.run.has(
                chain=db.session.scalars(
                    sa.select(ApprovalChain)
                    .where(ApprovalChain.subject_id == ticket.id)
                    .order_by(ApprovalChain.id.desc())
                ).first()
            )
        )
    )
    return {seat.user.display_name for seat in rows}


def test_a_data_request_asks_the_data_owner_who_answers_in_writing(any_world: World) -> None:
    ticket = data_request(any_world)
    assert chains(ticket) == [("data_request", "running")]
    assert asked(ticket) == {"Dora"}
    any_world.decide(ticket, "dora", reason="for finance alone")
    assert (ticket.state, chains(ticket)[0][1]) == ("assigned", "approved")
    entry = db.session.scalars(sa.select(TimelineEntry).order_by(TimelineEntry.id.desc()).limit(1)).one()
    assert (entry.actor_name, entry.body, entry.data["to"]) == ("Dora", "for finance alone", "assigned")


def test_nobody_approves_what_they_asked_for_themselves(world: World) -> None:
    ticket = data_request(world, "dora")
    assert "Dora" not in asked(ticket)
    with pytest.raises(NoResultFound):
        world.decide(ticket, "dora")


def test_what_is_rejected_is_over(world: World) -> None:
    ticket = data_request(world)
    world.decide(ticket, "dora", "rejected", "too broad")
    assert (ticket.state, ticket.phase) == ("rejected", "closed")


def test_what_is_sent_back_is_mended_and_goes_on(any_world: World) -> None:
    world = any_world
    ticket = data_request(world)
    world.decide(ticket, "dora", "sent_back", "which invoices?")
    assert ticket.state == "returned"
    rita = world.actor("rita")
    assert "scope" in editable_fields(ticket, rita)
    with unit_of_work():
        edit_fields(ticket, {"scope": "invoices of May"}, actor=rita, now=world.now)
        transition(ticket, "resubmit", TransitionInput(), actor=rita, now=world.now)
    assert ticket.state == "awaiting_approval"
    assert chains(ticket) == [("data_request", "running")]
    world.decide(ticket, "dora")
    assert ticket.state == "assigned"


def test_a_ticket_that_is_cancelled_takes_its_approval_along(world: World) -> None:
    ticket = data_request(world)
    with unit_of_work():
        transition(
            ticket, "cancel", TransitionInput(reason="not needed"), actor=world.actor("rita"), now=world.now
        )
    assert (ticket.state, chains(ticket)) == ("cancelled", [("data_request", "withdrawn")])


def test_a_request_that_is_withdrawn_comes_back_to_its_requester(app: Flask, world: World) -> None:
    ticket = data_request(world)
    chain = db.session.scalars(sa.select(ApprovalChain)).one()
    answer = Browser(app, "rita").post(f"/approvals/{chain.id}/withdraw", reason="a mistake")
    assert answer.status_code == 302
    fresh()
    assert (ticket.state, chains(ticket)) == ("returned", [("data_request", "withdrawn")])


@pytest.mark.parametrize(
    ("subtype", "risks", "key", "people"),
    [
        ("normal", {}, "change_normal", {"Carl"}),
        ("normal", {"risk_backout": "none"}, "change_high_risk", {"Carl"}),
        ("emergency", {}, "change_emergency", {"Carl"}),
    ],
)
def test_kind_and_risk_of_a_change_choose_who_decides(
    any_world: World, subtype: str, risks: dict[str, str], key: str, people: set[str]
) -> None:
    ticket = change(any_world, subtype, **risks)
    assert chains(ticket) == [(key, "running")]
    assert asked(ticket) == people


def test_a_high_risk_is_approved_by_the_supervisor_too(world: World) -> None:
    ticket = change(world, risk_backout="none")
    world.decide(ticket, "carl")
    assert ticket.state == "awaiting_approval"
    assert "Sue" in asked(ticket)
    world.decide(ticket, "sue")
    assert ticket.state == "scheduled"


def test_a_plan_that_became_riskier_is_decided_by_others(world: World) -> None:
    ticket = change(world)
    world.decide(ticket, "carl", "sent_back", "and the way back?")
    assert ticket.state == "new"
    submit(world, ticket, risk_backout="none")
    assert chains(ticket) == [("change_normal", "withdrawn"), ("change_high_risk", "running")]


def test_on_the_page_the_decision_is_made_with_a_reason(app: Flask, world: World) -> None:
    ticket = data_request(world)
    dora = Browser(app, "dora")
    page = dora.get(f"/tickets/{ticket.id}").text
    seat = db.session.scalars(sa.select(ApprovalSeat)).one()
    chain_id, seat_id = seat.run.chain_id, seat.id
    assert f"/approvals/{chain_id}/decide" in page
    assert f"/approvals/{chain_id}/decide" not in Browser(app, "emma").get(f"/tickets/{ticket.id}?whole").text
    answer = dora.post(f"/approvals/{chain_id}/decide", seat_id=seat_id, decision="approved", reason="fine")
    assert answer.status_code == 302, answer.text
    fresh()
    assert ticket.state == "assigned"


def test_a_decision_that_the_ticket_refuses_is_not_written_down(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = data_request(world)

    def refuse(*_args: object, **_more: object) -> None:
        raise InvalidError("no", "reason")

    monkeypatch.setattr("servicedesk.tickets.service.levels.moved", refuse)
    with pytest.raises(InvalidError):
        world.decide(ticket, "dora")
    fresh()
    assert (ticket.state, chains(ticket)) == ("awaiting_approval", [("data_request", "running")])
