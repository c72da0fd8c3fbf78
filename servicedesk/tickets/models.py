"""Tickets, their timeline and attachments."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.assignment.models import Team
from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import Organisation, Site
from servicedesk.staff.models import User


class Ticket(Identified, Timestamped, Model):
    """One event of a category. ``state`` moves only through ``tickets.service.transition``."""

    __tablename__ = "tickets"
    __table_args__ = (
        sa.Index("ix_tickets_client_id_phase_updated_at_id", "client_id", "phase", "updated_at", "id"),
        # What the start page counts, without looking at the tickets themselves.
        sa.Index("ix_tickets_work", "client_id", "phase", "assignee_id", "site_id", "updated_at", "id"),
        sa.Index("ix_tickets_phase_updated_at_id", "phase", "updated_at", "id"),
        sa.Index("ix_tickets_client_id_updated_at_id", "client_id", "updated_at", "id"),
        sa.Index("ix_tickets_site_id_updated_at_id", "site_id", "updated_at", "id"),
        sa.Index("ix_tickets_updated_at_id", "updated_at", "id"),
        sa.Index("ix_tickets_requester_id_updated_at_id", "requester_id", "updated_at", "id"),
        sa.Index("ix_tickets_assignee_id_phase", "assignee_id", "phase"),
        sa.Index("ix_tickets_team_id_updated_at_id", "team_id", "updated_at", "id"),
        sa.Index("ix_tickets_category_window_start", "category", "window_start"),
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
    subtype: Mapped[str | None] = mapped_column(sa.String(24))  # of a change: standard, normal, emergency
    impact: Mapped[int] = mapped_column(default=2)  # 1 high … 3 low
    urgency: Mapped[int] = mapped_column(default=2)
    priority: Mapped[int] = mapped_column(default=3)  # 1 critical … 5 planning
    source: Mapped[str] = mapped_column(sa.String(16), default="web")  # web, mail, label, phone …
    requester_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    assignee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("teams.id"))
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("devices.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tickets.id"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tickets.id"), index=True)
    cause_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket_list_entries.id"))
    handling_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket_list_entries.id"))
    major: Mapped[bool] = mapped_column(default=False)  # a fault many notice; its handling is led
    restored_at: Mapped[datetime | None] = (
        mapped_column()
    )  # as stated; service may be back before the ticket is
    window_start: Mapped[datetime | None] = mapped_column()
    window_end: Mapped[datetime | None] = mapped_column()
    reopened: Mapped[int] = mapped_column(default=0)  # how many times
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
    team: Mapped[Team | None] = relationship()


class ListEntry(Identified, Model):
    """A word of a maintained list: ``cause`` (cause categories) or ``handling`` (handling methods).

    ``client_id`` None: offered to every client. Entries are switched off, never removed: tickets name them.
    """

    __tablename__ = "ticket_list_entries"
    __table_args__ = (sa.Index("ix_ticket_list_entries_list_name_position", "list_name", "position"),)

    list_name: Mapped[str] = mapped_column(sa.String(24))
    client_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    name_zh: Mapped[str] = mapped_column(sa.String(100))
    name_en: Mapped[str] = mapped_column(sa.String(100))
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


class TicketLink(Identified, Model):
    """Two tickets that belong together, seen from ``ticket_id``: related, follow_up (the other came of this
    one), duplicate (the other says the same), split (the other was cut out of this one)."""

    __tablename__ = "ticket_links"
    __table_args__ = (sa.UniqueConstraint("ticket_id", "other_id", "kind"),)

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id"))
    other_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    created_at: Mapped[datetime] = mapped_column()
    actor_name: Mapped[str] = mapped_column(sa.String(200))


class TicketCost(Identified, Model):
    """A part that was used, or anything else that costs. Amounts in the contract's currency."""

    __tablename__ = "ticket_costs"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(12))  # part, labour, other
    description: Mapped[str] = mapped_column(sa.String(200))
    serial_old: Mapped[str] = mapped_column(sa.String(100), default="")
    serial_new: Mapped[str] = mapped_column(sa.String(100), default="")
    quantity: Mapped[Decimal] = mapped_column(sa.Numeric(10, 2))
    unit_price: Mapped[Decimal] = mapped_column(sa.Numeric(12, 2))
    approval_id: Mapped[int | None] = mapped_column(sa.ForeignKey("approval_chains.id"))  # newest
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    created_at: Mapped[datetime] = mapped_column()

    @property
    def amount(self) -> Decimal:
        """Quantity times price, to the cent."""
        return (self.quantity * self.unit_price).quantize(Decimal("0.01"))


class WorkLog(Identified, Model):
    """Time somebody spent on a ticket."""

    __tablename__ = "ticket_work"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id"), index=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    day: Mapped[date] = mapped_column()
    minutes: Mapped[int] = mapped_column()
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    user: Mapped[User] = relationship()


class ChecklistItem(Identified, Model):
    """A point to tick off; open mandatory ones keep a ticket from being resolved."""

    __tablename__ = "ticket_checklist"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id"), index=True)
    text: Mapped[str] = mapped_column(sa.String(200))
    mandatory: Mapped[bool] = mapped_column(default=False)
    done_at: Mapped[datetime | None] = mapped_column()
    done_by: Mapped[str] = mapped_column(sa.String(200), default="")


class TicketDevice(Model):
    """A device that a ticket concerns besides its first."""

    __tablename__ = "ticket_devices"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id"), primary_key=True)
    device_id: Mapped[int] = mapped_column(sa.ForeignKey("devices.id"), primary_key=True, index=True)


class CalendarEntry(Identified, Timestamped, Model):
    """A stretch of the change calendar: ``blackout`` (no changes but emergencies) or ``maintenance`` (agreed
    with the client). ``site_id`` None: all sites of the client."""

    __tablename__ = "change_calendar"
    __table_args__ = (sa.Index("ix_change_calendar_client_id_start_at", "client_id", "start_at"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    kind: Mapped[str] = mapped_column(sa.String(12))
    name: Mapped[str] = mapped_column(sa.String(200))
    start_at: Mapped[datetime] = mapped_column()
    end_at: Mapped[datetime] = mapped_column()


class DataDelivery(Identified, Model):
    """A file handed over for a data request: encrypted, until ``expires_at``; purged after that or when its
    destruction is proved. The row and its log stay."""

    __tablename__ = "data_deliveries"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(255))
    content_type: Mapped[str] = mapped_column(sa.String(100))
    size_bytes: Mapped[int] = mapped_column()
    digest: Mapped[str] = mapped_column(sa.String(64))  # sha256 of what was delivered
    blob_sha256: Mapped[str] = mapped_column(sa.String(64))  # of the encrypted bytes
    preview: Mapped[str] = mapped_column(sa.Text, default="")  # the first lines, masked
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    created_at: Mapped[datetime] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column(index=True)
    max_downloads: Mapped[int] = mapped_column(default=3)
    purged_at: Mapped[datetime | None] = mapped_column()
    downloads: Mapped[list[DeliveryDownload]] = relationship(order_by="DeliveryDownload.id")


class DeliveryDownload(Identified, Model):
    """Who took a delivery, when, and from where."""

    __tablename__ = "data_delivery_downloads"

    delivery_id: Mapped[int] = mapped_column(sa.ForeignKey("data_deliveries.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    address: Mapped[str] = mapped_column(sa.String(64), default="")
    at: Mapped[datetime] = mapped_column()


class Draft(Model):
    """What somebody has typed and not sent yet; and whether they are looking at the ticket now."""

    __tablename__ = "ticket_drafts"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), primary_key=True)
    body: Mapped[str] = mapped_column(sa.Text, default="")
    written_at: Mapped[datetime | None] = mapped_column()
    seen_at: Mapped[datetime] = mapped_column()
    user: Mapped[User] = relationship()


class SavedView(Identified, Model):
    """A filtered queue under a name. ``client_id``: shared with those who work for this client."""

    __tablename__ = "ticket_views"
    __table_args__ = (sa.UniqueConstraint("user_id", "name"),)

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    client_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    query: Mapped[str] = mapped_column(sa.String(500))  # of the address, e.g. queue=mine&category=fault
    created_at: Mapped[datetime] = mapped_column()


class Macro(Identified, Timestamped, Model):
    """A canned reply with placeholders. ``client_id`` None: for all clients."""

    __tablename__ = "ticket_macros"

    client_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    category: Mapped[str] = mapped_column(sa.String(16), default="")  # empty: all
    title: Mapped[str] = mapped_column(sa.String(100))
    body: Mapped[str] = mapped_column(sa.Text)
    active: Mapped[bool] = mapped_column(default=True)


class TimelineEntry(Identified, Model):
    """One thing that happened to a ticket. ``internal`` ones are not shown to the requester.

    ``kind``: created, comment, transition, assignment, attachment, finding, sla, edit, link, delivery, cost,
    rating, runbook.
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
