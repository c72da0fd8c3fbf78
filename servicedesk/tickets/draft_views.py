"""The page tells what is being typed and learns who else is here."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.tickets import drafts, queries
from servicedesk.tickets.blueprint import bp


@bp.post("/<int:ticket_id>/presence")
@login_required
def presence(ticket_id: int) -> ResponseReturnValue:
    """Called every few seconds by an open page, with the text as it stands when that changed."""
    actor, now = current_actor(), utcnow()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    with unit_of_work():
        drafts.keep(ticket, request.form.get("text"), actor=actor, now=now)
    seen = request.form.get("version", "")
    return render_template(
        "tickets/_presence.html",
        others=drafts.at(ticket, actor, now)[1] if queries.sees_internal(ticket, actor) else [],
        changed=seen.isdigit() and seen != str(ticket.version),
        ticket=ticket,
    )
