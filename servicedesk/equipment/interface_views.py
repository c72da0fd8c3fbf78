"""Pages of a device's interfaces and cables."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError, first_error
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.web import form_number
from servicedesk.equipment import interfaces, queries
from servicedesk.equipment.forms import CableForm, InterfaceForm
from servicedesk.equipment.models import Device
from servicedesk.equipment.network_models import Interface
from servicedesk.equipment.panels import Panel

bp = Blueprint("interfaces", __name__, url_prefix="/equipment/devices")


@bp.route("/<int:device_id>/interfaces", methods=["GET", "POST"])
@login_required
def index(device_id: int) -> ResponseReturnValue:
    """The interfaces of a device; more are added here."""
    actor = current_actor()
    device = queries.get_visible_device(device_id, actor)
    form = InterfaceForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                interfaces.add_interfaces(
                    device,
                    form.name.data or "",
                    kind=form.kind.data,
                    speed_mbps=form.speed_mbps.data,
                    actor=actor,
                    now=utcnow(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("interfaces.index", device_id=device_id))
    order = Order((Interface.id,), ("id",), descending=False)
    page = paginate(interfaces.interface_rows(device), order, request.args.get("cursor", ""))
    status = 422 if form.is_submitted() else 200
    return render_template(
        "equipment/interfaces.html",
        device=device,
        form=form,
        page=page,
        kinds=interfaces.KINDS,
        may_edit=actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id),
    ), status


@bp.post("/<int:device_id>/interfaces/<int:interface_id>/connect")
@login_required
def connect(device_id: int, interface_id: int) -> ResponseReturnValue:
    """Put a cable in."""
    actor = current_actor()
    device = queries.get_visible_device(device_id, actor)
    other = queries.get_visible_device(form_number("other_id"), actor)
    form = CableForm()
    if not form.validate_on_submit():
        flash(first_error(form.errors), "error")
        return redirect(url_for("interfaces.index", device_id=device_id))
    try:
        with unit_of_work():
            interfaces.connect(
                device,
                interface_id,
                other,
                form.other_name.data or "",
                label=form.label.data or "",
                cable=form.cable.data or "",
                actor=actor,
                now=utcnow(),
            )
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(_("Saved."), "success")
    return redirect(url_for("interfaces.index", device_id=device_id))


@bp.post("/<int:device_id>/interfaces/<int:interface_id>/<any(disconnect, remove):deed>")
@login_required
def undo(device_id: int, interface_id: int, deed: str) -> ResponseReturnValue:
    """Take the cable out, or remove the interface."""
    actor = current_actor()
    device = queries.get_visible_device(device_id, actor)
    change = interfaces.disconnect if deed == "disconnect" else interfaces.remove_interface
    try:
        with unit_of_work():
            change(device, interface_id, actor=actor, now=utcnow())
    except DomainError as error:
        if error.status == 404:
            raise
        flash(str(error), "error")
    else:
        flash(_("Removed."), "success")
    return redirect(url_for("interfaces.index", device_id=device_id))


def interfaces_panel(device: Device, actor: Actor) -> Panel | None:
    """How many interfaces there are, and where their cables lead."""
    count, linked = interfaces.summary(device)
    may_edit = actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id)
    if not count and not may_edit:
        return None
    return Panel("equipment/_interfaces.html", {"count": count, "linked": linked})
