"""Tickets as far as an actor may see them. Every list, page, search and download starts here."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, selectinload

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.staff.models import User
from servicedesk.tickets.models import Attachment, Ticket, TimelineEntry


def visible_clause(actor: Actor) -> sa.ColumnElement[bool]:
    """One's own tickets, those of one's scope, and data requests one may approve."""
    parts: list[sa.ColumnElement[bool]] = [
        actor.scope(Permission.TICKET_VIEW).clause(Ticket.client_id, Ticket.site_id)
    ]
    if actor.user_id is not None:
        parts.append(Ticket.requester_id == actor.user_id)
        parts.append(Ticket.assignee_id == actor.user_id)
    data = actor.scope(Permission.TICKET_APPROVE_DATA)
    if data:
        parts.append(
            sa.and_(Ticket.category == "data_request", data.clause(Ticket.client_id, Ticket.site_id))
        )
    clause = sa.or_(*parts)
    if actor.home_client_id is not None:
        # Whatever somebody made of the grants: staff of a client never see another client's tickets.
        clause = sa.and_(clause, Ticket.client_id == actor.home_client_id)
    return clause


def get_visible_ticket(ticket_id: int, actor: Actor) -> Ticket:
    """The ticket with what its page shows, or NotFoundError."""
    ticket = db.session.scalar(
        sa.select(Ticket)
        .where(Ticket.id == ticket_id, visible_clause(actor))
        .options(
            joinedload(Ticket.client),
            joinedload(Ticket.site),
            joinedload(Ticket.device),
            joinedload(Ticket.requester),
            joinedload(Ticket.assignee),
        )
    )
    if ticket is None:
        raise NotFoundError
    return ticket


def sees_internal(ticket: Ticket, actor: Actor) -> bool:
    """Whether internal notes and their files are shown."""
    return actor.allows(Permission.TICKET_WORK, ticket.client_id, ticket.site_id)


def timeline(ticket: Ticket, actor: Actor) -> list[TimelineEntry]:
    """Entries the actor may read, oldest first, with their attachments."""
    statement = (
        sa.select(TimelineEntry)
        .where(TimelineEntry.ticket_id == ticket.id)
        .options(selectinload(TimelineEntry.attachments))
        .order_by(TimelineEntry.id)
    )
    if not sees_internal(ticket, actor):
        statement = statement.where(TimelineEntry.internal.is_(False))
    return list(db.session.scalars(statement))


def get_visible_attachment(attachment_id: int, actor: Actor) -> Attachment:
    """The attachment when its ticket and its entry may be read, or NotFoundError."""
    row = db.session.execute(
        sa.select(Attachment, TimelineEntry, Ticket)
        .join(TimelineEntry, TimelineEntry.id == Attachment.entry_id)
        .join(Ticket, Ticket.id == TimelineEntry.ticket_id)
        .where(Attachment.id == attachment_id, visible_clause(actor))
    ).one_or_none()
    if row is None or (row[1].internal and not sees_internal(row[2], actor)):
        raise NotFoundError
    attachment: Attachment = row[0]
    return attachment


QUEUES = ("open", "mine", "unassigned", "approval", "waiting", "resolved", "closed", "all")


def ticket_rows(
    actor: Actor, *, queue: str = "open", category: str = "", text: str = "", device_id: int | None = None
) -> sa.Select[Any]:
    """Columns of the ticket list, filtered."""
    assignee = aliased(User)
    requester = aliased(User)
    statement = (
        sa.select(
            Ticket.id,
            Ticket.number,
            Ticket.category,
            Ticket.state,
            Ticket.phase,
            Ticket.title,
            Ticket.priority,
            Ticket.created_at,
            Ticket.updated_at,
            assignee.display_name.label("assignee_name"),
            requester.display_name.label("requester_name"),
            Device.name.label("device_name"),
        )
        .outerjoin(assignee, assignee.id == Ticket.assignee_id)
        .outerjoin(requester, requester.id == Ticket.requester_id)
        .outerjoin(Device, Device.id == Ticket.device_id)
        .where(visible_clause(actor), *queue_clause(queue, actor))
    )
    if category:
        statement = statement.where(Ticket.category == category)
    if device_id:
        statement = statement.where(Ticket.device_id == device_id)
    if text:
        like = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        statement = statement.where(
            sa.or_(Ticket.title.ilike(like, escape="\\"), Ticket.number.ilike(like, escape="\\"))
        )
    return statement


def queue_clause(queue: str, actor: Actor) -> list[sa.ColumnElement[bool]]:
    """The condition behind a queue's name; an unknown name is "open"."""
    match queue:
        case "mine":
            return [Ticket.assignee_id == actor.user_id, Ticket.phase.in_(("open", "waiting"))]
        case "unassigned":
            return [Ticket.assignee_id.is_(None), Ticket.phase == "open"]
        case "approval":
            return [Ticket.state == "awaiting_approval"]
        case "waiting" | "resolved" | "closed":
            return [Ticket.phase == queue]
        case "all":
            return []
        case _:
            return [Ticket.phase.in_(("open", "waiting"))]
