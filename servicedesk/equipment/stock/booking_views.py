"""Forms that book: counted pieces of a part, new serials, and the steps of one piece."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.forms import NONE_CHOSEN, options, whole_number
from servicedesk.core.permissions import Permission
from servicedesk.equipment.device_choice import keep_device
from servicedesk.equipment.models import Device
from servicedesk.equipment.queries import get_visible_device
from servicedesk.equipment.stock import booking as books
from servicedesk.equipment.stock import queries
from servicedesk.equipment.stock.blueprint import bp
from servicedesk.equipment.stock.booking import Papers
from servicedesk.equipment.stock.forms import BookingForm, ItemForm
from servicedesk.equipment.stock.items import change_item
from servicedesk.equipment.stock.models import Part, StockItem
from servicedesk.equipment.stock.views import reader
from servicedesk.equipment.stock.words import MOVEMENTS, STATES, steps_from

TITLES: dict[str, LazyString] = {
    "in": _l("Book in"),
    "out": _l("Book out"),
    "move": _l("Move to another place"),
    "count": _l("Correct after counting"),
}
# What each booking does not ask for.
_WITHOUT: dict[str, tuple[str, ...]] = {
    "in": ("to_place_id", "device_id"),
    "out": ("to_place_id", "serials"),
    "move": ("device_id", "serials"),
    "count": ("to_place_id", "device_id", "serials"),
}


@bp.route("/parts/<int:part_id>/<any(in, out, move, count):booking>", methods=["GET", "POST"])
@login_required
def book(part_id: int, booking: str) -> ResponseReturnValue:
    """Book a part in or out, move it, or set right what the books say."""
    actor = reader()
    part = queries.get_visible_part(part_id, actor)
    permission = Permission.STOCK_COUNT if booking == "count" else Permission.STOCK_MOVE
    places = queries.place_choices(actor, permission, part.client_id)
    if not places or (part.serialised and booking != "in"):
        abort(404)
    form = BookingForm()
    for name in (*_WITHOUT[booking], "quantity" if part.serialised else "serials"):
        if name in form:
            del form[name]
    form.place_id.offer(places)
    if "to_place_id" in form:
        form.to_place_id.offer(places)
    if "device_id" in form:
        keep_device(form.device_id, actor)
    if not form.is_submitted():
        form.place_id.data = whole_number(request.args.get("place"))
    if form.validate_on_submit():
        try:
            device = get_visible_device(form.device_id.data, actor) if _says(form, "device_id") else None
            with unit_of_work():
                _carry_out(booking, part, form, device, actor)
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Booked."), "success")
            return redirect(url_for("stock.part", part_id=part.id))
    status = 422 if form.is_submitted() else 200
    return (
        render_template(
            "equipment/stock/booking.html",
            form=form,
            part=part,
            title=TITLES[booking],
            levels=queries.levels_of(part, actor),
        ),
        status,
    )


def _says(form: BookingForm | ItemForm, name: str) -> bool:
    return name in form and bool(form[name].data)


def _carry_out(kind: str, part: Part, form: BookingForm, device: Device | None, actor: Actor) -> None:
    place = queries.get_visible_place(form.place_id.data, actor)
    papers = Papers(form.reason.data or "", form.document.data or "")
    now = utcnow()
    if part.serialised:
        serials = (form.serials.data or "").splitlines()
        books.receive_serials(part, place, serials, papers=papers, actor=actor, now=now)
    elif kind == "in":
        books.receive(part, place, form.quantity.data, papers=papers, actor=actor, now=now)
    elif kind == "out":
        books.issue(part, place, form.quantity.data, device=device, papers=papers, actor=actor, now=now)
    elif kind == "move":
        target = queries.get_visible_place(form.to_place_id.data, actor)
        books.move(part, place, target, form.quantity.data, papers=papers, actor=actor, now=now)
    else:
        books.correct(part, place, form.quantity.data, papers=papers, actor=actor, now=now)


@bp.route("/items/<int:piece_id>", methods=["GET", "POST"])
@login_required
def item(piece_id: int) -> ResponseReturnValue:
    """One piece: where it is, what may become of it, its way until now."""
    actor = reader()
    found = queries.get_visible_item(piece_id, actor)
    steps = steps_from(found.state)
    may_move = bool(steps) and actor.allows(Permission.STOCK_MOVE, found.client_id, found.site_id)
    form = ItemForm()
    form.target.choices = options(
        (step.target, _("Another place") if step.target == step.source else STATES[step.target][0])
        for step in steps
    )
    form.place_id.offer(
        queries.place_choices(actor, Permission.STOCK_MOVE, found.client_id), empty=NONE_CHOSEN
    )
    keep_device(form.device_id, actor)
    if request.method == "POST" and not may_move:
        abort(404)
    if form.validate_on_submit() and _step(found, form, actor):
        flash(_("Booked."), "success")
        return redirect(url_for("stock.item", piece_id=found.id))
    way = queries.movement_rows(actor, queries.Wanted(item_id=found.id))
    status = 422 if form.is_submitted() else 200
    return (
        render_template(
            "equipment/stock/item.html",
            item=found,
            form=form if may_move else None,
            at_place=[step.target for step in steps if step.place],
            states=STATES,
            kinds=MOVEMENTS,
            movements=db.session.execute(way.order_by(*queries.NEWEST_FIRST).limit(100)).all(),
        ),
        status,
    )


def _step(found: StockItem, form: ItemForm, actor: Actor) -> bool:
    """Whether the piece was taken along; else the form says why not."""
    try:
        device = get_visible_device(form.device_id.data, actor) if _says(form, "device_id") else None
        place = queries.get_visible_place(form.place_id.data, actor) if _says(form, "place_id") else None
        with unit_of_work():
            change_item(
                found,
                form.target.data,
                place=place,
                device=device,
                papers=Papers(form.reason.data or "", form.document.data or ""),
                actor=actor,
                now=utcnow(),
            )
    except DomainError as error:
        form.refuse(error)
        return False
    return True
