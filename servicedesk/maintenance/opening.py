"""A due day becomes a ticket: once, whoever else is opening, whatever was missed before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import DomainError, InvalidError
from servicedesk.core.i18n import enumeration
from servicedesk.equipment.models import Device
from servicedesk.maintenance import queries
from servicedesk.maintenance.models import MaintenancePlan, MaintenanceTask
from servicedesk.maintenance.service import locked, today_at
from servicedesk.runbooks import service as runbooks
from servicedesk.runbooks import texts
from servicedesk.runbooks.texts import Place
from servicedesk.sla.calendar import WorkCalendar
from servicedesk.sla.policies import place_calendar
from servicedesk.tickets import assigning, belongings
from servicedesk.tickets import service as tickets
from servicedesk.tickets.models import Ticket, TicketDevice
from servicedesk.tickets.service import NewTicket

MAX_DEVICES = 200
SEARCHED_DAYS = 400  # for working days: a calendar may rest for a year, not longer


def working_day_after(calendar: WorkCalendar, day: date, count: int) -> date:
    """The last of ``count`` working days from ``day`` on; a day far off when the calendar has none."""
    for ahead in range(SEARCHED_DAYS):
        here = day + timedelta(days=ahead)
        count -= bool(calendar.hours_on(here))
        if count <= 0:
            return here
    return day + timedelta(days=SEARCHED_DAYS)


def due_ids(now: datetime, limit: int) -> Sequence[int]:
    """Plans that may have something to open; the site's own day decides."""
    plan = MaintenancePlan
    ahead = sa.select(plan.id, plan.next_due, plan.lead_days).where(plan.next_due.is_not(None))
    latest = now.date() + timedelta(days=1)
    rows = db.session.execute(ahead.order_by(plan.next_due, plan.id)).all()
    return [row.id for row in rows if row.next_due - timedelta(days=row.lead_days) <= latest][:limit]


def open_due(plan_id: int, *, actor: Actor, now: datetime) -> list[Ticket]:
    """Open what is due of a plan, and say when it is due next.

    Of several due days that were missed the last one gets a ticket, the others are counted there. While the
    ticket of an earlier day is open, no second one is opened: the new day is noted in it.

    Raises:
        InvalidError: there is no device, or there are too many.
    """
    queries.lock_open_tickets(plan_id)
    plan = locked(plan_id)
    today = today_at(plan.site, now)
    if plan.next_due is None or plan.next_due - timedelta(days=plan.lead_days) > today:
        return []
    past = plan.rhythm.between(plan.next_due, today)
    due, missed = (past[-1], len(past) - 1) if past else (plan.next_due, 0)
    plan.next_due, plan.problem = plan.rhythm.due_after(due), ""
    devices = queries.devices_of(plan, MAX_DEVICES + 1)
    if not devices:
        raise InvalidError(_("No device of this plan is in use."))
    if len(devices) > MAX_DEVICES:
        raise InvalidError(_("At most %(count)s devices.", count=MAX_DEVICES))
    must_by = working_day_after(place_calendar(plan.client_id, plan.site_id), due, plan.window_days)
    groups = [devices] if plan.grouping == "one" else [[device] for device in devices]
    opened = []
    for group in groups:
        key = 0 if plan.grouping == "one" else group[0].id
        ticket = queries.open_ticket_of(plan.id, key)
        if ticket is None:
            ticket = _open(plan, group, due, must_by, missed, actor=actor, now=now)
            opened.append(ticket)
        else:
            words = _("%(plan)s is due again on %(day)s.", plan=plan.title, day=due.isoformat())
            tickets.add_entry(ticket, "comment", actor=actor, now=now, body=words, internal=True)
        task = MaintenanceTask(
            plan_id=plan.id,
            due_on=due,
            device_key=key,
            must_by=must_by,
            missed=missed,
            ticket_id=ticket.id,
        )
        db.session.add(task)
        db.session.flush()
    return opened


def _open(
    plan: MaintenancePlan,
    devices: Sequence[Device],
    due: date,
    must_by: date,
    missed: int,
    *,
    actor: Actor,
    now: datetime,
) -> Ticket:
    one = f" · {devices[0].name}" if len(devices) == 1 else ""
    details = {}
    if plan.category == "change":
        details = {"subtype": "standard", "reason_for_change": plan.description or plan.title}
    new = NewTicket(
        client_id=plan.client_id,
        category=plan.category,
        title=f"{plan.title}{one}"[:200],
        description=_description(plan, devices, due, must_by, missed),
        site_id=plan.site_id,
        device_id=devices[0].id,
        impact=3,
        urgency=3,
        details=details,
        source="maintenance",
    )
    ticket = tickets.create_ticket(new, actor=actor, now=now)
    for device in devices[1:]:
        db.session.add(TicketDevice(ticket_id=ticket.id, device_id=device.id))
    for line in plan.checklist.splitlines():
        if line.strip():
            belongings.add_point(ticket, line, mandatory=True, actor=actor)
    db.session.flush()
    _hand_over(plan, ticket, actor=actor, now=now)
    return ticket


def _hand_over(plan: MaintenancePlan, ticket: Ticket, *, actor: Actor, now: datetime) -> None:
    """The team and the runbook; what is not there any more does not keep the work from being opened."""
    if plan.team_id is not None:
        try:
            assigning.set_team(ticket, plan.team_id, actor=actor, now=now)
        except DomainError as error:
            plan.problem = str(error)[:300]
    if plan.runbook_key:
        runbook = texts.effective(Place(plan.client_id, plan.site_id)).get(plan.runbook_key)
        if runbook is None:
            plan.problem = _("There is no such runbook here.")
        else:
            runbooks.start(ticket, runbook, actor=actor, now=now)


def _description(
    plan: MaintenancePlan, devices: Sequence[Device], due: date, must_by: date, missed: int
) -> str:
    parts = [plan.description] if plan.description else []
    parts.append(_("Due on %(day)s, to be done by %(last)s.", day=due.isoformat(), last=must_by.isoformat()))
    if missed:
        parts.append(_("Earlier due days without a ticket: %(count)s.", count=missed))
    if len(devices) > 1:
        parts.append(_("Devices: %(names)s", names=enumeration(device.name for device in devices)))
    return "\n".join(parts)


def put_off(plan_id: int, problem: str, *, now: datetime) -> None:
    """What could not be opened is not tried again before its next day; the plan says why."""
    plan = locked(plan_id)
    if plan.next_due is not None:
        plan.next_due = plan.rhythm.due_after(max(plan.next_due, today_at(plan.site, now)))
    plan.problem = problem[:300]
    db.session.flush()
