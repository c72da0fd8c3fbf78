"""Prefixes and addresses. Keys: see ``keys``."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.equipment.models import Device
from servicedesk.equipment.network_models import Interface
from servicedesk.organisations.models import Organisation, Site


class Prefix(Identified, Timestamped, Model):
    """A network of a client. ``depth``: how many others of its VRF it lies in; ``used``: its addresses."""

    __tablename__ = "ip_prefixes"
    __table_args__ = (
        sa.UniqueConstraint("client_id", "vrf", "first", "length"),
        sa.Index("ix_ip_prefixes_first_length", "first", "length"),
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    vrf: Mapped[str] = mapped_column(sa.String(64), default="")
    first: Mapped[str] = mapped_column(sa.String(33))
    last: Mapped[str] = mapped_column(sa.String(33))
    length: Mapped[int] = mapped_column()
    prefix: Mapped[str] = mapped_column(sa.String(43))
    depth: Mapped[int] = mapped_column(default=0)
    used: Mapped[int] = mapped_column(default=0)
    role: Mapped[str] = mapped_column(sa.String(16), default="")
    vlan_id: Mapped[int | None] = mapped_column()
    vlan_name: Mapped[str] = mapped_column(sa.String(64), default="")
    gateway: Mapped[str] = mapped_column(sa.String(39), default="")
    description: Mapped[str] = mapped_column(sa.String(300), default="")
    client: Mapped[Organisation] = relationship()
    site: Mapped[Site | None] = relationship()


class Address(Identified, Timestamped, Model):
    """An address of a client; one of its VRF at most."""

    __tablename__ = "ip_addresses"
    __table_args__ = (
        sa.UniqueConstraint("client_id", "vrf", "key"),
        sa.Index("ix_ip_addresses_key", "key"),
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    vrf: Mapped[str] = mapped_column(sa.String(64), default="")
    key: Mapped[str] = mapped_column(sa.String(33))
    address: Mapped[str] = mapped_column(sa.String(39))
    state: Mapped[str] = mapped_column(sa.String(12), default="active")
    dns_name: Mapped[str] = mapped_column(sa.String(253), default="")
    description: Mapped[str] = mapped_column(sa.String(300), default="")
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("devices.id"), index=True)
    interface_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("device_interfaces.id", ondelete="SET NULL"), index=True
    )
    client: Mapped[Organisation] = relationship()
    device: Mapped[Device | None] = relationship()
    interface: Mapped[Interface | None] = relationship()
