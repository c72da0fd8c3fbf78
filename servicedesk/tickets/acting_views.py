"""What people do to a ticket from its page: move it, edit its fields, write; and to many at once."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError, InvalidError
from servicedesk.core.forms import whole_number
from servicedesk.core.runtime import runtime
from servicedesk.core.uploads import uploaded
from servicedesk.staff.views import safe_next
from servicedesk.tickets import attachments, bulk, drafts, editing, queries, service
from servicedesk.tickets.blueprint import bp
from servicedesk.tickets.forms import CommentForm, detail_values, fields_form, transition_form
from servicedesk.tickets.forms import TransitionForm as Moving
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.service import TransitionInput
from servicedesk.tickets.views import show
from servicedesk.tickets.workflow import Transition
from servicedesk.tickets.workflows import WORKFLOWS


@bp.post("/<int:ticket_id>/do/<name>")
@login_required
def transition(ticket_id: int, name: str) -> ResponseReturnValue:
    """Move a ticket along one arrow."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    arrow = WORKFLOWS[ticket.category].transition(name)
    if arrow is None or arrow.hidden:
        abort(404)
    form = transition_form(ticket, arrow, submitted=True)
    try:
        given = _transition_input(form, arrow, ticket)
        with unit_of_work():
            service.transition(ticket, name, given, actor=actor, now=utcnow(), version=seen_version())
    except DomainError as error:
        _refuse(form, error)
        flash(str(error), "error")
        return show(ticket_id, status=422, failed=name, failed_form=form)
    return redirect(url_for("tickets.detail", ticket_id=ticket.id))


def _refuse(form: Moving, error: DomainError) -> None:
    """Beside the field: those of a category bear its prefix here."""
    if f"detail_{error.field}" in form:
        error.field = f"detail_{error.field}"
    form.refuse(error)


def _transition_input(form: Moving, arrow: Transition, ticket: Ticket) -> TransitionInput:
    asked = set(arrow.inputs)
    workflow = WORKFLOWS[ticket.category]
    items = [workflow.by_field[name] for name in arrow.inputs if name in workflow.by_field]
    checked = (form.reason, form.resolution, form.rating_comment, *(form[f"detail_{i.name}"] for i in items))
    for field in checked:
        if not field.validate(form):
            raise InvalidError(str(field.errors[0]), field.short_name.removeprefix("detail_"))
    return TransitionInput(
        reason=form.reason.data or "",
        resolution=form.resolution.data or "",
        assignee_id=form.assignee_id.data if "assignee" in asked else None,
        rating=whole_number(form.rating.data if "rating" in asked else None),
        rating_comment=form.rating_comment.data or "",
        details=detail_values(form, items),
    )


def seen_version() -> int | None:
    """The version of the ticket the page showed; -1, which is none, when that was tampered with."""
    given = request.form.get("version")
    if given is None:
        return None
    number = whole_number(given)
    return -1 if number is None else number


@bp.post("/<int:ticket_id>/fields")
@login_required
def edit(ticket_id: int) -> ResponseReturnValue:
    """Change the fields that are open in the ticket's state."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    names = editing.editable_fields(ticket, actor)
    form = fields_form(ticket, names, submitted=True)
    if not names or not form.validate_on_submit():
        return show(ticket_id, status=422, fields_form_=form, failed="fields")
    workflow = WORKFLOWS[ticket.category]
    given = detail_values(form, [workflow.by_field[name] for name in names])
    try:
        with unit_of_work():
            editing.edit_fields(ticket, given, actor=actor, now=utcnow(), version=seen_version())
    except DomainError as error:
        if f"detail_{error.field}" in form:
            error.field = f"detail_{error.field}"
        form.refuse(error)
        flash(str(error), "error")
        return show(ticket_id, status=422, fields_form_=form, failed="fields")
    return redirect(url_for("tickets.detail", ticket_id=ticket.id))


@bp.post("/<int:ticket_id>/comment")
@login_required
def comment(ticket_id: int) -> ResponseReturnValue:
    """Write into the timeline, with files."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    form = CommentForm()
    if form.validate_on_submit():
        try:
            files = uploaded(form.files.data)
            with unit_of_work():
                entry = service.comment(
                    ticket,
                    form.text.data or "",
                    internal=bool(form.internal.data),
                    actor=actor,
                    now=utcnow(),
                    has_files=bool(files),
                )
                attachments.attach(entry, files, blobs=runtime().blobs, now=utcnow())
                drafts.sent(ticket, actor)
        except DomainError as error:
            form.refuse(error)
        else:
            return redirect(url_for("tickets.detail", ticket_id=ticket.id) + f"#entry-{entry.id}")
    return show(ticket_id, status=422, comment_form=form)


@bp.post("/bulk")
@login_required
def bulk_action() -> ResponseReturnValue:
    """One action on the ticked rows of the queue; what cannot be done is named, the rest is done."""
    ids = [number for text in request.form.getlist("ticket") if (number := whole_number(text)) is not None]
    wanted = bulk.Wanted(
        action=request.form.get("action", ""),
        assignee_id=request.form.get("assignee_id", type=whole_number),
        text=request.form.get("text", "").strip()[:4000],
    )
    try:
        outcome = bulk.carry_out(ids, wanted, actor=current_actor(), now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(safe_next(request.form.get("next")))
    if outcome.done:
        flash(ngettext("Done for %(num)s ticket.", "Done for %(num)s tickets.", outcome.done), "success")
    for refused, reason in outcome.refused[:10]:
        flash(f"{refused}: {reason}", "error")
    return redirect(safe_next(request.form.get("next")))
