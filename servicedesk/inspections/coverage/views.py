"""The page of the coverage ledger, of a run, a device, a site or all, and its file."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db
from servicedesk.core.forms import whole_number
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.sentences import translate
from servicedesk.core.sheets import sheet_response
from servicedesk.equipment.queries import get_visible_device, visible_sites
from servicedesk.inspections.coverage import queries
from servicedesk.inspections.coverage.models import CoverageEntry
from servicedesk.inspections.coverage.queries import Filters
from servicedesk.inspections.coverage.reasons import BY_DESIGN, PERFORMED, REASONS, reason_label
from servicedesk.inspections.outcomes import check_title
from servicedesk.inspections.queries import get_visible_run
from servicedesk.inspections.views import require_view

bp = Blueprint("coverage", __name__, url_prefix="/inspections/coverage")
PERIODS = (7, 30, 90, 180, 366)
_ARGUMENTS = ("run", "device", "site", "days", "reason", "all")
MAX_EXPORT = 200_000


def _filters() -> Filters:
    days = request.args.get("days", type=whole_number)
    return Filters(
        run_id=request.args.get("run", type=whole_number),
        device_id=request.args.get("device", type=whole_number),
        site_id=request.args.get("site", type=whole_number),
        since=utcnow() - timedelta(days=days if days in PERIODS else 30),
        reason=request.args.get("reason", "") if request.args.get("reason", "") in REASONS else "",
        required_only=request.args.get("all", "") != "1",
    )


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """What was expected, what was performed, and the gaps with their reasons."""
    require_view()
    actor, filters = current_actor(), _filters()
    run = get_visible_run(filters.run_id, actor) if filters.run_id is not None else None
    device = get_visible_device(filters.device_id, actor) if filters.device_id is not None else None
    order = Order((CoverageEntry.record_id, CoverageEntry.check), ("record_id", "check"))
    page = paginate(queries.entries(actor, filters, gaps_only=True), order, request.args.get("cursor", ""))
    sites = visible_sites(actor, Permission.INSPECTION_VIEW)
    return render_template(
        "inspections/coverage.html",
        page=page,
        summary=queries.summary(actor, filters),
        filters=filters,
        run=run,
        device=device,
        days=request.args.get("days", type=whole_number) or 30,
        periods=PERIODS,
        site_chips=[("", _("All sites")), *((site.id, site.name) for site in sites)],
        performed=PERFORMED,
        export_args={name: request.args[name] for name in _ARGUMENTS if name in request.args},
        by_design=BY_DESIGN,
        reason_label=reason_label,
    )


@bp.get("/export.<any(csv, xlsx):kind>")
@login_required
def export(kind: str) -> ResponseReturnValue:
    """Every row of the filtered ledger, what was performed included."""
    require_view()
    actor, filters = current_actor(), _filters()
    statement = queries.entries(actor, filters, gaps_only=False).order_by(
        CoverageEntry.record_id.desc(), CoverageEntry.check
    )
    heading = (
        _("Day"),
        _("Inspection"),
        _("Site"),
        _("Device"),
        _("Platform"),
        _("Check"),
        _("Required"),
        _("Result"),
        _("Items judged"),
        _("Items not judged"),
        _("Reason in words"),
    )
    found = db.session.execute(statement.limit(MAX_EXPORT)).all()
    yes, no = _("yes"), _("no")
    rows = [
        (
            row.day.isoformat(),
            row.run_name,
            row.site_name,
            row.device_name,
            row.platform,
            check_title(row.check),
            yes if row.required else no,
            str(reason_label(row.reason)),
            row.items,
            row.failed,
            translate(row.detail) if row.detail else "",
        )
        for row in found
    ]
    return sheet_response(kind, "coverage", heading, rows)
