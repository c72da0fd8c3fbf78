"""The form that puts a ticket into a team's queue."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from servicedesk.assignment.queries import teams_at
from servicedesk.core.actor import Actor
from servicedesk.core.forms import Choice, Form, LongText
from servicedesk.core.permissions import Permission
from servicedesk.tickets.assigning import OPEN, arrow_to
from servicedesk.tickets.forms import number_form
from servicedesk.tickets.models import Ticket


class TeamForm(Form):
    team_id = Choice(_l("Team"))
    reason = LongText(_l("Reason or message"), max_length=4000)
    offered = False  # whether there is any team


def team_form(ticket: Ticket, *, submitted: bool) -> TeamForm:
    """The teams that serve the ticket's place."""
    data = {"team_id": ticket.team_id}
    form = TeamForm(data=data) if submitted else TeamForm(formdata=None, data=data)
    teams = {team.id: team.name for team in teams_at(ticket.client_id, ticket.site_id)}
    if ticket.team is not None:
        teams.setdefault(ticket.team.id, ticket.team.name)
    form.offered = bool(teams)
    form.team_id.offer(teams.items(), empty=_l("(no team)"))
    number_form(form, "team")
    return form


def team_values(ticket: Ticket, actor: Actor, form: TeamForm | None) -> dict[str, Any]:
    """What the ticket's page shows of it; ``form`` is one that was refused."""
    open_here = ticket.phase in OPEN
    works = open_here and actor.allows(Permission.TICKET_WORK, ticket.client_id, ticket.site_id)
    assigns = open_here and actor.allows(Permission.TICKET_ASSIGN, ticket.client_id, ticket.site_id)
    own = form or (team_form(ticket, submitted=False) if works else None)
    return {
        "may_set_team": own is not None and (form is not None or own.offered),
        "may_ask_rules": assigns and ticket.assignee_id is None and bool(arrow_to(ticket)),
        "team_form": own,
    }
