"""Pages of tickets: queue, one ticket, its files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import abort, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_login import login_required

from servicedesk.assignment.crew import with_absences
from servicedesk.assignment.queries import teams_in_view, worker_names
from servicedesk.core.actor import Actor
from servicedesk.core.blobs import BlobMissingError
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.errors import NotFoundError
from servicedesk.core.forms import whole_number
from servicedesk.core.i18n import select_timezone
from servicedesk.core.paging import paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.runtime import runtime
from servicedesk.core.web import search_text
from servicedesk.tickets import quality, queries, saved_views, similar
from servicedesk.tickets.blueprint import bp
from servicedesk.tickets.forms import (
    PRIORITY_LABELS,
)
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.page import rest_of_page, ticket_page
from servicedesk.tickets.periods import parse_period
from servicedesk.tickets.workflows import WORKFLOWS


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """The queue."""
    actor = current_actor()
    works = actor.allows_somewhere(Permission.TICKET_VIEW)
    statement, filters = listed_tickets(actor)
    page = paginate(
        statement,
        queries.NEWEST,
        request.args.get("cursor", ""),
        widen=queries.widen,
        sought=bool(filters["text"]),
    )
    return render_template(
        "tickets/index.html",
        page=replace(page, rows=queries.with_clocks(page.rows)),
        filters=filters,
        works=works,
        workflows=WORKFLOWS,
        priorities=PRIORITY_LABELS,
        views=saved_views.visible(actor),
        bulk=actor.allows_somewhere(Permission.TICKET_WORK),
        teams=teams_in_view(actor),
    )


@bp.get("/people")
@login_required
def bulk_people() -> ResponseReturnValue:
    """Who ticked tickets may be given to: asked for when the first is ticked, as few lists get that far."""
    scope = current_actor().scope(Permission.TICKET_WORK)
    return render_template("tickets/_people.html", people=with_absences(worker_names(scope), utcnow()))


def listed_tickets(actor: Actor) -> tuple[sa.Select[*tuple[Any, ...]], dict[str, str]]:
    """Numbers of the tickets that the address asks for, and the filters as they were understood."""
    works = actor.allows_somewhere(Permission.TICKET_VIEW)
    queue = request.args.get("queue", "open" if works else "all")
    filters = {
        "queue": queue if queue in queries.QUEUES else "open",
        "category": request.args.get("category", ""),
        "text": search_text(),
        "team": str(whole_number(request.args.get("team")) or ""),
    }
    statement = queries.tickets_found(
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
        entry = whole_number(request.args.get("entry")) or 0
        statement = statement.where(*quality.behind(of, actor, chosen, entry))
        if assignee_id := whole_number(request.args.get("assignee")):
            statement = statement.where(Ticket.assignee_id == assignee_id)
        filters |= {"of": of, "period": period.text}
    return statement, filters


@bp.get("/<int:ticket_id>")
@login_required
def detail(ticket_id: int) -> ResponseReturnValue:
    """One ticket: timeline on the left, properties on the right, the table's buttons above."""
    return show(ticket_id)


def show(ticket_id: int, *, status: int = 200, **given: Any) -> ResponseReturnValue:
    """The ticket's page; ``given`` replaces parts of it after a refusal."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    # The cards below and beside are many: the page asks for them when it is there. One that says what was
    # refused comes whole.
    whole = status != 200 or "whole" in request.args
    values = ticket_page(ticket, actor, utcnow(), whole=whole, **given)
    return render_template("tickets/detail.html", **values), status


@bp.get("/<int:ticket_id>/rest")
@login_required
def rest(ticket_id: int) -> ResponseReturnValue:
    """The cards beside and below the timeline."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    return render_template("tickets/_rest.html", **rest_of_page(ticket, actor, utcnow()))


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
