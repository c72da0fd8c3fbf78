"""Pages of stock-takings: begin, count with the phone's camera or a scanner, end, the result as a file."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required
from sqlalchemy.orm import joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.filters import datetime_text
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.sheets import FORMATS, sheet_response
from servicedesk.core.web import HEADERS
from servicedesk.equipment.kinds import DEVICE_STATES
from servicedesk.equipment.labels import device_of
from servicedesk.equipment.models import Device, Room
from servicedesk.equipment.queries import visible_sites
from servicedesk.equipment.stocktaking import queries, service
from servicedesk.equipment.stocktaking.forms import BeginForm, CountForm, EndForm
from servicedesk.equipment.stocktaking.models import StockTaking, StockTakingLine

bp = Blueprint("stocktaking", __name__, url_prefix="/equipment/stock-taking")
NEWEST = Order((StockTaking.id,), ("id",))
LINES = Order((Device.name, StockTakingLine.id), ("name", "id"), descending=False)
CAMERA_HERE = HEADERS["Permissions-Policy"].replace("camera=()", "camera=(self)")
MODE = "stock_taking"  # in the session of a browser: labels scanned with it lead to counting


def _reader() -> Actor:
    actor = current_actor()
    if not actor.allows_somewhere(Permission.DEVICE_VIEW):
        abort(404)
    return actor


def _may_count(taking: StockTaking, actor: Actor) -> bool:
    return taking.ended_at is None and actor.allows(Permission.DEVICE_EDIT, taking.client_id, taking.site_id)


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """All stock-takings, the newest first."""
    actor = _reader()
    return render_template(
        "equipment/stocktaking/index.html",
        page=paginate(queries.taking_rows(actor), NEWEST, request.args.get("cursor", "")),
        may_begin=actor.allows_somewhere(Permission.DEVICE_EDIT),
    )


@bp.route("/new", methods=["GET", "POST"])
@login_required
def begin() -> ResponseReturnValue:
    """Choose the place; what is recorded there is expected."""
    actor = current_actor()
    sites = {site.id: site for site in visible_sites(actor, Permission.DEVICE_EDIT)}
    if not sites:
        abort(404)
    rooms = {
        room.id: room
        for room in db.session.scalars(
            sa.select(Room).where(Room.site_id.in_(sites)).options(joinedload(Room.site)).order_by(Room.name)
        )
    }
    form = BeginForm()
    form.site_id.offer([(site.id, site.name) for site in sites.values()])
    form.room_id.offer(
        [(room.id, f"{room.site.name} / {room.name}") for room in rooms.values()], empty=_l("The whole site")
    )
    if form.validate_on_submit():
        site, room = sites[form.site_id.data], rooms.get(form.room_id.data or 0)
        try:
            with unit_of_work():
                taking = service.begin(site, room, actor=actor, now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            session[MODE] = taking.id
            return redirect(url_for("stocktaking.detail", taking_id=taking.id))
    return render_template("equipment/stocktaking/begin.html", form=form), 422 if form.is_submitted() else 200


@bp.get("/<int:taking_id>")
@login_required
def detail(taking_id: int) -> ResponseReturnValue:
    """How far it is, and what is still to find; a field for scanners."""
    actor = _reader()
    return _page(queries.get_visible_taking(taking_id, actor), actor, CountForm())


def _page(
    taking: StockTaking, actor: Actor, form: CountForm, end_form: EndForm | None = None
) -> ResponseReturnValue:
    shown = request.args.get("show", "")
    shown = shown if shown in queries.SHOWN else "missing"
    lines = queries.line_rows(taking, shown, actor)
    page = render_template(
        "equipment/stocktaking/detail.html",
        taking=taking,
        place=service.words(taking),
        tally=service.tally(taking),
        shown=shown,
        page=paginate(lines, LINES, request.args.get("cursor", "")),
        states=DEVICE_STATES,
        may_count=_may_count(taking, actor),
        may_record=actor.allows(Permission.DEVICE_EDIT, taking.client_id, taking.site_id),
        scanning=session.get(MODE) == taking.id,
        form=form,
        end_form=end_form or EndForm(formdata=None),
    )
    headers = {"Permissions-Policy": CAMERA_HERE} if _may_count(taking, actor) else {}
    return page, 422 if request.method == "POST" else 200, headers


@bp.post("/<int:taking_id>/scanning")
@login_required
def scanning(taking_id: int) -> ResponseReturnValue:
    """Labels that this browser opens lead to counting, or to the device's page again."""
    taking = queries.get_visible_taking(taking_id, _reader())
    if request.form.get("on") and _may_count(taking, current_actor()):
        session[MODE] = taking.id
    else:
        session.pop(MODE, None)
    return redirect(url_for("stocktaking.detail", taking_id=taking.id))


def scanned_page(token: str, device: Device, actor: Actor) -> str:
    """Where a scanned label leads in this browser; empty: as ever."""
    taking = db.session.get(StockTaking, session.get(MODE) or 0)
    if taking is None or not _may_count(taking, actor) or taking.client_id != device.client_id:
        return ""
    return url_for("stocktaking.scanned", taking_id=taking.id, token=token)


@bp.get("/<int:taking_id>/label/<token>")
@login_required
def scanned(taking_id: int, token: str) -> ResponseReturnValue:
    """A label was scanned with the camera: one tap counts the device."""
    actor = _reader()
    taking, device = queries.get_visible_taking(taking_id, actor), device_of(token)
    if device is None or device.client_id != taking.client_id or not _may_count(taking, actor):
        raise NotFoundError
    return render_template(
        "equipment/stocktaking/scanned.html",
        taking=taking,
        place=service.words(taking),
        device=device,
        token=token,
        line=db.session.scalar(
            sa.select(StockTakingLine).where(
                StockTakingLine.taking_id == taking.id, StockTakingLine.device_id == device.id
            )
        ),
        tally=service.tally(taking),
        visible=actor.allows(Permission.DEVICE_VIEW, device.client_id, device.site_id),
    )


def _by_scanner() -> bool:
    return request.accept_mimetypes.best == "application/json"


@bp.post("/<int:taking_id>/count")
@login_required
def count(taking_id: int) -> ResponseReturnValue:
    """What was scanned or typed is here; the page's own scanner is answered in JSON."""
    actor = _reader()
    taking = queries.get_visible_taking(taking_id, actor)
    service.require_open(taking, actor)
    form = CountForm()
    if not form.validate_on_submit():
        return _not_counted(taking, actor, form, " ".join(str(told) for told in form.text.errors))
    try:
        with unit_of_work():
            device = service.find(taking, form.text.data or "")
            line, again = service.count(taking, device, actor=actor, now=utcnow())
            tone, message = _counted(device.name, line, again)
    except DomainError as error:
        if error.status != 422:
            raise
        form.refuse(error)
        return _not_counted(taking, actor, form, str(error))
    if _by_scanner():
        return {"tone": tone, "message": message}
    flash(message, tone)
    return redirect(url_for("stocktaking.detail", taking_id=taking_id))


def _counted(name: str, line: StockTakingLine, again: bool) -> tuple[str, str]:
    """How good that is, and the words."""
    if again:
        return "info", _("%(name)s was counted before.", name=name)
    if line.expected:
        return "success", _("%(name)s is here.", name=name)
    return "warning", _("%(name)s is here, but recorded at: %(place)s", name=name, place=line.recorded_at)


def _not_counted(taking: StockTaking, actor: Actor, form: CountForm, message: str) -> ResponseReturnValue:
    return ({"tone": "error", "message": message}, 422) if _by_scanner() else _page(taking, actor, form)


@bp.post("/<int:taking_id>/lines/<int:counted_line_id>/<any(take_back, record_here):verb>")
@login_required
def change_line(taking_id: int, counted_line_id: int, verb: str) -> ResponseReturnValue:
    """Counted by mistake; or the record follows what was found."""
    actor = _reader()
    taking = queries.get_visible_taking(taking_id, actor)
    with unit_of_work():
        line = queries.get_line(taking, counted_line_id)
        if verb == "take_back":
            service.take_back(line, actor=actor)
        else:
            service.record_here(line, actor=actor, now=utcnow())
    flash(_("Saved."), "success")
    shown = request.form.get("show", "")
    return redirect(url_for("stocktaking.detail", taking_id=taking_id, show=shown[:20]))


@bp.post("/<int:taking_id>/end")
@login_required
def end(taking_id: int) -> ResponseReturnValue:
    """What was not found is missing."""
    actor = _reader()
    taking = queries.get_visible_taking(taking_id, actor)
    service.require_open(taking, actor)
    form = EndForm()
    if not form.validate_on_submit():
        return _page(taking, actor, CountForm(formdata=None), form)
    with unit_of_work():
        service.end(taking, form.note.data or "", actor=actor, now=utcnow())
    session.pop(MODE, None)
    flash(_("The stock-taking is over."), "success")
    return redirect(url_for("stocktaking.detail", taking_id=taking_id))


@bp.get("/<int:taking_id>/export.<kind>")
@login_required
def export(taking_id: int, kind: str) -> ResponseReturnValue:
    """All lines as a file."""
    actor = _reader()
    taking = queries.get_visible_taking(taking_id, actor)
    if kind not in FORMATS:
        abort(404)
    heading = (
        _("Device"),
        _("Asset tag"),
        _("Serial number"),
        _("Model"),
        _("Result"),
        _("Recorded at"),
        _("Seen at"),
        _("Seen by"),
    )
    statement = queries.line_rows(taking, "all", actor).order_by(*LINES.columns)
    over = taking.ended_at is not None
    rows = (
        [
            row.name,
            row.asset_tag,
            row.serial,
            row.model,
            result_words(row, over),
            row.recorded_at,
            datetime_text(row.found_at),
            row.found_by,
        ]
        for row in db.session.execute(statement)
    )
    return sheet_response(kind, "stock-taking", heading, rows)


def result_words(row: Any, over: bool) -> str:
    """What a line says, in words."""
    if not row.expected:
        return _("Here, recorded elsewhere")
    if row.found_at is not None:
        return _("Here")
    return _("Missing") if over else _("To find")
