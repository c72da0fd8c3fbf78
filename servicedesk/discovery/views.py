"""Pages of discovery: allowed ranges, sweeps with their progress, and what they found."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.forms import whole_number
from servicedesk.core.paging import paginate
from servicedesk.core.permissions import Permission
from servicedesk.discovery import jobs, queries, service
from servicedesk.discovery.forms import METHODS, RangeForm, SweepForm
from servicedesk.organisations.models import Site

bp = Blueprint("discovery", __name__, url_prefix="/equipment/discovery")
STATES = {
    "queued": _l("Waiting for a worker"),
    "running": lazy_pgettext("sweep", "Under way"),
    "done": _l("Done"),
    "stopped": _l("Stopped"),
    "refused": _l("Refused"),
}
VERDICTS = {
    "new": lazy_pgettext("sweep", "New"),
    "changed": _l("Recorded otherwise"),
    "known": _l("Known"),
    "silent": _l("Recorded, no answer"),
}


@bp.route("/", methods=["GET", "POST"])
@login_required
def index() -> ResponseReturnValue:
    """Allowed ranges and sweeps; administrators allow further ranges here."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.DEVICE_EDIT):
        abort(404)
    sites = queries.sites_to_allow(actor)
    form = RangeForm()
    form.site_id.offer([(row.id, f"{row.client_name} / {row.name}") for row in sites])
    if request.method == "POST" and not sites:
        abort(404)
    if form.validate_on_submit():
        site = db.session.get_one(Site, form.site_id.data)
        try:
            with unit_of_work():
                service.allow_range(
                    site,
                    form.prefix.data or "",
                    special=form.special.data,
                    note=form.note.data or "",
                    actor=actor,
                    now=utcnow(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("discovery.index"))
    page = paginate(queries.sweep_rows(actor), queries.SWEEP_ORDER, request.args.get("cursor", ""))
    return render_template(
        "discovery/index.html",
        ranges=queries.ranges(actor),
        page=page,
        form=form,
        may_allow=bool(sites),
        states=STATES,
    ), 422 if form.is_submitted() else 200


@bp.post("/ranges/<int:range_id>/forbid")
@login_required
def forbid(range_id: int) -> ResponseReturnValue:
    """Take a permission back."""
    found = queries.get_visible_range(range_id, current_actor())
    with unit_of_work():
        service.forbid_range(found, actor=current_actor(), now=utcnow())
    flash(_("Removed."), "success")
    return redirect(url_for("discovery.index"))


@bp.route("/ranges/<int:range_id>/sweep", methods=["GET", "POST"])
@login_required
def start(range_id: int) -> ResponseReturnValue:
    """Sweep an allowed range."""
    actor = current_actor()
    found = queries.get_visible_range(range_id, actor)
    form = SweepForm()
    form.credential_id.offer(
        [(row.id, row.name) for row in queries.snmp_credentials(found.client_id)], empty=_("(none)")
    )
    if form.validate_on_submit():
        data = service.SweepData(
            tuple(form.methods.data or ()),
            _ports(form.tcp_ports.data or ""),
            form.ssh_port.data or 0,
            form.snmp_port.data or 0,
            form.credential_id.data,
            form.packets_per_s.data or 0,
        )
        try:
            with unit_of_work():
                sweep = service.start_sweep(found, data, actor=actor, now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            jobs.enqueue(sweep.id)
            return redirect(url_for("discovery.sweep", sweep_id=sweep.id))
    status = 422 if form.is_submitted() else 200
    return render_template("discovery/start.html", form=form, range=found), status


def _ports(text: str) -> tuple[int, ...]:
    """Numbers between commas or spaces; whatever is none becomes 0, which is refused."""
    words = text.replace(",", " ").replace("\uff0c", " ").split()
    return tuple((whole_number(word) or 0) if word.isdigit() else 0 for word in words)


@bp.get("/<int:sweep_id>")
@login_required
def sweep(sweep_id: int) -> ResponseReturnValue:
    """Progress, and what was found against what is recorded; ``?show=`` one of ``VERDICTS``."""
    actor = current_actor()
    found = queries.get_visible_sweep(sweep_id, actor)
    under_way = found.state in service.UNDER_WAY
    context = {
        "sweep": found,
        "under_way": under_way,
        "counts": queries.counts(found),
        "states": STATES,
        "verdicts": VERDICTS,
        "methods": METHODS,
    }
    if request.args.get("poll"):
        answer = render_template("discovery/_state.html", **context)
        # What was found is shown once all of it is there.
        return answer if under_way else (answer, 200, {"HX-Refresh": "true"})
    shown = request.args.get("show", "")
    statement = queries.host_rows(found, shown if shown in VERDICTS else "")
    page = paginate(statement, queries.HOST_ORDER, request.args.get("cursor", ""))
    return render_template("discovery/sweep.html", page=page, shown=shown, **context)


@bp.post("/<int:sweep_id>/stop")
@login_required
def stop(sweep_id: int) -> ResponseReturnValue:
    """End a sweep under way."""
    actor = current_actor()
    found = queries.get_visible_sweep(sweep_id, actor)
    try:
        with unit_of_work():
            service.stop_sweep(found, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    return redirect(url_for("discovery.sweep", sweep_id=sweep_id))


@bp.post("/<int:sweep_id>/take-over")
@login_required
def take_over(sweep_id: int) -> ResponseReturnValue:
    """Register the ticked hosts as devices."""
    actor = current_actor()
    found = queries.get_visible_sweep(sweep_id, actor)
    numbers = [whole_number(text) for text in request.form.getlist("host")[:500]]
    with unit_of_work():
        made, refused = service.take_over(
            found, [number for number in numbers if number], actor=actor, now=utcnow()
        )
    flash(ngettext("%(num)s device registered.", "%(num)s devices registered.", made), "success")
    for sentence in refused[:5]:
        flash(sentence, "error")
    return redirect(url_for("discovery.sweep", sweep_id=sweep_id))
