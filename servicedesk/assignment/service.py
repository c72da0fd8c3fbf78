"""Teams as people set them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.assignment.labels import SKILLS
from servicedesk.assignment.models import Team, TeamMember
from servicedesk.assignment.queries import get_managed_team, workers_at
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.organisations.models import CLIENT, Organisation, Site
from servicedesk.staff.models import User

MAX_MEMBERS = 200
_FIELDS = ("name", "site_id", "leader_id", "active")


@dataclass(frozen=True, slots=True)
class TeamData:
    """What a person gives. ``members``: account number -> skills."""

    name: str
    site_id: int | None = None
    leader_id: int | None = None
    active: bool = True
    members: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


def save_team(team_id: int | None, client_id: int, data: TeamData, *, actor: Actor, now: datetime) -> Team:
    """Make a team or change one.

    Raises:
        NotFoundError: no such team, or out of reach.
        NotAllowedError: the place is out of the actor's reach.
        InvalidError: a name missing or taken, a site of another client, somebody who cannot work there.
    """
    audit.take_turn()  # before the team's row, as everybody who gives a ticket to a team does
    team = get_managed_team(team_id, actor) if team_id is not None else None
    if team is not None:
        client_id = team.client_id
    require_place(client_id, data.site_id, actor)
    _require_free_name(team, client_id, data.name)
    people = {user.id for user in workers_at(client_id, data.site_id)}
    kept = {member.user_id for member in team.members} if team is not None else set()
    if set(data.members) - people - kept or len(data.members) > MAX_MEMBERS:
        raise InvalidError(_("Choose people who work on the tickets of this place."), "members")
    if data.leader_id is not None and data.leader_id not in people:
        raise InvalidError(_("Choose somebody who works on the tickets of this place."), "leader_id")
    before = _snapshot(team) if team is not None else None
    if team is None:
        team = Team(client_id=client_id, created_at=now)
        db.session.add(team)
    team.name, team.site_id, team.active = data.name.strip()[:100], data.site_id, data.active
    team.leader_id, team.updated_at = data.leader_id, now
    _set_members(team, data.members)
    db.session.flush()
    audit.record(
        actor,
        "team.created" if before is None else "team.updated",
        team,
        now=now,
        label=team.name,
        before=before,
        after=_snapshot(team),
    )
    return team


def require_place(client_id: int, site_id: int | None, actor: Actor) -> None:
    """The place is a client's, and the actor assigns its tickets.

    Raises:
        NotAllowedError, InvalidError.
    """
    client = db.session.get(Organisation, client_id)
    site = db.session.get(Site, site_id) if site_id is not None else None
    if client is None or client.kind != CLIENT:
        raise NotAllowedError
    if site_id is not None and (site is None or site.client_id != client_id):
        raise InvalidError(_("There is no such site here."), "site_id")
    if not actor.allows(Permission.TICKET_ASSIGN, client_id, site_id):
        reach = actor.scope(Permission.TICKET_ASSIGN).clause(sa.null(), Site.id)
        here = sa.select(Site.id).where(Site.client_id == client_id, reach).limit(1)
        if site_id is None and db.session.scalar(here) is not None:
            raise InvalidError(_("You answer for single sites: choose one of them."), "site_id")
        raise NotAllowedError


def _require_free_name(team: Team | None, client_id: int, name: str) -> None:
    if not name.strip():
        raise InvalidError(_("Give the team a name."), "name")
    other = db.session.scalar(
        sa.select(Team.id).where(Team.client_id == client_id, Team.name == name.strip()[:100])
    )
    if other is not None and (team is None or other != team.id):
        raise InvalidError(_("Another team of this client has this name."), "name")


def _set_members(team: Team, members: Mapping[int, tuple[str, ...]]) -> None:
    known = {member.user_id: member for member in team.members}
    for user_id, member in known.items():
        if user_id not in members:
            team.members.remove(member)
    for user_id, skills in members.items():
        if set(skills) - set(SKILLS):
            raise InvalidError(_("Choose the skills from the list."), "members")
        skills_kept = [skill for skill in SKILLS if skill in skills]
        if user_id in known:
            known[user_id].skills = skills_kept
        else:
            team.members.append(TeamMember(user_id=user_id, skills=skills_kept))


def _snapshot(team: Team) -> dict[str, Any]:
    db.session.flush()
    rows = db.session.execute(
        sa.select(User.display_name, TeamMember.skills)
        .join(User, User.id == TeamMember.user_id)
        .where(TeamMember.team_id == team.id)
        .order_by(User.display_name, User.id)
    )
    people = [
        f"{row.display_name} ({', '.join(row.skills)})" if row.skills else row.display_name for row in rows
    ]
    return {**audit.snapshot(team, _FIELDS), "people": people}
