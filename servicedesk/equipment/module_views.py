"""Pages of the modules inside devices."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required
from wtforms import SelectField
from wtforms.validators import DataRequired

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.forms import Form, Text, options
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.sheets import sheet_response
from servicedesk.core.web import search_text
from servicedesk.equipment import modules, queries
from servicedesk.equipment.models import Device
from servicedesk.equipment.module_models import DeviceModule
from servicedesk.equipment.panels import Panel

bp = Blueprint("modules", __name__, url_prefix="/equipment")
MAX_EXPORTED = 100_000


class ModuleForm(Form):
    slot = Text(
        _l("Slot or bay"),
        validators=[DataRequired()],
        max_length=100,
        description=_l("As the device calls it."),
    )
    kind = SelectField(_l("Kind"), choices=options(modules.KINDS.items()), default="module")
    name = Text(_l("Name"))
    part_number = Text(_l("Part number"))
    serial = Text(_l("Serial number"), max_length=100)
    revision = Text(_l("Revision"), max_length=64)


@bp.get("/modules/")
@login_required
def index() -> ResponseReturnValue:
    """All modules one may see; ``?q=`` begins a serial or part number, ``?kind=`` one of ``KINDS``."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.DEVICE_VIEW):
        abort(404)
    kind = request.args.get("kind", "")
    statement = modules.module_rows(actor, kind=kind if kind in modules.KINDS else "", text=search_text())
    order = Order((DeviceModule.serial, DeviceModule.id), ("serial", "id"), descending=False)
    return render_template(
        "equipment/modules.html",
        page=paginate(statement, order, request.args.get("cursor", "")),
        kinds=modules.KINDS,
        kind=kind,
        text=search_text(),
        may_edit=actor.allows_somewhere(Permission.DEVICE_EDIT),
    )


@bp.get("/modules.<any(csv, xlsx):kind>")
@login_required
def export(kind: str) -> Response:
    """The filtered list as a file."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.DEVICE_VIEW):
        abort(404)
    chosen = request.args.get("kind", "")
    statement = modules.module_rows(
        actor, kind=chosen if chosen in modules.KINDS else "", text=search_text()
    ).order_by(Device.name, DeviceModule.id)
    rows = db.session.execute(statement.limit(MAX_EXPORTED)).all()
    heading = (
        _("Device"),
        _("Slot or bay"),
        _("Kind"),
        _("Name"),
        _("Part number"),
        _("Serial number"),
        _("Revision"),
        _("Recorded by"),
    )
    table = (
        (
            row.device_name,
            row.slot,
            str(modules.KINDS.get(row.kind, row.kind)),
            row.name,
            row.part_number,
            row.serial,
            row.revision,
            row.recorded_by,
        )
        for row in rows
    )
    return sheet_response(kind, "modules", heading, table)


@bp.route("/devices/<int:device_id>/modules", methods=["GET", "POST"])
@bp.route("/devices/<int:device_id>/modules/<int:module_id>", methods=["GET", "POST"])
@login_required
def device(device_id: int, module_id: int | None = None) -> ResponseReturnValue:
    """The modules of a device; one is added or changed in the form above."""
    actor = current_actor()
    found = queries.get_visible_device(device_id, actor)
    module = modules.module_of(found, module_id) if module_id is not None else None
    form = ModuleForm(obj=module)
    if form.validate_on_submit():
        data = modules.ModuleData(**{name: getattr(form, name).data or "" for name in modules.FIELDS})
        try:
            with unit_of_work():
                modules.save_module(found, module, data, actor=actor, now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("modules.device", device_id=device_id))
    order = Order((DeviceModule.id,), ("id",), descending=False)
    return render_template(
        "equipment/device_modules.html",
        device=found,
        form=form,
        module=module,
        page=paginate(modules.module_rows(actor, device=found), order, request.args.get("cursor", "")),
        kinds=modules.KINDS,
        may_edit=actor.allows(Permission.DEVICE_EDIT, found.client_id, found.site_id),
    ), 422 if form.is_submitted() else 200


@bp.post("/devices/<int:device_id>/modules/<int:module_id>/remove")
@login_required
def remove(device_id: int, module_id: int) -> ResponseReturnValue:
    """Take a module out of the record."""
    actor = current_actor()
    found = queries.get_visible_device(device_id, actor)
    with unit_of_work():
        modules.remove_module(found, module_id, actor=actor, now=utcnow())
    flash(_("Removed."), "success")
    return redirect(url_for("modules.device", device_id=device_id))


def modules_panel(device: Device, actor: Actor) -> Panel | None:
    """How many modules of which kinds are recorded."""
    numbers = modules.counted(device)
    if not numbers and not actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id):
        return None
    context = {"device_id": device.id, "numbers": numbers, "kinds": modules.KINDS}
    return Panel("equipment/_modules.html", context)
