"""What people do with a repair: steps, time, costs, parts, its device; and the limits of clients."""

from __future__ import annotations

from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError, InvalidError, NotFoundError
from servicedesk.core.forms import NONE_CHOSEN
from servicedesk.core.permissions import Permission
from servicedesk.core.web import form_number
from servicedesk.equipment.queries import get_visible_device
from servicedesk.equipment.stock import queries as stock
from servicedesk.equipment.stock.models import Part, StockPlace
from servicedesk.repairs import costs, parts, queries, service
from servicedesk.repairs.blueprint import bp
from servicedesk.repairs.forms import CostForm, PartForm, StepForm, WorkForm
from servicedesk.repairs.models import Repair
from servicedesk.repairs.views import page, reader
from servicedesk.tickets.queries import get_visible_ticket


def _back(repair_id: int) -> ResponseReturnValue:
    return redirect(url_for("repairs.detail", repair_id=repair_id))


@bp.post("/of-ticket/<int:ticket_id>")
@login_required
def open_from_ticket(ticket_id: int) -> ResponseReturnValue:
    """One click in a ticket: a repair of its device, with what was reported as the symptom."""
    actor = reader()
    ticket = get_visible_ticket(ticket_id, actor)
    if ticket.device_id is None:
        return redirect(url_for("repairs.form", ticket=ticket_id))
    device = get_visible_device(ticket.device_id, actor)
    words = "\n".join(filter(None, (ticket.title, ticket.description)))
    data = service.RepairData(words[: service.MAX_TEXT], assignee_id=actor.user_id)
    try:
        with unit_of_work():
            repair = service.open_repair(device, data, ticket=ticket, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("tickets.detail", ticket_id=ticket_id))
    flash(_("%(number)s is open.", number=repair.number), "success")
    return _back(repair.id)


@bp.post("/<int:repair_id>/step/<step>")
@login_required
def take(repair_id: int, step: str) -> ResponseReturnValue:
    """Take the repair along an arrow of its table."""
    actor = reader()
    repair = queries.get_visible_repair(repair_id, actor)
    form = StepForm()
    if form.validate_on_submit():
        note, device_too = form.note.data or "", bool(form.device_too.data)
        try:
            with unit_of_work():
                service.take(repair, step, note, device_too=device_too, actor=actor, now=utcnow())
        except NotFoundError:
            raise
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return _back(repair_id)
    return page(repair, step=step, step_form=form)


@bp.post("/<int:repair_id>/work")
@login_required
def log_work(repair_id: int) -> ResponseReturnValue:
    """Write down time one has spent."""
    actor = reader()
    repair = queries.get_visible_repair(repair_id, actor)
    form = WorkForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                service.log_work(
                    repair,
                    minutes=form.minutes.data,
                    day=_day(form.day.data),
                    note=form.note.data or "",
                    actor=actor,
                    now=utcnow(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            return _back(repair_id)
    return page(repair, work_form=form)


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise InvalidError(_("Give a day, for example 2026-11-24."), "day") from None


@bp.post("/<int:repair_id>/costs")
@login_required
def add_cost(repair_id: int) -> ResponseReturnValue:
    """Write a cost down."""
    actor = reader()
    repair = queries.get_visible_repair(repair_id, actor)
    form = CostForm()
    if form.validate_on_submit():
        line = costs.Line(
            form.kind.data, form.description.data or "", form.quantity.data or "", form.unit_price.data or ""
        )
        try:
            with unit_of_work():
                locked = service.locked(repair.id)
                service.require_work(locked, actor)
                costs.add_line(locked, line, actor=actor, now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            return _back(repair_id)
    return page(repair, cost_form=form)


def _carried_out(repair: Repair, actor: Actor, act: str, cost_id: int = 0) -> ResponseReturnValue:
    try:
        with unit_of_work():
            locked = service.locked(repair.id)
            service.require_work(locked, actor)
            if act == "remove":
                costs.remove_line(locked, cost_id, actor=actor, now=utcnow())
            else:
                costs.ask(locked, actor=actor, now=utcnow())
    except NotFoundError:
        raise
    except DomainError as error:
        flash(str(error), "error")
    return _back(repair.id)


@bp.post("/<int:repair_id>/costs/<int:line_id>/remove")
@login_required
def remove_cost(repair_id: int, line_id: int) -> ResponseReturnValue:
    """Take a line back."""
    actor = reader()
    return _carried_out(queries.get_visible_repair(repair_id, actor), actor, "remove", line_id)


@bp.post("/<int:repair_id>/costs/ask")
@login_required
def ask_for_costs(repair_id: int) -> ResponseReturnValue:
    """Ask for the approval of what is open."""
    actor = reader()
    return _carried_out(queries.get_visible_repair(repair_id, actor), actor, "ask")


@bp.route("/<int:repair_id>/parts/<int:part_id>", methods=["GET", "POST"])
@login_required
def use_part(repair_id: int, part_id: int) -> ResponseReturnValue:
    """Take a part out of stock for the repair."""
    actor = reader()
    repair = queries.get_visible_repair(repair_id, actor)
    part = stock.get_visible_part(part_id, actor)
    if part.client_id != repair.client_id:
        raise NotFoundError
    form = _part_form(repair, part, actor)
    if form.validate_on_submit() and _use(repair, part, form, actor):
        flash(_("Booked."), "success")
        return _back(repair_id)
    status = 422 if form.is_submitted() else 200
    return render_template("repairs/part.html", repair=repair, part=part, form=form), status


def _part_form(repair: Repair, part: Part, actor: Actor) -> PartForm:
    form = PartForm()
    places = stock.place_choices(actor, Permission.STOCK_MOVE, part.client_id)
    if part.serialised:
        del form.place_id
        del form.quantity
        rows = queries.usable_items(repair, part, actor)
        form.item_id.offer([(row.id, f"{row.serial} · {row.place_name}") for row in rows])
        form.old_place_id.offer(places, empty=NONE_CHOSEN)
    else:
        for name in ("item_id", "serial_old", "old_place_id"):
            del form[name]
        form.place_id.offer(places)
    return form


def _use(repair: Repair, part: Part, form: PartForm, actor: Actor) -> bool:
    """Whether the part was booked; else the form says why not."""

    def place(name: str) -> StockPlace | None:
        number = form[name].data if name in form else None
        return stock.get_visible_place(number, actor) if number else None

    try:
        used = parts.Used(
            part,
            place=place("place_id"),
            quantity=form.quantity.data if "quantity" in form else 1,
            item=stock.get_visible_item(form.item_id.data, actor) if "item_id" in form else None,
            unit_price=form.unit_price.data or "0",
            serial_old=(form.serial_old.data or "") if "serial_old" in form else "",
            old_place=place("old_place_id"),
        )
        with unit_of_work():
            parts.use_part(repair, used, actor=actor, now=utcnow())
    except DomainError as error:
        form.refuse(error)
        return False
    return True


@bp.post("/<int:repair_id>/part")
@login_required
def choose_part(repair_id: int) -> ResponseReturnValue:
    """Go to the form of the part that was chosen."""
    queries.get_visible_repair(repair_id, reader())
    part_id = form_number("part_id")
    if not part_id:
        return _back(repair_id)
    return redirect(url_for("repairs.use_part", repair_id=repair_id, part_id=part_id))


@bp.post("/<int:repair_id>/retire")
@login_required
def retire(repair_id: int) -> ResponseReturnValue:
    """Retire the device of a repair that was given up."""
    actor = reader()
    repair = queries.get_visible_repair(repair_id, actor)
    try:
        with unit_of_work():
            service.retire_device(repair, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(_("The device is retired."), "success")
    return _back(repair_id)


@bp.route("/limits", methods=["GET", "POST"])
@login_required
def limits() -> ResponseReturnValue:
    """Up to which sum repairs of a client need no approval."""
    actor = reader()
    if not actor.allows_somewhere(Permission.APPROVAL_MANAGE):
        abort(404)
    refused, status = "", 200
    if request.method == "POST":
        try:
            with unit_of_work():
                amount = request.form.get("amount", "")
                costs.set_limit(form_number("client_id"), amount, actor=actor, now=utcnow())
        except DomainError as error:
            refused, status = str(error), 422
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("repairs.limits"))
    rows = queries.limits(actor)
    return render_template("repairs/limits.html", rows=rows, refused=refused), status
