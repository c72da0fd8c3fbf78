"""The month of a site: how each day of inspection went, its explanation, and the same as a file."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.filters import date_text, datetime_text, weekday
from servicedesk.core.forms import whole_number
from servicedesk.core.permissions import Permission
from servicedesk.core.sheets import sheet_response
from servicedesk.equipment.queries import visible_sites
from servicedesk.inspections.days import queries, service
from servicedesk.inspections.days.models import WRITTEN
from servicedesk.inspections.days.queries import DAY_LABELS, EXPLANATION_LABELS, DayLine
from servicedesk.inspections.forms import WEEKDAYS, NoteForm
from servicedesk.organisations.models import Site
from servicedesk.tickets.periods import Period, parse_period

bp = Blueprint("days", __name__, url_prefix="/inspections/days")


def _chosen() -> tuple[Site, Period, date, list[Site]]:
    """The site, the month, the site's today, and all sites to choose from."""
    actor = current_actor()
    sites = visible_sites(actor, Permission.INSPECTION_VIEW)
    if not sites:
        abort(404)
    number = request.args.get("site", type=whole_number)
    site = next((one for one in sites if one.id == number), sites[0])
    today = utcnow().astimezone(ZoneInfo(site.timezone)).date()
    month = parse_period(request.args.get("month", ""), today).of_kind("month")
    return site, month, today, list(sites)


@bp.get("")
@login_required
def index() -> ResponseReturnValue:
    """A calendar sheet of the month, then the days that need or have an explanation."""
    actor = current_actor()
    site, month, today, sites = _chosen()
    lines = queries.days_of(site, month.first, month.last, today)
    return render_template(
        "inspections/days/index.html",
        site=site,
        site_chips=[(one.id, one.name) for one in sites],
        month=month,
        today=today,
        lines=lines,
        counts=service.shown(lines),
        explained=[line for line in lines if line.explained],
        weekdays=WEEKDAYS,
        labels=DAY_LABELS,
        tones=queries.DAY_TONES,
        explanation_labels=EXPLANATION_LABELS,
        written=WRITTEN,
        may_sign=actor.allows(Permission.INSPECTION_SIGN, site.client_id, site.id),
        may_review=actor.allows(Permission.INSPECTION_REVIEW, site.client_id, site.id),
    )


@bp.get("/month.<any(csv, xlsx):kind>")
@login_required
def sheet(kind: str) -> ResponseReturnValue:
    """The month as a file: a row for each day."""
    site, month, today, _sites = _chosen()
    lines = queries.days_of(site, month.first, month.last, today)
    heading = (
        _("Day"),
        _("Weekday"),
        _("State"),
        _("Inspections"),
        _("Explanation"),
        _("Reason"),
        _("Written by"),
        _("Decided by"),
        _("Remark"),
    )
    return sheet_response(kind, f"inspection-days-{site.id}-{month.text}", heading, map(_row, lines))


def _row(line: DayLine) -> list[object]:
    given = line.explanation
    return [
        date_text(line.day),
        weekday(line.day),
        str(DAY_LABELS[line.state]),
        "; ".join(run.name for run in line.runs),
        str(EXPLANATION_LABELS[line.explained]) if line.explained else "",
        given.reason if given else "",
        f"{given.written_by}, {datetime_text(given.written_at)}" if given and given.written_at else "",
        f"{given.decided_by}, {datetime_text(given.decided_at)}" if given and given.decided_at else "",
        given.note if given else "",
    ]


@bp.post("/<int:site_id>/<day>")
@login_required
def write(site_id: int, day: str) -> ResponseReturnValue:
    """An engineer explains a day."""
    actor, form = current_actor(), NoteForm()
    sites = visible_sites(actor, Permission.INSPECTION_VIEW)
    if site_id not in {one.id for one in sites}:
        abort(404)
    site = db.session.get_one(Site, site_id)
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        abort(404)
    try:
        if not form.validate_on_submit():
            raise DomainError(str(next(iter(form.note.errors), _("The remark is too long."))))
        with unit_of_work():
            service.write(site, wanted, form.note.data or "", actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(_("Saved. A supervisor approves it."), "success")
    return _back(site_id, wanted)


@bp.post("/explanations/<int:explanation_id>/<any(accept, refuse):ruling>")
@login_required
def decide(explanation_id: int, ruling: str) -> ResponseReturnValue:
    """A supervisor accepts or refuses an explanation."""
    actor, form = current_actor(), NoteForm()
    found = queries.get_visible_explanation(explanation_id, actor)
    site_id, day = found.site_id, found.day
    try:
        if not form.validate_on_submit():
            raise DomainError(_("The remark is too long."))
        with unit_of_work():
            service.decide(
                found, accept=ruling == "accept", note=form.note.data or "", actor=actor, now=utcnow()
            )
    except DomainError as error:
        flash(str(error), "error")
    else:
        accepted = ruling == "accept"
        flash(_("The explanation is accepted.") if accepted else _("The explanation is refused."), "success")
    return _back(site_id, day)


def _back(site_id: int, day: date) -> ResponseReturnValue:
    month = day.isoformat()[:7]
    return redirect(url_for("days.index", site=site_id, month=month) + f"#day-{day.isoformat()}")
