"""Repairs as far as an actor may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.db import anywhere, db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.equipment.stock.models import Part, StockItem, StockPlace
from servicedesk.equipment.stock.queries import part_clause
from servicedesk.organisations.models import Organisation, Site
from servicedesk.repairs.models import Repair, RepairCost, RepairEvent, RepairLimit, RepairWork
from servicedesk.repairs.states import OVER, STATES
from servicedesk.tickets.models import Ticket, TicketCost

OPEN, ALL = "", "all"


def visible_clause(actor: Actor) -> sa.ColumnElement[bool]:
    """Repairs of the actor's reach."""
    return actor.scope(Permission.REPAIR_VIEW).clause(Repair.client_id, Repair.site_id)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address of the list asks for. ``state``: one of ``STATES``, ``OPEN`` or ``ALL``."""

    state: str = OPEN
    text: str = ""
    device_class: str = ""
    site_id: int = 0
    supplier: str = ""
    since: datetime | None = None
    until: datetime | None = None


def _sum(amount: Any) -> Any:
    return sa.func.coalesce(sa.func.sum(amount), 0)


def sum_of_costs() -> sa.ScalarSelect[Decimal]:
    """What a repair cost so far, for its row."""
    total = sa.select(_sum(RepairCost.amount)).where(RepairCost.repair_id == Repair.id)
    return total.correlate(Repair).scalar_subquery()


def repair_rows(actor: Actor, chosen: Chosen) -> sa.Select[*tuple[Any, ...]]:
    """Columns of the list; ``cost`` is a number to be rounded to the cent."""
    statement = (
        sa.select(
            Repair.id,
            Repair.number,
            Repair.state,
            Repair.symptom,
            Repair.supplier,
            Repair.created_at,
            Repair.closed_at,
            Repair.down_from,
            Repair.down_until,
            Repair.device_id,
            Repair.ticket_id,
            Device.name.label("device_name"),
            Device.device_class,
            Site.name.label("site_name"),
            Ticket.number.label("ticket_number"),
            sum_of_costs().label("cost"),
        )
        .join(Device, Device.id == Repair.device_id)
        .join(Site, Site.id == Repair.site_id)
        .outerjoin(Ticket, Ticket.id == Repair.ticket_id)
        .where(visible_clause(actor))
    )
    if chosen.state in STATES:
        statement = statement.where(Repair.state == chosen.state)
    elif chosen.state != ALL:
        statement = statement.where(Repair.state.not_in(sorted(OVER)))
    if chosen.device_class:
        statement = statement.where(Device.device_class == chosen.device_class)
    if chosen.site_id:
        statement = statement.where(Repair.site_id == chosen.site_id)
    if chosen.supplier:
        statement = statement.where(Repair.supplier.ilike(anywhere(chosen.supplier), escape="\\"))
    if chosen.since is not None:
        statement = statement.where(Repair.created_at >= chosen.since)
    if chosen.until is not None:
        statement = statement.where(Repair.created_at < chosen.until)
    if chosen.text:
        columns = (Repair.number, Repair.symptom, Device.name, Device.serial)
        like = anywhere(chosen.text)
        statement = statement.where(sa.or_(*(column.ilike(like, escape="\\") for column in columns)))
    return statement


def get_visible_repair(repair_id: int, actor: Actor) -> Repair:
    """The repair with what its page shows, or NotFoundError."""
    found = db.session.scalar(
        sa.select(Repair)
        .where(Repair.id == repair_id, visible_clause(actor))
        .options(
            joinedload(Repair.device).joinedload(Device.site),
            joinedload(Repair.client),
            joinedload(Repair.ticket),
            joinedload(Repair.contract),
            joinedload(Repair.assignee),
        )
    )
    if found is None:
        raise NotFoundError
    return found


def events_of(repair: Repair) -> Sequence[RepairEvent]:
    """Its history, newest first."""
    return db.session.scalars(
        sa.select(RepairEvent).where(RepairEvent.repair_id == repair.id).order_by(RepairEvent.id.desc())
    ).all()


def work_of(repair: Repair) -> Sequence[RepairWork]:
    """Time spent, newest first."""
    statement = sa.select(RepairWork).where(RepairWork.repair_id == repair.id)
    return db.session.scalars(
        statement.options(joinedload(RepairWork.user)).order_by(RepairWork.day.desc(), RepairWork.id.desc())
    ).all()


def of_device(device: Device, actor: Actor, limit: int = 10) -> Sequence[Any]:
    """The device's repairs, newest first."""
    statement = repair_rows(actor, Chosen(ALL)).where(Repair.device_id == device.id)
    return db.session.execute(statement.order_by(Repair.id.desc()).limit(limit)).all()


def of_ticket(ticket: Ticket, actor: Actor) -> Sequence[Any]:
    """The ticket's repairs, in order."""
    statement = repair_rows(actor, Chosen(ALL)).where(Repair.ticket_id == ticket.id)
    return db.session.execute(statement.order_by(Repair.id).limit(50)).all()


def spent_on(device: Device) -> tuple[Decimal, Decimal]:
    """What was spent on a device so far: in its repairs, and in tickets about it. No line is in both."""
    repairs = (
        sa.select(_sum(RepairCost.amount))
        .join(Repair, Repair.id == RepairCost.repair_id)
        .where(Repair.device_id == device.id)
    )
    tickets = (
        sa.select(_sum(sa.func.round(TicketCost.quantity * TicketCost.unit_price, 2)))
        .join(Ticket, Ticket.id == TicketCost.ticket_id)
        .where(Ticket.device_id == device.id)
    )
    row = db.session.execute(sa.select(repairs.scalar_subquery(), tickets.scalar_subquery())).one()
    return cents(row[0]), cents(row[1])


def cents(value: Any) -> Decimal:
    """A sum as databases give it, to the cent: SQLite adds floats."""
    return Decimal(str(value)).quantize(Decimal("0.01"))


def usable_parts(repair: Repair, actor: Actor) -> Sequence[Any]:
    """Kinds of parts in use at the repair's client; those that fit the device's model first."""
    fits = Part.fits.any(id=repair.device.model_id or 0)
    return db.session.execute(
        sa.select(Part.id, Part.name, Part.part_number, Part.serialised, fits.label("fits"))
        .where(part_clause(actor, Permission.STOCK_VIEW), Part.client_id == repair.client_id, Part.active)
        .order_by(fits.desc(), Part.name, Part.id)
        .limit(500)
    ).all()


def usable_items(repair: Repair, part: Part, actor: Actor) -> Sequence[Any]:
    """Pieces of the part that lie in stock where the actor books: id, serial, place."""
    scope = actor.scope(Permission.STOCK_MOVE)
    return db.session.execute(
        sa.select(StockItem.id, StockItem.serial, StockPlace.name.label("place_name"))
        .join(StockPlace, StockPlace.id == StockItem.place_id)
        .where(
            StockItem.part_id == part.id,
            StockItem.client_id == repair.client_id,
            StockItem.state == "in_stock",
            scope.clause(StockItem.client_id, StockItem.site_id),
        )
        .order_by(StockItem.serial)
        .limit(500)
    ).all()


def limits(actor: Actor) -> Sequence[Any]:
    """Clients whose limit the actor sets, with the limit: id, name, amount."""
    return db.session.execute(
        sa.select(Organisation.id, Organisation.name, RepairLimit.amount)
        .outerjoin(RepairLimit, RepairLimit.client_id == Organisation.id)
        .where(Organisation.kind == "client", actor.scope(Permission.APPROVAL_MANAGE).clause(Organisation.id))
        .order_by(Organisation.name)
    ).all()
