"""Runs of runbooks: each belongs to a ticket and keeps the text it follows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import Organisation, Site
from servicedesk.staff.models import User
from servicedesk.tickets.models import Ticket


class RunbookVersion(Identified, Model):
    """A runbook's text as it was when somebody began to follow it; never changed afterwards."""

    __tablename__ = "runbook_versions"
    __table_args__ = (sa.UniqueConstraint("key", "sha256"),)

    key: Mapped[str] = mapped_column(sa.String(60))
    number: Mapped[int] = mapped_column()
    sha256: Mapped[str] = mapped_column(sa.String(64))
    source: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column()


class RunbookText(Identified, Timestamped, Model):
    """A client's or site's own text of a runbook, instead of the product's or beside them.

    ``state``: draft, review, published, retired. Of a key and place one text at most is published and one at
    most is being written (draft or review). ``site_id`` None: for all sites of the client.
    """

    __tablename__ = "runbook_texts"
    __table_args__ = (sa.Index("ix_runbook_texts_client_id_key_state", "client_id", "key", "state"),)

    key: Mapped[str] = mapped_column(sa.String(60))
    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    number: Mapped[int] = mapped_column()  # counts the texts of a key and place, from 1
    state: Mapped[str] = mapped_column(sa.String(12), default="draft")
    source: Mapped[str] = mapped_column(sa.Text)
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    author_name: Mapped[str] = mapped_column(sa.String(200))
    remark: Mapped[str] = mapped_column(sa.Text, default="")  # of the review
    reviewed_by: Mapped[str] = mapped_column(sa.String(200), default="")
    reviewed_at: Mapped[datetime | None] = mapped_column()
    client: Mapped[Organisation] = relationship()
    site: Mapped[Site | None] = relationship()


class RunbookRun(Identified, Model):
    """One following of a runbook, for one ticket.

    ``state``: active, done, stopped (nothing had been done yet), overridden (ended before its end, with a
    reason). ``blocking``: how many mandatory steps keep the ticket from being resolved.
    ``step_since``: when the present step came up, so that time can be told for each step.
    """

    __tablename__ = "runbook_runs"
    __table_args__ = (
        sa.Index("ix_runbook_runs_ticket_id_state", "ticket_id", "state"),
        # A runbook is followed once at a time in a ticket.
        sa.Index(
            "uq_runbook_runs_active",
            "ticket_id",
            "key",
            unique=True,
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        ),
    )

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id"))
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("runbook_versions.id"))
    key: Mapped[str] = mapped_column(sa.String(60), index=True)
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("devices.id"))
    state: Mapped[str] = mapped_column(sa.String(12), default="active")
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    started_by: Mapped[str] = mapped_column(sa.String(200))
    started_at: Mapped[datetime] = mapped_column()
    step_since: Mapped[datetime] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    blocking: Mapped[int] = mapped_column(default=0)
    ticket: Mapped[Ticket] = relationship()
    version: Mapped[RunbookVersion] = relationship()
    device: Mapped[Device | None] = relationship()
    owner: Mapped[User | None] = relationship()
    steps: Mapped[list[RunbookStep]] = relationship(order_by="RunbookStep.id")


class RunbookStep(Identified, Model):
    """What was done at one step of a run.

    ``state``: asked (the device is being visited, or has answered and nobody has gone on), done, skipped.
    ``answer``: the option's key, the value, or empty. ``data``: readings of the device and the like.
    ``accepted_by``: who allowed that a mandatory step was skipped.
    """

    __tablename__ = "runbook_steps"
    __table_args__ = (sa.UniqueConstraint("run_id", "step"),)

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("runbook_runs.id"))
    step: Mapped[str] = mapped_column(sa.String(40))
    state: Mapped[str] = mapped_column(sa.String(8))
    answer: Mapped[str] = mapped_column(sa.String(200), default="")
    note: Mapped[str] = mapped_column(sa.Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(sa.String(200), default="")
    began_at: Mapped[datetime] = mapped_column()
    done_at: Mapped[datetime | None] = mapped_column()
    accepted_by: Mapped[str] = mapped_column(sa.String(200), default="")
    # The visit that was asked for, and the timeline entry that holds photos.
    record_id: Mapped[int | None] = mapped_column(sa.ForeignKey("inspection_records.id"))
    entry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket_entries.id"))


class RunbookSchedule(Identified, Timestamped, Model):
    """A runbook that is followed again and again: at each slot a ticket is made and its run begun.

    ``unit``: week (on ``weekdays``, "1" Monday … "7"), day, month (every ``every`` of them from
    ``starts_on``); ``at``: time of day in the site's zone. ``next_at``: the slot that comes next, None when
    it is switched off. ``assignee_id`` None: the rules decide who gets the ticket.
    """

    __tablename__ = "runbook_schedules"

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("devices.id"), index=True)
    key: Mapped[str] = mapped_column(sa.String(60))
    unit: Mapped[str] = mapped_column(sa.String(8))
    every: Mapped[int] = mapped_column(default=1)
    weekdays: Mapped[str] = mapped_column(sa.String(7), default="")
    at: Mapped[str] = mapped_column(sa.String(5))
    starts_on: Mapped[date] = mapped_column()
    assignee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    problem: Mapped[str] = mapped_column(sa.String(300), default="")  # why the last slot had no run
    site: Mapped[Site] = relationship()
    device: Mapped[Device | None] = relationship()
    assignee: Mapped[User | None] = relationship()
