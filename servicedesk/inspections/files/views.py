"""Pages of chosen files: the lists, the editor, and what is read of one device."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.forms import whole_number
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.equipment.models import Device
from servicedesk.equipment.queries import get_visible_device, visible_sites
from servicedesk.inspections.drift.noting import present_texts
from servicedesk.inspections.drift.queries import device_to_read
from servicedesk.inspections.files import queries, service
from servicedesk.inspections.files.choosing import CLASSES, OFFERED, chosen_for
from servicedesk.inspections.files.forms import RUNG_LABELS, FilesForm, RemoveForm
from servicedesk.inspections.files.models import ChosenFileList
from servicedesk.inspections.files.service import FilesData
from servicedesk.inspections.levels.queries import clients_to_set
from servicedesk.organisations.models import Organisation

bp = Blueprint("chosen_files", __name__, url_prefix="/inspections/files")


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """All lists in reach."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.PLAN_EDIT):
        raise NotFoundError
    clients = clients_to_set(actor)
    chosen = request.args.get("client", type=whole_number)
    order = Order((ChosenFileList.set_at, ChosenFileList.id), ("set_at", "id"))
    statement = queries.visible_lists(actor, client_id=chosen)
    page = paginate(statement, order, request.args.get("cursor", ""), scalars=True)
    return render_template(
        "inspections/files/index.html",
        page=page,
        changeable={row.id for row in page.rows if service.may_change(row, actor)},
        clients=clients,
        client_chips=[("", _("All clients")), *((one.id, one.name) for one in clients)],
        chosen=chosen,
        rungs=RUNG_LABELS,
        classes=DEVICE_CLASSES,
    )


@bp.route("/new", methods=["GET", "POST"])
@login_required
def new() -> ResponseReturnValue:
    """Choose files; ``device`` of the address says for what."""
    actor = current_actor()
    chosen = request.args.get("client", type=whole_number)
    device_id = request.args.get("device", type=whole_number)
    if device_id:
        chosen = get_visible_device(device_id, actor).client_id
    client = next((one for one in clients_to_set(actor) if chosen in (None, one.id)), None)
    if client is None:
        raise NotFoundError
    form = FilesForm()
    if not form.is_submitted():
        form.device_id.data = device_id
        form.rung.data = "device" if device_id else "client"
    return _editor(client, None, form)


@bp.route("/<int:list_id>", methods=["GET", "POST"])
@login_required
def edit(list_id: int) -> ResponseReturnValue:
    """Change a list."""
    actor = current_actor()
    found = queries.get_visible_list(list_id, actor)
    if not service.may_change(found, actor):
        raise NotFoundError
    form = FilesForm(obj=found)
    if not form.is_submitted():
        form.reason.data = ""
    return _editor(found.client, found, form)


def _editor(client: Organisation, found: ChosenFileList | None, form: FilesForm) -> ResponseReturnValue:
    actor = current_actor()
    client_id, client_name, list_id = client.id, client.name, found.id if found else None
    _offer(form, client_id, actor)
    status = 422 if form.is_submitted() else 200
    if _acceptable(form, found, client_id):
        try:
            with unit_of_work():
                service.save_list(found, client_id, _data(form), actor=actor, now=utcnow())
            flash(_("Saved. It holds from the next inspection on."), "success")
            return redirect(url_for("chosen_files.index"))
        except DomainError as error:
            form.refuse(error)
    return render_template(
        "inspections/files/edit.html",
        form=form,
        client_name=client_name,
        list_id=list_id,
        offered=OFFERED,
        remove_form=RemoveForm(formdata=None, prefix="remove"),
    ), status


def _acceptable(form: FilesForm, found: ChosenFileList | None, client_id: int) -> bool:
    """Whether nothing is wrong; else everything that is stands beside its field at once."""
    valid = form.validate_on_submit()
    if not form.is_submitted():
        return False
    said = set(form.errors)
    told = [one for one in service.refusals(found, client_id, _data(form)) if one.field not in said]
    for one in told:
        form.refuse(one)
    return valid and not told


def _data(form: FilesForm) -> FilesData:
    return FilesData(
        rung=form.rung.data,
        paths=form.paths.data or "",
        reason=form.reason.data or "",
        device_id=form.device_id.data,
        site_id=form.site_id.data,
        device_class=form.device_class.data or "",
    )


def _offer(form: FilesForm, client_id: int, actor: Actor) -> None:
    sites = [site for site in visible_sites(actor, Permission.PLAN_EDIT) if site.client_id == client_id]
    form.site_id.offer([(site.id, site.name) for site in sites], empty=_("(choose)"))
    devices = db.session.execute(
        sa.select(Device.id, Device.name)
        .where(Device.site_id.in_([site.id for site in sites]), Device.device_class.in_(CLASSES))
        .order_by(Device.name)
        .limit(2000)
    )
    form.device_id.offer([(row.id, row.name) for row in devices], empty=_("(choose)"))


@bp.post("/<int:list_id>/remove")
@login_required
def remove(list_id: int) -> ResponseReturnValue:
    """Take a list back, with a reason."""
    actor = current_actor()
    found = queries.get_visible_list(list_id, actor)
    form = RemoveForm(prefix="remove")
    try:
        if not form.validate_on_submit():
            raise DomainError(_("Say why: the reason is kept in the audit trail."))
        with unit_of_work():
            service.remove_list(found, reason=form.reason.data or "", actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("chosen_files.edit", list_id=list_id))
    flash(_("Removed. What was read is kept."), "success")
    return redirect(url_for("chosen_files.index"))


@bp.get("/device/<int:device_id>")
@login_required
def device(device_id: int) -> ResponseReturnValue:
    """What is read of a device, by whose word, and the last good reading of each file."""
    actor = current_actor()
    found = device_to_read(device_id, actor)
    versions = present_texts(found.id)
    chosen = chosen_for(found)
    named = {one.path for one in chosen}
    return render_template(
        "inspections/files/device.html",
        device=found,
        chosen=chosen,
        versions=versions,
        others=[one for path, one in versions.items() if path and path not in named],
        rungs=RUNG_LABELS,
        classes=DEVICE_CLASSES,
        may_edit=actor.allows(Permission.PLAN_EDIT, found.client_id, found.site_id)
        and found.device_class in CLASSES,
    )
