"""Repair orders, their history, time, lines of cost, and the sum a client lets be spent unasked."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.equipment.models import Device
from servicedesk.equipment.stock.models import StockMovement
from servicedesk.equipment.support_models import SupportContract
from servicedesk.organisations.models import Organisation, Site
from servicedesk.staff.models import User
from servicedesk.tickets.models import Ticket


class Repair(Identified, Timestamped, Model):
    """One repair of one device. ``state`` moves by ``states.STEPS`` only.

    ``down_from`` to ``down_until``: how long the device did not serve. ``site_id``: the device's, when the
    repair was opened.
    """

    __tablename__ = "repairs"
    __table_args__ = (
        sa.Index("ix_repairs_client_id_state_id", "client_id", "state", "id"),
        sa.Index("ix_repairs_device_id_id", "device_id", "id"),
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    device_id: Mapped[int] = mapped_column(sa.ForeignKey("devices.id"))
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tickets.id"), index=True)
    number: Mapped[str] = mapped_column(sa.String(24), unique=True)
    state: Mapped[str] = mapped_column(sa.String(16))
    symptom: Mapped[str] = mapped_column(sa.Text)
    diagnosis: Mapped[str] = mapped_column(sa.Text, default="")
    work_done: Mapped[str] = mapped_column(sa.Text, default="")
    supplier: Mapped[str] = mapped_column(sa.String(200), default="")
    contract_id: Mapped[int | None] = mapped_column(sa.ForeignKey("support_contracts.id"), index=True)
    assignee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    down_from: Mapped[datetime | None] = mapped_column()
    down_until: Mapped[datetime | None] = mapped_column()
    closed_at: Mapped[datetime | None] = mapped_column()

    client: Mapped[Organisation] = relationship()
    site: Mapped[Site] = relationship()
    device: Mapped[Device] = relationship()
    ticket: Mapped[Ticket | None] = relationship()
    contract: Mapped[SupportContract | None] = relationship()
    assignee: Mapped[User | None] = relationship()


class RepairEvent(Identified, Model):
    """What was done with a repair, by whom. ``what`` is a step of ``states.STEPS``, or of ``HISTORY``."""

    __tablename__ = "repair_events"

    repair_id: Mapped[int] = mapped_column(sa.ForeignKey("repairs.id"), index=True)
    what: Mapped[str] = mapped_column(sa.String(16))
    state: Mapped[str] = mapped_column(sa.String(16))  # afterwards
    at: Mapped[datetime] = mapped_column()
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    note: Mapped[str] = mapped_column(sa.Text, default="")


class RepairWork(Identified, Model):
    """Time somebody spent on a repair."""

    __tablename__ = "repair_work"

    repair_id: Mapped[int] = mapped_column(sa.ForeignKey("repairs.id"), index=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    day: Mapped[date] = mapped_column()
    minutes: Mapped[int] = mapped_column()
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    user: Mapped[User] = relationship()


class RepairCost(Identified, Model):
    """A line of cost. A part of stock names the movement that took it (``movement_id``) and its serials."""

    __tablename__ = "repair_costs"

    repair_id: Mapped[int] = mapped_column(sa.ForeignKey("repairs.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(12))
    description: Mapped[str] = mapped_column(sa.String(200))
    quantity: Mapped[Decimal] = mapped_column(sa.Numeric(10, 2))
    unit_price: Mapped[Decimal] = mapped_column(sa.Numeric(12, 2))
    amount: Mapped[Decimal] = mapped_column(sa.Numeric(16, 2))  # both multiplied, to the cent
    serial_old: Mapped[str] = mapped_column(sa.String(100), default="")
    serial_new: Mapped[str] = mapped_column(sa.String(100), default="")
    movement_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stock_movements.id"), unique=True)
    approval_id: Mapped[int | None] = mapped_column(sa.ForeignKey("approval_chains.id"))  # newest
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    created_at: Mapped[datetime] = mapped_column()
    movement: Mapped[StockMovement | None] = relationship()


class RepairLimit(Model):
    """Up to which sum a repair of a client needs no approval; without a row every sum needs one."""

    __tablename__ = "repair_limits"

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), primary_key=True)
    amount: Mapped[Decimal] = mapped_column(sa.Numeric(12, 2))
    updated_at: Mapped[datetime] = mapped_column()
