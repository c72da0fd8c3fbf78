"""What hangs on a ticket besides its timeline: costs and parts, time spent, a checklist, further devices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import joinedload

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.amounts import parse_price, parse_quantity
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.tickets.models import ChecklistItem, Ticket, TicketCost, TicketDevice, WorkLog

COST_KINDS: dict[str, LazyString] = {"part": _l("Part"), "labour": _l("Labour"), "other": _l("Other")}
MAX_MINUTES = 24 * 60
MAX_POINTS = 50


def require_work(ticket: Ticket, actor: Actor) -> None:
    if not actor.allows(Permission.TICKET_WORK, ticket.client_id, ticket.site_id):
        raise NotAllowedError
    if ticket.phase == "closed":
        raise ConflictError(_("The ticket is closed. Reopen it to add to it."))


# costs ----------------------------------------------------------------------------------------------


def costs_of(ticket: Ticket) -> Sequence[TicketCost]:
    """Parts and other costs, in the order they were written down."""
    return db.session.scalars(
        sa.select(TicketCost).where(TicketCost.ticket_id == ticket.id).order_by(TicketCost.id)
    ).all()


def add_cost(
    ticket: Ticket,
    *,
    kind: str,
    description: str,
    quantity: str,
    unit_price: str,
    serial_old: str = "",
    serial_new: str = "",
    actor: Actor,
    now: datetime,
) -> TicketCost:
    """Write a part or a cost down. Numbers come as typed."""
    require_work(ticket, actor)
    if kind not in COST_KINDS:
        raise InvalidError(_("Choose one of the list."), "kind")
    if not description.strip():
        raise InvalidError(_("Say in a few words what it is."), "description")
    cost = TicketCost(
        ticket_id=ticket.id,
        kind=kind,
        description=description.strip()[:200],
        quantity=parse_quantity(quantity),
        unit_price=parse_price(unit_price),
        serial_old=serial_old.strip()[:100],
        serial_new=serial_new.strip()[:100],
        actor_name=actor.name,
        created_at=now,
    )
    db.session.add(cost)
    db.session.flush()
    after = audit.snapshot(
        cost, ("kind", "description", "quantity", "unit_price", "serial_old", "serial_new")
    )
    audit.record(
        actor,
        "ticket.cost_added",
        cost,
        now=now,
        label=ticket.number,
        client_id=ticket.client_id,
        after=after,
    )
    return cost


def remove_cost(ticket: Ticket, cost_id: int, *, actor: Actor, now: datetime) -> None:
    """Take a line back; the audit trail keeps it."""
    require_work(ticket, actor)
    cost = _own(TicketCost, ticket, cost_id)
    before = audit.snapshot(cost, ("kind", "description", "quantity", "unit_price"))
    audit.record(
        actor,
        "ticket.cost_removed",
        cost,
        now=now,
        label=ticket.number,
        client_id=ticket.client_id,
        before=before,
    )
    db.session.delete(cost)
    db.session.flush()


# time -----------------------------------------------------------------------------------------------


def work_of(ticket: Ticket) -> Sequence[WorkLog]:
    """Time spent, newest first."""
    statement = sa.select(WorkLog).where(WorkLog.ticket_id == ticket.id).options(joinedload(WorkLog.user))
    return db.session.scalars(statement.order_by(WorkLog.day.desc(), WorkLog.id.desc())).all()


def log_work(
    ticket: Ticket, *, minutes: int | None, day: date, note: str, actor: Actor, now: datetime
) -> WorkLog:
    """Write down time one has spent."""
    require_work(ticket, actor)
    if actor.user_id is None:
        raise NotAllowedError
    if minutes is None or not 1 <= minutes <= MAX_MINUTES:
        raise InvalidError(_("Give whole minutes, at most %(most)s.", most=MAX_MINUTES), "minutes")
    if not ticket.created_at.date().replace(day=1) <= day <= now.date().replace(year=now.year + 1):
        raise InvalidError(_("Give a day since the ticket was registered."), "day")
    log = WorkLog(
        ticket_id=ticket.id, user_id=actor.user_id, day=day, minutes=minutes, note=note.strip()[:200]
    )
    db.session.add(log)
    db.session.flush()
    return log


def remove_work(ticket: Ticket, log_id: int, *, actor: Actor) -> None:
    """Take back time of one's own."""
    require_work(ticket, actor)
    log = _own(WorkLog, ticket, log_id)
    if log.user_id != actor.user_id:
        raise NotAllowedError(_("Only who wrote it down takes it back."))
    db.session.delete(log)
    db.session.flush()


# checklist ------------------------------------------------------------------------------------------


def checklist_of(ticket: Ticket) -> Sequence[ChecklistItem]:
    """The points in order."""
    return db.session.scalars(
        sa.select(ChecklistItem).where(ChecklistItem.ticket_id == ticket.id).order_by(ChecklistItem.id)
    ).all()


def add_point(ticket: Ticket, text: str, *, mandatory: bool, actor: Actor) -> ChecklistItem:
    """Add a point; several lines are several points."""
    require_work(ticket, actor)
    if not text.strip():
        raise InvalidError(_("Please write a few words."), "text")
    count = db.session.scalar(sa.select(sa.func.count()).where(ChecklistItem.ticket_id == ticket.id))
    if (count or 0) >= MAX_POINTS:
        raise InvalidError(_("At most %(count)s points.", count=MAX_POINTS), "text")
    item = ChecklistItem(ticket_id=ticket.id, text=text.strip()[:200], mandatory=mandatory)
    db.session.add(item)
    db.session.flush()
    return item


def tick(ticket: Ticket, item_id: int, *, done: bool, actor: Actor, now: datetime) -> None:
    """Tick a point off, or take the tick back."""
    require_work(ticket, actor)
    item = _own(ChecklistItem, ticket, item_id)
    item.done_at, item.done_by = (now, actor.name) if done else (None, "")
    db.session.flush()


def remove_point(ticket: Ticket, item_id: int, *, actor: Actor) -> None:
    """Remove a point that is not done."""
    require_work(ticket, actor)
    item = _own(ChecklistItem, ticket, item_id)
    if item.done_at is not None:
        raise ConflictError(_("What is ticked off stays on record."))
    db.session.delete(item)
    db.session.flush()


# devices --------------------------------------------------------------------------------------------


def devices_of(ticket: Ticket) -> Sequence[Device]:
    """The ticket's device and the further ones."""
    more = sa.select(TicketDevice.device_id).where(TicketDevice.ticket_id == ticket.id)
    wanted = sa.or_(Device.id == (ticket.device_id or 0), Device.id.in_(more))
    return db.session.scalars(sa.select(Device).where(wanted).order_by(Device.name)).all()


def add_device(ticket: Ticket, device: Device, *, actor: Actor, now: datetime) -> None:
    """Say that the ticket concerns a device too; the first one becomes its main device."""
    require_work(ticket, actor)
    if device.client_id != ticket.client_id:
        raise InvalidError(_("There is no such device here."), "device_id")
    if ticket.device_id is None:
        ticket.device_id = device.id
    elif device.id != ticket.device_id and db.session.get(TicketDevice, (ticket.id, device.id)) is None:
        db.session.add(TicketDevice(ticket_id=ticket.id, device_id=device.id))
    ticket.version += 1
    after = {"device": device.name}
    audit.record(actor, "ticket.device_added", ticket, now=now, label=ticket.number, after=after)


def remove_device(ticket: Ticket, device_id: int, *, actor: Actor, now: datetime) -> None:
    """Take a device off the ticket."""
    require_work(ticket, actor)
    row = db.session.get(TicketDevice, (ticket.id, device_id))
    if row is not None:
        db.session.delete(row)
    elif ticket.device_id == device_id:
        ticket.device_id = None
    else:
        raise NotFoundError
    ticket.version += 1
    before = {"device": db.session.get_one(Device, device_id).name}
    audit.record(actor, "ticket.device_removed", ticket, now=now, label=ticket.number, before=before)


def _own(model: Any, ticket: Ticket, row_id: int) -> Any:
    row = db.session.get(model, row_id)
    if row is None or row.ticket_id != ticket.id:
        raise NotFoundError
    return row
