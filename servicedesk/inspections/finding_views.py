"""The list of findings, what it is narrowed to, and its file."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required

from servicedesk.core.current import current_actor
from servicedesk.core.db import db
from servicedesk.core.filters import datetime_text, message
from servicedesk.core.forms import whole_number
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.sheets import sheet_response
from servicedesk.core.web import search_text
from servicedesk.equipment.queries import visible_sites
from servicedesk.inspections import queries
from servicedesk.inspections.evidence_views import bp
from servicedesk.inspections.manual.queries import finding_rows
from servicedesk.inspections.models import Finding
from servicedesk.inspections.outcomes import check_title, item_title, outcome_label
from servicedesk.inspections.queries import FindingFilters
from servicedesk.inspections.views import require_view

__all__ = ["bp"]
MAX_EXPORT = 20_000
STATES = {
    "open": _l("Abnormal now"),
    "watched": _l("Watched"),
    "recovered": _l("Normal again"),
    "closed": _l("Closed"),
}
_OUTCOMES = ("critical", "warning")


def _filters() -> FindingFilters:
    args = request.args
    return FindingFilters(
        state=args.get("state", "active"),
        text=search_text(),
        site_id=args.get("site", type=whole_number),
        outcome=args.get("outcome", "") if args.get("outcome", "") in _OUTCOMES else "",
    )


@bp.get("/findings")
@login_required
def findings() -> ResponseReturnValue:
    """What is abnormal, and the ticket each has."""
    require_view()
    actor, filters = current_actor(), _filters()
    order = Order((Finding.last_at, Finding.id), ("last_at", "id"))
    page = paginate(queries.finding_rows(actor, filters), order, request.args.get("cursor", ""), scalars=True)
    # People look at rooms and places; a search is for devices.
    apart = "cursor" in request.args or filters.text or filters.outcome
    return render_template(
        "inspections/findings.html",
        page=page,
        filters=filters,
        states=STATES,
        outcomes=_OUTCOMES,
        sites=visible_sites(actor, Permission.INSPECTION_VIEW),
        by_hand=() if apart else finding_rows(actor, filters.state, filters.site_id),
    )


@bp.get("/findings.<any(csv, xlsx):kind>")
@login_required
def export_findings(kind: str) -> ResponseReturnValue:
    """The list as it is narrowed, newest first."""
    require_view()
    heading = (
        _("Site"),
        _("Device"),
        _("Check"),
        _("Item"),
        _("State"),
        _("Severity"),
        _("Finding"),
        _("Seen"),
        _("First seen"),
        _("Last"),
        _("Ticket"),
    )
    statement = queries.finding_rows(current_actor(), _filters())
    newest_first = statement.order_by(Finding.last_at.desc(), Finding.id.desc())
    rows = [
        (
            row.device.site.name,
            row.device.name,
            check_title(row.check),
            item_title(row.check, row.item),
            str(STATES[row.state]),
            str(outcome_label(row.outcome)),
            message(row.message),
            row.occurrences,
            datetime_text(row.first_at),
            datetime_text(row.last_at),
            row.ticket.number if row.ticket is not None else "",
        )
        for row in db.session.scalars(newest_first.limit(MAX_EXPORT))
    ]
    return sheet_response(kind, "findings", heading, rows)
