"""Zones, which sites they serve, and the workers heard of there."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.organisations.models import Site


class ZoneSite(Model):
    """A site whose devices a zone's workers visit; a site without a row is visited by the server itself."""

    __tablename__ = "zone_sites"

    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), primary_key=True, autoincrement=False)
    zone_id: Mapped[int] = mapped_column(sa.ForeignKey("zones.id"), index=True)


class Zone(Identified, Timestamped, Model):
    """A network with collectors of its own. The name is part of names in Redis and stays as it is.

    ``secret``: the zone's key and the one before, encrypted. ``refused_count``: answers nobody could open.
    """

    __tablename__ = "zones"

    name: Mapped[str] = mapped_column(sa.String(31), unique=True)
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    active: Mapped[bool] = mapped_column(default=True)
    secret: Mapped[str] = mapped_column(sa.Text)
    key_changed_at: Mapped[datetime] = mapped_column()
    refused_count: Mapped[int] = mapped_column(default=0)
    refused_at: Mapped[datetime | None] = mapped_column()
    sites: Mapped[list[Site]] = relationship(secondary="zone_sites", order_by="Site.name")
    tokens: Mapped[list[ZoneToken]] = relationship(cascade="all, delete-orphan")
    workers: Mapped[list[ZoneWorker]] = relationship(order_by="ZoneWorker.name")


class ZoneWorker(Identified, Model):
    """A worker of a zone as its last sign of life described it.

    ``beat_at``: its own clock's time, which only tells whether a sign is newer; ``seen_at``: ours.
    ``state``: working, full (no room for answers), failing, stopped, revoked. ``redis_secret``: the
    password of its own login at Redis, encrypted; empty for a worker that was set up by hand.
    """

    __tablename__ = "zone_workers"
    __table_args__ = (sa.UniqueConstraint("zone_id", "name"),)

    zone_id: Mapped[int] = mapped_column(sa.ForeignKey("zones.id"))
    name: Mapped[str] = mapped_column(sa.String(100))
    version: Mapped[str] = mapped_column(sa.String(40), default="")
    state: Mapped[str] = mapped_column(sa.String(10), default="stopped")
    buffered: Mapped[int] = mapped_column(default=0)
    buffered_bytes: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    limit_bytes: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    first_seen_at: Mapped[datetime | None] = mapped_column()
    beat_at: Mapped[datetime | None] = mapped_column()
    seen_at: Mapped[datetime | None] = mapped_column()
    redis_secret: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    enrolled_at: Mapped[datetime | None] = mapped_column()
    revoked_at: Mapped[datetime | None] = mapped_column()


class ZoneToken(Identified, Model):
    """The right to enrol one worker, once, within its time. The token itself is kept nowhere."""

    __tablename__ = "zone_tokens"

    zone_id: Mapped[int] = mapped_column(sa.ForeignKey("zones.id"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_by: Mapped[str] = mapped_column(sa.String(200))
    created_at: Mapped[datetime] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column()
    used_at: Mapped[datetime | None] = mapped_column()
    used_by: Mapped[str] = mapped_column(sa.String(100), default="")
