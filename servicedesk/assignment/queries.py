"""Teams and people as far as an actor reaches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from servicedesk.assignment.models import Team, TeamMember
from servicedesk.core.actor import Actor, Scope
from servicedesk.core.db import db, kept_by_thread
from servicedesk.core.errors import NotFoundError
from servicedesk.core.i18n import select_timezone
from servicedesk.core.permissions import Permission
from servicedesk.organisations.models import CLIENT, Organisation, Site
from servicedesk.staff.models import User
from servicedesk.staff.queries import holder_names, holders


def clients_in(scope: Scope) -> list[Organisation]:
    """Active clients that a scope touches, at least with one site."""
    of_sites = sa.select(Site.client_id).where(scope.clause(sa.null(), Site.id))
    return list(
        db.session.scalars(
            sa.select(Organisation)
            .where(
                Organisation.kind == CLIENT,
                Organisation.active,
                sa.or_(scope.clause(Organisation.id), Organisation.id.in_(of_sites)),
            )
            .order_by(Organisation.name)
        )
    )


def workers_in(scope: Scope) -> list[User]:
    """Who may be given tickets of the clients that a scope touches, wherever there."""
    ids = [client.id for client in clients_in(scope)] if scope else []
    return holders(Permission.TICKET_WORK, *ids, any_site=True) if ids else []


def worker_names(scope: Scope) -> list[tuple[int, str]]:
    """Number and name of the same people."""
    ids = [client.id for client in clients_in(scope)] if scope else []
    return holder_names(Permission.TICKET_WORK, *ids, any_site=True) if ids else []


def workers_at(client_id: int, site_id: int | None) -> list[User]:
    """Who may be given tickets of a site; of any site of the client where none is named."""
    if site_id is None:
        return holders(Permission.TICKET_WORK, client_id, any_site=True)
    return holders(Permission.TICKET_WORK, client_id, site_id=site_id)


def managed_teams(actor: Actor) -> sa.Select[Team]:
    """Teams whose members, rules and roster the actor may change."""
    scope = actor.scope(Permission.TICKET_ASSIGN)
    return sa.select(Team).where(scope.clause(Team.client_id, Team.site_id))


def teams_in_view(actor: Actor) -> Sequence[Team]:
    """Active teams that tickets in the actor's view may have."""
    scope = actor.scope(Permission.TICKET_VIEW)
    return db.session.scalars(_in_view(scope)).all() if scope else []


@kept_by_thread
def _in_view(scope: Scope) -> sa.Select[Team]:
    of_sites = sa.select(Site.client_id).where(scope.clause(sa.null(), Site.id))
    whole_client = sa.and_(Team.site_id.is_(None), Team.client_id.in_(of_sites))
    return (
        sa.select(Team)
        .where(Team.active, sa.or_(scope.clause(Team.client_id, Team.site_id), whole_client))
        .order_by(Team.name, Team.id)
    )


def teams_at(client_id: int, site_id: int | None) -> Sequence[Team]:
    """Active teams that serve a place."""
    return db.session.scalars(
        sa.select(Team)
        .where(
            Team.active,
            Team.client_id == client_id,
            sa.or_(Team.site_id.is_(None), Team.site_id == site_id),
        )
        .order_by(Team.name, Team.id)
    ).all()


def get_managed_team(team_id: int, actor: Actor) -> Team:
    """The team with its members, or NotFoundError."""
    statement = managed_teams(actor).where(Team.id == team_id)
    team = db.session.scalar(
        statement.options(
            joinedload(Team.client),
            joinedload(Team.site),
            selectinload(Team.members).joinedload(TeamMember.user),
        )
    )
    if team is None:
        raise NotFoundError
    return team


def zones_of(teams: Iterable[Team]) -> dict[int, ZoneInfo]:
    """The time zones rosters are written in, by team: the site's, else that of the client's first site."""
    found = list(teams)
    rows = db.session.execute(
        sa.select(Site.id, Site.client_id, Site.timezone)
        .where(Site.client_id.in_({team.client_id for team in found}))
        .order_by(Site.id.desc())
    ).all()
    of_site = {row.id: row.timezone for row in rows}
    of_client = {row.client_id: row.timezone for row in rows}  # the first site comes last
    return {
        team.id: ZoneInfo(
            of_site.get(team.site_id or 0) or of_client.get(team.client_id) or select_timezone()
        )
        for team in found
    }


def zone_of(team: Team) -> ZoneInfo:
    """The same for one team."""
    return zones_of([team])[team.id]
