"""Tickets, their timeline and attachments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import Organisation, Site
from servicedesk.staff.models import User


class Ticket(Identified, Timestamped, Model):
    """One event of a category. ``state`` moves only through ``tickets.service.transition``."""

    __tablename__ = "tickets"
    __table_args__ = (
        sa.Index("ix_tickets_client_id_phase_updated_at_id", "client_id", "phase", "updated_at", "id"),
        sa.Index("ix_tickets_phase_updated_at_id", "phase", "updated_at", "id"),
        sa.Index("ix_tickets_client_id_updated_at_id", "client_id", "updated_at", "id"),
        sa.Index("ix_tickets_site_id_updated_at_id", "site_id", "updated_at", "id"),
        sa.Index("ix_tickets_updated_at_id", "updated_at", "id"),
        sa.Index("ix_tickets_requester_id_updated_at_id", "requester_id", "updated_at", "id"),
        sa.Index("ix_tickets_assignee_id_phase", "assignee_id", "phase"),
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    number: Mapped[str] = mapped_column(sa.String(24), unique=True)
    category: Mapped[str] = mapped_column(sa.String(16), index=True)
    state: Mapped[str] = mapped_column(sa.String(24))
    phase: Mapped[str] = mapped_column(sa.String(12))  # open, waiting, resolved, closed: from the state
    title: Mapped[str] = mapped_column(sa.String(200))
    description: Mapped[str] = mapped_column(sa.Text, default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the category's own fields
    impact: Mapped[int] = mapped_column(default=2)  # 1 high … 3 low
    urgency: Mapped[int] = mapped_column(default=2)
    priority: Mapped[int] = mapped_column(default=3)  # 1 critical … 5 planning
    source: Mapped[str] = mapped_column(sa.String(16), default="web")  # web, inspection
    requester_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    assignee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("devices.id"), index=True)
    resolution: Mapped[str] = mapped_column(sa.Text, default="")
    resolved_at: Mapped[datetime | None] = mapped_column()
    closed_at: Mapped[datetime | None] = mapped_column()
    rating: Mapped[int | None] = mapped_column()  # 1 … 5 stars
    rating_comment: Mapped[str] = mapped_column(sa.Text, default="")
    # Raised by every change; a form that was opened at an older one is told so.
    version: Mapped[int] = mapped_column(default=1)

    client: Mapped[Organisation] = relationship()
    site: Mapped[Site | None] = relationship()
    device: Mapped[Device | None] = relationship()
    requester: Mapped[User | None] = relationship(foreign_keys=[requester_id])
    assignee: Mapped[User | None] = relationship(foreign_keys=[assignee_id])


class TimelineEntry(Identified, Model):
    """One thing that happened to a ticket. ``internal`` ones are not shown to the requester.

    ``kind``: created, comment, transition, assignment, attachment, finding, sla.
    """

    __tablename__ = "ticket_entries"
    __table_args__ = (sa.Index("ix_ticket_entries_ticket_id_id", "ticket_id", "id"),)

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    internal: Mapped[bool] = mapped_column(default=False)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime] = mapped_column()
    body: Mapped[str] = mapped_column(sa.Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    attachments: Mapped[list[Attachment]] = relationship(order_by="Attachment.id")


class Watcher(Identified, Model):
    """Somebody who wants to know what becomes of a ticket that is not theirs."""

    __tablename__ = "ticket_watchers"
    __table_args__ = (sa.UniqueConstraint("ticket_id", "user_id"),)

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    since: Mapped[datetime] = mapped_column()


class Attachment(Identified, Model):
    """A file of a timeline entry; the bytes lie in the blob store."""

    __tablename__ = "ticket_attachments"

    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket_entries.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(255))
    content_type: Mapped[str] = mapped_column(sa.String(100))
    size_bytes: Mapped[int] = mapped_column()
    sha256: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = mapped_column()
