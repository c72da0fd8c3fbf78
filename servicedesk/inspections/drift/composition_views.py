"""Pages of what a device is made of: hardware, interfaces, neighbours, and what became of them."""

from __future__ import annotations

from itertools import islice, pairwise

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.permissions import Permission
from servicedesk.core.web import form_number
from servicedesk.equipment.models import Device
from servicedesk.equipment.panels import Panel
from servicedesk.inspections.drift import addresses, queries, service
from servicedesk.inspections.drift.comparing import compared
from servicedesk.inspections.drift.composing import CHECKS, newest
from servicedesk.inspections.drift.contradicting import unmatched_interfaces

bp = Blueprint("composition", __name__, url_prefix="/inspections/compositions")
SHOWN = 500  # rows of a table; a device with more is a chassis whose list nobody reads to its end
EXPLAINED = 20  # versions whose differences are told in words


@bp.get("/<int:device_id>")
@login_required
def device(device_id: int) -> ResponseReturnValue:
    """What the device is made of, what differs from what was accepted, and earlier versions."""
    found = queries.device_to_read(device_id, current_actor())
    versions = queries.compositions_of(found.id)
    present = versions[0] if versions else None
    told = {
        new.id: compared(old.composition, new.composition)[:SHOWN]
        for new, old in islice(pairwise(versions), EXPLAINED)
    }
    return render_template(
        "inspections/drift/composition.html",
        device=found,
        versions=versions,
        present=present,
        composition=present.composition if present else None,
        differences=service.differences_now(found, present)[:SHOWN] if present else [],
        told=told,
        findings=service.open_drift(found.id),
        checks=CHECKS,
        unmatched=unmatched_interfaces(found, present.composition) if present else None,
        shown=SHOWN,
    )


@bp.post("/<int:device_id>/accept")
@login_required
def accept(device_id: int) -> ResponseReturnValue:
    """Say that the device is right as it is, and let the record say so."""
    actor = current_actor()
    found = queries.device_to_read(device_id, actor)
    reason = request.form.get("reason", "")
    try:
        with unit_of_work():
            service.accept_composition(found, form_number("version"), reason, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(_("The record follows the device. Findings end with the next inspection."), "success")
    return redirect(url_for("composition.device", device_id=device_id))


@bp.post("/<int:device_id>/findings/<int:finding_id>/ticket")
@login_required
def open_ticket(device_id: int, finding_id: int) -> ResponseReturnValue:
    """A ticket about a finding that has none."""
    actor = current_actor()
    found = queries.device_to_read(device_id, actor)
    try:
        with unit_of_work():
            ticket = service.open_ticket(found, finding_id, actor=actor, now=utcnow())
    except DomainError as error:
        if error.status == 404:
            raise
        flash(str(error), "error")
        return redirect(url_for("composition.device", device_id=device_id))
    return redirect(url_for("tickets.detail", ticket_id=ticket.id))


@bp.post("/<int:device_id>/addresses")
@login_required
def record_addresses(device_id: int) -> ResponseReturnValue:
    """Record the addresses that the device told."""
    actor = current_actor()
    found = queries.device_to_read(device_id, actor)
    try:
        with unit_of_work():
            count = addresses.record_told(found, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(ngettext("%(num)s address recorded.", "%(num)s addresses recorded.", count), "success")
    return redirect(url_for("equipment.device", device_id=device_id))


def addresses_panel(device: Device, actor: Actor) -> Panel | None:
    """Recorded addresses, and those that the newest inspection read besides."""
    found = addresses.addresses_of(device, actor)
    if not found.recorded and not found.told and found.prefix is None:
        return None
    may_edit = actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id)
    context = {"found": found, "device_id": device.id, "may_edit": may_edit}
    return Panel("inspections/drift/_addresses.html", context)


def composition_panel(device: Device, actor: Actor) -> Panel | None:
    """How much the device is made of, and whether that was accepted."""
    if not actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id):
        return None
    version = newest(device.id)
    return Panel("inspections/drift/_composition.html", {"version": version}) if version else None
