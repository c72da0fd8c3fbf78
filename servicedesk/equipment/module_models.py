"""Pieces of hardware inside devices."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model
from servicedesk.equipment.models import Device


class DeviceModule(Identified, Model):
    """A piece that can be pulled out of a device. ``by_inspection``: recorded as an inspection found it."""

    __tablename__ = "device_modules"
    __table_args__ = (
        sa.UniqueConstraint("device_id", "slot"),
        sa.Index("ix_device_modules_device_id_id", "device_id", "id"),
        sa.Index("ix_device_modules_serial_id", "serial", "id"),
        sa.Index("ix_device_modules_part_number", "part_number"),
        sa.Index("ix_device_modules_kind_serial_id", "kind", "serial", "id"),
    )

    device_id: Mapped[int] = mapped_column(sa.ForeignKey("devices.id", ondelete="CASCADE"))
    slot: Mapped[str] = mapped_column(sa.String(100))
    kind: Mapped[str] = mapped_column(sa.String(16), default="module")
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    part_number: Mapped[str] = mapped_column(sa.String(200), default="")
    serial: Mapped[str] = mapped_column(sa.String(100), default="")
    revision: Mapped[str] = mapped_column(sa.String(64), default="")
    by_inspection: Mapped[bool] = mapped_column(default=False)
    recorded_by: Mapped[str] = mapped_column(sa.String(200))
    recorded_at: Mapped[datetime] = mapped_column()
    device: Mapped[Device] = relationship()
