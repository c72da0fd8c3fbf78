"""Pages of runs, records and findings."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from redis import RedisError

from collectors.outcome import ABNORMAL
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.forms import whole_number
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.equipment.queries import get_visible_device, visible_sites
from servicedesk.inspections import jobs, queries, runs, signing
from servicedesk.inspections.amending import chain
from servicedesk.inspections.amending.queries import amendments_of, by_key
from servicedesk.inspections.forms import NoteForm
from servicedesk.inspections.manual.queries import answers_of
from servicedesk.inspections.models import InspectionRun, ReadingItem
from servicedesk.inspections.own.checks import all_checks
from servicedesk.inspections.retention.queries import removals_of_run
from servicedesk.inspections.reviewing import service as reviewing
from servicedesk.inspections.reviewing.queries import requests_of, reviews_of
from servicedesk.inspections.zones.queries import idle_zone
from servicedesk.organisations.models import Site
from servicedesk.staff.forms import EmptyForm

bp = Blueprint("inspections", __name__, url_prefix="/inspections")


def require_view() -> None:
    """Lists of this domain do not exist for those who may see nothing of it."""
    if not current_actor().allows_somewhere(Permission.INSPECTION_VIEW):
        abort(404)


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Daily records, newest first."""
    require_view()
    actor = current_actor()
    site_id, state = request.args.get("site", type=whole_number), request.args.get("state", "")
    sites = visible_sites(actor, Permission.INSPECTION_VIEW)
    order = Order((InspectionRun.started_at, InspectionRun.id), ("started_at", "id"))
    statement = queries.run_rows(actor, site_id=site_id, state=state)
    page = paginate(statement, order, request.args.get("cursor", ""))
    return render_template(
        "inspections/index.html",
        page=page,
        filters={"site_id": site_id, "state": state},
        sites=sites,
        site_chips=[("", _("All sites")), *((site.id, site.name) for site in sites)],
        run_sites=visible_sites(actor, Permission.INSPECTION_RUN),
        empty_form=EmptyForm(),
    )


@bp.get("/<int:run_id>")
@login_required
def run(run_id: int) -> ResponseReturnValue:
    """One run: progress while it lasts, then the record to sign."""
    actor = current_actor()
    found = queries.get_visible_run(run_id, actor)
    rows = queries.record_rows(found.id)
    amendments = amendments_of(found.id)
    removals = removals_of_run(found.id)
    polled = "poll" in request.args
    return render_template(
        "inspections/_progress.html" if polled else "inspections/run.html",
        run=found,
        swapped=polled and found.state != "running",
        rows=rows,
        answers=answers_of(found.id),
        may_inspect=actor.allows(Permission.INSPECTION_RUN, found.client_id, found.site_id),
        coverage=queries.coverage(rows),
        note_form=NoteForm(formdata=None),
        may_sign=actor.allows(Permission.INSPECTION_SIGN, found.client_id, found.site_id),
        may_review=actor.allows(Permission.INSPECTION_REVIEW, found.client_id, found.site_id),
        amendments=amendments,
        amended=by_key(amendments),
        reviews=reviews_of(found.id),
        requests=requests_of(found.id) if found.reviewed_at is not None else (),
        chain_intact=chain.intact(found, amendments),
        removals=removals,
        idle_zone=idle_zone(found.site_id, utcnow()) if found.state == "running" else "",
        # What was removed by policy cannot be compared any more; the page says so instead.
        intact=found.signed_at is None
        or "readings" in removals
        or signing.content_hash(found) == found.content_hash,
    )


@bp.get("/records/<int:record_id>")
@login_required
def record(record_id: int) -> ResponseReturnValue:
    """One device in one run: every required item, then everything else that was judged."""
    actor = current_actor()
    found = queries.get_visible_record(record_id, actor)
    readings = queries.readings(found.id)
    required = queries.required_rows(found.run, found, found.device.device_class, readings)
    named = {row.check for row in required}
    others = sorted(
        (row for row in readings if row.check not in named), key=lambda row: row.outcome not in ABNORMAL
    )
    return render_template(
        "inspections/record.html",
        record=found,
        required=required,
        answers=answers_of(found.run_id, device_id=found.device_id),
        others=others,
        tickets=queries.tickets_of_record(found),
        run=found.run,
        removals=removals_of_run(found.run_id),
        amended=by_key(amendments_of(found.run_id)),
        may_sign=actor.allows(Permission.INSPECTION_SIGN, found.run.client_id, found.run.site_id),
        catalogue=all_checks(),
        may_run=actor.allows(Permission.INSPECTION_RUN, found.device.client_id, found.device.site_id),
        empty_form=EmptyForm(),
    )


@bp.get("/trend/<int:device_id>/<check>")
@login_required
def trend(device_id: int, check: str) -> ResponseReturnValue:
    """Values of one item over time, for the chart."""
    get_visible_device(device_id, current_actor())
    item = db.session.scalar(
        sa.select(ReadingItem)
        .where(ReadingItem.check == check, ReadingItem.item == request.args.get("item", ""))
        .limit(1)
    )
    points = queries.trend(device_id, item.id) if item is not None else []
    return {
        "unit": item.unit if item is not None else "",
        "times": [at for at, _value in points],
        "values": [value for _at, value in points],
    }


def started(found: InspectionRun) -> ResponseReturnValue:
    """After the commit: hand the visits to the workers at once; the sweep would do it in seconds."""
    try:
        jobs.enqueue_waiting(utcnow())
    except (OSError, RedisError):
        flash(_("The inspection begins as soon as the workers are reachable again."), "info")
    return redirect(url_for("inspections.run", run_id=found.id))


@bp.post("/start/device/<int:device_id>")
@login_required
def start_device(device_id: int) -> ResponseReturnValue:
    """Inspect a device now."""
    actor = current_actor()
    device: Device = get_visible_device(device_id, actor)
    try:
        with unit_of_work():
            found = runs.start_device(device, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("equipment.device", device_id=device_id))
    return started(found)


@bp.post("/start/site")
@login_required
def start_site() -> ResponseReturnValue:
    """Inspect all devices of a site now."""
    actor = current_actor()
    site_id = request.form.get("site_id", type=whole_number)
    site = next((s for s in visible_sites(actor, Permission.INSPECTION_RUN) if s.id == site_id), None)
    if site is None:
        raise NotFoundError
    try:
        with unit_of_work():
            found = runs.start_site(db.session.get_one(Site, site_id), actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("inspections.index"))
    return started(found)


@bp.post("/start/plan/<int:plan_id>")
@login_required
def start_plan(plan_id: int) -> ResponseReturnValue:
    """Inspect a plan's devices now."""
    actor = current_actor()
    plan = queries.get_visible_plan(plan_id, actor)
    with unit_of_work():
        found = runs.start_plan(plan, actor=actor, now=utcnow())
    return started(found)


@bp.post("/<int:run_id>/<any(sign, hand_back):act>")
@login_required
def sign(run_id: int, act: str) -> ResponseReturnValue:
    """Sign as inspector, or hand back as reviewer; accepting is the end of ``reviewing``."""
    actor = current_actor()
    found = queries.get_visible_run(run_id, actor)
    form = NoteForm()
    try:
        if not form.validate_on_submit():
            raise DomainError(_("The remark is too long."))
        with unit_of_work():
            if act == "sign":
                signing.sign(found, note=form.note.data or "", actor=actor, now=utcnow())
            else:
                reviewing.hand_back(found, note=form.note.data or "", actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(_("Signed.") if act == "sign" else _("Handed back."), "success")
    return redirect(url_for("inspections.run", run_id=found.id) + "#signatures")
