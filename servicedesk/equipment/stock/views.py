"""Pages of the catalogue of parts, of places, and of what was booked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.filters import datetime_text
from servicedesk.core.forms import NONE_CHOSEN, options, whole_number
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.sheets import FORMATS, sheet_response
from servicedesk.core.web import day_arg, moment_of, search_text
from servicedesk.equipment.place_queries import models_of
from servicedesk.equipment.queries import rooms_of, visible_sites
from servicedesk.equipment.stock import catalogue, queries
from servicedesk.equipment.stock.blueprint import bp
from servicedesk.equipment.stock.forms import PartForm, PlaceForm
from servicedesk.equipment.stock.models import Part, StockItem, StockMovement, StockPlace
from servicedesk.equipment.stock.words import MOVEMENTS, STATES
from servicedesk.organisations.models import Site

PARTS = Order((Part.name, Part.id), ("name", "id"), descending=False)
PLACES = Order((Site.name, StockPlace.name, StockPlace.id), ("site_name", "name", "id"), descending=False)
MOVED = Order((StockMovement.at, StockMovement.id), ("at", "id"))
ITEMS = Order((StockItem.serial, StockItem.id), ("serial", "id"), descending=False)


def reader() -> Actor:
    """Whoever may see any stock."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.STOCK_VIEW):
        abort(404)
    return actor


def _chosen() -> queries.Chosen:
    args = request.args
    show = args.get("show", "")
    return queries.Chosen(
        text=search_text(),
        show=show if show in ("low", "all") else "",
        place_id=whole_number(args.get("place")) or 0,
        model_id=whole_number(args.get("model")) or 0,
    )


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Kinds of parts and how many there are; ``?show=low``: what is to be ordered."""
    actor = reader()
    chosen = _chosen()
    return render_template(
        "equipment/stock/index.html",
        page=paginate(queries.part_rows(actor, chosen), PARTS, request.args.get("cursor", "")),
        chosen=chosen,
        places=queries.place_choices(actor, Permission.STOCK_VIEW),
        may_edit=bool(queries.clients(actor, Permission.STOCK_EDIT)),
    )


@bp.get("/export.<kind>")
@login_required
def export(kind: str) -> ResponseReturnValue:
    """The same list as a file, all of it."""
    actor = reader()
    if kind not in FORMATS:
        abort(404)
    statement = queries.part_rows(actor, _chosen()).order_by(*PARTS.columns)
    heading = (
        _("Part"),
        _("Manufacturer"),
        _("Part number"),
        _("Client"),
        _("In stock"),
        _("At least"),
        _("Unit"),
    )
    rows = (
        [r.name, r.manufacturer, r.part_number, r.client_name, r.total, r.minimum, r.unit]
        for r in db.session.execute(statement)
    )
    return sheet_response(kind, "parts", heading, rows)


@bp.get("/parts/<int:part_id>")
@login_required
def part(part_id: int) -> ResponseReturnValue:
    """One kind of part: where it lies, its pieces, what was booked last."""
    actor = reader()
    found = queries.get_visible_part(part_id, actor)
    state = request.args.get("state", "")
    moved = queries.movement_rows(actor, queries.Wanted(part_id=found.id))
    items = queries.item_rows(actor, part_id=found.id, state=state if state in STATES else "")
    return render_template(
        "equipment/stock/part.html",
        part=found,
        total=queries.total_of(found),
        levels=queries.levels_of(found, actor),
        items=paginate(items, ITEMS, request.args.get("cursor", "")) if found.serialised else None,
        state=state if state in STATES else "",
        states=STATES,
        movements=db.session.execute(moved.order_by(*queries.NEWEST_FIRST).limit(20)).all(),
        kinds=MOVEMENTS,
        may_edit=actor.allows(Permission.STOCK_EDIT, found.client_id),
        may_move=bool(queries.place_choices(actor, Permission.STOCK_MOVE, found.client_id)),
        may_count=bool(queries.place_choices(actor, Permission.STOCK_COUNT, found.client_id)),
    )


@bp.route("/parts/new", methods=["GET", "POST"])
@bp.route("/parts/<int:part_id>/edit", methods=["GET", "POST"])
@login_required
def part_form(part_id: int | None = None) -> ResponseReturnValue:
    """Make or change a kind of part."""
    actor = reader()
    found = queries.get_visible_part(part_id, actor) if part_id else None
    clients = [
        client
        for client in queries.clients(actor, Permission.STOCK_EDIT)
        if found is None or client.id == found.client_id
    ]
    if not clients:
        abort(404)
    form = PartForm(obj=found)
    form.client_id.offer([(client.id, client.name) for client in clients])
    form.model_ids.choices = options(
        (model.id, f"{model.manufacturer} {model.name}") for model in models_of({one.id for one in clients})
    )
    if found is not None and not form.is_submitted():
        form.model_ids.data = [model.id for model in found.fits]
    if form.validate_on_submit():
        values = {name: getattr(form, name).data for name in catalogue.FIELDS}
        values |= {name: values[name] or "" for name in ("manufacturer", "part_number", "unit", "notes")}
        try:
            with unit_of_work():
                saved = catalogue.save_part(
                    found,
                    form.client_id.data,
                    catalogue.PartData(**values),
                    form.model_ids.data or (),
                    actor=actor,
                    now=utcnow(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("stock.part", part_id=saved.id))
    status = 422 if form.is_submitted() else 200
    return render_template("equipment/stock/part_form.html", form=form, part=found), status


@bp.get("/places")
@login_required
def places() -> ResponseReturnValue:
    """Where parts lie."""
    actor = reader()
    return render_template(
        "equipment/stock/places.html",
        page=paginate(queries.place_rows(actor), PLACES, request.args.get("cursor", "")),
        may_edit=actor.allows_somewhere(Permission.STOCK_EDIT),
    )


@bp.route("/places/new", methods=["GET", "POST"])
@bp.route("/places/<int:place_id>", methods=["GET", "POST"])
@login_required
def place_form(place_id: int | None = None) -> ResponseReturnValue:
    """Make or change a place."""
    actor = reader()
    found = queries.get_visible_place(place_id, actor) if place_id else None
    sites = [
        site
        for site in visible_sites(actor, Permission.STOCK_EDIT)
        if found is None or site.id == found.site_id
    ]
    if not sites:
        abort(404)
    form = PlaceForm(obj=found)
    form.site_id.offer([(site.id, site.name) for site in sites])
    numbers = {site.id for site in sites}
    rooms = rooms_of({site.client_id for site in sites})
    form.room_id.offer(
        [(room.id, f"{room.site.name} / {room.name}") for room in rooms if room.site_id in numbers],
        empty=NONE_CHOSEN,
    )
    if form.validate_on_submit():
        data = catalogue.PlaceData(form.name.data or "", form.room_id.data, bool(form.active.data))
        try:
            with unit_of_work():
                site = db.session.get_one(Site, form.site_id.data)
                catalogue.save_place(found, site, data, actor=actor, now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("stock.places"))
    status = 422 if form.is_submitted() else 200
    return render_template("equipment/stock/place_form.html", form=form, place=found), status


def _wanted() -> queries.Wanted:
    args = request.args
    until: date | None = day_arg("until")
    kind = args.get("shown", "")
    return queries.Wanted(
        part_id=whole_number(args.get("part")) or 0,
        item_id=whole_number(args.get("item")) or 0,
        kind=kind if kind in MOVEMENTS else "",
        place_id=whole_number(args.get("place")) or 0,
        since=moment_of(day_arg("since")),
        until=moment_of(until + timedelta(days=1)) if until else None,
    )


@bp.get("/movements")
@login_required
def movements() -> ResponseReturnValue:
    """Everything that was booked, the newest first."""
    actor = reader()
    wanted = _wanted()
    return render_template(
        "equipment/stock/movements.html",
        page=paginate(queries.movement_rows(actor, wanted), MOVED, request.args.get("cursor", "")),
        wanted=wanted,
        about=queries.get_visible_part(wanted.part_id, actor) if wanted.part_id else None,
        kinds=MOVEMENTS,
        states=STATES,
        places=queries.place_choices(actor, Permission.STOCK_VIEW),
    )


@bp.get("/movements/export.<kind>")
@login_required
def export_movements(kind: str) -> ResponseReturnValue:
    """The same list as a file."""
    actor = reader()
    if kind not in FORMATS:
        abort(404)
    heading = (
        _("Time"),
        _("Part"),
        _("Part number"),
        _("Serial number"),
        _("Movement"),
        _("Quantity"),
        _("Place"),
        _("To which place"),
        _("Device"),
        _("State"),
        _("Why"),
        _("Document"),
        _("Who"),
    )
    statement = queries.movement_rows(actor, _wanted()).order_by(*queries.NEWEST_FIRST)
    return sheet_response(kind, "stock-movements", heading, _movement_cells(statement))


def _movement_cells(statement: sa.Select[*tuple[Any, ...]]) -> Iterator[list[Any]]:
    for row in db.session.execute(statement):
        yield [
            datetime_text(row.at),
            row.part_name,
            row.part_number,
            row.serial or "",
            str(MOVEMENTS[row.kind]),
            row.quantity,
            row.place_name or "",
            row.to_name or "",
            row.device_name or "",
            str(STATES[row.state][0]) if row.state else "",
            row.reason,
            row.document,
            row.actor_name,
        ]
