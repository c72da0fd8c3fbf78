"""Definitions of own checks, and their trials on a device."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import Organisation

PREFIX = "own:"


class OwnCheckDefinition(Identified, Timestamped, Model):
    """One client's own check; see ``collectors.model.OwnCheck`` for the fields alike.

    ``applies_to``: globs on a device's name, model or platform, one a line. ``states``: rows of word and
    outcome. ``web``: of a web address, the fields of ``collectors.model.WebCheck``. ``version`` is raised by
    every change and stands in the readings.
    """

    __tablename__ = "own_checks"
    __table_args__ = (sa.UniqueConstraint("client_id", "title"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    title: Mapped[str] = mapped_column(sa.String(100))
    active: Mapped[bool] = mapped_column(default=True)
    kind: Mapped[str] = mapped_column(sa.String(8))
    question: Mapped[str] = mapped_column(sa.String(200))
    dialects: Mapped[list[Any]] = mapped_column(default=list)
    names_oid: Mapped[str] = mapped_column(sa.String(200), default="")
    pattern: Mapped[str] = mapped_column(sa.String(300), default="")
    unit: Mapped[str] = mapped_column(sa.String(16), default="")
    scale: Mapped[float] = mapped_column(default=1.0)
    states: Mapped[list[Any]] = mapped_column(default=list)
    direction: Mapped[str] = mapped_column(sa.String(5), default="upper")
    warning: Mapped[float | None] = mapped_column()
    critical: Mapped[float | None] = mapped_column()
    web: Mapped[dict[str, Any] | None] = mapped_column()
    applies_to: Mapped[str] = mapped_column(sa.Text, default="*")
    version: Mapped[int] = mapped_column(default=1)
    changed_by: Mapped[str] = mapped_column(sa.String(200), default="")
    client: Mapped[Organisation] = relationship()

    @property
    def check(self) -> str:
        """Its name in records, findings and required lists."""
        return f"{PREFIX}{self.id}"


class OwnCheckTrial(Identified, Model):
    """One try of a definition, kept or not, on a device: carried out by a worker, never by a page.

    ``state``: queued, running, done. ``definition``: as sent to the collector. ``result``: rows of what was
    found, and the beginning of the raw answers.
    """

    __tablename__ = "own_check_trials"

    device_id: Mapped[int] = mapped_column(sa.ForeignKey("devices.id", ondelete="CASCADE"), index=True)
    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    requested_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    definition: Mapped[dict[str, Any]] = mapped_column()
    state: Mapped[str] = mapped_column(sa.String(8), default="queued", index=True)
    created_at: Mapped[datetime] = mapped_column()
    started_at: Mapped[datetime | None] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()
    result: Mapped[dict[str, Any] | None] = mapped_column()
    device: Mapped[Device] = relationship()
