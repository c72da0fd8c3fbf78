"""Two teams of the demonstration with their duty roster, the rules, and somebody who will be away."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from servicedesk.assignment import absences, labels, roster
from servicedesk.assignment.models import Team
from servicedesk.assignment.roster import Entry
from servicedesk.assignment.rules import RuleData, save_rule
from servicedesk.assignment.service import TeamData, save_team
from servicedesk.core.db import db, unit_of_work
from servicedesk.demo.building import ACTOR, Cast
from servicedesk.demo.texts import T
from servicedesk.tickets import assigning
from servicedesk.tickets.models import Ticket

# key, name, site, members with what they know
TEAMS: tuple[tuple[str, T, str, dict[str, tuple[str, ...]]], ...] = (
    (
        "hq",
        T("大楼运维组", "Main building team"),
        "hq",
        {"zhangwei": ("network", "server", "power"), "chenjing": ("desktop", "printer", "av")},
    ),
    (
        "east",
        T("东区运维组", "East branch team"),
        "east",
        {"liuyang": ("network", "server"), "chenjing": ("desktop", "printer", "database")},
    ),
)
LEADER = "zhaolei"
MORNING, DAY, NIGHT = (8 * 60, 12 * 60), (8 * 60, 18 * 60), (18 * 60, 32 * 60)
ASKED = 4  # open tickets that nobody has taken yet


def assign(cast: Cast, now: datetime) -> None:
    """All of it as of now; the past keeps what people did in it."""
    with unit_of_work():
        teams = {key: _team(cast, name, site, members, now) for key, name, site, members in TEAMS}
        _roster(cast, teams["hq"], "zhangwei", "chenjing", now)
        _roster(cast, teams["east"], "liuyang", "chenjing", now)
        _rules(cast, teams, now)
        absences.record(
            cast.users["liuyang"].id,
            cast.users["chenjing"].id,
            now + timedelta(days=3),
            now + timedelta(days=8),
            actor=ACTOR,
            now=now,
        )
    with unit_of_work():
        waiting = sa.select(Ticket).where(Ticket.assignee_id.is_(None), Ticket.phase == "open")
        for ticket in db.session.scalars(waiting.order_by(Ticket.id.desc()).limit(ASKED)):
            assigning.by_the_rules(ticket, now=now)


def _team(cast: Cast, name: T, site: str, members: dict[str, tuple[str, ...]], now: datetime) -> Team:
    data = TeamData(
        name.say(cast.chinese),
        site_id=cast.sites[site].id,
        leader_id=cast.users[LEADER].id,
        members={cast.users[who].id: skills for who, skills in members.items()},
    )
    return save_team(None, cast.organisations["client"].id, data, actor=ACTOR, now=now)


def _roster(cast: Cast, team: Team, first: str, second: str, now: datetime) -> None:
    """The first by day, the second at night and on Saturday morning; on Sunday nobody."""
    one, other = cast.users[first].id, cast.users[second].id
    entries = [Entry(one, *DAY, weekday=number) for number in range(5)]
    entries += [Entry(other, *NIGHT, weekday=number) for number in range(5)]
    entries.append(Entry(other, *MORNING, weekday=5))
    next_week = now.date() + timedelta(days=7)
    entries.append(Entry(other, *DAY, day=next_week))  # swapped
    roster.add(team.id, entries, actor=ACTOR, now=now)


def _rules(cast: Cast, teams: dict[str, Team], now: datetime) -> None:
    for data in (
        *(
            RuleData(
                T("紧急工单找值班人员", "Critical ones to whoever is on duty").say(cast.chinese),
                labels.ON_DUTY,
                site_id=cast.sites[key].id,
                priority=1,
                duty=labels.INSIDE,
                team_id=team.id,
            )
            for key, team in teams.items()
        ),
        RuleData(
            T("大楼打印机问题", "Printers of the main building").say(cast.chinese),
            labels.SKILL,
            site_id=cast.sites["hq"].id,
            device_class="printer",
            team_id=teams["hq"].id,
            skill="printer",
        ),
        RuleData(
            T("设备故障找责任工程师", "Faults of a device to its engineer").say(cast.chinese),
            labels.RESPONSIBLE,
            category="fault",
        ),
        *(
            RuleData(
                T("其余按工作量", "All others by load").say(cast.chinese),
                labels.LEAST_LOADED,
                site_id=cast.sites[key].id,
                team_id=team.id,
            )
            for key, team in teams.items()
        ),
    ):
        save_rule(None, cast.organisations["client"].id, data, actor=ACTOR, now=now)
