"""Interfaces of devices and the links between them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.equipment.models import Device


class Interface(Identified, Model):
    """A port of a device: network, power or storage."""

    __tablename__ = "device_interfaces"
    __table_args__ = (
        sa.UniqueConstraint("device_id", "name"),
        sa.Index("ix_device_interfaces_device_id_id", "device_id", "id"),
    )

    device_id: Mapped[int] = mapped_column(sa.ForeignKey("devices.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(100))
    kind: Mapped[str] = mapped_column(sa.String(16), default="copper")
    speed_mbps: Mapped[int | None] = mapped_column()
    mac: Mapped[str] = mapped_column(sa.String(17), default="")
    description: Mapped[str] = mapped_column(sa.String(200), default="")
    device: Mapped[Device] = relationship()


class Link(Identified, Timestamped, Model):
    """A cable between two interfaces of one client; an interface has at most one."""

    __tablename__ = "device_links"
    __table_args__ = (sa.UniqueConstraint("a_id"), sa.UniqueConstraint("b_id"))

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    a_id: Mapped[int] = mapped_column(sa.ForeignKey("device_interfaces.id"))
    b_id: Mapped[int] = mapped_column(sa.ForeignKey("device_interfaces.id"))
    label: Mapped[str] = mapped_column(sa.String(64), default="")
    cable: Mapped[str] = mapped_column(sa.String(64), default="")
