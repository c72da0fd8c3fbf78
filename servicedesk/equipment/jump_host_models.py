"""Jump hosts: what lies between us and devices that are not reached directly."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.equipment.models import Credential
from servicedesk.organisations.models import Organisation


class JumpHost(Identified, Timestamped, Model):
    """A host that connects us onward over SSH; ``via`` is the one before it, if it lies behind another.

    ``public_key`` is the approved host key, ``shown_key`` another one it showed, which waits for a person.
    ``max_visits``: devices visited through it at once.
    """

    __tablename__ = "jump_hosts"
    __table_args__ = (sa.UniqueConstraint("client_id", "name"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    name: Mapped[str] = mapped_column(sa.String(100))
    address: Mapped[str] = mapped_column(sa.String(255))
    port: Mapped[int] = mapped_column(default=22)
    credential_id: Mapped[int] = mapped_column(sa.ForeignKey("credentials.id"), index=True)
    legacy_crypto: Mapped[bool] = mapped_column(default=False)
    via_id: Mapped[int | None] = mapped_column(sa.ForeignKey("jump_hosts.id"), index=True)
    max_visits: Mapped[int] = mapped_column(default=8)
    public_key: Mapped[str] = mapped_column(sa.Text, default="")
    shown_key: Mapped[str] = mapped_column(sa.Text, default="")
    shown_fingerprint: Mapped[str] = mapped_column(sa.String(100), default="")
    shown_at: Mapped[datetime | None] = mapped_column()
    key_decided_by: Mapped[str] = mapped_column(sa.String(200), default="")
    key_decided_at: Mapped[datetime | None] = mapped_column()
    client: Mapped[Organisation] = relationship()
    credential: Mapped[Credential] = relationship()
    via: Mapped[JumpHost | None] = relationship(remote_side="JumpHost.id")
