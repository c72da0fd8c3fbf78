"""Ranges that may be swept, sweeps in pieces, and the hosts they found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model
from servicedesk.equipment.models import Credential, Device
from servicedesk.organisations.models import Organisation, Site


class DiscoveryRange(Identified, Model):
    """A range of a site that an administrator allowed; nothing outside of one is ever asked.

    ``special``: loopback, multicast, link-local and reserved addresses too.
    """

    __tablename__ = "discovery_ranges"
    __table_args__ = (sa.UniqueConstraint("site_id", "prefix"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    prefix: Mapped[str] = mapped_column(sa.String(43))
    special: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    allowed_by: Mapped[str] = mapped_column(sa.String(200))
    created_at: Mapped[datetime] = mapped_column()
    client: Mapped[Organisation] = relationship()
    site: Mapped[Site] = relationship()


class DiscoveryKeeping(Model):
    """For how many days the hosts that sweeps of a client found are kept."""

    __tablename__ = "discovery_keepings"

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), primary_key=True)
    days: Mapped[int] = mapped_column()
    changed_by: Mapped[str] = mapped_column(sa.String(200))
    changed_at: Mapped[datetime] = mapped_column()


class Sweep(Identified, Model):
    """One sweep of a range. ``state``: queued, running, done, stopped, refused.

    ``cleared_at``: when its hosts were removed; ``figures`` then say how many of each verdict there were.
    """

    __tablename__ = "discovery_sweeps"
    __table_args__ = (
        sa.Index("ix_discovery_sweeps_client_id_id", "client_id", "id"),
        sa.Index("ix_discovery_sweeps_state", "state"),
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    prefix: Mapped[str] = mapped_column(sa.String(43))
    methods: Mapped[list[Any]] = mapped_column()
    tcp_ports: Mapped[list[Any]] = mapped_column()
    ssh_port: Mapped[int] = mapped_column(default=22)
    snmp_port: Mapped[int] = mapped_column(default=161)
    credential_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("credentials.id", ondelete="SET NULL"), index=True
    )
    packets_per_s: Mapped[int] = mapped_column(default=50)
    state: Mapped[str] = mapped_column(sa.String(12), default="queued")
    error: Mapped[str] = mapped_column(sa.String(300), default="")
    total: Mapped[int] = mapped_column(default=0)  # addresses
    asked: Mapped[int] = mapped_column(default=0)
    found: Mapped[int] = mapped_column(default=0)
    started_by: Mapped[str] = mapped_column(sa.String(200))
    created_at: Mapped[datetime] = mapped_column()
    enqueued_at: Mapped[datetime | None] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()
    cleared_at: Mapped[datetime | None] = mapped_column()
    figures: Mapped[dict[str, Any] | None] = mapped_column()
    site: Mapped[Site] = relationship()
    credential: Mapped[Credential | None] = relationship()


class SweepChunk(Identified, Model):
    """A piece of a sweep, the unit that is asked and recorded at once. ``state``: queued, running, done."""

    __tablename__ = "discovery_chunks"
    __table_args__ = (sa.UniqueConstraint("sweep_id", "number"),)

    sweep_id: Mapped[int] = mapped_column(sa.ForeignKey("discovery_sweeps.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column(sa.String(8), default="queued")
    attempt: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column()


class FoundHost(Identified, Model):
    """Who answered at an address; ``verdict``: new, known, changed, or silent (recorded, no answer).

    ``differences``: rows of field, recorded, found. ``neighbours``: rows of port, name, remote port.
    """

    __tablename__ = "discovery_hosts"
    __table_args__ = (
        sa.UniqueConstraint("sweep_id", "key"),
        sa.Index("ix_discovery_hosts_sweep_id_verdict_key", "sweep_id", "verdict", "key"),
    )

    sweep_id: Mapped[int] = mapped_column(sa.ForeignKey("discovery_sweeps.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(sa.String(33))
    address: Mapped[str] = mapped_column(sa.String(39))
    verdict: Mapped[str] = mapped_column(sa.String(8))
    answered: Mapped[list[Any]] = mapped_column()
    banner: Mapped[str] = mapped_column(sa.String(200), default="")
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    platform: Mapped[str] = mapped_column(sa.String(64), default="")
    vendor: Mapped[str] = mapped_column(sa.String(100), default="")
    model: Mapped[str] = mapped_column(sa.String(200), default="")
    serial: Mapped[str] = mapped_column(sa.String(100), default="")
    version: Mapped[str] = mapped_column(sa.String(200), default="")
    description: Mapped[str] = mapped_column(sa.String(300), default="")
    interfaces: Mapped[int] = mapped_column(default=0)
    neighbours: Mapped[list[Any]] = mapped_column()
    differences: Mapped[list[Any]] = mapped_column()
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("devices.id", ondelete="CASCADE"), index=True)
    imported: Mapped[bool] = mapped_column(default=False)
    device: Mapped[Device | None] = relationship()
