"""Pages of rooms, racks and the catalogue of models."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.forms import whole_number
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.web import search_text
from servicedesk.equipment import device_models, elevation, place_queries, places, queries
from servicedesk.equipment.forms import DeviceForm, DeviceModelForm, RackForm, RoomForm
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.equipment.models import DeviceModel, Rack, Room
from servicedesk.equipment.place_choice import forget_what_does_not_fit, offer_place
from servicedesk.equipment.placing import FACES, mounted_rows
from servicedesk.organisations.models import CLIENT, Organisation, Site

bp = Blueprint("places", __name__, url_prefix="/equipment")


def _may_edit(room: Room) -> bool:
    return current_actor().allows(Permission.DEVICE_EDIT, room.client_id, room.site_id)


@bp.get("/rooms")
@login_required
def rooms() -> ResponseReturnValue:
    """The list of rooms."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.DEVICE_VIEW):
        abort(404)
    site_id = whole_number(request.args.get("site"))
    order = Order((Site.name, Room.name, Room.id), ("site_name", "name", "id"), descending=False)
    page = paginate(place_queries.room_rows(actor, site_id), order, request.args.get("cursor", ""))
    return render_template(
        "equipment/rooms.html",
        page=page,
        site_id=site_id,
        sites=queries.visible_sites(actor),
        may_edit=actor.allows_somewhere(Permission.DEVICE_EDIT),
    )


@bp.get("/place-choice")
@login_required
def choose() -> ResponseReturnValue:
    """The rooms of ``?site_id=`` and the racks of ``?room_id=``, for the form of a device."""
    actor = current_actor()
    sites = queries.visible_sites(actor, Permission.DEVICE_EDIT)
    if not sites:
        abort(404)
    form = DeviceForm(formdata=None)
    form.site_id.data = whole_number(request.args.get("site_id"))
    form.room_id.data = whole_number(request.args.get("room_id"))
    forget_what_does_not_fit(form)
    offer_place(form, [site.id for site in sites])
    return render_template("equipment/_place_choice.html", form=form)


@bp.get("/rooms/<int:room_id>")
@login_required
def room(room_id: int) -> ResponseReturnValue:
    """One room: its plan, its racks, what stands beside them."""
    found = place_queries.get_visible_room(room_id, current_actor())
    racks = place_queries.rack_rows(found.id)
    return render_template(
        "equipment/room.html",
        room=found,
        racks=racks,
        squares={(rack.grid_row, rack.grid_column): rack for rack in racks if rack.grid_row},
        others=place_queries.unplaced_devices(room_id=found.id),
        may_edit=_may_edit(found),
    )


@bp.route("/rooms/new", methods=["GET", "POST"])
@bp.route("/rooms/<int:room_id>/edit", methods=["GET", "POST"])
@login_required
def room_form(room_id: int | None = None) -> ResponseReturnValue:
    """Make or change a room."""
    actor = current_actor()
    found = place_queries.get_visible_room(room_id, actor) if room_id else None
    sites = queries.visible_sites(actor, Permission.DEVICE_EDIT)
    if not sites or (found is not None and not _may_edit(found)):
        abort(404)
    form = RoomForm(obj=found, building=found.building.name if found and found.building else "")
    chosen = [found.site] if found is not None else sites
    form.site_id.offer([(site.id, site.name) for site in chosen])
    if form.validate_on_submit():
        data = places.RoomData(
            form.name.data or "",
            form.building.data or "",
            form.floor.data or "",
            form.grid_rows.data or 1,
            form.grid_columns.data or 1,
        )
        try:
            with unit_of_work():
                site = db.session.get_one(Site, form.site_id.data)
                saved = places.save_room(found, site, data, actor=actor, now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("places.room", room_id=saved.id))
    status = 422 if form.is_submitted() else 200
    return render_template("equipment/room_form.html", form=form, room=found), status


@bp.post("/rooms/<int:room_id>/remove")
@login_required
def remove_room(room_id: int) -> ResponseReturnValue:
    """Delete an empty room."""
    found = place_queries.get_visible_room(room_id, current_actor())
    try:
        with unit_of_work():
            places.remove_room(found, actor=current_actor(), now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("places.room", room_id=room_id))
    flash(_("Removed."), "success")
    return redirect(url_for("places.rooms"))


@bp.get("/racks/<int:rack_id>")
@login_required
def rack(rack_id: int) -> ResponseReturnValue:
    """One rack: front and rear; ``?print=1`` for a sheet of paper."""
    found = place_queries.get_visible_rack(rack_id, current_actor())
    mounted = db.session.execute(mounted_rows(found.id)).all()
    template = "equipment/rack_print.html" if "print" in request.args else "equipment/rack.html"
    return render_template(
        template,
        rack=found,
        mounted=mounted,
        faces=[elevation.draw(found.height_u, mounted, face) for face in FACES],
        face_labels=FACES,
        classes=DEVICE_CLASSES,
        others=place_queries.unplaced_devices(rack_id=found.id),
        may_edit=_may_edit(found.room),
        now=utcnow(),
    )


@bp.route("/rooms/<int:room_id>/racks/new", methods=["GET", "POST"])
@login_required
def new_rack(room_id: int) -> ResponseReturnValue:
    """Make a rack, where one clicked on the plan."""
    found = place_queries.get_visible_room(room_id, current_actor())
    row, column = (whole_number(request.args.get(name)) for name in ("row", "column"))
    return _rack_form(None, found, RackForm(grid_row=row, grid_column=column))


@bp.route("/racks/<int:rack_id>/edit", methods=["GET", "POST"])
@login_required
def edit_rack(rack_id: int) -> ResponseReturnValue:
    """Change a rack."""
    found = place_queries.get_visible_rack(rack_id, current_actor())
    return _rack_form(found, found.room, RackForm(obj=found))


def _rack_form(rack: Rack | None, room: Room, form: RackForm) -> ResponseReturnValue:
    if not _may_edit(room):
        abort(404)
    if form.validate_on_submit():
        data = places.RackData(
            form.name.data or "", form.height_u.data or 0, form.grid_row.data, form.grid_column.data
        )
        try:
            with unit_of_work():
                saved = places.save_rack(rack, room, data, actor=current_actor(), now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("places.rack", rack_id=saved.id))
    status = 422 if form.is_submitted() else 200
    return render_template("equipment/rack_form.html", form=form, rack=rack, room=room), status


@bp.post("/racks/<int:rack_id>/remove")
@login_required
def remove_rack(rack_id: int) -> ResponseReturnValue:
    """Delete an empty rack."""
    found = place_queries.get_visible_rack(rack_id, current_actor())
    room_id = found.room_id
    try:
        with unit_of_work():
            places.remove_rack(found, actor=current_actor(), now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("places.rack", rack_id=rack_id))
    flash(_("Removed."), "success")
    return redirect(url_for("places.room", room_id=room_id))


@bp.get("/models")
@login_required
def models() -> ResponseReturnValue:
    """The catalogue of models."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.DEVICE_VIEW):
        abort(404)
    order = Order(
        (DeviceModel.manufacturer, DeviceModel.name, DeviceModel.id),
        ("manufacturer", "name", "id"),
        descending=False,
    )
    statement = place_queries.model_rows(actor, search_text())
    return render_template(
        "equipment/models.html",
        page=paginate(statement, order, request.args.get("cursor", "")),
        text=search_text(),
        classes=DEVICE_CLASSES,
        today=utcnow().date(),
        may_edit=editable_clients() != [],
    )


def editable_clients() -> list[Organisation]:
    """Clients whose whole equipment the actor keeps."""
    scope = current_actor().scope(Permission.DEVICE_EDIT)
    return list(
        db.session.scalars(
            sa.select(Organisation)
            .where(Organisation.kind == CLIENT, scope.clause(Organisation.id))
            .order_by(Organisation.name)
        )
    )


@bp.route("/models/new", methods=["GET", "POST"])
@bp.route("/models/<int:model_id>", methods=["GET", "POST"])
@login_required
def model_form(model_id: int | None = None) -> ResponseReturnValue:
    """Make or change a model."""
    actor = current_actor()
    found = place_queries.get_visible_model(model_id, actor) if model_id else None
    clients = [c for c in editable_clients() if found is None or c.id == found.client_id]
    if not clients:
        abort(404)
    form = DeviceModelForm(obj=found)
    form.client_id.offer([(client.id, client.name) for client in clients])
    if form.validate_on_submit():
        values = {name: getattr(form, name).data for name in device_models.FIELDS}
        data = device_models.ModelData(
            **values | {name: values[name] or "" for name in ("manufacturer", "name", "notes")}
        )
        try:
            with unit_of_work():
                device_models.save_model(found, form.client_id.data, data, actor=actor, now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("places.models"))
    status = 422 if form.is_submitted() else 200
    return render_template("equipment/model_form.html", form=form, model=found), status


@bp.post("/models/<int:model_id>/remove")
@login_required
def remove_model(model_id: int) -> ResponseReturnValue:
    """Delete a model no device is of."""
    found = place_queries.get_visible_model(model_id, current_actor())
    try:
        with unit_of_work():
            device_models.remove_model(found, actor=current_actor(), now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("places.model_form", model_id=model_id))
    flash(_("Removed."), "success")
    return redirect(url_for("places.models"))
