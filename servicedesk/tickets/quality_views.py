"""Service quality in a period, and the filtered queue as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db
from servicedesk.core.filters import datetime_text
from servicedesk.core.forms import whole_number
from servicedesk.core.i18n import select_timezone
from servicedesk.core.permissions import Permission
from servicedesk.core.sheets import sheet_response
from servicedesk.organisations.models import Organisation, Site
from servicedesk.tickets import quality
from servicedesk.tickets.blueprint import bp as tickets_bp
from servicedesk.tickets.forms import PRIORITY_LABELS
from servicedesk.tickets.lists import name_in
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.periods import MONTHS, WEEK, Period, parse_period
from servicedesk.tickets.queries import NEWEST, rows_in_order, with_clocks
from servicedesk.tickets.views import listed_tickets
from servicedesk.tickets.workflows import WORKFLOWS

bp = Blueprint("quality", __name__, url_prefix="/quality")
EXPORTED = 50_000  # rows


def _period() -> Period:
    zone = ZoneInfo(select_timezone())
    return parse_period(request.args.get("period", ""), utcnow().astimezone(zone).date())


def _chosen(period: Period) -> quality.Chosen:
    start, end = period.moments(ZoneInfo(select_timezone()))
    return quality.Chosen(
        start,
        end,
        whole_number(request.args.get("client")) or None,
        whole_number(request.args.get("site")) or None,
    )


def _looking() -> Actor:
    actor = current_actor()
    if not quality.may_look(actor):
        abort(404)
    return actor


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """The figures of a period by category and by engineer."""
    actor, period = _looking(), _period()
    chosen = _chosen(period)
    year = _chosen(period.of_kind("year"))
    of_year = quality.figures(actor, year, "category")
    rated = sum(row.rated for row in of_year)
    stars = sum((row.stars or 0) * row.rated for row in of_year)
    sites = _sites(actor)
    return render_template(
        "tickets/quality.html",
        period=period,
        kinds={kind: period.of_kind(kind).text for kind in (WEEK, *MONTHS)},
        tables={by: quality.figures(actor, chosen, by) for by in ("category", "engineer")},
        workflows=WORKFLOWS,
        causes=quality.listed(actor, chosen, Ticket.cause_id),
        handlings=quality.listed(actor, chosen, Ticket.handling_id),
        name_in=name_in,
        comments=quality.comments(actor, chosen),
        year_stars=stars / rated if rated else None,
        year_rated=rated,
        sites=sites,
        clients={site.client_id: site.client for site in sites},
        chosen=chosen,
        supervises=actor.allows_somewhere(Permission.TICKET_ASSIGN),
    )


def _sites(actor: Actor) -> Sequence[Any]:
    clause = actor.scope(Permission.TICKET_WORK).clause(Site.client_id, Site.id)
    return db.session.execute(
        sa.select(Site.id, Site.name, Site.client_id, Organisation.name.label("client"))
        .join(Organisation, Organisation.id == Site.client_id)
        .where(clause, Site.active)
        .order_by(Organisation.name, Site.name)
        .limit(500)
    ).all()


@bp.get("/export.<any(csv, xlsx):kind>")
@login_required
def export(kind: str) -> ResponseReturnValue:
    """The same figures as a file."""
    actor, period = _looking(), _period()
    chosen = _chosen(period)
    heading = (
        _("Kind"),
        _("Name"),
        _("Created"),
        _("Resolved"),
        _("Response in time, %"),
        _("Restored in time, %"),
        _("Response, median minutes"),
        _("Restore, median minutes"),
        _("Reopened, %"),
        _("Stars"),
        _("Rated, %"),
    )
    words = {"category": _("Category"), "engineer": _("Engineer")}
    rows = [
        _cells(words[by], row)
        for by in ("category", "engineer")
        for row in quality.figures(actor, chosen, by)
    ]
    return sheet_response(kind, f"quality-{period.text}", heading, rows)


def _cells(by: str, row: quality.Row) -> list[Any]:
    def percent(share: float | None) -> float | None:
        return None if share is None else round(100 * share, 1)

    def minutes(kind: str) -> int | None:
        return round(row.medians[kind] / 60) if kind in row.medians else None

    name = str(WORKFLOWS[row.key].label) if row.key in WORKFLOWS else row.name or _("nobody yet")
    return [
        by,
        name,
        row.created,
        row.resolved,
        percent(row.met_share("response")),
        percent(row.met_share("restore")),
        minutes("response"),
        minutes("restore"),
        percent(row.reopened_share),
        None if row.stars is None else round(row.stars, 2),
        percent(row.answered_share),
    ]


@tickets_bp.get("/export.<any(csv, xlsx):kind>")
@login_required
def export_tickets(kind: str) -> ResponseReturnValue:
    """The queue as it is filtered, newest first."""
    statement, _filters = listed_tickets(current_actor())
    statement = rows_in_order(statement, NEWEST, EXPORTED)
    heading = (
        _("Number"),
        _("Category"),
        _("Title"),
        _("State"),
        _("Priority"),
        _("Requester"),
        _("Assignee"),
        _("Team"),
        _("Device"),
        _("Registered"),
        _("Due"),
        _("Updated"),
    )
    return sheet_response(kind, "tickets", heading, _ticket_cells(statement))


def _ticket_cells(statement: sa.Select[*tuple[Any, ...]]) -> Iterator[list[Any]]:
    found = db.session.execute(statement.execution_options(yield_per=1000)).partitions()
    for row in chain.from_iterable(map(with_clocks, found)):
        workflow = WORKFLOWS[row.category]
        yield [
            row.number,
            str(workflow.label),
            row.title,
            str(workflow.by_state[row.state].label),
            f"P{row.priority} {PRIORITY_LABELS[row.priority]}",
            row.requester_name,
            row.assignee_name,
            row.team_name,
            row.device_name,
            datetime_text(row.created_at),
            datetime_text(row.due_at) if row.due_at else "",
            datetime_text(row.updated_at),
        ]
