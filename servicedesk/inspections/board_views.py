"""The day of a site at a glance, and the daily record as a file."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import login_required

from servicedesk.core import web
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.forms import whole_number
from servicedesk.core.permissions import Permission
from servicedesk.core.runtime import runtime
from servicedesk.core.sheets import sheet_response
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.equipment.queries import visible_sites
from servicedesk.inspections import board, day_document, day_sheet, queries
from servicedesk.inspections.days.queries import DAY_LABELS, DAY_TONES, EXPLANATION_LABELS, days_of
from servicedesk.inspections.retention.queries import refuse_without_readings

bp = Blueprint("board", __name__, url_prefix="/inspections/board")


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Devices by groups of items for a day; the site's own today when none is named."""
    actor = current_actor()
    sites = visible_sites(actor, Permission.INSPECTION_VIEW)
    if not sites:
        abort(404)
    number = request.args.get("site", type=whole_number)
    site = next((site for site in sites if site.id == number), sites[0])
    today = utcnow().astimezone(ZoneInfo(site.timezone)).date()
    day = min(_day(request.args.get("day", ""), today), today)
    lines, following = board.day_of(site.id, day, request.args.get("after", "")[:200])
    return render_template(
        "inspections/board.html",
        site=site,
        site_chips=[(one.id, one.name) for one in sites],
        day=day,
        today=today,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        lines=lines,
        places=board.places_of(site.id, day),
        groups=board.columns(lines),
        following=following,
        of_day=days_of(site, day, day, today)[0],
        day_labels=DAY_LABELS,
        day_tones=DAY_TONES,
        explanation_labels=EXPLANATION_LABELS,
        classes=DEVICE_CLASSES,
    )


def _day(text: str, today: date) -> date:
    try:
        return max(date.fromisoformat(text), date(2000, 1, 1))
    except ValueError:
        return today


@bp.get("/<int:run_id>/record.pdf")
@login_required
def document(run_id: int) -> ResponseReturnValue:
    """The same on paper, with places to sign by hand where nobody signed here yet."""
    run = queries.get_visible_run(run_id, current_actor())
    refuse_without_readings(run.id)
    content = day_document.pdf(run, blobs=runtime().blobs)
    name = f"inspection-{run.id}-{run.day}.pdf"
    return web.document(content, name, shown=True)


@bp.get("/<int:run_id>/record.<any(csv, xlsx):kind>")
@login_required
def sheet(run_id: int, kind: str) -> ResponseReturnValue:
    """The record of a run as it is filed: item, standard, result, verdict, remark, signatures."""
    run = queries.get_visible_run(run_id, current_actor())
    refuse_without_readings(run.id)
    return sheet_response(kind, f"inspection-{run.id}-{run.day}", day_sheet.heading(), day_sheet.rows(run))
