"""Pages of levels: the list, the editor with its test on history, and what holds for a device."""

from __future__ import annotations

from collections import Counter

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
from servicedesk.core.forms import options, whole_number
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.equipment.queries import get_visible_device, visible_sites
from servicedesk.inspections.levels import history, queries, service
from servicedesk.inspections.levels.forms import RUNG_LABELS, LevelForm, RemoveForm
from servicedesk.inspections.levels.models import LevelSetting
from servicedesk.inspections.levels.rules import levelled_checks, rules_for
from servicedesk.inspections.levels.service import LevelData
from servicedesk.inspections.outcomes import check_title
from servicedesk.inspections.views import require_view
from servicedesk.organisations.models import Contract, Organisation

bp = Blueprint("levels", __name__, url_prefix="/inspections/levels")
SHOWN_PAST = 100


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """All settings in reach, newest first."""
    require_view()
    actor = current_actor()
    clients = queries.clients_to_set(actor)
    chosen, rung = request.args.get("client", type=whole_number), request.args.get("rung", "")
    statement = queries.visible_settings(
        actor, client_id=chosen, rung=rung, check=request.args.get("check", "")
    )
    order = Order((LevelSetting.set_at, LevelSetting.id), ("set_at", "id"))
    page = paginate(statement, order, request.args.get("cursor", ""), scalars=True)
    return render_template(
        "inspections/levels/index.html",
        page=page,
        changeable={row.id for row in page.rows if service.may_change(row, actor)},
        clients=clients,
        client_chips=[("", _("All clients")), *((one.id, one.name) for one in clients)],
        chosen=chosen,
        rung=rung,
        rungs=RUNG_LABELS,
        specs=levelled_checks(),
    )


@bp.route("/new", methods=["GET", "POST"])
@login_required
def new() -> ResponseReturnValue:
    """Set a level; ``device`` and ``check`` of the address say for what."""
    actor = current_actor()
    clients = queries.clients_to_set(actor)
    chosen = request.args.get("client", type=whole_number)
    device_id = request.args.get("device", type=whole_number)
    if device_id:
        chosen = get_visible_device(device_id, actor).client_id
    client = next((one for one in clients if chosen in (None, one.id)), None)
    if client is None:
        raise NotFoundError
    form = LevelForm()
    if not form.is_submitted():
        form.device_id.data = device_id
        form.check.data = request.args.get("check", "cpu_used")
        form.item.data = request.args.get("item", "*")[:300]
    return _editor(client, None, form)


@bp.route("/<int:setting_id>", methods=["GET", "POST"])
@login_required
def edit(setting_id: int) -> ResponseReturnValue:
    """Change a level."""
    actor = current_actor()
    found = queries.get_visible_setting(setting_id, actor)
    if not service.may_change(found, actor):
        raise NotFoundError
    form = LevelForm(obj=found)
    if not form.is_submitted():
        form.reason.data = ""
    return _editor(found.client, found, form)


def _editor(client: Organisation, found: LevelSetting | None, form: LevelForm) -> ResponseReturnValue:
    """The form; "test" shows what the draft would have done, "save" keeps it."""
    actor, now = current_actor(), utcnow()
    client_id, setting_id = client.id, found.id if found else None
    _offer(form, client_id, actor)
    status, past = 200, None
    if form.validate_on_submit():
        try:
            if "test" in request.form:
                draft = service.draft(client_id, _level_data(form), actor=actor, now=now)
                past = history.back_test(draft, replaces=setting_id, actor=actor, now=now)
            else:
                with unit_of_work():
                    service.save_level(found, client_id, _level_data(form), actor=actor, now=now)
                flash(_("Saved. It holds from the next inspection on."), "success")
                return redirect(url_for("levels.index"))
        except DomainError as error:
            form.refuse(error)
            status = 422
    elif form.is_submitted():
        status = 422
    if status == 422:
        db.session.rollback()
    return render_template(
        "inspections/levels/edit.html",
        form=form,
        client_name=db.session.get_one(Organisation, client_id).name,
        setting_id=setting_id,
        past=past,
        shown=SHOWN_PAST,
        remove_form=RemoveForm(formdata=None, prefix="remove"),
    ), status


def _level_data(form: LevelForm) -> LevelData:
    return LevelData(
        rung=form.rung.data,
        check=form.check.data,
        reason=form.reason.data or "",
        item=form.item.data or "*",
        direction=form.direction.data,
        warning=form.warning.data,
        critical=form.critical.data,
        runs=form.runs.data or 0,
        margin=form.margin.data or 0.0,
        device_id=form.device_id.data,
        site_id=form.site_id.data,
        contract_id=form.contract_id.data,
        model=form.model.data or "",
    )


def _offer(form: LevelForm, client_id: int, actor: Actor) -> None:
    titles = {name: str(check_title(name)) for name in levelled_checks({client_id})}
    called = Counter(titles.values())
    # Own checks may be called like others; the code tells them apart.
    checks = [(name, f"{title} ({name})" if called[title] > 1 else title) for name, title in titles.items()]
    form.check.choices = options(sorted(checks, key=lambda pair: pair[1]))
    sites = [site for site in visible_sites(actor, Permission.PLAN_EDIT) if site.client_id == client_id]
    form.site_id.offer([(site.id, site.name) for site in sites], empty=_("(choose)"))
    devices = db.session.execute(
        sa.select(Device.id, Device.name)
        .where(Device.site_id.in_([site.id for site in sites]))
        .order_by(Device.name)
        .limit(2000)
    )
    form.device_id.offer([(row.id, row.name) for row in devices], empty=_("(choose)"))
    contracts = db.session.execute(
        sa.select(Contract.id, Contract.number, Contract.title)
        .where(Contract.client_id == client_id)
        .order_by(Contract.number)
    )
    form.contract_id.offer(
        [(row.id, f"{row.number} {row.title}".strip()) for row in contracts], empty=_("(choose)")
    )


@bp.post("/<int:setting_id>/remove")
@login_required
def remove(setting_id: int) -> ResponseReturnValue:
    """Take a level back, with a reason."""
    actor = current_actor()
    found = queries.get_visible_setting(setting_id, actor)
    form = RemoveForm(prefix="remove")
    try:
        if not form.validate_on_submit():
            raise DomainError(_("Say why: the reason is kept in the audit trail."))
        with unit_of_work():
            service.remove_level(found, reason=form.reason.data or "", actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("levels.edit", setting_id=setting_id))
    flash(_("Removed. The next lower rung holds again."), "success")
    return redirect(url_for("levels.index"))


@bp.get("/device/<int:device_id>")
@login_required
def device(device_id: int) -> ResponseReturnValue:
    """What holds for each number of a device, and from where."""
    actor = current_actor()
    found = get_visible_device(device_id, actor)
    if not actor.allows(Permission.INSPECTION_VIEW, found.client_id, found.site_id):
        raise NotFoundError
    rows = list(history.applied(found, rules_for(found, utcnow().date())))
    return render_template(
        "inspections/levels/device.html",
        device=found,
        rows=rows,
        may_edit=actor.allows(Permission.PLAN_EDIT, found.client_id, found.site_id),
    )
