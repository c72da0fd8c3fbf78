"""Pages of teams: those a supervisor answers for, with members and skills."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import joinedload

from servicedesk.assignment.forms import TeamForm, named
from servicedesk.assignment.labels import SKILLS
from servicedesk.assignment.models import Team, TeamMember
from servicedesk.assignment.queries import clients_in, get_managed_team, managed_teams, workers_at
from servicedesk.assignment.service import TeamData, save_team
from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.forms import options, whole_number
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.organisations.models import Organisation, Site

bp = Blueprint("assignment", __name__, url_prefix="/assignment")


def manager() -> Actor:
    """Who assigns tickets somewhere; nobody else learns that these pages exist."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.TICKET_ASSIGN):
        abort(404)
    return actor


def chosen_client(actor: Actor) -> tuple[list[Organisation], Organisation | None]:
    """The clients in reach, and the one the address names, else the first.

    Raises:
        NotFoundError: the address names another.
    """
    clients = clients_in(actor.scope(Permission.TICKET_ASSIGN))
    wanted = request.args.get("client", type=whole_number)
    if wanted is None:
        return clients, clients[0] if clients else None
    found = next((client for client in clients if client.id == wanted), None)
    if found is None:
        raise NotFoundError
    return clients, found


def sites_of(client_id: int, actor: Actor) -> list[tuple[int, str]]:
    """The client's sites in the actor's reach, for a choice."""
    reach = actor.scope(Permission.TICKET_ASSIGN).clause(Site.client_id, Site.id)
    return named(
        db.session.scalars(
            sa.select(Site).where(Site.client_id == client_id, Site.active, reach).order_by(Site.name)
        )
    )


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """The teams."""
    actor = manager()
    clients, client = chosen_client(actor)
    statement = (
        managed_teams(actor)
        .where(Team.client_id == (client.id if client else 0))
        .options(joinedload(Team.site), joinedload(Team.leader))
    )
    page = paginate(
        statement,
        Order((Team.name, Team.id), ("name", "id"), descending=False),
        request.args.get("cursor", ""),
        scalars=True,
    )
    counted = db.session.execute(
        sa.select(TeamMember.team_id, sa.func.count().label("size"))
        .where(TeamMember.team_id.in_([team.id for team in page.rows]))
        .group_by(TeamMember.team_id)
    )
    sizes = {row.team_id: row.size for row in counted}
    return render_template(
        "assignment/teams.html",
        page=page,
        sizes=sizes,
        clients=clients,
        client=client,
        client_names=named(clients),
    )


@bp.route("/teams/new", methods=["GET", "POST"])
@login_required
def new_team() -> ResponseReturnValue:
    """Make a team."""
    _clients, client = chosen_client(manager())
    if client is None:
        raise NotFoundError
    return _team_page(client.id, client.name, None)


@bp.route("/teams/<int:team_id>", methods=["GET", "POST"])
@login_required
def team(team_id: int) -> ResponseReturnValue:
    """Change a team."""
    found = get_managed_team(team_id, manager())
    return _team_page(found.client_id, found.client.name, found)


def _team_page(client_id: int, client_name: str, found: Team | None) -> ResponseReturnValue:
    actor = current_actor()
    team_id = found.id if found else None
    skills = {member.user_id: list(member.skills) for member in found.members} if found else {}
    form = TeamForm(obj=found, data={"members": list(skills)})
    people = named(workers_at(client_id, found.site_id if found else None))
    known = dict(people)
    if found is not None:  # who works there no longer can still be seen, and taken out
        known |= {member.user_id: member.user.display_name for member in found.members}
    form.members.choices = options(known.items())
    form.leader_id.offer(people, empty=_("(none)"))
    everything = actor.allows(Permission.TICKET_ASSIGN, client_id)
    form.site_id.offer(sites_of(client_id, actor), empty=_("(all sites)") if everything else None)
    if form.is_submitted():
        skills = {number: request.form.getlist(f"skills-{number}") for number in form.members.data or ()}
    if form.validate_on_submit():
        saved = _save(team_id, client_id, form, skills)
        if saved:
            flash(_("Saved."), "success")
            return redirect(url_for("assignment.team", team_id=saved))
    elif not form.is_submitted() and found is not None:
        form.members.data = list(skills)
    values: dict[str, Any] = {"form": form, "client_name": client_name, "client_id": client_id}
    members = [(number, known[number], skills.get(number, [])) for number in form.members.data or ()
               if number in known]  # fmt: skip
    return render_template(
        "assignment/team.html", team_id=team_id, members=members, skills=SKILLS, **values
    ), (422 if form.is_submitted() else 200)


def _save(team_id: int | None, client_id: int, form: TeamForm, skills: dict[int, list[str]]) -> int:
    """The team's number; 0 when it was refused."""
    data = TeamData(
        name=form.name.data or "",
        site_id=form.site_id.data,
        leader_id=form.leader_id.data,
        active=bool(form.active.data),
        members={number: tuple(skills.get(number, ())) for number in form.members.data or ()},
    )
    try:
        with unit_of_work():
            return save_team(team_id, client_id, data, actor=current_actor(), now=utcnow()).id
    except DomainError as error:
        form.refuse(error)
        return 0
