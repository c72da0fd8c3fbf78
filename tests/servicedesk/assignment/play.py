"""Teams, rules and absences that the tests of assignment need."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from servicedesk.assignment import absences, roster
from servicedesk.assignment.labels import LEAST_LOADED
from servicedesk.assignment.models import Absence, AssignmentRule, Team
from servicedesk.assignment.roster import Entry
from servicedesk.assignment.rules import RuleData, save_rule
from servicedesk.assignment.service import TeamData, save_team
from servicedesk.core.db import unit_of_work
from servicedesk.tickets.models import TimelineEntry
from tests.servicedesk.world import SYSTEM, World


def team(
    world: World, *names: str, name: str = "Desk", site: str = "", leader: str = "", **skills: Any
) -> Team:
    """A team of north with these people; ``skills`` by user name."""
    members = {world.users[who].id: tuple(skills.get(who, ())) for who in names}
    data = TeamData(
        name,
        site_id=world.sites[site].id if site else None,
        leader_id=world.users[leader].id if leader else None,
        members=members,
    )
    with unit_of_work():
        return save_team(None, world.organisations["north"].id, data, actor=SYSTEM, now=world.now)


def rule(world: World, action: str = LEAST_LOADED, name: str = "", **values: Any) -> AssignmentRule:
    """A rule of north at the end of its list."""
    data = RuleData(name or action, action, **values)
    with unit_of_work():
        return save_rule(None, world.organisations["north"].id, data, actor=SYSTEM, now=world.now)


def away(world: World, who: str, substitute: str = "", *, days: int = 5) -> Absence:
    """Somebody is away since an hour ago."""
    with unit_of_work():
        return absences.record(
            world.users[who].id,
            world.users[substitute].id if substitute else None,
            world.now - timedelta(hours=1),
            world.now + timedelta(days=days),
            actor=SYSTEM,
            now=world.now,
        )


def duty(world: World, team_id: int, who: str, *, hours: tuple[int, int], weekday: int | None = None,
         day: Any = None) -> None:  # fmt: skip
    """An entry of the roster; hours of the day from and until."""
    user_id = world.users[who].id if who else None
    entry = Entry(user_id, hours[0] * 60, hours[1] * 60, weekday, day)
    with unit_of_work():
        roster.add(team_id, [entry], actor=SYSTEM, now=world.now)


def said(entry: TimelineEntry) -> list[str]:
    """The sentences of an entry of the rules, in English."""
    return [step["template"] % step["values"] for step in entry.data["steps"]]


def at(world: World, **delta: int) -> datetime:
    """A moment after the world's."""
    return world.now + timedelta(**delta)
