"""Plans: made and changed by people, carried out by the scheduler."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.inspections.half_years import DAILY, DEEP, MONTHS, SHORTEST
from servicedesk.inspections.manual import due
from servicedesk.inspections.manual.models import ManualItem
from servicedesk.inspections.models import InspectionPlan, InspectionRun
from servicedesk.inspections.required import DEFAULT_REQUIRED, RequiredItem, to_json
from servicedesk.inspections.slots import next_slot, parse_times, slots_between
from servicedesk.organisations.models import Site
from servicedesk.sla.policies import place_calendar

LOOK_AHEAD = 400  # days: a half-year that is done, and the window of the next
_AUDITED = (
    "name",
    "kind",
    "active",
    "times",
    "weekdays",
    "by_calendar",
    "first_month",
    "opens_on",
    "open_days",
    "window_minutes",
    "spread_minutes",
    "retries",
    "retry_gap_minutes",
    "all_devices",
    "sample_percent",
    "sample_minimum",
)


@dataclass(frozen=True, slots=True)
class PlanData:
    """What a person writes of a plan."""

    site_id: int
    name: str
    kind: str = DAILY
    active: bool = True
    times: str = "08:30"
    weekdays: str = "12345"
    by_calendar: bool = False
    first_month: int = 1
    opens_on: int = 1
    open_days: int = 14
    window_minutes: int = 120
    spread_minutes: int = 0
    retries: int = 2
    retry_gap_minutes: int = 5
    all_devices: bool = True
    device_ids: Sequence[int] = ()
    required: Sequence[RequiredItem] = DEFAULT_REQUIRED
    sample_percent: int = 2
    sample_minimum: int = 5


def save_plan(plan: InspectionPlan | None, data: PlanData, *, actor: Actor, now: datetime) -> InspectionPlan:
    """Make or change a plan. Slots before ``now`` are never made up for.

    Raises:
        NotAllowedError, InvalidError: as usual, the latter with the field's name.
    """
    site = db.session.get(Site, data.site_id)
    if site is None or not actor.allows(Permission.PLAN_EDIT, site.client_id, site.id):
        raise NotAllowedError
    if plan is not None and plan.site_id != site.id:
        raise InvalidError(_("A plan stays at its site. Make a new one for the other site."), "site_id")
    if data.kind not in (DAILY, DEEP) or (plan is not None and plan.kind != data.kind):
        raise InvalidError(_("A plan keeps its kind. Make a new one."), "kind")
    times, weekdays = _require_valid(data)
    _require_own_items(site, data.required)
    _require_free_name(plan, data.name.strip(), site.id)
    before = _snapshot(plan) if plan is not None else None
    if plan is None:
        plan = InspectionPlan(client_id=site.client_id, site_id=site.id, created_at=now, scheduled_until=now)
        plan.kind = data.kind
        db.session.add(plan)
    elif _rhythm(plan, plan.times, plan.weekdays) != _rhythm(data, times, weekdays):
        plan.scheduled_until = now
    plan.name, plan.active = data.name.strip(), data.active
    plan.times, plan.weekdays, plan.by_calendar = times, weekdays, data.by_calendar
    plan.first_month, plan.opens_on, plan.open_days = data.first_month, data.opens_on, data.open_days
    plan.window_minutes, plan.retries = data.window_minutes, data.retries
    plan.spread_minutes = data.spread_minutes
    plan.retry_gap_minutes, plan.all_devices = data.retry_gap_minutes, data.all_devices
    plan.devices = [] if data.all_devices else _devices(site, data.device_ids)
    plan.required = list(to_json(data.required))
    plan.sample_percent, plan.sample_minimum = data.sample_percent, data.sample_minimum
    plan.updated_at = now
    action = "plan.created" if before is None else "plan.updated"
    audit.record(actor, action, plan, now=now, label=plan.name, before=before, after=_snapshot(plan))
    return plan


def _rhythm(of: InspectionPlan | PlanData, times: str, weekdays: str) -> tuple[object, ...]:
    """What decides when a plan is due."""
    return (times, weekdays, of.by_calendar, of.active, of.first_month, of.opens_on, of.open_days)


def _snapshot(plan: InspectionPlan) -> dict[str, object]:
    return audit.snapshot(plan, _AUDITED) | {
        "devices": [device.name for device in plan.devices],
        "required": [row["check"] for row in plan.required],
    }


def _require_valid(data: PlanData) -> tuple[str, str]:
    if not data.name.strip():
        raise InvalidError(_("The plan needs a name."), "name")
    try:
        times = parse_times(data.times)
    except ValueError:
        raise InvalidError(_("Write times of day as 08:30, separated by commas."), "times") from None
    weekdays = "".join(sorted(set(data.weekdays) & set("1234567")))
    if not weekdays and not data.by_calendar:
        raise InvalidError(_("Choose at least one weekday."), "weekdays")
    for value, low, high, name in (
        (data.window_minutes, 5, 1440, "window_minutes"),
        (data.spread_minutes, 0, max(0, data.window_minutes), "spread_minutes"),
        (data.retries, 0, 10, "retries"),
        (data.retry_gap_minutes, 1, 120, "retry_gap_minutes"),
        (data.sample_percent, 0, 100, "sample_percent"),
        (data.sample_minimum, 0, 200, "sample_minimum"),
        (data.first_month, MONTHS[0], MONTHS[-1], "first_month"),
        (data.opens_on, 1, SHORTEST, "opens_on"),
        (data.open_days, 1, SHORTEST - data.opens_on + 1, "open_days"),
    ):
        if not low <= value <= high:
            raise InvalidError(_("Write a number from %(low)s to %(high)s.", low=low, high=high), name)
    if not data.all_devices and not data.device_ids:
        raise InvalidError(_("Choose at least one device, or all devices of the site."), "device_ids")
    if not data.required:
        raise InvalidError(_("Choose at least one required item."), "required")
    return ",".join(at.strftime("%H:%M") for at in times), weekdays


def _require_own_items(site: Site, required: Sequence[RequiredItem]) -> None:
    """Items by hand are those of this client, for this site or all of its sites."""
    wanted = set(due.item_ids([item.to_json() for item in required]))
    if not wanted:
        return
    known = db.session.scalars(
        sa.select(ManualItem.id).where(
            ManualItem.id.in_(wanted),
            ManualItem.client_id == site.client_id,
            sa.or_(ManualItem.site_id.is_(None), ManualItem.site_id == site.id),
        )
    )
    if set(known) != wanted:
        raise InvalidError(_("Some of the items by hand are not of this site."), "required")


def _devices(site: Site, device_ids: Sequence[int]) -> list[Device]:
    devices = list(
        db.session.scalars(sa.select(Device).where(Device.site_id == site.id, Device.id.in_(device_ids)))
    )
    if len(devices) != len(set(device_ids)):
        raise InvalidError(_("Some of the devices are not at this site."), "device_ids")
    return devices


def _require_free_name(plan: InspectionPlan | None, name: str, site_id: int) -> None:
    other = db.session.scalar(
        sa.select(InspectionPlan.id).where(InspectionPlan.site_id == site_id, InspectionPlan.name == name)
    )
    if other is not None and (plan is None or other != plan.id):
        raise InvalidError(_("Another plan of this site has this name."), "name")


def next_due(
    plan: InspectionPlan, zone: ZoneInfo, now: datetime, done: Collection[str] = ()
) -> datetime | None:
    """When the plan runs next; None while it is switched off, or a window has no day it works on.

    Args:
        done: half-years a deep inspection has had, from ``halves_done``.
    """
    if not plan.active:
        return None
    times, works, window = parse_times(plan.times), works_of(plan), plan.window
    if window is None:
        return next_slot(times, plan.weekdays, zone, now, works)
    counts = window.narrowed(works, plan.weekdays)
    slots = slots_between(times, plan.weekdays, zone, now, now + timedelta(days=LOOK_AHEAD), counts)
    return next((slot for slot in slots if window.half_of(slot.astimezone(zone).date()) not in done), None)


def halves_done(plan_ids: Collection[int]) -> dict[int, set[str]]:
    """By plan the half-years for which the scheduler has begun or given up a deep inspection; one query."""
    run = InspectionRun
    rows = db.session.execute(
        sa.select(run.plan_id, run.half_year).where(
            run.plan_id.in_(plan_ids), run.trigger == "schedule", run.half_year != ""
        )
    )
    found: dict[int, set[str]] = {number: set() for number in plan_ids}
    for plan_id, half in rows:
        found[plan_id or 0].add(half)
    return found


def works_of(plan: InspectionPlan) -> Callable[[date], bool] | None:
    """Which days a plan by its place's calendar works on; None: it goes by weekdays."""
    if not plan.by_calendar:
        return None
    calendar = place_calendar(plan.client_id, plan.site_id)
    return lambda day: bool(calendar.hours_on(day))
