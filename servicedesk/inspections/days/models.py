"""Explanations of days on which a due inspection was missed or stayed incomplete."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model
from servicedesk.organisations.models import Site

ASKED, WRITTEN, ACCEPTED, REFUSED = "asked", "written", "accepted", "refused"


class DayExplanation(Identified, Model):
    """Of one site and day: asked for, written by an engineer, accepted or refused by a supervisor.

    One that was refused is written anew; the audit trail keeps what was written before.
    """

    __tablename__ = "inspection_explanations"
    __table_args__ = (sa.UniqueConstraint("site_id", "day"), sa.Index(None, "client_id", "day"))

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    day: Mapped[date] = mapped_column()
    kind: Mapped[str] = mapped_column(sa.String(12))  # missed, incomplete: as the day stood when asked
    state: Mapped[str] = mapped_column(sa.String(8), default=ASKED)
    asked_at: Mapped[datetime] = mapped_column()
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    written_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    written_by: Mapped[str] = mapped_column(sa.String(200), default="")
    written_at: Mapped[datetime | None] = mapped_column()
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    decided_by: Mapped[str] = mapped_column(sa.String(200), default="")
    decided_at: Mapped[datetime | None] = mapped_column()
    note: Mapped[str] = mapped_column(sa.Text, default="")
    site: Mapped[Site] = relationship()
