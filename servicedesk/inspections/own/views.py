"""Pages of own checks: the list, the editor, and a trial with its live result."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from redis import RedisError

from collectors.model import WebCheck
from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.forms import whole_number
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.queues import Queues
from servicedesk.core.runtime import runtime
from servicedesk.equipment.models import Device, DeviceAccess
from servicedesk.equipment.queries import get_visible_device
from servicedesk.inspections.levels.queries import clients_to_set
from servicedesk.inspections.own import queries, service
from servicedesk.inspections.own.forms import KINDS, OwnCheckForm
from servicedesk.inspections.own.models import OwnCheckDefinition
from servicedesk.inspections.own.service import OwnCheckData
from servicedesk.organisations.models import Organisation

bp = Blueprint("own_checks", __name__, url_prefix="/inspections/own-checks")


def _clients(actor: Actor) -> list[Organisation]:
    """Clients as a whole: an own check reaches all of their sites."""
    return [one for one in clients_to_set(actor) if actor.allows(Permission.PLAN_EDIT, one.id)]


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """All own checks in reach."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.PLAN_EDIT):
        raise NotFoundError
    order = Order((OwnCheckDefinition.title, OwnCheckDefinition.id), ("title", "id"), descending=False)
    page = paginate(queries.visible_definitions(actor), order, request.args.get("cursor", ""), scalars=True)
    return render_template("inspections/own/index.html", page=page, clients=_clients(actor), kinds=KINDS)


@bp.route("/new", methods=["GET", "POST"])
@login_required
def new() -> ResponseReturnValue:
    """Define a check."""
    chosen = request.args.get("client", type=whole_number)
    client = next((one for one in _clients(current_actor()) if chosen in (None, one.id)), None)
    if client is None:
        raise NotFoundError
    return _editor(client, None, OwnCheckForm())


@bp.route("/<int:own_check_id>", methods=["GET", "POST"])
@login_required
def edit(own_check_id: int) -> ResponseReturnValue:
    """Change a check."""
    found = queries.get_visible_definition(own_check_id, current_actor())
    form = OwnCheckForm(obj=found)
    if not form.is_submitted():
        for name, value in (found.web or {}).items():
            form[f"web_{name}"].data = value
        form.states.data = "\n".join(f"{word} = {outcome}" for word, outcome in found.states)
    return _editor(found.client, found, form)


def _editor(
    client: Organisation, found: OwnCheckDefinition | None, form: OwnCheckForm
) -> ResponseReturnValue:
    """The form; "try" sends the draft to a device, "save" keeps it."""
    actor, now = current_actor(), utcnow()
    client_id, own_check_id = client.id, found.id if found else None
    _offer_devices(form, client_id, actor)
    status, trial_id = 200, None
    if form.validate_on_submit():
        try:
            if "try" in request.form:
                trial_id = _begin_trial(form, client_id, actor)
            else:
                with unit_of_work():
                    service.save_own_check(found, client_id, _own_data(form), actor=actor, now=now)
                flash(_("Saved. It is asked from the next inspection on; plans can require it."), "success")
                return redirect(url_for("own_checks.index"))
        except DomainError as error:
            form.refuse(error)
            db.session.rollback()
            status = 422
    elif form.is_submitted():
        status = 422
    return render_template(
        "inspections/own/edit.html",
        form=form,
        client_name=db.session.get_one(Organisation, client_id).name,
        own_check_id=own_check_id,
        trial=queries.get_visible_trial(trial_id, actor) if trial_id else None,
    ), status


def _begin_trial(form: OwnCheckForm, client_id: int, actor: Actor) -> int:
    if form.device_id.data is None:
        raise DomainError(_("Choose a device to try it on."), "device_id")
    device = get_visible_device(form.device_id.data, actor)
    with unit_of_work():
        trial_id = service.begin_trial(device, client_id, _own_data(form), actor=actor, now=utcnow()).id
    try:
        Queues.connect(runtime().settings).enqueue_trial(trial_id)
    except (OSError, RedisError):
        flash(_("The trial begins as soon as the workers are reachable again."), "info")
    return trial_id


def _own_data(form: OwnCheckForm) -> OwnCheckData:
    return OwnCheckData(
        title=form.title.data or "",
        kind=form.kind.data,
        question=form.question.data or "",
        active=bool(form.active.data),
        dialects=form.dialects.data or (),
        names_oid=form.names_oid.data or "",
        pattern=form.pattern.data or "",
        unit=form.unit.data or "",
        scale=form.scale.data if form.scale.data is not None else 1.0,
        states=form.states.data or "",
        direction=form.direction.data,
        warning=form.warning.data,
        critical=form.critical.data,
        applies_to=form.applies_to.data or "",
        web=_web_data(form) if form.kind.data == "web" else None,
    )


def _web_data(form: OwnCheckForm) -> WebCheck:
    return WebCheck(
        status="".join((form.web_status.data or "").split()),
        text=form.web_text.data or "",
        method=form.web_method.data,
        verify=form.web_verify.data,
        ca=form.web_ca.data or "" if form.web_verify.data == "ca" else "",
        server_name=form.web_server_name.data or "",
        follow=bool(form.web_follow.data),
    )


def _offer_devices(form: OwnCheckForm, client_id: int, actor: Actor) -> None:
    asked = sa.select(DeviceAccess.device_id)
    scope = actor.scope(Permission.INSPECTION_VIEW).clause(Device.client_id, Device.site_id)
    rows = db.session.execute(
        sa.select(Device.id, Device.name)
        .where(Device.client_id == client_id, Device.state == "active", Device.id.in_(asked), scope)
        .order_by(Device.name)
        .limit(2000)
    )
    form.device_id.offer([(row.id, row.name) for row in rows], empty=_("(choose)"))


@bp.get("/trials/<int:trial_id>")
@login_required
def trial(trial_id: int) -> ResponseReturnValue:
    """The part of the page that shows a trial, asked for again while it lasts."""
    found = queries.get_visible_trial(trial_id, current_actor())
    return render_template("inspections/own/_trial.html", trial=found)
