"""Pages of tickets: queue, the four doors, one ticket, its files."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from werkzeug.datastructures import FileStorage

from servicedesk.core.blobs import BlobMissingError
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.forms import NONE_CHOSEN, whole_number
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.runtime import runtime
from servicedesk.core.web import search_text
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import CLIENT, Organisation, Site
from servicedesk.sla.queries import clock_views
from servicedesk.staff.queries import holders
from servicedesk.tickets import attachments, queries, service
from servicedesk.tickets.forms import (
    CATEGORY_DOORS,
    PRIORITY_LABELS,
    CommentForm,
    NewTicketForm,
    TransitionForm,
    new_ticket_form,
)
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.service import NewTicket, TransitionInput
from servicedesk.tickets.workflow import Transition, Workflow
from servicedesk.tickets.workflows import WORKFLOWS

bp = Blueprint("tickets", __name__, url_prefix="/tickets")


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """The queue."""
    actor = current_actor()
    works = actor.allows_somewhere(Permission.TICKET_VIEW)
    queue = request.args.get("queue", "open" if works else "all")
    filters = {
        "queue": queue if queue in queries.QUEUES else "open",
        "category": request.args.get("category", ""),
        "text": search_text(),
    }
    statement = queries.ticket_rows(
        actor, queue=filters["queue"], category=filters["category"], text=filters["text"]
    )
    order = Order((Ticket.updated_at, Ticket.id), ("updated_at", "id"))
    page = paginate(statement, order, request.args.get("cursor", ""))
    return render_template(
        "tickets/index.html",
        page=page,
        filters=filters,
        works=works,
        workflows=WORKFLOWS,
        priorities=PRIORITY_LABELS,
    )


@bp.get("/new")
@login_required
def new() -> ResponseReturnValue:
    """The four doors."""
    return render_template("tickets/doors.html", doors=CATEGORY_DOORS)


@bp.route("/new/<category>", methods=["GET", "POST"])
@login_required
def new_in_category(category: str) -> ResponseReturnValue:
    """Report or request in one category."""
    workflow = WORKFLOWS.get(category)
    if workflow is None:
        abort(404)
    form = new_ticket_form(workflow)
    clients = _offer_places(form)
    if not clients:
        raise NotAllowedError
    if not form.is_submitted():
        form.device_id.data = request.args.get("device", type=whole_number)
    if form.validate_on_submit():
        try:
            ticket = _create(form, workflow)
        except DomainError as error:
            form.refuse(error)
        else:
            flash(
                _("Registered as %(number)s. You will see here what happens next.", number=ticket.number),
                "success",
            )
            return redirect(url_for("tickets.detail", ticket_id=ticket.id))
    status = 422 if form.is_submitted() else 200
    return render_template(
        "tickets/new.html",
        form=form,
        workflow=workflow,
        door=CATEGORY_DOORS[category],
        several_clients=len(clients) > 1,
    ), status


def _offer_places(form: NewTicketForm) -> list[Organisation]:
    """Clients, sites and devices the reporter may name; requesters only see their own organisation."""
    actor = current_actor()
    scope = actor.scope(Permission.TICKET_CREATE)
    own = sa.or_(Organisation.id == (actor.home_client_id or 0), scope.clause(Organisation.id))
    of_sites = Organisation.id.in_(sa.select(Site.client_id).where(scope.clause(sa.null(), Site.id)))
    clients = list(
        db.session.scalars(
            sa.select(Organisation)
            .where(Organisation.kind == CLIENT, Organisation.active, sa.or_(own, of_sites))
            .order_by(Organisation.name)
        )
    )
    form.client_id.offer([(c.id, c.name) for c in clients])
    if len(clients) == 1:
        form.client_id.data = clients[0].id  # the page does not ask where there is nothing to choose
    ids = [c.id for c in clients]
    sites = db.session.scalars(
        sa.select(Site).where(Site.client_id.in_(ids), Site.active).order_by(Site.name)
    )
    names = {c.id: c.name for c in clients}
    several = len(clients) > 1
    form.site_id.offer(
        [(s.id, f"{names[s.client_id]} / {s.name}" if several else s.name) for s in sites], empty=NONE_CHOSEN
    )
    device_scope = actor.scope(Permission.DEVICE_VIEW)
    devices = db.session.execute(
        sa.select(Device.id, Device.name)
        .where(
            Device.state != "disposed",
            device_scope.clause(Device.client_id, Device.site_id)
            if device_scope
            else Device.client_id == (actor.home_client_id or 0),
        )
        .order_by(Device.name)
        .limit(2000)
    )
    form.device_id.offer([(d.id, d.name) for d in devices], empty=NONE_CHOSEN)
    return clients


def _create(form: NewTicketForm, workflow: Workflow) -> Ticket:
    actor = current_actor()
    files = uploaded(form.files.data)
    with unit_of_work():
        ticket = service.create_ticket(
            NewTicket(
                client_id=form.client_id.data,
                category=workflow.category,
                title=form.title.data or "",
                description=form.description.data or "",
                site_id=form.site_id.data,
                device_id=form.device_id.data,
                impact=int(form.impact.data or 2),
                urgency=int(form.urgency.data or 2),
                details={f.name: form[f"detail_{f.name}"].data or "" for f in workflow.fields},
            ),
            actor=actor,
            now=utcnow(),
        )
        if files:
            entry = service.add_entry(ticket, "attachment", actor=actor, now=utcnow())
            attachments.attach(entry, files, blobs=runtime().blobs, now=utcnow())
    return ticket


def uploaded(storages: list[FileStorage] | None) -> list[tuple[str, bytes]]:
    """The uploaded files, checked; an empty file field sends one nameless part."""
    limit = runtime().settings.upload_max_bytes
    files = [(s.filename or "file", s.stream.read(limit + 1)) for s in storages or [] if s and s.filename]
    attachments.require_acceptable(files, max_bytes=limit)
    return files


@bp.get("/<int:ticket_id>")
@login_required
def detail(ticket_id: int) -> ResponseReturnValue:
    """One ticket: timeline on the left, properties on the right, the table's buttons above."""
    return _detail(ticket_id, CommentForm(formdata=None))


def _detail(
    ticket_id: int,
    comment_form: CommentForm,
    *,
    failed: str = "",
    transition_form: TransitionForm | None = None,
) -> ResponseReturnValue:
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    arrows = service.available(ticket, actor)
    forms = {}
    for arrow in arrows:
        form = transition_form if transition_form and arrow.name == failed else TransitionForm(formdata=None)
        _prepare_transition_form(form, ticket, arrow)
        forms[arrow.name] = form
    workflow = WORKFLOWS[ticket.category]
    page = render_template(
        "tickets/detail.html",
        ticket=ticket,
        workflow=workflow,
        clocks=clock_views(ticket.id, utcnow()),
        entries=queries.timeline(ticket, actor),
        arrows=arrows,
        forms=forms,
        failed=failed,
        comment_form=comment_form,
        sees_internal=queries.sees_internal(ticket, actor),
        priorities=PRIORITY_LABELS,
    )
    return page, 422 if failed or (comment_form.is_submitted() and comment_form.errors) else 200


def _prepare_transition_form(form: TransitionForm, ticket: Ticket, arrow: Transition) -> None:
    form.version.data = str(ticket.version)  # also after a refusal: the page shows the ticket anew
    if "assignee" in arrow.requires:
        people = holders(Permission.TICKET_WORK, ticket.client_id, site_id=ticket.site_id)
        form.assignee_id.offer([(u.id, u.display_name) for u in people], empty=_("(choose)"))
    else:
        form.assignee_id.offer([], empty="")


@bp.post("/<int:ticket_id>/do/<name>")
@login_required
def transition(ticket_id: int, name: str) -> ResponseReturnValue:
    """Move a ticket along one arrow."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    arrow = WORKFLOWS[ticket.category].transition(name)
    if arrow is None:
        abort(404)
    form = TransitionForm()
    _prepare_transition_form(form, ticket, arrow)
    try:
        given = _transition_input(form, arrow, ticket)
        with unit_of_work():
            service.transition(ticket, name, given, actor=actor, now=utcnow(), version=_seen_version())
    except DomainError as error:
        form.refuse(error)
        flash(str(error), "error")
        return _detail(ticket_id, CommentForm(formdata=None), failed=name, transition_form=form)
    return redirect(url_for("tickets.detail", ticket_id=ticket.id))


def _transition_input(form: TransitionForm, arrow: Transition, ticket: Ticket) -> TransitionInput:
    asked = set(arrow.requires)
    names = {f.name for f in WORKFLOWS[ticket.category].fields}
    for field in (form.reason, form.resolution, form.rating_comment):
        if not field.validate(form):
            raise InvalidError(str(field.errors[0]), field.name)
    rating = form.rating.data if "rating" in asked else None
    return TransitionInput(
        reason=form.reason.data or "",
        resolution=form.resolution.data or "",
        assignee_id=form.assignee_id.data if "assignee" in asked else None,
        rating=whole_number(rating),
        rating_comment=form.rating_comment.data or "",
        details={name: request.form.get(f"detail_{name}", "") for name in names & asked},
    )


def _seen_version() -> int | None:
    """The version of the ticket the page showed; -1, which is none, when that was tampered with."""
    given = request.form.get("version")
    if given is None:
        return None
    number = whole_number(given)
    return -1 if number is None else number


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
        except DomainError as error:
            form.refuse(error)
        else:
            return redirect(url_for("tickets.detail", ticket_id=ticket.id) + f"#entry-{entry.id}")
    return _detail(ticket_id, form)


@bp.get("/files/<int:attachment_id>")
@login_required
def attachment(attachment_id: int) -> ResponseReturnValue:
    """A file: images may be shown, all else is downloaded; nothing runs in our origin."""
    found = queries.get_visible_attachment(attachment_id, current_actor())
    try:
        path = runtime().blobs.path(found.sha256)
    except BlobMissingError:
        raise NotFoundError from None
    is_image = found.content_type.startswith("image/")
    response = send_file(
        path,
        mimetype=found.content_type,
        as_attachment=not is_image or "download" in request.args,
        download_name=found.name,
        etag=found.sha256,
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
