"""Pages of plans."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.forms import options
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.equipment.queries import visible_sites
from servicedesk.inspections import plans as service
from servicedesk.inspections import queries
from servicedesk.inspections.forms import HALVES, WEEKDAYS, PlanForm
from servicedesk.inspections.half_years import DAILY, DEEP, MONTHS
from servicedesk.inspections.manual.definitions import in_words
from servicedesk.inspections.manual.models import ManualItem
from servicedesk.inspections.manual.queries import items_of
from servicedesk.inspections.models import InspectionPlan
from servicedesk.inspections.own.checks import all_checks
from servicedesk.inspections.plans import PlanData
from servicedesk.inspections.required import DEEP_REQUIRED, DEFAULT_REQUIRED, RequiredItem, from_json
from servicedesk.inspections.views import require_view
from servicedesk.staff.forms import EmptyForm

bp = Blueprint("plans", __name__, url_prefix="/inspections/plans")


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """All plans with when they run next."""
    require_view()
    actor = current_actor()
    found = db.session.scalars(queries.visible_plans(actor)).all()
    done = service.halves_done([plan.id for plan in found if plan.window is not None])
    due: dict[int, datetime | None] = {
        plan.id: service.next_due(plan, ZoneInfo(plan.site.timezone), utcnow(), done.get(plan.id, ()))
        for plan in found
    }
    return render_template(
        "inspections/plans.html",
        plans=found,
        due=due,
        weekdays=dict(WEEKDAYS),
        halves=dict(zip(MONTHS, HALVES, strict=True)),
        may_edit=actor.allows_somewhere(Permission.PLAN_EDIT),
        may_run=actor.allows_somewhere(Permission.INSPECTION_RUN),
        empty_form=EmptyForm(),
    )


@bp.route("/new", methods=["GET", "POST"])
@bp.route("/<int:plan_id>", methods=["GET", "POST"])
@login_required
def form(plan_id: int | None = None) -> ResponseReturnValue:
    """Make or change a plan."""
    actor = current_actor()
    found = queries.get_visible_plan(plan_id, actor) if plan_id else None
    if not actor.allows_somewhere(Permission.PLAN_EDIT):
        abort(404)
    kind = found.kind if found is not None else DEEP if request.args.get("kind") == DEEP else DAILY
    page = PlanForm(data=_data(found, kind))
    sites = visible_sites(actor, Permission.PLAN_EDIT)
    page.site_id.offer([(s.id, s.name) for s in sites])
    devices = db.session.execute(
        sa.select(Device.id, Device.name, Device.site_id)
        .where(Device.site_id.in_([s.id for s in sites]), Device.state == "active")
        .order_by(Device.name)
        .limit(2000)
    ).all()
    page.device_ids.choices = options((d.id, d.name) for d in devices)
    offered = all_checks({site.client_id for site in sites})
    by_hand = items_of({site.client_id for site in sites})
    page.required.choices = options(
        [
            *((name, _(spec.title)) for name, spec in sorted(offered.items())),
            *((item.check, _by_hand_label(item)) for item in by_hand),
        ]
    )
    if page.validate_on_submit():
        try:
            with unit_of_work():
                service.save_plan(found, _plan_data(page, found, kind), actor=actor, now=utcnow())
        except DomainError as error:
            page.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("plans.index"))
    status = 422 if page.is_submitted() else 200
    return render_template("inspections/plan_form.html", form=page, plan=found, deep=kind == DEEP), status


def _by_hand_label(item: ManualItem) -> str:
    name = in_words((item.title_en, item.title_zh))
    place = item.site.name if item.site else ""
    return " · ".join(filter(None, (_("By hand"), name, place)))


_PLAIN = (
    "name",
    "site_id",
    "active",
    "times",
    "by_calendar",
    "first_month",
    "opens_on",
    "open_days",
    "window_minutes",
    "spread_minutes",
    "retries",
    "retry_gap_minutes",
    "sample_percent",
    "sample_minimum",
)


def _data(found: InspectionPlan | None, kind: str) -> dict[str, object]:
    starter = DEEP_REQUIRED if kind == DEEP else DEFAULT_REQUIRED
    required = from_json(found.required) if found is not None else starter
    data: dict[str, object] = {"required": [item.check for item in required], "by_calendar": True}
    if found is not None:
        data |= {name: getattr(found, name) for name in _PLAIN} | {
            "weekdays": list(found.weekdays),
            "all_devices": "all" if found.all_devices else "some",
            "device_ids": [d.id for d in found.devices],
        }
    return data


def _plan_data(page: PlanForm, found: InspectionPlan | None, kind: str) -> PlanData:
    # The classes an item is required of are kept from the plan, else taken from the defaults.
    known = {item.check: item for item in (*DEEP_REQUIRED, *(from_json(found.required) if found else ()))}
    return PlanData(
        site_id=page.site_id.data,
        name=page.name.data or "",
        kind=kind,
        active=bool(page.active.data),
        times=page.times.data or "",
        weekdays="".join(page.weekdays.data or []),
        by_calendar=bool(page.by_calendar.data),
        first_month=page.first_month.data,
        opens_on=page.opens_on.data or 0,
        open_days=page.open_days.data or 0,
        window_minutes=page.window_minutes.data or 0,
        spread_minutes=page.spread_minutes.data or 0,
        retries=page.retries.data or 0,
        retry_gap_minutes=page.retry_gap_minutes.data or 0,
        sample_percent=page.sample_percent.data if page.sample_percent.data is not None else -1,
        sample_minimum=page.sample_minimum.data if page.sample_minimum.data is not None else -1,
        all_devices=page.all_devices.data == "all",
        device_ids=page.device_ids.data or [],
        required=[known.get(name, RequiredItem(name)) for name in page.required.data or []],
    )
