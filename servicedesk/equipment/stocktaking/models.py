"""A stock-taking, and a line for each device that it expects or found."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model
from servicedesk.equipment.models import Device, Room
from servicedesk.organisations.models import Site


class StockTaking(Identified, Model):
    """Of a site, or of one room of it. Ended ones are never changed."""

    __tablename__ = "stock_takings"
    __table_args__ = (sa.Index("ix_stock_takings_site_id_id", "site_id", "id"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms.id"), index=True)
    begun_at: Mapped[datetime] = mapped_column()
    begun_by: Mapped[str] = mapped_column(sa.String(200))
    ended_at: Mapped[datetime | None] = mapped_column()
    ended_by: Mapped[str] = mapped_column(sa.String(200), default="")
    note: Mapped[str] = mapped_column(sa.Text, default="")
    site: Mapped[Site] = relationship()
    room: Mapped[Room | None] = relationship()


class StockTakingLine(Identified, Model):
    """``expected``: the record had the device here when the stock-taking began.

    ``recorded_at``: the place in the record at that moment, in words. ``found_at`` None: not seen.
    """

    __tablename__ = "stock_taking_lines"
    __table_args__ = (sa.UniqueConstraint("taking_id", "device_id"),)

    taking_id: Mapped[int] = mapped_column(sa.ForeignKey("stock_takings.id", ondelete="CASCADE"))
    device_id: Mapped[int] = mapped_column(sa.ForeignKey("devices.id"), index=True)
    expected: Mapped[bool] = mapped_column()
    recorded_at: Mapped[str] = mapped_column(sa.String(300), default="")
    found_at: Mapped[datetime | None] = mapped_column()
    found_by: Mapped[str] = mapped_column(sa.String(200), default="")
    taking: Mapped[StockTaking] = relationship()
    device: Mapped[Device] = relationship()
