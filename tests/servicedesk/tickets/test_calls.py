"""Engineers write down what somebody told them on the telephone: the ticket is the caller's."""

from __future__ import annotations

import pytest
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.permissions import Role
from servicedesk.staff.service import grant_role
from servicedesk.tickets.models import Ticket
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

CALL = {"title": "Printer jams", "impact": "3", "urgency": "2"}


def call(app: Flask, world: World, who: str, requester: str) -> int:
    client = str(world.organisations["north"].id)
    answer = Browser(app, who).post("/tickets/new/fault", **CALL, client_id=client, requester=requester)
    return answer.status_code


@pytest.mark.parametrize("by", ["rita", "RITA", "N-9", "Rita@example.org", "Rita Reporter"])
def test_the_caller_is_found_by_what_they_say(any_app: Flask, any_world: World, by: str) -> None:
    with unit_of_work() as session:
        rita = session.merge(any_world.users["rita"])
        rita.badge, rita.email, rita.display_name = "N-9", "rita@example.org", "Rita Reporter"
    assert call(any_app, any_world, "emma", by) == 302
    fresh()
    ticket = db.session.query(Ticket).one()
    assert (ticket.requester_id, ticket.source) == (rita.id, "phone")
    assert ticket.number in Browser(any_app, "rita").get("/tickets/").text


@pytest.mark.parametrize("by", ["nobody", "rolf", "<script>", "%", "' OR 1=1 --", "x" * 254])
def test_whoever_is_not_of_the_client_is_not_found_and_nothing_is_lost(
    app: Flask, world: World, by: str
) -> None:
    client = str(world.organisations["north"].id)
    answer = Browser(app, "emma").post("/tickets/new/fault", **CALL, client_id=client, requester=by)
    assert answer.status_code == 422
    assert "Nobody at this client" in answer.text
    assert "Printer jams" in answer.text
    fresh()
    assert db.session.query(Ticket).count() == 0


def test_two_of_one_name_are_told_apart_by_the_user_name(app: Flask, world: World) -> None:
    with unit_of_work() as session:
        for name in ("rita", "dora"):
            session.merge(world.users[name]).display_name = "Wang Fang"
    assert call(app, world, "emma", "Wang Fang") == 422
    assert call(app, world, "emma", "dora") == 302


def test_a_requester_reports_for_themselves_alone(app: Flask, world: World) -> None:
    rita = Browser(app, "rita")
    assert 'name="requester"' not in rita.get("/tickets/new/fault").text
    assert rita.post("/tickets/new/fault", **CALL, requester="dora").status_code == 302
    fresh()
    assert db.session.query(Ticket).one().requester_id == world.users["rita"].id


def test_an_improvement_item_follows_from_a_ticket(app: Flask, world: World) -> None:
    change = world.ticket("rita", category="general")
    emma = Browser(app, "emma")
    address = f"/tickets/new/general?follow={change.id}&topic=improvement"
    assert '<option selected value="improvement">' in emma.get(address).text
    answer = emma.post(
        address,
        **CALL,
        client_id=str(change.client_id),
        detail_topic="improvement",
    )
    assert answer.status_code == 302
    assert "Improvement item" in emma.get(answer.location).text
    for odd in ("<script>", "x" * 500):
        assert emma.get(f"/tickets/new/general?topic={odd}").status_code == 200


def test_who_does_not_work_there_is_told_so_and_gets_no_ticket_in_their_name(
    app: Flask, world: World
) -> None:
    with unit_of_work() as session:
        rita = session.merge(world.users["rita"])
        grant_role(rita, Role.ENGINEER, actor=SYSTEM, now=world.now, site=world.sites["north-1"])
    for site, status in (("north-2", 422), ("north-1", 302)):
        answer = Browser(app, "rita").post(
            "/tickets/new/fault", **CALL, site_id=str(world.sites[site].id), requester="dora"
        )
        assert answer.status_code == status
    fresh()
    assert db.session.query(Ticket).one().requester_id == world.users["dora"].id
