"""Beginning runs: on schedule, by hand, and what became of those nobody could begin."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _

from collectors.messages import N_
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device, DeviceAccess
from servicedesk.inspections.coverage import ledger
from servicedesk.inspections.coverage.reasons import NOT_CONFIGURED
from servicedesk.inspections.half_years import due_slots
from servicedesk.inspections.lists.service import with_lists
from servicedesk.inspections.manual import due
from servicedesk.inspections.models import InspectionPlan, InspectionRecord, InspectionRun, plan_devices
from servicedesk.inspections.plans import halves_done, works_of
from servicedesk.inspections.required import DEFAULT_REQUIRED, to_json
from servicedesk.inspections.slots import parse_times, slots_between
from servicedesk.organisations.models import Site

# After a long stop only so many missed runs are written down for each plan; more tell nothing new.
MAX_MISSED = 60
NO_ACCESS = N_("No way to log in is recorded for this device.")


def open_due_runs(now: datetime) -> list[InspectionRun]:
    """Begin every run that is due, and write down as missed those whose window has passed.

    Safe to call at any time and twice at once: a slot has one run (unique key).
    """
    opened: list[InspectionRun] = []
    due = sa.select(InspectionPlan.id).where(InspectionPlan.active, InspectionPlan.scheduled_until < now)
    for plan_id in db.session.scalars(due).all():
        # Locked and read again: another scheduler may have been here in between.
        plan = db.session.scalar(
            sa.select(InspectionPlan)
            .where(InspectionPlan.id == plan_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if plan is not None and plan.active and plan.scheduled_until < now:
            opened += _open_slots(plan, now)
    return opened


def _open_slots(plan: InspectionPlan, now: datetime) -> list[InspectionRun]:
    slots = _due_slots(plan, now)
    today = now.astimezone(ZoneInfo(plan.site.timezone)).date()
    # While the window of a deep inspection is open, slots that were slept over stay to be counted.
    if slots or plan.window is None or not plan.window.holds(today):
        plan.scheduled_until = now
    window = timedelta(minutes=plan.window_minutes)
    runs = []
    for slot in slots[-MAX_MISSED:]:
        if now <= slot + window:
            devices = plan_targets(plan)
            runs.append(_new_run(plan.site, devices, slot=slot, now=now, plan=plan, trigger="schedule"))
        else:
            run = _new_run(plan.site, None, slot=slot, now=now, plan=plan, trigger="schedule")
            run.state, run.finished_at = "missed", now
            run.note = N_(
                "Missed: the system was not running between the time it was due and the end of its window."
            )
            runs.append(run)
    return runs


def _due_slots(plan: InspectionPlan, now: datetime) -> list[datetime]:
    zone = ZoneInfo(plan.site.timezone)
    times, works, window = parse_times(plan.times), works_of(plan), plan.window
    if window is None:
        return list(slots_between(times, plan.weekdays, zone, plan.scheduled_until, now, works))
    counts = window.narrowed(works, plan.weekdays)
    slots = slots_between(times, plan.weekdays, zone, plan.scheduled_until, now, counts)
    grace = timedelta(minutes=plan.window_minutes)
    return due_slots(slots, window, zone, halves_done([plan.id])[plan.id], now=now, grace=grace)


def plan_targets(plan: InspectionPlan) -> list[Device]:
    """The active devices of a plan, including those nobody can log into: they show as not inspected."""
    statement = sa.select(Device).where(Device.site_id == plan.site_id, Device.state == "active")
    if not plan.all_devices:
        statement = statement.join(plan_devices, plan_devices.c.device_id == Device.id).where(
            plan_devices.c.plan_id == plan.id
        )
    return list(db.session.scalars(statement.order_by(Device.name, Device.id)))


def _new_run(
    site: Site,
    devices: Sequence[Device] | None,
    *,
    slot: datetime,
    now: datetime,
    trigger: str,
    plan: InspectionPlan | None = None,
    name: str = "",
    requested_by: str = "",
    by_hand: bool = True,
) -> InspectionRun:
    """``devices`` None: nothing will be looked at.

    ``by_hand``: people are asked, too. Whoever has some devices asked at once wants their answers now: that
    would be a round nobody planned, and an open item in a record that is complete otherwise.
    """
    day = slot.astimezone(ZoneInfo(site.timezone)).date()
    required = plan.required if plan else list(to_json(DEFAULT_REQUIRED))
    run = InspectionRun(
        client_id=site.client_id,
        site_id=site.id,
        plan_id=plan.id if plan else None,
        name=name or (plan.name if plan else site.name),
        day=day,
        slot=slot,
        half_year=plan.window.half_of(day) if plan is not None and plan.window is not None else "",
        trigger=trigger,
        requested_by=requested_by,
        state="running",
        required=with_lists(required, site.client_id, site.id, day),
        retries=plan.retries if plan else 0,
        retry_gap_minutes=plan.retry_gap_minutes if plan else 1,
        ends_by=slot + timedelta(minutes=plan.window_minutes if plan else 60),
        started_at=now,
        device_count=len(devices or ()),
    )
    db.session.add(run)
    db.session.flush()
    if devices is not None:
        minutes = plan.spread_minutes if plan is not None and trigger == "schedule" else 0
        _add_records(run, devices, now, timedelta(minutes=minutes))
        if by_hand:
            due.add_to(run, devices)
    return run


def offset(device_id: int, spread: timedelta) -> timedelta:
    """When after the start a device's visit may begin: any moment of the spread, the same every time."""
    digest = hashlib.sha256(f"start of {device_id}".encode()).digest()
    return spread * (int.from_bytes(digest[:4]) / 2**32)


def _add_records(run: InspectionRun, devices: Iterable[Device], now: datetime, spread: timedelta) -> None:
    """A queued visit for every device that has an access; the others are done, with the reason."""
    ids = [device.id for device in devices]
    reachable = set(
        db.session.scalars(sa.select(DeviceAccess.device_id).where(DeviceAccess.device_id.in_(ids)))
    )
    rows = [
        {
            "run_id": run.id,
            "device_id": device_id,
            "state": "queued" if device_id in reachable else "done",
            "not_before": now + offset(device_id, spread),
            "finished_at": None if device_id in reachable else now,
            "error": "" if device_id in reachable else NO_ACCESS,
        }
        for device_id in ids
    ]
    if rows:
        db.session.execute(sa.insert(InspectionRecord), rows)
        _note_gaps(run)
    if not reachable:
        # Nobody will come back to complete it.
        run.state, run.finished_at = "complete", now


def _note_gaps(run: InspectionRun) -> None:
    """In the ledger of coverage: what is required of devices nobody can log into."""
    done = db.session.execute(
        sa.select(InspectionRecord.id, Device.device_class)
        .join(Device, Device.id == InspectionRecord.device_id)
        .where(InspectionRecord.run_id == run.id, InspectionRecord.state == "done")
    )
    ledger.write_unvisited(
        ((row.id, row.device_class) for row in done), run.required, NOT_CONFIGURED, NO_ACCESS
    )


def start_plan(plan: InspectionPlan, *, actor: Actor, now: datetime) -> InspectionRun:
    """Inspect a plan's devices now."""
    _require(actor, plan.client_id, plan.site_id)
    run = _new_run(
        plan.site, plan_targets(plan), slot=now, now=now, plan=plan, trigger="manual", requested_by=actor.name
    )
    _audit_start(run, actor, now)
    return run


def start_site(site: Site, *, actor: Actor, now: datetime) -> InspectionRun:
    """Inspect all active devices of a site now."""
    _require(actor, site.client_id, site.id)
    devices = list(
        db.session.scalars(
            sa.select(Device).where(Device.site_id == site.id, Device.state == "active").order_by(Device.name)
        )
    )
    if not devices:
        raise InvalidError(_("This site has no active devices yet."))
    run = _new_run(site, devices, slot=now, now=now, trigger="manual", requested_by=actor.name)
    _audit_start(run, actor, now)
    return run


def start_devices(
    site: Site, devices: Sequence[Device], name: str, *, actor: Actor, now: datetime
) -> InspectionRun:
    """Inspect some devices of a site now."""
    _require(actor, site.client_id, site.id)
    run = _new_run(
        site, devices, slot=now, now=now, trigger="manual", name=name, requested_by=actor.name, by_hand=False
    )
    _audit_start(run, actor, now)
    return run


def start_device(device: Device, *, actor: Actor, now: datetime, trigger: str = "manual") -> InspectionRun:
    """Inspect one device now."""
    _require(actor, device.client_id, device.site_id)
    if not device.accesses:
        raise InvalidError(_("Record first how this device can be asked: SSH or SNMP, with a credential."))
    run = _new_run(
        device.site,
        [device],
        slot=now,
        now=now,
        trigger=trigger,
        name=device.name,
        requested_by=actor.name,
        by_hand=False,
    )
    _audit_start(run, actor, now)
    return run


def _require(actor: Actor, client_id: int, site_id: int) -> None:
    if not actor.allows(Permission.INSPECTION_RUN, client_id, site_id):
        raise NotAllowedError


def _audit_start(run: InspectionRun, actor: Actor, now: datetime) -> None:
    after = {"name": run.name, "devices": run.device_count}
    audit.record(actor, "inspection.started", run, now=now, label=run.name, after=after)
