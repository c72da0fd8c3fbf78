"""Who gets a ticket: by which rule, in which turn, and never somebody who is not there."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicedesk.assignment import labels
from servicedesk.assignment.deciding import Facts, decide
from servicedesk.assignment.models import Team
from servicedesk.core.db import db, unit_of_work
from servicedesk.staff.service import update_user
from servicedesk.tickets import assigning, service
from servicedesk.tickets.models import Ticket, TimelineEntry
from servicedesk.tickets.service import TransitionInput
from tests.servicedesk.assignment.play import away, duty, rule, said, team
from tests.servicedesk.world import SYSTEM, World, fresh


def who(ticket: Ticket) -> str:
    fresh()
    found = db.session.get_one(Ticket, ticket.id)
    return found.assignee.username if found.assignee else ""


def explained(ticket: Ticket) -> TimelineEntry:
    own = sa.select(TimelineEntry).where(TimelineEntry.ticket_id == ticket.id)
    return db.session.scalars(own.where(TimelineEntry.kind == "assignment")).one()


def test_without_rules_a_ticket_waits_as_it_always_did(world: World) -> None:
    ticket = world.ticket("rita", "fault")
    assert (ticket.state, ticket.assignee_id, ticket.team_id) == ("new", None, None)
    kinds = db.session.scalars(sa.select(TimelineEntry.kind).where(TimelineEntry.ticket_id == ticket.id))
    assert list(kinds) == ["created"]


def test_each_of_a_team_in_turn_and_the_timeline_says_why(any_world: World) -> None:
    desk = team(any_world, "emma", "sam", "sue")
    rule(any_world, labels.ROUND_ROBIN, team_id=desk.id)
    tickets = [any_world.ticket("rita", "fault") for _ in range(4)]
    assert [who(ticket) for ticket in tickets] == ["emma", "sam", "sue", "emma"]
    entry = explained(tickets[1])
    assert entry.internal
    assert entry.actor_name == "Assignment rules"
    assert said(entry) == ["gives it to Sam, whose turn it is in the team Desk"]
    assert tickets[0].state == "assigned"
    assert tickets[0].team_id == desk.id


def test_the_least_loaded_by_the_weight_of_open_work_and_equals_in_turn(world: World) -> None:
    desk = team(world, "emma", "sam")
    rule(world, labels.LEAST_LOADED, team_id=desk.id)
    critical = world.ticket("rita", "fault", impact=1, urgency=1)
    assert who(critical) == "emma"
    light = [world.ticket("rita", "fault", impact=3, urgency=3) for _ in range(4)]
    assert [who(ticket) for ticket in light] == ["sam"] * 4  # 1 + 1 + 1 + 1 against 5
    even = world.ticket("rita", "fault", impact=3, urgency=3)
    assert who(even) == "sam"
    assert who(world.ticket("rita", "fault", impact=3, urgency=3)) == "emma"  # equal now: after the last one


def test_only_whoever_has_the_skill(world: World) -> None:
    desk = team(world, "emma", "sam", "sue", sue=("network",))
    rule(world, labels.SKILL, team_id=desk.id, skill="network", device_class="switch")
    rule(world, labels.TEAM, team_id=desk.id)
    switch = world.device("sw1", device_class="switch")
    assert who(world.ticket("rita", "fault", device_id=switch.id)) == "sue"
    other = world.ticket("rita", "fault")
    assert (who(other), other.team_id) == ("", desk.id)


def test_the_responsible_engineer_or_the_standby_or_a_substitute(world: World) -> None:
    rule(world, labels.RESPONSIBLE)
    device = world.device("srv1", responsible_id=world.users["erik"].id, standby_id=world.users["emma"].id)
    assert who(world.ticket("rita", "fault", device_id=device.id)) == "erik"
    away(world, "erik", "sue")
    assert who(world.ticket("rita", "fault", device_id=device.id)) == "emma"
    away(world, "emma")
    ticket = world.ticket("rita", "fault", device_id=device.id)
    assert who(ticket) == "sue"
    assert said(explained(ticket)) == ["gives it to Sue, who stands in for Erik"]


def test_who_is_on_duty_also_in_the_night_that_began_yesterday(world: World) -> None:
    desk = team(world, "emma", "sam")
    # The world's moment is Tuesday, 24 November 2026, 09:00 in Shanghai.
    duty(world, desk.id, "emma", hours=(8, 17), weekday=1)
    duty(world, desk.id, "sam", hours=(17, 32), weekday=1)
    rule(world, labels.ON_DUTY, team_id=desk.id, duty=labels.INSIDE)
    facts = Facts(world.organisations["north"].id, None, "fault", 3)

    def chosen(hours: int) -> str:
        return decide(facts, now=world.now + timedelta(hours=hours), taking=False).user_name

    assert [chosen(hours) for hours in (0, 7, 8, 20, 22, 23)] == ["Emma", "Emma", "Sam", "Sam", "Sam", ""]


def test_a_rule_for_the_hours_in_which_nobody_is_on_duty(world: World) -> None:
    desk = team(world, "emma")
    duty(world, desk.id, "emma", hours=(12, 17), weekday=1)
    rule(world, labels.PERSON, user_id=world.users["sue"].id, team_id=desk.id, duty=labels.OUTSIDE)
    rule(world, labels.ON_DUTY, team_id=desk.id)
    assert who(world.ticket("rita", "fault")) == "sue"


def test_what_nobody_can_take_waits_in_the_queue_of_the_first_team(world: World) -> None:
    desk = team(world, "emma")
    rule(world, labels.LEAST_LOADED, team_id=desk.id)
    away(world, "emma")
    ticket = world.ticket("rita", "fault")
    assert (who(ticket), ticket.state, ticket.team_id) == ("", "new", desk.id)
    assert said(explained(ticket)) == ["finds nobody who can take it now"]


def test_a_later_rule_is_asked_when_the_first_finds_nobody(world: World) -> None:
    desk = team(world, "emma")
    rule(world, labels.LEAST_LOADED, team_id=desk.id)
    rule(world, labels.PERSON, user_id=world.users["sue"].id)
    away(world, "emma")
    assert who(world.ticket("rita", "fault")) == "sue"


def test_never_somebody_whose_account_is_closed_or_whose_contract_is_over(world: World) -> None:
    desk = team(world, "emma", "sam")
    rule(world, labels.ROUND_ROBIN, team_id=desk.id)
    emma = world.users["emma"]
    with unit_of_work():
        update_user(
            emma,
            actor=SYSTEM,
            display_name="Emma",
            email="",
            phone="",
            department=None,
            active=False,
            now=world.now,
        )
    assert [who(world.ticket("rita", "fault")) for _ in range(2)] == ["sam", "sam"]
    facts = Facts(world.organisations["north"].id, None, "fault", 3)
    after_the_contract = world.now + timedelta(days=1000)
    assert decide(facts, now=after_the_contract, taking=False).user_id is None


def test_an_engineer_of_one_site_gets_nothing_of_another(world: World) -> None:
    desk = team(world, "erik", "emma")
    rule(world, labels.ROUND_ROBIN, team_id=desk.id)
    second = world.sites["north-2"].id
    assert [who(world.ticket("rita", "fault", site_id=second)) for _ in range(2)] == ["emma", "emma"]


def test_substitutes_that_name_each_other_end_with_nobody(world: World) -> None:
    away(world, "emma", "sam")
    away(world, "sam", "emma")
    rule(world, labels.PERSON, user_id=world.users["emma"].id)
    assert who(world.ticket("rita", "fault")) == ""


def test_rules_of_one_client_say_nothing_about_another(world: World) -> None:
    rule(world, labels.PERSON, user_id=world.users["emma"].id)
    ticket = world.ticket("rolf", "fault")
    assert who(ticket) == ""


def test_a_data_request_is_given_when_its_approval_lets_it_go_on(world: World) -> None:
    desk = team(world, "emma")
    rule(world, labels.ROUND_ROBIN, team_id=desk.id)
    details = {
        "purpose": "audit",
        "scope": "all",
        "period": "2026",
        "sensitivity": "internal",
        "delivery": "download",
        "recipient": "Rita",
    }
    ticket = world.ticket("rita", "data_request", details=details)
    assert (who(ticket), ticket.state, ticket.team_id) == ("", "awaiting_approval", desk.id)
    world.decide(ticket, "dora")
    assert who(ticket) == "emma"


def test_the_button_asks_the_rules_again_and_says_when_none_fits(world: World) -> None:
    ticket = world.ticket("rita", "fault")
    with pytest.raises(service.InvalidError, match="No rule fits"), unit_of_work():
        assigning.ask_the_rules(ticket, actor=world.actor("sam"), now=world.now)
    rule(world, labels.PERSON, user_id=world.users["emma"].id)
    with pytest.raises(service.NotAllowedError), unit_of_work():
        assigning.ask_the_rules(ticket, actor=world.actor("emma"), now=world.now)
    with unit_of_work():
        assigning.ask_the_rules(ticket, actor=world.actor("sam"), now=world.now)
    assert who(ticket) == "emma"
    with pytest.raises(service.ConflictError), unit_of_work():
        assigning.ask_the_rules(ticket, actor=world.actor("sam"), now=world.now)


def test_the_tester_takes_nobodys_turn(world: World) -> None:
    desk = team(world, "emma", "sam")
    rule(world, labels.ROUND_ROBIN, team_id=desk.id)
    facts = Facts(world.organisations["north"].id, None, "fault", 3)
    assert [decide(facts, now=world.now, taking=False).user_name for _ in range(2)] == ["Emma", "Emma"]
    fresh()
    assert db.session.get_one(Team, desk.id).last_user_id is None


def test_what_waits_for_others_does_not_weigh(world: World) -> None:
    ticket = world.ticket("rita", "fault")
    given = TransitionInput(assignee_id=world.users["emma"].id)
    with unit_of_work():
        service.transition(ticket, "assign", given, actor=world.actor("sam"), now=world.now)
        service.transition(ticket, "start", TransitionInput(), actor=world.actor("emma"), now=world.now)
    emma = world.users["emma"].id
    assert assigning.open_work([emma]) == {emma: 6 - ticket.priority}
    with unit_of_work():
        asking = TransitionInput(reason="which one?")
        service.transition(ticket, "ask", asking, actor=world.actor("emma"), now=world.now)
    assert assigning.open_work([emma]) == {}


def test_what_an_inspection_finds_goes_by_the_rules_first(world: World) -> None:
    device = world.device("srv1", responsible_id=world.users["emma"].id)
    plain = world.ticket("rita", "fault", device_id=device.id)
    desk = team(world, "sue")
    rule(world, labels.TEAM, team_id=desk.id)
    queued = world.ticket("rita", "fault", device_id=device.id)
    with unit_of_work():
        assert assigning.to_responsible(plain, actor=SYSTEM, now=world.now)
        assert not assigning.to_responsible(queued, actor=SYSTEM, now=world.now)
    assert (who(plain), who(queued)) == ("emma", "")


def test_what_an_inspection_finds_goes_to_nobody_who_is_away(world: World) -> None:
    device = world.device("srv1", responsible_id=world.users["emma"].id)
    away(world, "emma")
    ticket = world.ticket("rita", "fault", device_id=device.id)
    with unit_of_work():
        assert not assigning.to_responsible(ticket, actor=SYSTEM, now=world.now)
    assert who(ticket) == ""
