"""Facts of a ticket put right, its clocks corrected, its rating after the closing."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError, NotAllowedError, NotFoundError
from servicedesk.core.forms import whole_number
from servicedesk.core.permissions import Permission
from servicedesk.tickets import queries, rating, reclassifying
from servicedesk.tickets.acting_views import seen_version
from servicedesk.tickets.blueprint import bp
from servicedesk.tickets.fact_forms import RatingForm, correction_form, facts_form
from servicedesk.tickets.forms import number_form
from servicedesk.tickets.views import show


@bp.post("/<int:ticket_id>/facts")
@login_required
def reclassify(ticket_id: int) -> ResponseReturnValue:
    """Put title, impact, urgency and site right."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    if not reclassifying.may_reclassify(ticket, actor):
        raise NotAllowedError
    form = facts_form(ticket, actor, submitted=True)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                reclassifying.reclassify(
                    ticket, form.facts(), actor=actor, now=utcnow(), version=seen_version()
                )
        except DomainError as error:
            form.refuse(error)
        else:
            return redirect(url_for("tickets.detail", ticket_id=ticket_id))
    return show(ticket_id, status=422, failed="reclassify", small={"facts_form": form})


@bp.post("/<int:ticket_id>/clocks/correct")
@login_required
def correct(ticket_id: int) -> ResponseReturnValue:
    """State a stretch of a clock anew."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    if not actor.allows(Permission.SLA_MANAGE, ticket.client_id):
        raise NotAllowedError
    form = correction_form(submitted=True)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                reclassifying.correct_clock(ticket, form.correction(), actor=actor, now=utcnow())
        except DomainError as error:
            if isinstance(error, NotFoundError):
                error.field = "kind"
            form.refuse(error)
        else:
            return redirect(url_for("tickets.detail", ticket_id=ticket_id))
    return show(ticket_id, status=422, failed="correct", small={"correction_form": form})


@bp.post("/<int:ticket_id>/rating")
@login_required
def rate(ticket_id: int) -> ResponseReturnValue:
    """Rate after the closing, or put the rating right."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    form = RatingForm()
    number_form(form, "after")
    if not rating.may_rate(ticket, actor, utcnow()):
        raise NotAllowedError
    try:
        if form.rating_comment.validate(form):
            with unit_of_work():
                rating.rate(
                    ticket,
                    whole_number(form.rating.data),
                    form.rating_comment.data or "",
                    actor=actor,
                    now=utcnow(),
                )
            return redirect(url_for("tickets.detail", ticket_id=ticket_id))
    except DomainError as error:
        form.refuse(error)
    return show(ticket_id, status=422, failed="rate", small={"rating_form": form})
