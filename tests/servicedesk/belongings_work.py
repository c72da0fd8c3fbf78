"""A client's service levels, teams and absences; part of ``belongings``."""

from __future__ import annotations

from datetime import timedelta

from servicedesk.assignment.models import Absence, AssignmentRule, Duty, Team, TeamMember
from servicedesk.core.db import unit_of_work
from servicedesk.organisations.models import Site
from servicedesk.sla.models import SlaCalendar, SlaPolicy
from servicedesk.sla.policies import office_calendar, save_calendar
from servicedesk.sla.promises import PolicyData, save_policy
from servicedesk.staff.models import User
from tests.servicedesk.world import SYSTEM, World


def service_level(world: World, client: str, name: str) -> tuple[SlaCalendar, SlaPolicy]:
    """A working calendar and a promise by it."""
    made = {"client_id": world.organisations[client].id, "actor": SYSTEM, "now": world.now}
    calendar = save_calendar(None, office_calendar("Asia/Shanghai"), name=f"hours of {name}", **made)  # type: ignore[arg-type]  # one of them is no number
    return calendar, save_policy(
        None, calendar.client_id, PolicyData(calendar.id, 60, priority=5), actor=SYSTEM, now=world.now
    )


def assignment(world: World, place: Site, name: str, worker: User) -> dict[str, int]:
    """A team of the place, its duty roster, a rule, and an absence of its only member in years to come."""
    with unit_of_work() as session:
        team = Team(client_id=place.client_id, site_id=place.id, name=f"team of {name}", created_at=world.now)
        session.add(team)
        session.flush()
        session.add(TeamMember(team_id=team.id, user_id=worker.id, skills=[]))
        begin = world.now + timedelta(days=1000 * place.id)
        rows = {
            "duty_id": Duty(team_id=team.id, user_id=worker.id, weekday=0, from_minute=0, until_minute=60),
            "rule_id": AssignmentRule(
                client_id=place.client_id,
                site_id=place.id,
                position=1,
                name=f"rule of {name}",
                category="change",
                action="team",
                team_id=team.id,
                created_at=world.now,
            ),
            "absence_id": Absence(
                user_id=worker.id, from_at=begin, until_at=begin + timedelta(days=1), created_at=world.now
            ),
        }
        session.add_all(rows.values())
        session.flush()
        return {"team_id": team.id, **{key: row.id for key, row in rows.items()}}
