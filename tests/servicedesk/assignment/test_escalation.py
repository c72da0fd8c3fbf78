"""Whom the marks of service levels name: people, not words."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.assignment.escalation import people_told
from servicedesk.assignment.models import Team
from servicedesk.core.db import db, unit_of_work
from servicedesk.notifications.models import Notification, NotificationEvent
from servicedesk.sla.models import SlaClock
from servicedesk.tickets import jobs, service
from servicedesk.tickets.models import Ticket, TimelineEntry
from servicedesk.tickets.service import TransitionInput
from tests.servicedesk.assignment.play import away, team
from tests.servicedesk.world import Browser, World, fresh

NAMES = ("assignee", "assignee_supervisor", "supervisors")


def told(
    world: World, desk: Team | None = None, assignee: str = "emma", site: str = ""
) -> dict[str, list[str]]:
    found = people_told(
        NAMES,
        client_id=world.organisations["north"].id,
        site_id=world.sites[site].id if site else None,
        assignee_id=world.users[assignee].id,
        team=desk,
        now=world.now,
    )
    return {name: sorted(people.values()) for name, people in found.items()}


def test_without_a_team_the_supervisors_of_the_place_are_told(any_world: World) -> None:
    both = ["Sam", "Sue"]
    assert told(any_world) == {"assignee": ["Emma"], "assignee_supervisor": both, "supervisors": both}


def test_the_leader_of_the_team_comes_first(world: World) -> None:
    assert told(world, team(world, "emma", leader="sue"))["assignee_supervisor"] == ["Sue"]


def test_a_leader_who_is_away_is_stood_in_for_and_one_who_works_on_it_is_passed_over(world: World) -> None:
    desk = team(world, "emma", "sue", leader="emma")
    assert told(world, desk, assignee="sue")["assignee_supervisor"] == ["Emma"]
    assert told(world, desk)["assignee_supervisor"] == ["Sam", "Sue"]
    away(world, "emma", "sam")
    assert told(world, desk, assignee="sue")["assignee_supervisor"] == ["Sam"]


def test_nobody_of_another_client_or_whose_contract_is_over(world: World) -> None:
    assert "Stan" not in told(world)["supervisors"]
    world.now += timedelta(days=1000)
    assert told(world) == {"assignee": [], "assignee_supervisor": [], "supervisors": []}


def test_a_breach_reaches_the_leader_who_is_no_supervisor(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = team(world, "emma", "erik", leader="erik", site="north-1")
    site = world.sites["north-1"].id
    ticket = world.ticket("rita", "fault", site_id=site)
    with unit_of_work():
        ticket.team_id = desk.id
        given = TransitionInput(assignee_id=world.users["emma"].id)
        service.transition(ticket, "assign", given, actor=world.actor("sam"), now=world.now)
    due = db.session.scalar(sa.select(sa.func.max(SlaClock.due_at)).where(SlaClock.ticket_id == ticket.id))
    assert due is not None
    monkeypatch.setattr(jobs, "utcnow", lambda: due + timedelta(minutes=1))
    assert jobs.check_clocks() >= 1
    fresh()
    entries = db.session.scalars(
        sa.select(TimelineEntry).where(TimelineEntry.ticket_id == ticket.id, TimelineEntry.kind == "sla")
    ).all()
    assert entries[-1].data["people"] == {
        "assignee": ["Emma"],
        "assignee_supervisor": ["Erik"],
        "supervisors": ["Sam", "Sue"],
    }
    heard = db.session.scalars(
        sa.select(Notification.recipient_id)
        .join(NotificationEvent, NotificationEvent.id == Notification.event_id)
        .where(NotificationEvent.name == "ticket.sla_missed")
    ).all()
    expected = {world.users[name].id for name in ("emma", "erik", "sam", "sue")}
    assert set(heard) == expected
    assert len(heard) == len(expected) * len(entries)
    assert "Erik" in Browser(app, "sam").get(f"/tickets/{ticket.id}").text
    assert db.session.get_one(Ticket, ticket.id).team_id == desk.id
