"""Pages of returns."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.filters import date_text
from servicedesk.core.forms import NONE_CHOSEN, whole_number
from servicedesk.core.i18n import select_timezone
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.sheets import FORMATS, sheet_response
from servicedesk.core.web import search_text
from servicedesk.equipment.models import Device
from servicedesk.equipment.queries import get_visible_device
from servicedesk.equipment.stock import queries as stock
from servicedesk.equipment.stock.models import StockItem
from servicedesk.equipment.support_models import SupportContract
from servicedesk.repairs.queries import get_visible_repair
from servicedesk.repairs.returns import queries, service
from servicedesk.repairs.returns.forms import ArrivalForm, ReturnForm
from servicedesk.repairs.returns.models import SupplierReturn
from servicedesk.repairs.returns.words import OUTCOMES, SENT, WAITING
from servicedesk.repairs.views import reader

bp = Blueprint("returns", __name__, url_prefix="/repairs/returns")
ORDER = Order((SupplierReturn.expected_on, SupplierReturn.id), ("expected_on", "id"), descending=False)
USUAL_DAYS = 30


def _today() -> date:
    return utcnow().astimezone(ZoneInfo(select_timezone())).date()


def _chosen() -> queries.Chosen:
    show = request.args.get("show", "")
    return queries.Chosen(show if show in (*queries.SHOWN, *OUTCOMES) else "", search_text())


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """What is at suppliers, the first expected at the top; ``?show=`` overdue, back, all or an outcome."""
    actor, today, chosen = reader(), _today(), _chosen()
    statement = queries.return_rows(actor, chosen, today=today)
    return render_template(
        "repairs/returns/index.html",
        page=paginate(statement, ORDER, request.args.get("cursor", "")),
        chosen=chosen,
        outcomes=OUTCOMES,
        waiting=WAITING,
        today=today,
    )


@bp.get("/export.<kind>")
@login_required
def export(kind: str) -> ResponseReturnValue:
    """The same list as a file, all of it."""
    actor = reader()
    if kind not in FORMATS:
        abort(404)
    heading = (
        _("Number"),
        _("RMA number"),
        _("What was sent"),
        _("Serial number"),
        _("Supplier"),
        _("Under warranty"),
        _("Site"),
        _("Sent on"),
        _("Expected back on"),
        _("Received on"),
        _("Outcome"),
        _("Serial of what came instead"),
        _("Credited amount"),
        _("Carrier"),
        _("Tracking number"),
        _("What is broken"),
    )
    statement = queries.return_rows(actor, _chosen(), today=_today()).order_by(*ORDER.columns)
    return sheet_response(kind, "supplier-returns", heading, map(_cells, db.session.execute(statement)))


def _cells(row: Any) -> list[Any]:
    return [
        row.number,
        row.rma_number,
        row.device_name or row.part_name,
        row.serial,
        row.supplier,
        _("yes") if row.warranty else _("no"),
        row.site_name,
        date_text(row.sent_on),
        date_text(row.expected_on),
        date_text(row.received_on) if row.received_on else "",
        str(OUTCOMES[row.outcome].label if row.outcome else WAITING[0]),
        row.new_serial,
        float(row.credit),
        row.carrier,
        row.tracking,
        row.reason,
    ]


@bp.route("/new", methods=["GET", "POST"])
@bp.route("/<int:return_id>/edit", methods=["GET", "POST"])
@login_required
def form(return_id: int | None = None) -> ResponseReturnValue:
    """Give a piece (``?item=``) or a device (``?device=``) to a supplier, or change what is written."""
    actor = reader()
    found = queries.get_visible_return(return_id, actor) if return_id else None
    subject = (found.item or found.device) if found is not None else _subject(actor)
    if subject is None:
        abort(404)
    number = whole_number(request.args.get("repair"))
    repair = get_visible_repair(number, actor) if number and found is None else None
    page = ReturnForm(obj=found)
    _offer(page, subject.client_id)
    if found is None and not page.is_submitted():
        page.sent_on.data, page.expected_on.data = _today(), _today() + timedelta(days=USUAL_DAYS)
        if repair is not None:
            page.reason.data = repair.diagnosis or repair.symptom
            page.supplier.data, page.contract_id.data = repair.supplier, repair.contract_id
        if isinstance(subject, Device):
            page.warranty.data = bool(subject.warranty_until and subject.warranty_until >= _today())
    if page.validate_on_submit():
        values: dict[str, Any] = {name: getattr(page, name).data for name in service.FIELDS}
        values |= {name: values[name] or "" for name in ("rma_number", "carrier", "tracking")}
        data = service.ReturnData(**values)
        try:
            with unit_of_work():
                if found is None:
                    found = service.send(subject, data, repair=repair, actor=actor, now=utcnow())
                else:
                    service.save(found, data, actor=actor, now=utcnow())
        except DomainError as error:
            page.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("returns.detail", return_id=found.id))
    status = 422 if page.is_submitted() else 200
    return (
        render_template("repairs/returns/form.html", form=page, sent=return_id and found, subject=subject),
        status,
    )


def _subject(actor: Actor) -> StockItem | Device | None:
    item = whole_number(request.args.get("item"))
    if item:
        return stock.get_visible_item(item, actor)
    device = whole_number(request.args.get("device"))
    return get_visible_device(device, actor) if device else None


def _offer(page: ReturnForm, client_id: int) -> None:
    rows = db.session.execute(
        sa.select(SupportContract.id, SupportContract.number, SupportContract.vendor)
        .where(SupportContract.client_id == client_id)
        .order_by(SupportContract.ends_on.desc(), SupportContract.id)
    )
    page.contract_id.offer([(row.id, f"{row.number} {row.vendor}") for row in rows], empty=NONE_CHOSEN)


@bp.route("/<int:return_id>", methods=["GET", "POST"])
@login_required
def detail(return_id: int) -> ResponseReturnValue:
    """One return, and the form that receives it."""
    actor = reader()
    found = queries.get_visible_return(return_id, actor)
    works = found.outcome == SENT and actor.allows(Permission.REPAIR_WORK, found.client_id, found.site_id)
    if request.method == "POST" and not works:
        abort(404)
    page = ArrivalForm()
    page.place_id.offer(stock.place_choices(actor, Permission.STOCK_MOVE, found.client_id), empty=NONE_CHOSEN)
    if not page.is_submitted():
        page.received_on.data = _today()
    if page.validate_on_submit() and _received(found, page, actor):
        flash(_("Saved."), "success")
        return redirect(url_for("returns.detail", return_id=found.id))
    status = 422 if page.is_submitted() else 200
    context = {
        "sent": found,
        "form": page if works else None,
        "outcomes": OUTCOMES,
        "waiting": WAITING,
        "today": _today(),
        "lies": [name for name, one in OUTCOMES.items() if one.item != "scrapped" or one.serial],
    }
    return render_template("repairs/returns/detail.html", **context), status


def _received(found: SupplierReturn, page: ArrivalForm, actor: Actor) -> bool:
    """Whether it was received; else the form says why not."""
    try:
        place = stock.get_visible_place(page.place_id.data, actor) if page.place_id.data else None
        arrival = service.Arrival(
            page.outcome.data,
            page.received_on.data or _today(),
            place=place,
            new_serial=page.new_serial.data or "",
            credit=page.credit.data or "0",
            in_service=bool(page.in_service.data),
            note=page.note.data or "",
        )
        with unit_of_work():
            service.receive(found, arrival, actor=actor, now=utcnow())
    except DomainError as error:
        page.refuse(error)
        return False
    return True
