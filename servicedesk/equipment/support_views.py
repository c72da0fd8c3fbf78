"""Pages of warranties and contracts with vendors."""

from __future__ import annotations

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
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.web import form_number, search_text
from servicedesk.equipment import queries, support
from servicedesk.equipment.forms import SupportContractForm
from servicedesk.equipment.models import Device
from servicedesk.equipment.panels import Panel
from servicedesk.equipment.place_views import editable_clients
from servicedesk.equipment.software.queries import ending_question as ending_licences
from servicedesk.equipment.support_models import SupportContract

bp = Blueprint("support", __name__, url_prefix="/equipment/contracts")


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Contracts and warranties, those that end first at the top; ``?show=`` ended or all."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.DEVICE_VIEW):
        abort(404)
    today, shown = utcnow().date(), request.args.get("show", "")
    statement = support.contract_rows(actor, today=today, shown=shown, text=search_text())
    order = Order((SupportContract.ends_on, SupportContract.id), ("ends_on", "id"), descending=False)
    return render_template(
        "equipment/contracts.html",
        page=paginate(statement, order, request.args.get("cursor", "")),
        text=search_text(),
        shown=shown,
        kinds=support.KINDS,
        phases=support.PHASES,
        phase=lambda row: support.phase(row, today),
        today=today,
        may_edit=bool(editable_clients()),
        licences_ending=db.session.scalar(sa.select(ending_licences(actor, today))),
    )


@bp.get("/<int:support_id>")
@login_required
def detail(support_id: int) -> ResponseReturnValue:
    """One contract and the devices it covers."""
    actor = current_actor()
    found = support.get_visible_contract(support_id, actor)
    today = utcnow().date()
    return render_template(
        "equipment/contract.html",
        contract=found,
        devices=support.covered(found),
        kinds=support.KINDS,
        phases=support.PHASES,
        phase=lambda row: support.phase(row, today),
        today=today,
        may_edit=actor.allows(Permission.DEVICE_EDIT, found.client_id),
    )


@bp.route("/new", methods=["GET", "POST"])
@bp.route("/<int:support_id>/edit", methods=["GET", "POST"])
@login_required
def form(support_id: int | None = None) -> ResponseReturnValue:
    """Make or change a contract."""
    actor = current_actor()
    found = support.get_visible_contract(support_id, actor) if support_id else None
    clients = [client for client in editable_clients() if found is None or client.id == found.client_id]
    if not clients:
        abort(404)
    page = SupportContractForm(obj=found)
    page.client_id.offer([(client.id, client.name) for client in clients])
    if page.validate_on_submit():
        values = {name: getattr(page, name).data for name in support.FIELDS}
        texts = ("vendor", "number", "title", "contact", "sla_text")
        data = support.ContractData(**values | {name: values[name] or "" for name in texts})
        try:
            with unit_of_work():
                saved = support.save_contract(found, page.client_id.data, data, actor=actor, now=utcnow())
        except DomainError as error:
            page.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("support.detail", support_id=saved.id))
    status = 422 if page.is_submitted() else 200
    return render_template("equipment/contract_form.html", form=page, contract=found), status


@bp.post("/<int:support_id>/devices")
@login_required
def cover(support_id: int) -> ResponseReturnValue:
    """Let the contract cover a device."""
    actor = current_actor()
    found = support.get_visible_contract(support_id, actor)
    device = queries.get_visible_device(form_number("device_id"), actor)
    try:
        with unit_of_work():
            support.cover(found, [device.id], actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(_("Saved."), "success")
    return redirect(url_for("support.detail", support_id=support_id))


@bp.post("/<int:support_id>/devices/<int:device_id>/remove")
@login_required
def uncover(support_id: int, device_id: int) -> ResponseReturnValue:
    """Take a device off the contract."""
    found = support.get_visible_contract(support_id, current_actor())
    with unit_of_work():
        support.uncover(found, device_id, actor=current_actor(), now=utcnow())
    flash(_("Removed."), "success")
    return redirect(url_for("support.detail", support_id=support_id))


@bp.post("/<int:support_id>/remove")
@login_required
def remove(support_id: int) -> ResponseReturnValue:
    """Delete a contract that covers nothing."""
    found = support.get_visible_contract(support_id, current_actor())
    try:
        with unit_of_work():
            support.remove_contract(found, actor=current_actor(), now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("support.detail", support_id=support_id))
    flash(_("Removed."), "success")
    return redirect(url_for("support.index"))


def contracts_panel(device: Device, actor: Actor) -> Panel | None:
    """What covers a device, and until when."""
    # Contracts are the whole client's: whoever keeps one site only does not see them.
    if not actor.allows(Permission.DEVICE_VIEW, device.client_id):
        return None
    contracts = support.contracts_of(device)
    if not contracts:
        return None
    today = utcnow().date()
    context = {"contracts": contracts, "kinds": support.KINDS, "phases": support.PHASES}
    return Panel(
        "equipment/_contracts.html",
        context | {"phase": lambda row: support.phase(row, today), "today": today},
    )
