"""Plans of maintenance are made, changed, paused and resumed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.assignment.queries import teams_at
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.equipment.models import Device, DeviceModel
from servicedesk.equipment.support_models import SupportContract
from servicedesk.maintenance.models import MaintenancePlan
from servicedesk.maintenance.queries import last_opened
from servicedesk.maintenance.rhythm import MOST, UNITS, parse_dates
from servicedesk.organisations.models import Site
from servicedesk.runbooks import texts
from servicedesk.runbooks.texts import Place
from servicedesk.tickets.belongings import MAX_POINTS

SCOPES: dict[str, LazyString] = {
    "device": _l("One device"),
    "class": _l("A class of devices"),
    "model": _l("A model"),
    "contract": _l("Devices of a vendor contract"),
}
GROUPINGS: dict[str, LazyString] = {"one": _l("One ticket for all"), "each": _l("One ticket each")}
CATEGORIES = ("general", "change")
MAX_LEAD, MAX_WINDOW = 90, 60


@dataclass(frozen=True, slots=True)
class PlanData:
    """What a person may write; the names are those of ``MaintenancePlan``."""

    title: str
    scope: str
    unit: str
    starts_on: date
    every: int = 1
    dates: str = ""
    description: str = ""
    device_id: int | None = None
    device_class: str = ""
    model_id: int | None = None
    contract_id: int | None = None
    lead_days: int = 0
    window_days: int = 5
    checklist: str = ""
    runbook_key: str = ""
    category: str = "general"
    grouping: str = "one"
    team_id: int | None = None


FIELDS = tuple(PlanData.__dataclass_fields__)
_SCOPED = {"device": "device_id", "class": "device_class", "model": "model_id", "contract": "contract_id"}


def today_at(site: Site, now: datetime) -> date:
    """The day at the site."""
    return now.astimezone(ZoneInfo(site.timezone)).date()


def locked(plan_id: int) -> MaintenancePlan:
    """The plan, with everybody else who changes it kept waiting; the trail's lock comes first."""
    audit.take_turn()
    return db.session.scalars(
        for_update(sa.select(MaintenancePlan).where(MaintenancePlan.id == plan_id))
    ).one()


def save_plan(
    plan: MaintenancePlan | None, site: Site, data: PlanData, *, actor: Actor, now: datetime
) -> MaintenancePlan:
    """Make or change a plan of a site; what is due next is counted from today.

    Raises:
        NotAllowedError, InvalidError.
    """
    if not actor.allows(Permission.MAINTENANCE_EDIT, site.client_id, site.id) or (
        plan is not None and plan.site_id != site.id
    ):
        raise NotAllowedError
    _require_rhythm(data)
    _require_scope(data, site)
    _require_work(data, site)
    if plan is not None:
        plan = locked(plan.id)
    before = audit.snapshot(plan, FIELDS) if plan is not None else None
    if plan is None:
        plan = MaintenancePlan(client_id=site.client_id, site=site, created_at=now)
        db.session.add(plan)
    for name in FIELDS:
        value = getattr(data, name)
        setattr(plan, name, value.strip() if isinstance(value, str) else value)
    for scope, name in _SCOPED.items():
        if scope != data.scope:
            setattr(plan, name, "" if name == "device_class" else None)
    plan.updated_at = now
    if not plan.paused_reason:
        plan.next_due = _next(plan, site, now)
    db.session.flush()
    after = audit.snapshot(plan, FIELDS)
    if before != after:
        action = "maintenance_plan.created" if before is None else "maintenance_plan.updated"
        audit.record(actor, action, plan, now=now, label=plan.title, before=before, after=after)
    return plan


def _next(plan: MaintenancePlan, site: Site, now: datetime) -> date:
    """The first due day from today on that has no ticket yet."""
    opened = last_opened(plan.id) if plan.id else None
    first = today_at(site, now)
    return next(plan.rhythm.due_from(max(first, opened + timedelta(days=1)) if opened else first))


def _require_rhythm(data: PlanData) -> None:
    if not data.title.strip():
        raise InvalidError(_("The plan needs a title."), "title")
    if data.unit not in UNITS or not 1 <= data.every <= MOST:
        raise InvalidError(_("Choose how often: every 1 to %(most)s.", most=MOST), "every")
    if not 1990 < data.starts_on.year < 2200:
        raise InvalidError(_("Give a day and year that can be."), "starts_on")
    if data.unit == "dates":
        try:
            parse_dates(data.dates)
        except ValueError:
            raise InvalidError(_("Write month and day of each date, such as 03-15 09-15."), "dates") from None
    if not 0 <= data.lead_days <= MAX_LEAD:
        raise InvalidError(_("Give 0 to %(most)s.", most=MAX_LEAD), "lead_days")
    if not 1 <= data.window_days <= MAX_WINDOW:
        raise InvalidError(_("Give 1 to %(most)s.", most=MAX_WINDOW), "window_days")


def _require_scope(data: PlanData, site: Site) -> None:
    if data.scope not in SCOPES:
        raise InvalidError(_("Choose one of the list."), "scope")
    field = _SCOPED[data.scope]
    if data.scope == "device":
        device = db.session.get(Device, data.device_id) if data.device_id else None
        fits = device is not None and device.site_id == site.id
    elif data.scope == "class":
        fits = data.device_class in DEVICE_CLASSES
    elif data.scope == "model":
        model = db.session.get(DeviceModel, data.model_id) if data.model_id else None
        fits = model is not None and model.client_id == site.client_id
    else:
        contract = db.session.get(SupportContract, data.contract_id) if data.contract_id else None
        fits = contract is not None and contract.client_id == site.client_id
    if not fits:
        raise InvalidError(_("Choose what is maintained, of this site."), field)


def _require_work(data: PlanData, site: Site) -> None:
    if data.category not in CATEGORIES:
        raise InvalidError(_("Choose one of the list."), "category")
    if data.grouping not in GROUPINGS:
        raise InvalidError(_("Choose one of the list."), "grouping")
    points = [line for line in data.checklist.splitlines() if line.strip()]
    if len(points) > MAX_POINTS:
        raise InvalidError(_("At most %(count)s points.", count=MAX_POINTS), "checklist")
    if data.team_id is not None and data.team_id not in {
        team.id for team in teams_at(site.client_id, site.id)
    }:
        raise InvalidError(_("Choose a team that serves this place."), "team_id")
    if data.runbook_key and data.runbook_key not in texts.effective(Place(site.client_id, site.id)):
        raise InvalidError(_("There is no such runbook here."), "runbook_key")


def pause(plan: MaintenancePlan, reason: str, *, actor: Actor, now: datetime) -> None:
    """Nothing becomes due until it is resumed.

    Raises:
        NotAllowedError, InvalidError: no reason.
        ConflictError: it is paused already.
    """
    plan = _changing(plan, actor)
    if plan.paused_reason:
        raise ConflictError(_("The plan is paused already."))
    if not reason.strip():
        raise InvalidError(_("Say why."), "reason")
    plan.paused_reason, plan.next_due, plan.updated_at = reason.strip()[:300], None, now
    after = {"reason": plan.paused_reason}
    audit.record(actor, "maintenance_plan.paused", plan, now=now, label=plan.title, after=after)


def resume(plan: MaintenancePlan, *, actor: Actor, now: datetime) -> None:
    """Go on with what is due from today on; what fell into the pause is not caught up.

    Raises:
        NotAllowedError.
        ConflictError: it is not paused.
    """
    plan = _changing(plan, actor)
    if not plan.paused_reason:
        raise ConflictError(_("The plan is not paused."))
    before = {"reason": plan.paused_reason}
    plan.paused_reason, plan.updated_at = "", now
    plan.next_due = _next(plan, plan.site, now)
    audit.record(actor, "maintenance_plan.resumed", plan, now=now, label=plan.title, before=before)


def _changing(plan: MaintenancePlan, actor: Actor) -> MaintenancePlan:
    plan = locked(plan.id)
    if not actor.allows(Permission.MAINTENANCE_EDIT, plan.client_id, plan.site_id):
        raise NotAllowedError
    return plan
