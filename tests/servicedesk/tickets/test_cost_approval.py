"""Costs are reviewed and approved: asked for as one sum, kept as asked, decided by the chain's people."""

from __future__ import annotations

import pytest
from flask import Flask

from servicedesk.approvals.models import ApprovalChain
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.tickets import belongings, cost_approval
from servicedesk.tickets.models import Ticket, TicketCost
from tests.servicedesk.approvals.play import decide
from tests.servicedesk.world import Browser, World, fresh


def spend(world: World, ticket: Ticket, price: str, what: str = "fan") -> TicketCost:
    with unit_of_work():
        return belongings.add_cost(
            ticket,
            kind="part",
            description=what,
            quantity="2",
            unit_price=price,
            actor=world.actor("emma"),
            now=world.now,
        )


def asked(world: World, ticket: Ticket, who: str = "emma") -> ApprovalChain:
    with unit_of_work():
        return cost_approval.ask(ticket, "Fans & Co", actor=world.actor(who), now=world.now)


def states(ticket: Ticket) -> list[str]:
    fresh()
    costs = belongings.costs_of(ticket)
    found = cost_approval.states_of(costs)
    return [found.get(cost.id, "") for cost in costs]


def test_a_sum_is_asked_for_approved_and_stays(any_app: Flask, any_world: World) -> None:
    ticket = any_world.ticket("rita")
    cost = spend(any_world, ticket, "100")
    chain = asked(any_world, ticket)
    assert (chain.facts["amount"], chain.facts["supplier"]) == (200.0, "Fans & Co")
    assert states(ticket) == ["running"]
    asked_for = Browser(any_app, "sam").get(f"/approvals/{chain.id}").text
    assert "Fans &amp; Co" in asked_for
    assert "Amount is at least 5,000.00" in asked_for, "a condition is said in people's words"
    with pytest.raises(ConflictError), unit_of_work():
        cost_approval.take_back(ticket, cost.id, actor=any_world.actor("emma"), now=any_world.now)
    decide(any_world, chain, "sam")
    assert states(ticket) == ["approved"]
    with pytest.raises(InvalidError, match="no cost that waits"), unit_of_work():
        cost_approval.ask(ticket, "", actor=any_world.actor("emma"), now=any_world.now)
    page = Browser(any_app, "emma").get(f"/tickets/{ticket.id}").text
    assert "Costs of 200.00" in page
    assert "Costs of 200.00" not in Browser(any_app, "rita").get(f"/tickets/{ticket.id}").text


def test_a_larger_sum_needs_the_change_authority_too(any_world: World) -> None:
    ticket = any_world.ticket("rita")
    spend(any_world, ticket, "2500")
    chain = asked(any_world, ticket)
    decide(any_world, chain, "sam")
    assert states(ticket) == ["running"]
    decide(any_world, chain, "carl")
    assert states(ticket) == ["approved"]


def test_what_comes_later_is_asked_for_by_itself(any_world: World) -> None:
    ticket = any_world.ticket("rita")
    spend(any_world, ticket, "10")
    first = asked(any_world, ticket)
    spend(any_world, ticket, "30", "cable")
    with pytest.raises(ConflictError):
        asked(any_world, ticket)
    decide(any_world, first, "sam")
    assert asked(any_world, ticket).facts["amount"] == 60.0
    assert states(ticket) == ["approved", "running"]


def test_what_was_refused_may_be_taken_back_or_asked_for_again(any_world: World) -> None:
    ticket = any_world.ticket("rita")
    spend(any_world, ticket, "10")
    decide(any_world, asked(any_world, ticket), "sam", "rejected", reason="too dear")
    assert states(ticket) == ["rejected"]
    assert asked(any_world, ticket).state == "running"


def test_the_button_is_there_for_those_who_work_on_it(app: Flask, world: World) -> None:
    ticket = world.ticket("rita")
    spend(world, ticket, "12.5")
    address = f"/tickets/{ticket.id}/costs/approval"
    Browser(app, "rita").post(address)
    assert states(ticket) == [""]
    assert Browser(app, "rolf").post(address).status_code == 404
    emma = Browser(app, "emma")
    assert "Ask for the approval of 25" in emma.get(f"/tickets/{ticket.id}/rest").text
    assert emma.post(address, supplier="<script>alert(1)</script>" + "x" * 5000).status_code == 302
    page = emma.get(f"/tickets/{ticket.id}?whole").text
    assert "<script>alert" not in page
    assert "Ask for the approval of" not in page


def test_nothing_or_free_parts_need_no_approval(world: World) -> None:
    ticket = world.ticket("rita")
    spend(world, ticket, "0")
    with pytest.raises(InvalidError):
        asked(world, ticket)
    with pytest.raises(NotAllowedError):
        asked(world, ticket, "rita")
