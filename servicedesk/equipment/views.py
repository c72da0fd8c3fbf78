"""Pages of devices."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.forms import NONE_CHOSEN, options, whole_number
from servicedesk.core.i18n import enumeration
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.web import search_text
from servicedesk.equipment import queries, service
from servicedesk.equipment.access_form import access_form
from servicedesk.equipment.forms import AccessForm, DeviceForm
from servicedesk.equipment.kinds import DEVICE_CLASSES, DEVICE_STATES
from servicedesk.equipment.lifecycle import targets
from servicedesk.equipment.models import Device
from servicedesk.equipment.panels import device_panels
from servicedesk.equipment.place_choice import forget_what_does_not_fit, offer_place
from servicedesk.equipment.place_queries import models_of
from servicedesk.equipment.removal import remove_devices
from servicedesk.equipment.service import FIELDS, DeviceData
from servicedesk.organisations.models import Department, Organisation
from servicedesk.staff.forms import EmptyForm
from servicedesk.staff.queries import holders

bp = Blueprint("equipment", __name__, url_prefix="/equipment")


@bp.get("/devices")
@login_required
def devices() -> ResponseReturnValue:
    """The list of devices."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.DEVICE_VIEW):
        abort(404)
    filters = list_filters()
    order = Order((Device.name, Device.id), ("name", "id"), descending=False)
    page = paginate(
        queries.devices_found(actor, **filters),
        order,
        request.args.get("cursor", ""),
        widen=queries.widen,
        sought=bool(filters["text"]),
    )
    return render_template(
        "equipment/devices.html",
        page=page,
        filters=filters,
        sites=queries.visible_sites(actor),
        classes=DEVICE_CLASSES,
        states=DEVICE_STATES,
        may_edit=actor.allows_somewhere(Permission.DEVICE_EDIT),
    )


def list_filters() -> dict[str, Any]:
    """What the address of the list asks for, as ``queries.devices_found`` takes it."""
    args = request.args
    return {
        "text": search_text(),
        "site_id": args.get("site", type=whole_number),
        "device_class": args.get("class", ""),
        "state": args.get("state", ""),
        "outcome": args.get("outcome", ""),
        "tag": args.get("tag", "")[:40],
    }


@bp.post("/devices/<int:device_id>/remove")
@login_required
def remove_device(device_id: int) -> ResponseReturnValue:
    """Delete a device that nothing speaks of."""
    actor = current_actor()
    found = queries.get_visible_device(device_id, actor)
    try:
        with unit_of_work():
            remove_devices([found], actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("equipment.device", device_id=device_id))
    flash(_("Removed."), "success")
    return redirect(url_for("equipment.devices"))


@bp.get("/devices/<int:device_id>")
@login_required
def device(device_id: int) -> ResponseReturnValue:
    """One device: what it is, how it is, what happened to it.

    ``?whole``: with all its cards at once. ``?change=ssh``: with the form of this way to ask it.
    """
    actor = current_actor()
    found = queries.get_visible_device(device_id, actor)
    whole = "whole" in request.args
    changed = request.args.get("change", "")
    form = access_form(found, actor, changed) if whole or changed else None
    return device_page(found, actor, form, whole=whole)


def device_page(found: Device, actor: Actor, asked: AccessForm | None, *, whole: bool = False) -> str:
    """The page of a device, with the form of how it is asked when there is something to say in it."""
    return render_template(
        "equipment/device.html",
        **_shared(found, actor),
        panels=device_panels(found, actor, later=False),
        rest=device_panels(found, actor, later=True) if whole else None,
        access_form=asked,
        may_approve=actor.allows(Permission.HOST_KEY_APPROVE, found.client_id, found.site_id),
    )


def _shared(found: Device, actor: Actor) -> dict[str, Any]:
    """What the page and the cards that come later both need."""
    return {
        "device": found,
        "classes": DEVICE_CLASSES,
        "states": DEVICE_STATES,
        "empty_form": EmptyForm(),
        "may_edit": actor.allows(Permission.DEVICE_EDIT, found.client_id, found.site_id),
        "may_run": actor.allows(Permission.INSPECTION_RUN, found.client_id, found.site_id),
    }


@bp.get("/devices/<int:device_id>/rest")
@login_required
def device_rest(device_id: int) -> ResponseReturnValue:
    """The cards that a device's page asks for when it is there."""
    actor = current_actor()
    found = queries.get_visible_record(device_id, actor)
    return render_template(
        "equipment/_device_rest.html",
        **_shared(found, actor),
        rest=device_panels(found, actor, later=True, whole=False),
    )


@bp.route("/devices/new", methods=["GET", "POST"])
@bp.route("/devices/<int:device_id>/edit", methods=["GET", "POST"])
@login_required
def device_form(device_id: int | None = None) -> ResponseReturnValue:
    """Make or change a device."""
    actor = current_actor()
    found = queries.get_visible_device(device_id, actor) if device_id else None
    if not actor.allows_somewhere(Permission.DEVICE_EDIT):
        abort(404)
    form = DeviceForm(obj=found)
    _offer_choices(form, found)
    choosing = "choose_place" in request.form  # without script the page is asked for its racks
    if not choosing and form.validate_on_submit():
        values: dict[str, Any] = {name: getattr(form, name).data for name in FIELDS}
        values["height_u"] = values["height_u"] or 1
        values |= {name: "" for name in _TEXTS if values[name] is None}
        data = DeviceData(**values)
        try:
            with unit_of_work():
                reason = form.reason.data or ""
                saved = service.save_device(found, data, actor=actor, now=utcnow(), reason=reason)
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            if others := queries.at_same_address(saved):
                flash(_("This address is also that of: %(devices)s.", devices=enumeration(others)), "warning")
            return redirect(url_for("equipment.device", device_id=saved.id))
    status = 422 if form.is_submitted() and not choosing else 200
    return render_template("equipment/device_form.html", form=form, device=found), status


_TEXTS = frozenset(name for name, kind in DeviceData.__annotations__.items() if kind == "str")


def _offer_choices(form: DeviceForm, found: Device | None) -> None:
    actor = current_actor()
    sites = queries.visible_sites(actor, Permission.DEVICE_EDIT)
    if found is not None:
        sites = [site for site in sites if site.client_id == found.client_id] or [found.site]
    client_ids = {site.client_id for site in sites}
    names = dict(
        db.session.execute(
            sa.select(Organisation.id, Organisation.name).where(Organisation.id.in_(client_ids))
        ).all()
    )
    form.state.choices = options(
        (name, DEVICE_STATES[name]) for name in (targets(found.state) if found is not None else DEVICE_STATES)
    )
    form.model_id.offer(
        [(m.id, f"{m.manufacturer} {m.name}") for m in models_of(client_ids)], empty=NONE_CHOSEN
    )
    several = len(client_ids) > 1
    form.site_id.offer([(s.id, f"{names[s.client_id]} / {s.name}" if several else s.name) for s in sites])
    if "choose_place" in request.form:
        forget_what_does_not_fit(form)
    offer_place(form, [site.id for site in sites])
    departments = db.session.scalars(
        sa.select(Department).where(Department.organisation_id.in_(client_ids)).order_by(Department.name)
    )
    form.department_id.offer([(d.id, d.name) for d in departments], empty=NONE_CHOSEN)
    people = {u.id: u.display_name for u in holders(Permission.TICKET_WORK, *client_ids)}
    for person in (found.responsible, found.standby) if found is not None else ():
        if person is not None:
            people.setdefault(person.id, person.display_name)
    for field in (form.responsible_id, form.standby_id):
        field.offer(sorted(people.items(), key=lambda row: row[1]), empty=NONE_CHOSEN)


@bp.get("/devices/find")
@login_required
def find_devices() -> ResponseReturnValue:
    """Devices by a part of their name or address, for fields that look one up while one types."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.DEVICE_VIEW):
        abort(404)
    client_id = request.args.get("client", type=whole_number)
    found = queries.devices_found(actor, text=search_text())
    if client_id is not None:
        found = found.where(Device.client_id == client_id)
    statement = found.with_only_columns(Device.id, Device.name, Device.address)
    rows = db.session.execute(statement.order_by(Device.name, Device.id).limit(30)).all()
    return [{"value": row.id, "text": " ".join(filter(None, (row.name, row.address)))} for row in rows]
