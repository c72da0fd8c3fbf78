"""Pages of tickets: queue, the four doors, one ticket, its files."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from werkzeug.datastructures import FileStorage

from servicedesk.assignment.queries import teams_in_view, workers_in
from servicedesk.core.actor import Actor
from servicedesk.core.blobs import BlobMissingError
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, NotAllowedError, NotFoundError
from servicedesk.core.forms import NONE_CHOSEN, whole_number
from servicedesk.core.i18n import select_timezone
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.runtime import runtime
from servicedesk.core.web import search_text
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import CLIENT, Organisation, Site
from servicedesk.tickets import attachments, links, quality, queries, saved_views, service, similar
from servicedesk.tickets.blueprint import bp
from servicedesk.tickets.forms import (
    CATEGORY_DOORS,
    PRIORITY_LABELS,
    NewTicketForm,
    detail_values,
    new_ticket_form,
)
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.page import ticket_page
from servicedesk.tickets.periods import parse_period
from servicedesk.tickets.service import NewTicket
from servicedesk.tickets.workflow import Workflow
from servicedesk.tickets.workflows import WORKFLOWS


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """The queue."""
    actor = current_actor()
    works = actor.allows_somewhere(Permission.TICKET_VIEW)
    statement, filters = listed_rows(actor)
    order = Order((Ticket.updated_at, Ticket.id), ("updated_at", "id"))
    page = paginate(statement, order, request.args.get("cursor", ""))
    return render_template(
        "tickets/index.html",
        page=page,
        filters=filters,
        works=works,
        workflows=WORKFLOWS,
        priorities=PRIORITY_LABELS,
        views=saved_views.visible(actor),
        bulk=actor.allows_somewhere(Permission.TICKET_WORK),
        people=workers_in(actor.scope(Permission.TICKET_WORK)),
        teams=teams_in_view(actor),
    )


def listed_rows(actor: Actor) -> tuple[sa.Select[*tuple[Any, ...]], dict[str, str]]:
    """The rows that the address asks for, and the filters as they were understood."""
    works = actor.allows_somewhere(Permission.TICKET_VIEW)
    queue = request.args.get("queue", "open" if works else "all")
    filters = {
        "queue": queue if queue in queries.QUEUES else "open",
        "category": request.args.get("category", ""),
        "text": search_text(),
        "team": str(whole_number(request.args.get("team")) or ""),
    }
    statement = queries.ticket_rows(
        actor,
        queue=filters["queue"],
        category=filters["category"],
        text=filters["text"],
        team_id=whole_number(filters["team"]),
    )
    of = request.args.get("of", "")
    if of in quality.BEHIND and quality.may_look(actor):
        zone = ZoneInfo(select_timezone())
        period = parse_period(request.args.get("period", ""), utcnow().astimezone(zone).date())
        client_id, site_id = (whole_number(request.args.get(name)) or None for name in ("client", "site"))
        chosen = quality.Chosen(*period.moments(zone), client_id, site_id)
        statement = statement.where(*quality.behind(of, actor, chosen))
        if assignee_id := whole_number(request.args.get("assignee")):
            statement = statement.where(Ticket.assignee_id == assignee_id)
        filters |= {"of": of, "period": period.text}
    return statement, filters


@bp.get("/new")
@login_required
def new() -> ResponseReturnValue:
    """The four doors."""
    return render_template("tickets/doors.html", doors=CATEGORY_DOORS)


@bp.get("/suggest")
@login_required
def suggest() -> ResponseReturnValue:
    """While a title is typed: tickets the reader may see that read like it, solved ones first."""
    text = request.args.get("title", "").strip()[:200]
    rows = similar.like_text(text, current_actor()) if len(text) > 1 else []
    return render_template("tickets/_suggestions.html", rows=rows, workflows=WORKFLOWS)


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
    source = _followed()
    if not form.is_submitted():
        _prefill(form, source)
    if form.validate_on_submit():
        try:
            ticket = _create(form, workflow, source)
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
        source=source,
    ), status


def _followed() -> Ticket | None:
    """The ticket that the new one follows from, if its page was where this began."""
    number = request.args.get("follow", type=whole_number)
    return queries.get_visible_ticket(number, current_actor()) if number else None


def _prefill(form: NewTicketForm, source: Ticket | None) -> None:
    form.device_id.data = request.args.get("device", type=whole_number)
    if source is not None:
        form.title.data, form.description.data = source.title, f"{source.number}: {source.title}"
        form.client_id.data, form.site_id.data = source.client_id, source.site_id
        form.device_id.data = source.device_id


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


def _create(form: NewTicketForm, workflow: Workflow, source: Ticket | None) -> Ticket:
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
                details=detail_values(form, workflow.early_fields),
            ),
            actor=actor,
            now=utcnow(),
        )
        if files:
            entry = service.add_entry(ticket, "attachment", actor=actor, now=utcnow())
            attachments.attach(entry, files, blobs=runtime().blobs, now=utcnow())
        if source is not None:
            links.follow_up(source, ticket, actor=actor, now=utcnow())
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
    return show(ticket_id)


def show(ticket_id: int, *, status: int = 200, **given: Any) -> ResponseReturnValue:
    """The ticket's page; ``given`` replaces parts of it after a refusal."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    return render_template("tickets/detail.html", **ticket_page(ticket, actor, utcnow(), **given)), status


@bp.get("/<int:ticket_id>/similar")
@login_required
def similar_tickets(ticket_id: int) -> ResponseReturnValue:
    """A part of the ticket's page: what was like it, and how it was mended."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    if not queries.sees_internal(ticket, actor):
        abort(404)
    return render_template(
        "tickets/_similar.html", rows=similar.like(ticket, actor), workflows=WORKFLOWS, ticket=ticket
    )


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
