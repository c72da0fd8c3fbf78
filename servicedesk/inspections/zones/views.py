"""Pages of zones."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.forms import options
from servicedesk.core.paging import Order, paginate
from servicedesk.core.queues import Queues
from servicedesk.core.runtime import runtime
from servicedesk.inspections.zones import enrolment, queries, service
from servicedesk.inspections.zones.beats import is_alive, takers
from servicedesk.inspections.zones.forms import RevokeForm, ZoneForm
from servicedesk.inspections.zones.models import Zone
from servicedesk.inspections.zones.permissions import may_manage
from servicedesk.staff.forms import EmptyForm

bp = Blueprint("zones", __name__, url_prefix="/inspections/zones")
STATES = {
    "working": (_l("working"), "ok"),
    "full": (_l("no room for answers"), "warn"),
    "stopped": (_l("stopped"), "mute"),
    "failing": (_l("failing"), "bad"),
    "revoked": (_l("revoked"), "mute"),
    "silent": (_l("silent"), "bad"),
}


def _manager() -> Actor:
    actor = current_actor()
    if not may_manage(actor):
        raise NotFoundError
    return actor


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """All zones, and whether anybody works there."""
    actor, now = _manager(), utcnow()
    order = Order((Zone.name, Zone.id), ("name", "id"), descending=False)
    page = paginate(queries.visible_zones(actor), order, request.args.get("cursor", ""), scalars=True)
    return render_template(
        "inspections/zones/index.html",
        page=page,
        takers={zone.id: takers(zone, now) for zone in page.rows},
        visits=queries.open_visits([zone.id for zone in page.rows]),
    )


@bp.route("/new", methods=["GET", "POST"])
@login_required
def new() -> ResponseReturnValue:
    """Make a zone."""
    return _edited(None, _manager())


@bp.route("/<int:zone_id>/edit", methods=["GET", "POST"])
@login_required
def edit(zone_id: int) -> ResponseReturnValue:
    """Change what a zone serves."""
    actor = _manager()
    return _edited(queries.get_visible_zone(zone_id, actor), actor)


def _edited(zone: Zone | None, actor: Actor) -> ResponseReturnValue:
    form = ZoneForm(obj=zone)
    form.site_ids.choices = options(queries.sites_to_serve())
    if zone is not None and not form.is_submitted():
        form.site_ids.data = [site.id for site in zone.sites]
    if form.validate_on_submit():
        try:
            with unit_of_work():
                number = service.save_zone(
                    zone,
                    name=form.name.data or "",
                    note=form.note.data or "",
                    active=bool(form.active.data),
                    site_ids=form.site_ids.data or [],
                    keyring=runtime().keyring,
                    actor=actor,
                    now=utcnow(),
                ).id
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("zones.show", zone_id=number))
    status = 422 if form.is_submitted() else 200
    return render_template("inspections/zones/form.html", form=form, zone=zone), status


@bp.get("/<int:zone_id>")
@login_required
def show(zone_id: int) -> ResponseReturnValue:
    """A zone: its workers, what waits, its key's age."""
    zone, now = queries.get_visible_zone(zone_id, _manager()), utcnow()
    states = {
        one.id: one.state if one.state in ("stopped", "revoked") or is_alive(one, now) else "silent"
        for one in zone.workers
    }
    return render_template(
        "inspections/zones/show.html",
        zone=zone,
        states=states,
        words=STATES,
        takers=takers(zone, now),
        visits=queries.open_visits([zone.id]),
        depth=queries.depth(zone, Queues.connect(runtime().settings)),
        empty_form=EmptyForm(),
    )


@bp.post("/<int:zone_id>/token")
@login_required
def token(zone_id: int) -> ResponseReturnValue:
    """A token for one worker, on a page that cannot be called up again."""
    actor = _manager()
    zone, settings = queries.get_visible_zone(zone_id, actor), runtime().settings
    try:
        with unit_of_work():
            made = enrolment.make_token(
                zone, settings, Queues.connect(settings).redis, actor=actor, now=utcnow()
            )
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("zones.show", zone_id=zone_id))
    return render_template(
        "inspections/zones/token.html", zone=zone, token=made, server=settings.base_url.rstrip("/")
    )


@bp.route("/<int:zone_id>/workers/<int:worker_id>/revoke", methods=["GET", "POST"])
@login_required
def revoke(zone_id: int, worker_id: int) -> ResponseReturnValue:
    """Take a worker's login away and, unless that is not wanted, replace the key it knows."""
    actor = _manager()
    zone = queries.get_visible_zone(zone_id, actor)
    worker = next((one for one in zone.workers if one.id == worker_id and not one.revoked_at), None)
    if worker is None:
        raise NotFoundError
    form = RevokeForm()
    if not form.validate_on_submit():
        others = [one.name for one in zone.workers if one is not worker and not one.revoked_at]
        status = 422 if form.is_submitted() else 200
        return render_template(
            "inspections/zones/revoke.html", zone=zone, worker=worker, others=others, form=form
        ), status
    here, now = runtime(), utcnow()
    with unit_of_work():
        enrolment.revoke(worker, zone, Queues.connect(here.settings).redis, actor=actor, now=now)
        if form.renew.data:
            service.renew_key(zone, keyring=here.keyring, actor=actor, now=now)
    if form.renew.data:
        flash(_("Revoked, and the zone has a new key. Enrol its other workers again."), "success")
    else:
        flash(_("Revoked. It still knows the zone's key."), "success")
    return redirect(url_for("zones.show", zone_id=zone_id))


@bp.post("/<int:zone_id>/key")
@login_required
def renew_key(zone_id: int) -> ResponseReturnValue:
    """Replace the zone's key."""
    actor = _manager()
    zone = queries.get_visible_zone(zone_id, actor)
    with unit_of_work():
        service.renew_key(zone, keyring=runtime().keyring, actor=actor, now=utcnow())
    flash(_("The zone has a new key. Enrol its workers again."), "success")
    return redirect(url_for("zones.show", zone_id=zone_id))


@bp.post("/<int:zone_id>/remove")
@login_required
def remove(zone_id: int) -> ResponseReturnValue:
    """Forget a zone that serves nothing."""
    actor = _manager()
    zone = queries.get_visible_zone(zone_id, actor)
    try:
        with unit_of_work():
            service.remove_zone(zone, Queues.connect(runtime().settings).redis, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("zones.show", zone_id=zone_id))
    flash(_("Removed."), "success")
    return redirect(url_for("zones.index"))
