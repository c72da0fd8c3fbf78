"""Tickets that arrive at the same moment: nobody is passed over, and no two wait for each other for ever."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from servicedesk.assignment import labels
from servicedesk.assignment.models import Team
from servicedesk.assignment.service import TeamData, save_team
from servicedesk.core.db import db
from servicedesk.tickets import assigning
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.service import NewTicket, create_ticket
from tests.servicedesk.approvals.test_at_once import at_once
from tests.servicedesk.assignment.play import rule, team
from tests.servicedesk.world import SYSTEM, World


def given_to() -> list[int | None]:
    return sorted(db.session.scalars(sa.select(Ticket.assignee_id)), key=lambda number: number or 0)


def test_six_tickets_at_once_take_six_turns(any_app: Flask, any_world: World) -> None:
    desk = team(any_world, "emma", "sam", "sue")
    rule(any_world, labels.ROUND_ROBIN, team_id=desk.id)
    north, rita = any_world.organisations["north"].id, any_world.actor("rita")

    def report() -> object:
        return create_ticket(NewTicket(north, "fault", "Printer jams"), actor=rita, now=any_world.now)

    assert at_once(any_app, *[report] * 6) == ["done"] * 6
    people = sorted(any_world.users[name].id for name in ("emma", "sam", "sue"))
    assert given_to() == sorted(people * 2)


def test_the_least_loaded_is_found_anew_for_each_of_four_at_once(any_app: Flask, any_world: World) -> None:
    desk = team(any_world, "emma", "sam")
    rule(any_world, labels.LEAST_LOADED, team_id=desk.id)
    north, rita = any_world.organisations["north"].id, any_world.actor("rita")

    def report() -> object:
        return create_ticket(NewTicket(north, "fault", "Printer jams"), actor=rita, now=any_world.now)

    assert at_once(any_app, *[report] * 4) == ["done"] * 4
    assert given_to() == sorted([any_world.users["emma"].id, any_world.users["sam"].id] * 2)


def test_a_team_that_is_changed_while_tickets_are_given_to_it(any_app: Flask, any_world: World) -> None:
    desk = team(any_world, "emma", "sam")
    first = any_world.ticket("rita", "fault")
    rule(any_world, labels.ROUND_ROBIN, team_id=desk.id)
    north, rita, sam = any_world.organisations["north"].id, any_world.actor("rita"), any_world.actor("sam")
    desk_id, people, now = (
        desk.id,
        [any_world.users[name].id for name in ("emma", "sam", "sue")],
        any_world.now,
    )

    def report() -> object:
        return create_ticket(NewTicket(north, "fault", "Printer jams"), actor=rita, now=now)

    def change() -> object:
        data = TeamData("Renamed", members=dict.fromkeys(people, ()))
        return save_team(desk_id, north, data, actor=SYSTEM, now=now)

    def queue() -> object:
        return assigning.set_team(first, desk_id, actor=sam, now=now)

    assert at_once(any_app, report, change, queue, report, change) == ["done"] * 5
    assert db.session.get_one(Team, desk_id).name == "Renamed"
    assert None not in given_to()[1:]
    assert db.session.get_one(Ticket, first.id).team_id == desk_id
