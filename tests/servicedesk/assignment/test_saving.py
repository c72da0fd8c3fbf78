"""What services refuse whoever asks, and the words of a rule that does not fit."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from servicedesk.assignment import labels, roster, rules
from servicedesk.assignment.deciding import Facts, decide
from servicedesk.assignment.roster import Entry
from servicedesk.assignment.service import TeamData, save_team
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Role
from servicedesk.staff.service import grant_role
from servicedesk.tickets import assigning, service
from servicedesk.tickets.service import TransitionInput
from tests.servicedesk.assignment.play import duty, rule, team
from tests.servicedesk.world import SYSTEM, World


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"site_id": 2}, "is for another site"),
        ({"category": "general"}, "is for another category"),
        ({"category": "change", "subtype": "emergency"}, "is for another kind of change"),
        ({"priority": 1}, "is for another priority"),
        ({"device_class": "printer"}, "is for devices of another class"),
        ({"duty": "inside"}, "is for other hours of the duty roster"),
    ],
)
def test_the_tester_says_why_a_rule_does_not_fit(world: World, values: dict[str, Any], reason: str) -> None:
    desk = team(world, "emma")
    rule(world, labels.TEAM, team_id=desk.id, **values)
    category = "change" if "subtype" in values else "fault"
    facts = Facts(world.organisations["north"].id, 1, category, 3, "normal")
    decision = decide(facts, now=world.now, taking=False)
    assert [(step.fits, step.template) for step in decision.steps] == [(False, reason)]
    assert (decision.user_id, decision.team_id) == (None, None)


def test_a_team_that_is_switched_off_or_serves_another_site_gets_nothing(world: World) -> None:
    desk = team(world, "emma", site="north-1")
    first = world.sites["north-1"].id
    rule(world, labels.TEAM, team_id=desk.id, site_id=first)
    facts = Facts(world.organisations["north"].id, first, "fault", 3)
    assert decide(facts, now=world.now, taking=False).team_name == "Desk"
    with unit_of_work():
        data = TeamData("Desk", site_id=first, active=False)
        save_team(desk.id, desk.client_id, data, actor=SYSTEM, now=world.now)
    decision = decide(facts, now=world.now, taking=False)
    assert decision.team_id is None
    assert decision.steps[0].template == "names a team that does not serve this place"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "Desk"}, "name"),
        ({"site_id": "south-1"}, "site_id"),
        ({"site_id": 999}, "site_id"),
        ({"leader_id": "stan"}, "leader_id"),
        ({"leader_id": "rita"}, "leader_id"),
        ({"members": {"stan": ()}}, "members"),
        ({"members": {"rita": ()}}, "members"),
        ({"members": {"emma": ("cooking",)}}, "members"),
    ],
)
def test_teams_that_make_no_sense_are_refused(world: World, values: dict[str, Any], field: str) -> None:
    team(world, "emma")
    known = {name: row.id for name, row in (world.users | world.sites).items()}
    given: dict[str, Any] = {"name": "Other"}
    for name, value in values.items():
        if isinstance(value, dict):
            given[name] = {known[who]: skills for who, skills in value.items()}
        else:
            given[name] = known.get(value, value)
    with pytest.raises(InvalidError) as refused, unit_of_work():
        save_team(None, world.organisations["north"].id, TeamData(**given), actor=SYSTEM, now=world.now)
    assert refused.value.field == field


def test_no_team_for_what_is_no_client_or_out_of_reach(world: World) -> None:
    for key, who in (("service", "admin"), ("south", "sam"), ("north", "stan"), ("north", "emma")):
        client_id = world.organisations[key].id
        with pytest.raises(NotAllowedError), unit_of_work():
            save_team(None, client_id, TeamData("x"), actor=world.actor(who), now=world.now)
    desk = team(world, "emma")
    with pytest.raises(NotFoundError), unit_of_work():
        save_team(desk.id, desk.client_id, TeamData("x"), actor=world.actor("stan"), now=world.now)


def test_a_member_who_works_there_no_longer_may_stay_or_be_taken_out(world: World) -> None:
    desk = team(world, "emma", "sue")
    with unit_of_work():
        for grant in list(world.users["emma"].grants):
            db.session.delete(grant)
    emma, sue = world.users["emma"].id, world.users["sue"].id
    for members in ({emma: (), sue: ()}, {sue: ()}):
        with unit_of_work():
            data = TeamData("Desk", members=members)
            save_team(desk.id, desk.client_id, data, actor=world.actor("sam"), now=world.now)
    data = TeamData("Desk", members={emma: ()})
    with pytest.raises(InvalidError), unit_of_work():
        save_team(desk.id, desk.client_id, data, actor=world.actor("sam"), now=world.now)


def test_rules_at_the_ends_stay_and_another_scopes_neighbour_is_not_moved(world: World) -> None:
    everywhere = rule(world, labels.RESPONSIBLE, "everywhere")
    here = rule(world, labels.RESPONSIBLE, "here", site_id=world.sites["north-1"].id)
    with unit_of_work():
        site = world.sites["north-1"]
        grant_role(world.users["erik"], Role.SUPERVISOR, actor=SYSTEM, now=world.now, site=site)
        rules.move_rule(everywhere.id, up=True, actor=SYSTEM, now=world.now)
        rules.move_rule(here.id, up=False, actor=SYSTEM, now=world.now)
    assert (everywhere.position, here.position) == (1, 2)
    with pytest.raises(NotAllowedError, match="all sites"), unit_of_work():
        rules.move_rule(here.id, up=True, actor=world.actor("erik"), now=world.now)
    with unit_of_work():
        rules.move_rule(here.id, up=True, actor=world.actor("sam"), now=world.now)
    assert (everywhere.position, here.position) == (2, 1)


def test_a_client_has_only_so_many_rules_and_a_roster_so_many_entries(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MAX_RULES", 1)
    monkeypatch.setattr(roster, "MAX_ENTRIES", 1)
    rule(world, labels.RESPONSIBLE)
    with pytest.raises(InvalidError, match="More than 1 rules"):
        rule(world, labels.RESPONSIBLE)
    desk = team(world, "emma")
    duty(world, desk.id, "emma", hours=(8, 9), weekday=1)
    with pytest.raises(InvalidError, match="More than 1 entries"):
        duty(world, desk.id, "emma", hours=(9, 10), weekday=1)


@pytest.mark.parametrize(
    "entry",
    [
        Entry(6, 60, 60, weekday=1),
        Entry(6, -1, 60, weekday=1),
        Entry(6, 0, 3000, weekday=1),
        Entry(6, 0, 60),
        Entry(6, 0, 60, weekday=7),
        Entry(None, 0, 60, weekday=1),
        Entry(999, 0, 60, weekday=1),
    ],
)
def test_entries_of_no_roster_are_refused(world: World, entry: Entry) -> None:
    desk = team(world, "emma")
    assert world.users["emma"].id == 6
    with pytest.raises(InvalidError), unit_of_work():
        roster.add(desk.id, [entry], actor=SYSTEM, now=world.now)


def test_an_entry_is_there_once(world: World) -> None:
    desk = team(world, "emma")
    duty(world, desk.id, "emma", hours=(8, 9), weekday=1)
    with pytest.raises(InvalidError, match="there already"):
        duty(world, desk.id, "emma", hours=(8, 9), weekday=1)


def test_closed_tickets_are_given_to_nobody(app: Flask, world: World) -> None:
    ticket = world.ticket("rita", "fault")
    desk = team(world, "emma")
    sam = world.actor("sam")
    with unit_of_work():
        service.transition(ticket, "cancel", TransitionInput(reason="x"), actor=sam, now=world.now)
    emma = world.users["emma"].id
    for act in (
        lambda: assigning.set_team(ticket, desk.id, actor=sam, now=world.now),
        lambda: assigning.give(ticket, emma, actor=sam, now=world.now),
        lambda: assigning.take_back(ticket, actor=sam, now=world.now),
        lambda: assigning.ask_the_rules(ticket, actor=sam, now=world.now),
    ):
        with pytest.raises(service.ConflictError), unit_of_work():
            act()
    assert assigning.by_the_rules(ticket, now=world.now) is None


def test_only_who_assigns_gives_on_what_waits(world: World) -> None:
    ticket = world.ticket("rita", "data_request", details=ASKED)
    emma = world.users["emma"].id
    for who in ("emma", "rita", "stan"):
        with pytest.raises(NotAllowedError), unit_of_work():
            assigning.give(ticket, emma, actor=world.actor(who), now=world.now)
        with pytest.raises(NotAllowedError), unit_of_work():
            assigning.take_back(ticket, actor=world.actor(who), now=world.now)
    with pytest.raises(InvalidError, match="Choose somebody"), unit_of_work():
        assigning.give(ticket, world.users["stan"].id, actor=world.actor("sam"), now=world.now)


ASKED = {
    "purpose": "audit",
    "scope": "all",
    "period": "2026",
    "sensitivity": "internal",
    "delivery": "file",
    "recipient": "Rita",
}
