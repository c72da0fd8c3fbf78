"""Links, parents, merging and splitting, from a ticket's page."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.web import form_number
from servicedesk.tickets import links, queries
from servicedesk.tickets.blueprint import bp
from servicedesk.tickets.models import Ticket, TimelineEntry
from servicedesk.tickets.page import Refused
from servicedesk.tickets.service import NewTicket
from servicedesk.tickets.views import show


def carried_out(
    ticket: Ticket, act: Callable[[], object], done: str = "", anchor: str = ""
) -> ResponseReturnValue:
    """Do it in one transaction and return to the ticket; a refusal is said there and nothing typed is lost.

    Args:
        anchor: the card that the form stands in.
    """
    number = ticket.id
    try:
        with unit_of_work():
            act()
    except DomainError as error:
        refused = Refused(anchor, str(error), request.form.to_dict())
        return show(number, status=422, refused=refused)
    if done:
        flash(done, "success")
    return redirect(url_for("tickets.detail", ticket_id=ticket.id) + (f"#{anchor}" if anchor else ""))


@bp.post("/<int:ticket_id>/links")
@login_required
def add_link(ticket_id: int) -> ResponseReturnValue:
    """Link to another ticket, put this one below it, or take it out."""
    actor, now = current_actor(), utcnow()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    kind, number = request.form.get("kind", ""), request.form.get("number", "")

    def act() -> None:
        other = links.find_visible(number, actor)
        if kind == "parent":
            links.set_parent(ticket, other, actor=actor, now=now)
        elif kind == "child":
            links.set_parent(other, ticket, actor=actor, now=now)
        else:
            links.link(ticket, other, kind, actor=actor, now=now)

    return carried_out(ticket, act, anchor="links")


@bp.post("/<int:ticket_id>/links/<int:link_id>/remove")
@login_required
def remove_link(ticket_id: int, link_id: int) -> ResponseReturnValue:
    """Remove a link."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    return carried_out(
        ticket, lambda: links.unlink(ticket, link_id, actor=actor, now=utcnow()), anchor="links"
    )


@bp.post("/<int:ticket_id>/parent/remove")
@login_required
def remove_parent(ticket_id: int) -> ResponseReturnValue:
    """Take the ticket out from below its parent."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    return carried_out(
        ticket, lambda: links.set_parent(ticket, None, actor=actor, now=utcnow()), anchor="links"
    )


@bp.post("/<int:ticket_id>/merge")
@login_required
def merge(ticket_id: int) -> ResponseReturnValue:
    """Continue in another ticket."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)

    def act() -> None:
        into = links.find_visible(request.form.get("number", ""), actor)
        links.merge(ticket, into, reason=request.form.get("reason", "")[:4000], actor=actor, now=utcnow())

    return carried_out(ticket, act, _("Merged. It continues in the other ticket."), anchor="merge")


@bp.post("/<int:ticket_id>/split")
@login_required
def split(ticket_id: int) -> ResponseReturnValue:
    """Make a ticket of its own out of one entry."""
    actor, now = current_actor(), utcnow()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    entry = db.session.get(TimelineEntry, form_number("entry"))
    if (
        entry is None
        or entry.ticket_id != ticket.id
        or (entry.internal and not queries.sees_internal(ticket, actor))
    ):
        raise NotFoundError
    new = NewTicket(
        client_id=ticket.client_id,
        category=request.form.get("category", "general"),
        title=request.form.get("title", "").strip(),
        description=entry.body,
        site_id=ticket.site_id,
        device_id=ticket.device_id,
        impact=ticket.impact,
        urgency=ticket.urgency,
    )
    made: list[Ticket] = []
    answer = carried_out(ticket, lambda: made.append(links.split(ticket, entry, new, actor=actor, now=now)))
    return redirect(url_for("tickets.detail", ticket_id=made[0].id)) if made else answer
