"""Warranties and contracts with vendors, and the devices they cover."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.organisations.models import Organisation


class SupportContract(Identified, Timestamped, Model):
    """What a vendor owes a client until when. From ``warn_days`` before its end it is to be renewed."""

    __tablename__ = "support_contracts"
    __table_args__ = (
        sa.UniqueConstraint("client_id", "number"),
        sa.Index("ix_support_contracts_ends_on_id", "ends_on", "id"),
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    vendor: Mapped[str] = mapped_column(sa.String(200))
    number: Mapped[str] = mapped_column(sa.String(64))
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    contact: Mapped[str] = mapped_column(sa.String(200), default="")
    sla_text: Mapped[str] = mapped_column(sa.Text, default="")
    starts_on: Mapped[date] = mapped_column()
    ends_on: Mapped[date] = mapped_column()
    warn_days: Mapped[int] = mapped_column(default=60)
    warn_from: Mapped[date] = mapped_column()  # ``warn_days`` before the end, so that a query can ask for it
    client: Mapped[Organisation] = relationship()


support_contract_devices = sa.Table(
    "support_contract_devices",
    Model.metadata,
    sa.Column("contract_id", sa.ForeignKey("support_contracts.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("device_id", sa.ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True, index=True),
)
