"""What people without an account sent by scanning a label."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model
from servicedesk.tickets.models import Ticket


class PublicReport(Identified, Model):
    """One scan that was sent. ``kind``: report, me_too, or refused (a badge nobody has).

    ``token`` opens the page that says how it stands. ``source`` is a keyed hash of where it came from:
    enough to count, of no use to anybody else.
    """

    __tablename__ = "public_reports"
    __table_args__ = (
        sa.Index("ix_public_reports_source_at", "source", "at"),
        sa.Index("ix_public_reports_device_id_at", "device_id", "at"),
        sa.Index("ix_public_reports_client_id_at", "client_id", "at"),
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    device_id: Mapped[int] = mapped_column(sa.ForeignKey("devices.id", ondelete="CASCADE"))
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tickets.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(8))
    token: Mapped[str] = mapped_column(sa.String(32), unique=True)
    source: Mapped[str] = mapped_column(sa.String(32))
    name: Mapped[str] = mapped_column(sa.String(100), default="")
    at: Mapped[datetime] = mapped_column()
    ticket: Mapped[Ticket | None] = relationship()
