"""Pages of maintenance: plans, what is due, one plan with its year."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext, pgettext
from flask_login import login_required

from servicedesk.assignment.models import Team
from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.filters import date_text
from servicedesk.core.forms import NONE_CHOSEN, options, whole_number
from servicedesk.core.i18n import select_locale, select_timezone
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.sheets import FORMATS, sheet_response
from servicedesk.core.web import search_text
from servicedesk.equipment.device_choice import keep_device
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.equipment.models import Device
from servicedesk.equipment.panels import Panel
from servicedesk.equipment.place_queries import models_of
from servicedesk.equipment.queries import get_visible_device, visible_sites
from servicedesk.equipment.support_models import SupportContract
from servicedesk.maintenance import queries, service
from servicedesk.maintenance.forms import PlanForm
from servicedesk.maintenance.models import MaintenancePlan, MaintenanceTask
from servicedesk.maintenance.opening import working_day_after
from servicedesk.organisations.models import Organisation, Site
from servicedesk.runbooks import texts
from servicedesk.runbooks.texts import Place
from servicedesk.sla.policies import place_calendar
from servicedesk.tickets.workflows import WORKFLOWS

bp = Blueprint("maintenance", __name__, url_prefix="/maintenance")
PLANS = Order((MaintenancePlan.title, MaintenancePlan.id), ("title", "id"), descending=False)
AHEAD = timedelta(days=60)
YEAR = timedelta(days=365)


def reader() -> Actor:
    """Whoever may see any plan."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.MAINTENANCE_VIEW):
        abort(404)
    return actor


def _today() -> date:
    return utcnow().astimezone(ZoneInfo(select_timezone())).date()


def rhythm_words(plan: Any) -> str:
    """How often, in words."""
    if plan.unit == "dates":
        return _("each year on %(dates)s", dates=plan.dates)
    every: int = plan.every
    if plan.unit == "day":
        return ngettext("every day", "every %(num)s days", every)
    if plan.unit == "week":
        return ngettext("every week", "every %(num)s weeks", every)
    return ngettext("every month", "every %(num)s months", every)


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Plans by title; ``?show=`` paused or all."""
    actor, today = reader(), _today()
    show = request.args.get("show", "")
    chosen = queries.Chosen(
        show if show in ("paused", "all") else "", whole_number(request.args.get("site")) or 0, search_text()
    )
    return render_template(
        "maintenance/index.html",
        page=paginate(queries.plan_rows(actor, chosen, today=today), PLANS, request.args.get("cursor", "")),
        chosen=chosen,
        sites=visible_sites(actor, Permission.MAINTENANCE_VIEW),
        scopes=service.SCOPES,
        classes=DEVICE_CLASSES,
        rhythm=rhythm_words,
        today=today,
        may_edit=actor.allows_somewhere(Permission.MAINTENANCE_EDIT),
    )


def _open_tasks(actor: Actor, site_id: int) -> Any:
    statement = queries.task_rows(actor, site_id=site_id, open_only=True)
    order = (MaintenanceTask.must_by, MaintenanceTask.id)
    return db.session.execute(statement.order_by(*order).limit(queries.MOST_PLANS)).all()


@bp.get("/due")
@login_required
def due() -> ResponseReturnValue:
    """What is open, the latest first, and what comes in the next 60 days."""
    actor, today = reader(), _today()
    site_id = whole_number(request.args.get("site")) or 0
    return render_template(
        "maintenance/due.html",
        tasks=_open_tasks(actor, site_id),
        coming=queries.coming(actor, today, today + AHEAD, site_id),
        sites=visible_sites(actor, Permission.MAINTENANCE_VIEW),
        site_id=site_id,
        rhythm=rhythm_words,
        today=today,
        workflows=WORKFLOWS,
    )


@bp.get("/due/export.<kind>")
@login_required
def export_due(kind: str) -> ResponseReturnValue:
    """The same as a file."""
    actor, today = reader(), _today()
    if kind not in FORMATS:
        abort(404)
    site_id = whole_number(request.args.get("site")) or 0
    heading = (
        pgettext("maintenance", "Due on"),
        _("To be done by"),
        _("Plan"),
        _("Site"),
        _("Device"),
        _("Ticket"),
        _("State"),
    )
    rows = [
        [
            date_text(row.due_on),
            date_text(row.must_by),
            row.title,
            row.site_name,
            row.device_name or "",
            row.number,
            pgettext("maintenance", "Overdue")
            if row.must_by < today
            else str(WORKFLOWS[row.category].by_state[row.state].label),
        ]
        for row in _open_tasks(actor, site_id)
    ]
    rows += [
        [date_text(day), "", plan.title, plan.site.name, "", "", _("To come")]
        for day, plan in queries.coming(actor, today, today + YEAR, site_id)
    ]
    return sheet_response(kind, "maintenance", heading, rows)


@bp.get("/<int:maintenance_id>")
@login_required
def detail(maintenance_id: int) -> ResponseReturnValue:
    """One plan: its devices, its coming year, what was done."""
    actor = reader()
    plan = queries.get_visible_plan(maintenance_id, actor)
    today = service.today_at(plan.site, utcnow())
    tasks = queries.task_rows(actor, plan_id=plan.id)
    calendar = place_calendar(plan.client_id, plan.site_id)
    days = plan.rhythm.between(max(plan.next_due, today), today + YEAR) if plan.next_due else []
    return render_template(
        "maintenance/plan.html",
        plan=plan,
        rhythm=rhythm_words,
        scopes=service.SCOPES,
        groupings=service.GROUPINGS,
        classes=DEVICE_CLASSES,
        workflows=WORKFLOWS,
        runbook=texts.effective(Place(plan.client_id, plan.site_id)).get(plan.runbook_key),
        locale=select_locale(),
        devices=queries.devices_of(plan, 100),
        year=[(day, working_day_after(calendar, day, plan.window_days)) for day in days[:60]],
        tasks=db.session.execute(
            tasks.order_by(MaintenanceTask.due_on.desc(), MaintenanceTask.id.desc()).limit(50)
        ).all(),
        today=today,
        may_edit=actor.allows(Permission.MAINTENANCE_EDIT, plan.client_id, plan.site_id),
    )


@bp.route("/new", methods=["GET", "POST"])
@bp.route("/<int:maintenance_id>/edit", methods=["GET", "POST"])
@login_required
def form(maintenance_id: int | None = None) -> ResponseReturnValue:
    """Make or change a plan."""
    actor = reader()
    found = queries.get_visible_plan(maintenance_id, actor) if maintenance_id else None
    sites = [
        site
        for site in visible_sites(actor, Permission.MAINTENANCE_EDIT)
        if found is None or site.id == found.site_id
    ]
    if not sites:
        abort(404)
    page = PlanForm(obj=found)
    _offer(page, sites)
    if found is None and not page.is_submitted():
        page.starts_on.data = _today()
    if page.validate_on_submit():
        values: dict[str, Any] = {name: getattr(page, name).data for name in service.FIELDS}
        texts_ = ("description", "dates", "checklist", "runbook_key", "device_class")
        values |= {name: values[name] or "" for name in texts_}
        try:
            if values["device_id"]:
                get_visible_device(values["device_id"], actor)
            with unit_of_work():
                site = db.session.get_one(Site, page.site_id.data)
                data = service.PlanData(**values)
                saved = service.save_plan(found, site, data, actor=actor, now=utcnow())
        except DomainError as error:
            page.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("maintenance.detail", maintenance_id=saved.id))
    status = 422 if page.is_submitted() else 200
    return render_template("maintenance/form.html", form=page, plan=found), status


def _offer(page: PlanForm, sites: list[Site]) -> None:
    clients = {site.client_id for site in sites}
    page.site_id.offer([(site.id, site.name) for site in sites])
    keep_device(page.device_id, current_actor())
    page.model_id.offer(
        [(model.id, f"{model.manufacturer} {model.name}") for model in models_of(clients)], empty=NONE_CHOSEN
    )
    contracts = db.session.execute(
        sa.select(SupportContract.id, SupportContract.number, SupportContract.vendor)
        .where(SupportContract.client_id.in_(clients))
        .order_by(SupportContract.number)
    )
    page.contract_id.offer([(row.id, f"{row.number} {row.vendor}") for row in contracts], empty=NONE_CHOSEN)
    teams = db.session.execute(
        sa.select(Team.id, Team.name, Organisation.name.label("client_name"))
        .join(Organisation, Organisation.id == Team.client_id)
        .where(
            Team.active,
            Team.client_id.in_(clients),
            sa.or_(Team.site_id.is_(None), Team.site_id.in_({site.id for site in sites})),
        )
        .order_by(Organisation.name, Team.name)
    )
    several = len(clients) > 1
    page.team_id.offer(
        [(row.id, f"{row.client_name} / {row.name}" if several else row.name) for row in teams],
        empty=NONE_CHOSEN,
    )
    known = texts.effective(Place(sites[0].client_id, sites[0].id))
    runbooks = sorted((key, one.title.say(select_locale())) for key, one in known.items())
    page.runbook_key.choices = options([("", NONE_CHOSEN), *runbooks])


@bp.post("/<int:maintenance_id>/<any(pause, resume):turn>")
@login_required
def switch(maintenance_id: int, turn: str) -> ResponseReturnValue:
    """Pause a plan with a reason, or go on with it."""
    actor = reader()
    plan = queries.get_visible_plan(maintenance_id, actor)
    try:
        with unit_of_work():
            if turn == "pause":
                service.pause(plan, request.form.get("reason", ""), actor=actor, now=utcnow())
            else:
                service.resume(plan, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(_("Saved."), "success")
    return redirect(url_for("maintenance.detail", maintenance_id=maintenance_id))


def device_panel(device: Device, actor: Actor) -> Panel | None:
    """Plans about the device: when it is due next, when it was done last, what is late."""
    if not actor.allows(Permission.MAINTENANCE_VIEW, device.client_id, device.site_id):
        return None
    plans = queries.plans_for(device, actor)
    tasks = queries.tasks_for(device, actor)
    if not plans and not tasks:
        return None
    done: dict[int, Any] = {}
    for task in tasks:
        if task.phase not in queries.OPEN and task.state not in queries.GIVEN_UP:
            done.setdefault(task.plan_id, task.resolved_at)
    context = {
        "plans": plans,
        "open": [task for task in tasks if task.phase in queries.OPEN],
        "done": done,
        "rhythm": rhythm_words,
        "today": _today(),
    }
    return Panel("maintenance/_device.html", context)
