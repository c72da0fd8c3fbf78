"""Costs, time, checklist and devices, from a ticket's page."""

from __future__ import annotations

from datetime import date

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.errors import InvalidError, NotFoundError
from servicedesk.core.forms import whole_number
from servicedesk.core.permissions import Permission
from servicedesk.core.web import form_number
from servicedesk.equipment.queries import get_visible_device
from servicedesk.tickets import belongings, cost_approval, queries
from servicedesk.tickets.blueprint import bp
from servicedesk.tickets.fields import zone_of
from servicedesk.tickets.link_views import carried_out


@bp.post("/<int:ticket_id>/costs")
@login_required
def add_cost(ticket_id: int) -> ResponseReturnValue:
    """Write a part or a cost down."""
    actor, given = current_actor(), request.form
    ticket = queries.get_visible_ticket(ticket_id, actor)
    return carried_out(
        ticket,
        lambda: belongings.add_cost(
            ticket,
            kind=given.get("kind", ""),
            description=given.get("description", ""),
            quantity=given.get("quantity", ""),
            unit_price=given.get("unit_price", ""),
            serial_old=given.get("serial_old", ""),
            serial_new=given.get("serial_new", ""),
            actor=actor,
            now=utcnow(),
        ),
        anchor="costs",
    )


@bp.post("/<int:ticket_id>/costs/<int:cost_id>/remove")
@login_required
def remove_cost(ticket_id: int, cost_id: int) -> ResponseReturnValue:
    """Take a cost back."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    return carried_out(
        ticket, lambda: cost_approval.take_back(ticket, cost_id, actor=actor, now=utcnow()), anchor="costs"
    )


@bp.post("/<int:ticket_id>/costs/approval")
@login_required
def ask_for_costs(ticket_id: int) -> ResponseReturnValue:
    """Ask for the approval of what was written down and not approved yet."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    return carried_out(
        ticket,
        lambda: cost_approval.ask(ticket, request.form.get("supplier", ""), actor=actor, now=utcnow()),
        anchor="costs",
    )


@bp.post("/<int:ticket_id>/work")
@login_required
def log_work(ticket_id: int) -> ResponseReturnValue:
    """Write down time spent."""
    actor, now = current_actor(), utcnow()
    ticket = queries.get_visible_ticket(ticket_id, actor)

    def act() -> None:
        typed = request.form.get("day", "").strip()
        try:
            day = date.fromisoformat(typed) if typed else now.astimezone(zone_of(ticket)).date()
        except ValueError:
            raise InvalidError(_("Give a day, for example 2026-12-05."), "day") from None
        minutes = request.form.get("minutes", type=whole_number)
        note = request.form.get("note", "")
        belongings.log_work(ticket, minutes=minutes, day=day, note=note, actor=actor, now=now)

    return carried_out(ticket, act, anchor="work")


@bp.post("/<int:ticket_id>/work/<int:log_id>/remove")
@login_required
def remove_work(ticket_id: int, log_id: int) -> ResponseReturnValue:
    """Take back time of one's own."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    return carried_out(ticket, lambda: belongings.remove_work(ticket, log_id, actor=actor), anchor="work")


@bp.post("/<int:ticket_id>/checklist")
@login_required
def add_point(ticket_id: int) -> ResponseReturnValue:
    """Add points; one a line."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    lines = [line for line in request.form.get("text", "").splitlines() if line.strip()] or [""]

    def act() -> None:
        for line in lines[: belongings.MAX_POINTS + 1]:
            belongings.add_point(ticket, line, mandatory="mandatory" in request.form, actor=actor)

    return carried_out(ticket, act, anchor="checklist")


@bp.post("/<int:ticket_id>/checklist/<int:item_id>/<any(done, open, remove):how>")
@login_required
def change_point(ticket_id: int, item_id: int, how: str) -> ResponseReturnValue:
    """Tick a point off, take the tick back, or remove it."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)

    def change() -> None:
        if how == "remove":
            belongings.remove_point(ticket, item_id, actor=actor)
        else:
            belongings.tick(ticket, item_id, done=how == "done", actor=actor, now=utcnow())

    return carried_out(ticket, change, anchor="checklist")


@bp.post("/<int:ticket_id>/devices")
@login_required
def add_device(ticket_id: int) -> ResponseReturnValue:
    """Say that the ticket concerns a device too."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    device = get_visible_device(form_number("device_id"), actor)
    return carried_out(
        ticket, lambda: belongings.add_device(ticket, device, actor=actor, now=utcnow()), anchor="devices"
    )


@bp.post("/<int:ticket_id>/devices/<int:device_id>/remove")
@login_required
def remove_device(ticket_id: int, device_id: int) -> ResponseReturnValue:
    """Take a device off the ticket."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    if not actor.allows_somewhere(Permission.DEVICE_VIEW):
        raise NotFoundError
    return carried_out(
        ticket,
        lambda: belongings.remove_device(ticket, device_id, actor=actor, now=utcnow()),
        anchor="devices",
    )
