"""Watching a ticket that is not one's own: its events are told as if it were."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.tickets import queries
from servicedesk.tickets.models import Ticket, Watcher

bp = Blueprint("watching", __name__, url_prefix="/tickets")


def watches(ticket_id: int, actor: Actor) -> bool:
    """Whether the actor watches the ticket."""
    found = sa.select(Watcher.id).where(Watcher.ticket_id == ticket_id, Watcher.user_id == actor.user_id)
    return db.session.scalar(found) is not None


def set_watching(ticket: Ticket, wanted: bool, *, actor: Actor, now: datetime) -> None:
    """Begin or stop; doing it twice changes nothing. Who may see a ticket may watch it."""
    if actor.user_id is None or watches(ticket.id, actor) == wanted:
        return
    if wanted:
        db.session.add(Watcher(ticket_id=ticket.id, user_id=actor.user_id, since=now))
    else:
        mine = sa.delete(Watcher).where(Watcher.ticket_id == ticket.id, Watcher.user_id == actor.user_id)
        db.session.execute(mine)
    db.session.flush()


@bp.post("/<int:ticket_id>/watch")
@login_required
def watch(ticket_id: int) -> ResponseReturnValue:
    """The button of the ticket's page."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    with unit_of_work():
        set_watching(ticket, request.form.get("on") == "1", actor=actor, now=utcnow())
    return redirect(url_for("tickets.detail", ticket_id=ticket_id))
