"""Calendars and policies that people set, and the clocks of tickets with all they ever did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped

RESPONSE, RESTORE = "response", "restore"
RUNNING, PAUSED, MET, ENDED = "running", "paused", "met", "ended"
ACTIVE = (RUNNING, PAUSED)


class SlaCalendar(Identified, Timestamped, Model):
    """A client's working time; ``version`` is raised by every change."""

    __tablename__ = "sla_calendars"
    __table_args__ = (sa.UniqueConstraint("client_id", "name"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    name: Mapped[str] = mapped_column(sa.String(100))
    timezone: Mapped[str] = mapped_column(sa.String(64))
    always: Mapped[bool] = mapped_column(default=False)  # 24 hours on 7 days
    hours: Mapped[list[Any]] = mapped_column(default=list)  # seven days from Monday on
    days: Mapped[dict[str, Any]] = mapped_column(default=dict)  # date: hours, none on a holiday
    version: Mapped[int] = mapped_column(default=1)


class SlaPolicy(Identified, Timestamped, Model):
    """What a client was promised. What is not named (site, contract, category, priority) means all of them.

    ``marks``: percent of the time at which somebody is told; 100 is always one of them.
    """

    __tablename__ = "sla_policies"

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    contract_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contracts.id"))
    category: Mapped[str | None] = mapped_column(sa.String(16))
    priority: Mapped[int | None] = mapped_column()
    calendar_id: Mapped[int] = mapped_column(sa.ForeignKey("sla_calendars.id"))
    response_minutes: Mapped[int] = mapped_column()
    restore_minutes: Mapped[int | None] = mapped_column()  # None: no such promise
    marks: Mapped[list[Any] | None] = mapped_column()  # None: the product's
    calendar: Mapped[SlaCalendar] = relationship()


class SlaSnapshot(Identified, Model):
    """A calendar as it was when clocks began by it; written once, shared by all of them."""

    __tablename__ = "sla_snapshots"

    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    calendar: Mapped[dict[str, Any]] = mapped_column()


class SlaClock(Identified, Model):
    """One promise about one ticket, measured by the calendar of the day it began."""

    __tablename__ = "sla_clocks"
    __table_args__ = (
        sa.UniqueConstraint("ticket_id", "kind"),
        sa.Index("ix_sla_clocks_state_due_at", "state", "due_at"),
        # Without it SQLite looks through all running clocks for each row of a list.
        sa.Index("ix_sla_clocks_ticket_id_state_due_at", "ticket_id", "state", "due_at"),
        sa.Index("ix_sla_clocks_state_check_at", "state", "check_at"),
    )

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id"))
    kind: Mapped[str] = mapped_column(sa.String(12))  # response, restore
    calendar_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sla_calendars.id"))  # None: the default
    calendar_version: Mapped[int] = mapped_column(default=0)
    snapshot_id: Mapped[int] = mapped_column(sa.ForeignKey("sla_snapshots.id"))
    target_seconds: Mapped[int] = mapped_column()  # as first promised; intervals say when it changed
    state: Mapped[str] = mapped_column(sa.String(12))  # running, paused, met, ended (without being met)
    elapsed_seconds: Mapped[int] = mapped_column(default=0)  # at the last event
    level: Mapped[int] = mapped_column(default=0)  # the highest mark said in the timeline, percent
    due_at: Mapped[datetime | None] = mapped_column()
    check_at: Mapped[datetime | None] = mapped_column()  # when the next mark is reached
    met_at: Mapped[datetime | None] = mapped_column()
    breached_at: Mapped[datetime | None] = mapped_column()
    marks: Mapped[list[Any] | None] = mapped_column()  # None: the product's
    snapshot: Mapped[SlaSnapshot] = relationship()
    intervals: Mapped[list[SlaInterval]] = relationship(order_by="SlaInterval.id")


class SlaInterval(Identified, Model):
    """A stretch a clock ran or stood still. Only ``to_at`` is ever filled in, once.

    ``correction_id``: what was stated afterwards; it outranks what was noted at the time.
    ``target_seconds`` and ``snapshot_id`` say that the promise changed with this stretch.
    """

    __tablename__ = "sla_intervals"

    clock_id: Mapped[int] = mapped_column(sa.ForeignKey("sla_clocks.id"), index=True)
    from_at: Mapped[datetime] = mapped_column()
    to_at: Mapped[datetime | None] = mapped_column()
    running: Mapped[bool] = mapped_column()
    reason: Mapped[str] = mapped_column(sa.String(32))
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    target_seconds: Mapped[int | None] = mapped_column()
    snapshot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sla_snapshots.id"))
    correction_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sla_corrections.id"))
    snapshot: Mapped[SlaSnapshot | None] = relationship()
    correction: Mapped[SlaCorrection | None] = relationship()


class SlaCorrection(Identified, Model):
    """Why a stretch of a clock was stated anew, by whom and on what evidence; never changed."""

    __tablename__ = "sla_corrections"

    clock_id: Mapped[int] = mapped_column(sa.ForeignKey("sla_clocks.id"), index=True)
    at: Mapped[datetime] = mapped_column()
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    reason: Mapped[str] = mapped_column(sa.String(500))
    evidence: Mapped[str] = mapped_column(sa.Text, default="")
