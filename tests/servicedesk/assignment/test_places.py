"""Teams and pick lists where a ticket's place or somebody's presence changes."""

from __future__ import annotations

from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.tickets.assigning import set_team
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.queries import timeline
from servicedesk.tickets.reclassifying import Facts, reclassify
from tests.servicedesk.assignment.play import away, team
from tests.servicedesk.world import Browser, World, fresh


def move(world: World, ticket: Ticket, site: str) -> Ticket:
    with unit_of_work():
        facts = Facts("Printer jams", 2, 2, world.sites[site].id)
        reclassify(ticket, facts, actor=world.actor("emma"), now=world.now)
    fresh()
    return db.session.get_one(Ticket, ticket.id)


def test_a_ticket_that_moves_leaves_a_team_that_does_not_serve_there(any_world: World) -> None:
    ticket = any_world.ticket("rita", site_id=any_world.sites["north-1"].id)
    desk = team(any_world, "emma", site="north-1")
    with unit_of_work():
        set_team(ticket, desk.id, actor=any_world.actor("emma"), now=any_world.now)
    moved = move(any_world, ticket, "north-2")
    assert moved.team_id is None
    entry = timeline(moved, any_world.actor("emma"))[-1]
    assert (entry.kind, entry.data["team"]) == ("assignment", "")


def test_a_team_of_the_whole_client_keeps_it(any_world: World) -> None:
    ticket = any_world.ticket("rita", site_id=any_world.sites["north-1"].id)
    desk = team(any_world, "emma")
    with unit_of_work():
        set_team(ticket, desk.id, actor=any_world.actor("emma"), now=any_world.now)
    assert move(any_world, ticket, "north-2").team_id == desk.id


def test_pick_lists_say_who_is_away(app: Flask, world: World) -> None:
    ticket = world.ticket("rita", "fault")
    away(world, "emma")
    page = Browser(app, "sam").get(f"/tickets/{ticket.id}?whole=1").text
    assert ">Emma (away)</option>" in page
    assert ">Sue</option>" in page
    assert ">Emma (away)</option>" in Browser(app, "sam").get("/tickets/people").text
