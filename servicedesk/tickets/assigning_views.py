"""A ticket's team, and the button that asks the rules."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.tickets import assigning, queries
from servicedesk.tickets.acting_views import seen_version
from servicedesk.tickets.blueprint import bp
from servicedesk.tickets.link_views import carried_out
from servicedesk.tickets.team_form import team_form
from servicedesk.tickets.views import show


@bp.post("/<int:ticket_id>/team")
@login_required
def give_to_team(ticket_id: int) -> ResponseReturnValue:
    """Put the ticket into a team's queue."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    form = team_form(ticket, submitted=True)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                assigning.set_team(
                    ticket,
                    form.team_id.data,
                    reason=form.reason.data or "",
                    actor=actor,
                    now=utcnow(),
                    version=seen_version(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            return redirect(url_for("tickets.detail", ticket_id=ticket_id))
    return show(ticket_id, status=422, failed="team", team_form=form)


@bp.post("/<int:ticket_id>/rules")
@login_required
def ask_rules(ticket_id: int) -> ResponseReturnValue:
    """Let the rules say who gets the ticket."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    return carried_out(
        ticket,
        lambda: assigning.ask_the_rules(ticket, actor=actor, now=utcnow(), version=seen_version()),
        _("The rules have been asked: the timeline says what they decided."),
    )
