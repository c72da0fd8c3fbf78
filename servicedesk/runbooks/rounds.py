"""Runs nobody reported: begun by hand, or by a schedule. Each gets a ticket, on which all else hangs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.i18n import select_locale
from servicedesk.core.permissions import Permission
from servicedesk.core.sentences import N_
from servicedesk.equipment.models import Device
from servicedesk.inspections.slots import next_slot, parse_times
from servicedesk.organisations.models import Site
from servicedesk.runbooks import service, texts
from servicedesk.runbooks.definition import Runbook
from servicedesk.runbooks.models import RunbookRun, RunbookSchedule
from servicedesk.runbooks.texts import Place
from servicedesk.staff.models import User
from servicedesk.staff.queries import holders
from servicedesk.tickets import service as tickets
from servicedesk.tickets.service import NewTicket, TransitionInput

WORK, PLAN = Permission.TICKET_WORK, Permission.TICKET_ASSIGN
UNITS = ("week", "day", "month")
MOST = 366


def begin(
    runbook: Runbook,
    site: Site,
    device: Device | None,
    *,
    actor: Actor,
    now: datetime,
    assignee_id: int | None = None,
) -> RunbookRun:
    """Make a general ticket at a site, or for one of its devices, and begin the run in it.

    Raises:
        NotAllowedError: the actor does not work there.
        InvalidError: the device is not of this site.
    """
    if not actor.allows(WORK, site.client_id, site.id):
        raise NotAllowedError
    if device is not None and device.site_id != site.id:
        raise InvalidError(_("There is no such device here."), "device_id")
    title = runbook.title.say(select_locale())
    new = NewTicket(
        client_id=site.client_id,
        category="general",
        title=f"{title} · {device.name if device is not None else site.name}",
        description=runbook.summary.say(select_locale()),
        site_id=site.id,
        device_id=device.id if device is not None else None,
        impact=3,
        urgency=3,
        source="round",
    )
    ticket = tickets.create_ticket(new, actor=actor, now=now)
    wanted = assignee_id or actor.user_id
    if wanted is not None and ticket.assignee_id != wanted:
        tickets.transition(ticket, "assign", TransitionInput(assignee_id=wanted), actor=actor, now=now)
    run = service.start(ticket, runbook, actor=actor, now=now)
    run.owner_id = ticket.assignee_id
    db.session.flush()
    return run


@dataclass(frozen=True, slots=True)
class ScheduleData:
    """What a person gives; the names are those of ``RunbookSchedule``."""

    key: str
    site_id: int
    device_id: int | None
    unit: str
    every: int
    weekdays: str
    at: str
    starts_on: date
    assignee_id: int | None = None
    active: bool = True


def schedules(actor: Actor) -> sa.Select[RunbookSchedule]:
    """Those of the sites the actor works at, without order and limit."""
    return (
        sa.select(RunbookSchedule)
        .where(actor.scope(WORK).clause(RunbookSchedule.client_id, RunbookSchedule.site_id))
        .options(
            joinedload(RunbookSchedule.site),
            joinedload(RunbookSchedule.device),
            joinedload(RunbookSchedule.assignee),
        )
    )


def get(schedule_id: int, actor: Actor) -> RunbookSchedule:
    """One the actor sees, or NotFoundError."""
    found = db.session.scalar(schedules(actor).where(RunbookSchedule.id == schedule_id))
    if found is None:
        raise NotFoundError
    return found


def save(
    schedule: RunbookSchedule | None, data: ScheduleData, *, actor: Actor, now: datetime
) -> RunbookSchedule:
    """Make or change a schedule; its next slot is the first after now.

    Raises:
        NotAllowedError: the site is not the actor's to plan for.
        InvalidError: runbook, device, person or rhythm do not fit.
    """
    site = db.session.get(Site, data.site_id)
    if site is None or not actor.allows(PLAN, site.client_id, site.id):
        raise NotAllowedError
    if schedule is not None and not actor.allows(PLAN, schedule.client_id, schedule.site_id):
        raise NotAllowedError
    _check(data, site)
    if schedule is None:
        schedule = RunbookSchedule(created_at=now)
        db.session.add(schedule)
    before = audit.snapshot(schedule, FIELDS) if schedule.id else None
    for name in FIELDS:
        setattr(schedule, name, getattr(data, name))
    schedule.client_id, schedule.site, schedule.updated_at, schedule.problem = site.client_id, site, now, ""
    schedule.next_at = next_due(schedule, ZoneInfo(site.timezone), now) if data.active else None
    db.session.flush()
    audit.record(
        actor,
        "runbook_schedule.saved",
        schedule,
        now=now,
        label=data.key,
        client_id=site.client_id,
        before=before,
        after=audit.snapshot(schedule, FIELDS),
    )
    return schedule


FIELDS = (
    "key",
    "site_id",
    "device_id",
    "unit",
    "every",
    "weekdays",
    "at",
    "starts_on",
    "assignee_id",
    "active",
)


def _check(data: ScheduleData, site: Site) -> None:
    if data.key not in texts.effective(Place(site.client_id, site.id)):
        raise InvalidError(_("There is no such runbook here."), "key")
    if data.device_id is not None:
        device = db.session.get(Device, data.device_id)
        if device is None or device.site_id != site.id:
            raise InvalidError(_("There is no such device here."), "device_id")
    if data.assignee_id is not None and data.assignee_id not in {user.id for user in people(site)}:
        raise InvalidError(_("This person does not work there."), "assignee_id")
    if data.unit not in UNITS or not 1 <= data.every <= MOST:
        raise InvalidError(_("Choose how often: every 1 to %(most)s.", most=MOST), "every")
    if data.unit == "week" and not data.weekdays:
        raise InvalidError(_("Choose a weekday at least."), "weekdays")
    try:
        times = parse_times(data.at)
    except ValueError:
        times = ()
    if len(times) != 1 or len(data.at) != 5:
        raise InvalidError(_("Write a time of day such as 08:30."), "at")


def people(site: Site) -> Sequence[User]:
    """Who may be given the runs of a site."""
    return holders(WORK, site.client_id, site_id=site.id)


def next_due(schedule: RunbookSchedule, zone: ZoneInfo, after: datetime) -> datetime | None:
    """The first slot after ``after``, in UTC; not before ``starts_on``."""
    at = time.fromisoformat(schedule.at)
    begins = datetime.combine(schedule.starts_on, at, tzinfo=zone).astimezone(UTC)
    if schedule.unit == "week":
        return next_slot((at,), schedule.weekdays, zone, max(after, begins - timedelta(seconds=1)))
    if begins > after:
        return begins
    here = after.astimezone(zone).date()
    steps = (
        (here - schedule.starts_on).days // schedule.every
        if schedule.unit == "day"
        else _months(schedule.starts_on, here) // schedule.every
    )
    for step in range(max(0, steps), steps + 3):
        slot = datetime.combine(_day(schedule, step), at, tzinfo=zone).astimezone(UTC)
        if slot > after:
            return slot
    return None


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _day(schedule: RunbookSchedule, step: int) -> date:
    """The day of a step; the 31st of a shorter month is its last day."""
    if schedule.unit == "day":
        return schedule.starts_on + timedelta(days=step * schedule.every)
    months = schedule.starts_on.month - 1 + step * schedule.every
    year, month = schedule.starts_on.year + months // 12, months % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(schedule.starts_on.day, last))


def due_ids(now: datetime, limit: int) -> Sequence[int]:
    """Schedules whose slot has come."""
    wanted = sa.select(RunbookSchedule.id).where(RunbookSchedule.next_at <= now, RunbookSchedule.active)
    return db.session.scalars(wanted.order_by(RunbookSchedule.next_at).limit(limit)).all()


def open_slot(schedule_id: int, *, actor: Actor, now: datetime) -> RunbookRun | None:
    """Begin the run of a slot, once: the slot moves on in the same transaction. Slots that were slept over
    are one run. None when somebody else began it, or it cannot be begun; then the schedule says why."""
    schedule = db.session.scalar(
        for_update(sa.select(RunbookSchedule).where(RunbookSchedule.id == schedule_id))
    )
    if schedule is None or not schedule.active or schedule.next_at is None or schedule.next_at > now:
        return None
    site = schedule.site
    schedule.next_at, schedule.problem = next_due(schedule, ZoneInfo(site.timezone), now), ""
    runbook = texts.effective(Place(site.client_id, site.id)).get(schedule.key)
    device = schedule.device
    if runbook is None or (device is not None and (device.site_id != site.id or device.state == "disposed")):
        schedule.problem = N_("The runbook or the device is no longer there.")
        return None
    assignee = schedule.assignee_id
    if assignee is not None and assignee not in {user.id for user in people(site)}:
        schedule.problem, assignee = N_("The person no longer works there; the rules decide."), None
    return begin(runbook, site, device, actor=actor, now=now, assignee_id=assignee)


def put_off(schedule_id: int, problem: str, *, now: datetime) -> None:
    """Go on to the next slot, and say why this one had no run."""
    schedule = db.session.get_one(RunbookSchedule, schedule_id)
    schedule.next_at = next_due(schedule, ZoneInfo(schedule.site.timezone), now)
    schedule.problem = problem[:300]
