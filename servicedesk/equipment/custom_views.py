"""Pages of fields that clients define, and of their values and the tags of a device."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.equipment import custom_fields, queries
from servicedesk.equipment.custom_models import CustomField
from servicedesk.equipment.forms import CustomFieldForm
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.equipment.models import Device
from servicedesk.equipment.panels import Panel
from servicedesk.equipment.place_views import editable_clients

bp = Blueprint("custom_fields", __name__, url_prefix="/equipment")


@bp.get("/fields")
@login_required
def index() -> ResponseReturnValue:
    """The fields that clients have defined."""
    actor = current_actor()
    if not editable_clients():
        abort(404)
    statement = custom_fields.visible_fields(actor).options(joinedload(CustomField.client))
    order = Order((CustomField.name, CustomField.id), ("name", "id"), descending=False)
    page = paginate(statement, order, request.args.get("cursor", ""), scalars=True)
    return render_template(
        "equipment/fields.html", page=page, kinds=custom_fields.KINDS, classes=DEVICE_CLASSES
    )


@bp.route("/fields/new", methods=["GET", "POST"])
@bp.route("/fields/<int:field_id>", methods=["GET", "POST"])
@login_required
def form(field_id: int | None = None) -> ResponseReturnValue:
    """Define or change a field."""
    actor = current_actor()
    found = custom_fields.get_visible_field(field_id, actor) if field_id else None
    clients = [client for client in editable_clients() if found is None or client.id == found.client_id]
    if not clients:
        abort(404)
    page = CustomFieldForm(obj=found, choice_lines="\n".join(found.choices) if found else "")
    page.client_id.offer([(client.id, client.name) for client in clients])
    if page.validate_on_submit():
        data = custom_fields.FieldData(
            page.name.data or "",
            page.kind.data,
            page.device_class.data,
            tuple((page.choice_lines.data or "").splitlines()),
            bool(page.required.data),
            bool(page.active.data),
            page.position.data or 0,
        )
        try:
            with unit_of_work():
                custom_fields.save_field(found, page.client_id.data, data, actor=actor, now=utcnow())
        except DomainError as error:
            page.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("custom_fields.index"))
    status = 422 if page.is_submitted() else 200
    return render_template("equipment/field_form.html", form=page, field=found), status


@bp.route("/devices/<int:device_id>/fields", methods=["GET", "POST"])
@login_required
def values(device_id: int) -> ResponseReturnValue:
    """The values and tags of a device."""
    actor = current_actor()
    device = queries.get_visible_device(device_id, actor)
    if not actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id):
        abort(404)
    fields = custom_fields.fields_of(device)
    shown = {field.id: custom_fields.values_of(device).get(field.id, "") for field in fields}
    tags, wrong = ", ".join(custom_fields.tags_of(device)), ("", "")
    if request.method == "POST":
        shown = {field.id: request.form.get(f"custom_{field.id}", "") for field in fields}
        tags = request.form.get("tags", "")
        try:
            with unit_of_work():
                custom_fields.save_values(device, shown, tags, actor=actor, now=utcnow())
        except DomainError as error:
            wrong = (error.field, str(error))
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("equipment.device", device_id=device_id))
    return render_template(
        "equipment/field_values.html", device=device, fields=fields, shown=shown, tags=tags, wrong=wrong
    ), 422 if wrong[1] else 200


def fields_panel(device: Device, actor: Actor) -> Panel | None:
    """The client's own fields and the tags."""
    may_edit = actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id)
    fields, tags = custom_fields.fields_of(device), custom_fields.tags_of(device)
    if not fields and not tags and not may_edit:
        return None
    context = {"fields": fields, "values": custom_fields.values_of(device) if fields else {}, "tags": tags}
    return Panel("equipment/_fields.html", context | {"may_edit": may_edit})
