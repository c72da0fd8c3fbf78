"""Returns to suppliers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.equipment.models import Device
from servicedesk.equipment.stock.models import StockItem
from servicedesk.equipment.support_models import SupportContract
from servicedesk.organisations.models import Organisation, Site
from servicedesk.repairs.models import Repair
from servicedesk.staff.models import User


class SupplierReturn(Identified, Timestamped, Model):
    """A piece of stock or a whole device on its way to a supplier and back; one of the two is set.

    ``outcome`` empty: not back yet. ``reminded_for``: the expected day that was told to be over.
    ``serial``: of what was sent; ``new_serial``: of what came instead.
    """

    __tablename__ = "supplier_returns"
    __table_args__ = (
        sa.CheckConstraint("(item_id IS NULL) <> (device_id IS NULL)", name="subject"),
        sa.Index("ix_supplier_returns_client_id_outcome_id", "client_id", "outcome", "id"),
        sa.Index("ix_supplier_returns_outcome_expected_on", "outcome", "expected_on"),
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    number: Mapped[str] = mapped_column(sa.String(24), unique=True)
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stock_items.id"), index=True)
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("devices.id"), index=True)
    repair_id: Mapped[int | None] = mapped_column(sa.ForeignKey("repairs.id"), index=True)
    serial: Mapped[str] = mapped_column(sa.String(100), default="")
    supplier: Mapped[str] = mapped_column(sa.String(200))
    rma_number: Mapped[str] = mapped_column(sa.String(100), default="")
    contract_id: Mapped[int | None] = mapped_column(sa.ForeignKey("support_contracts.id"), index=True)
    warranty: Mapped[bool] = mapped_column(default=False)
    carrier: Mapped[str] = mapped_column(sa.String(100), default="")
    tracking: Mapped[str] = mapped_column(sa.String(100), default="")
    reason: Mapped[str] = mapped_column(sa.Text)
    sent_on: Mapped[date] = mapped_column()
    expected_on: Mapped[date] = mapped_column()
    received_on: Mapped[date | None] = mapped_column()
    outcome: Mapped[str] = mapped_column(sa.String(12), default="")
    new_serial: Mapped[str] = mapped_column(sa.String(100), default="")
    credit: Mapped[Decimal] = mapped_column(sa.Numeric(12, 2), default=Decimal(0))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    sent_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    sent_by: Mapped[str] = mapped_column(sa.String(200))
    received_by: Mapped[str] = mapped_column(sa.String(200), default="")
    reminded_for: Mapped[date | None] = mapped_column()

    client: Mapped[Organisation] = relationship()
    site: Mapped[Site] = relationship()
    item: Mapped[StockItem | None] = relationship()
    device: Mapped[Device | None] = relationship()
    repair: Mapped[Repair | None] = relationship()
    contract: Mapped[SupportContract | None] = relationship()
    sender: Mapped[User | None] = relationship()
