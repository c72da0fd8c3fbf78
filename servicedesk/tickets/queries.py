"""Tickets as far as an actor may see them. Every list, page, search and download starts here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, selectinload

from servicedesk.assignment.models import Team
from servicedesk.core.actor import Actor, Scope
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, kept_by_thread
from servicedesk.core.errors import NotFoundError
from servicedesk.core.i18n import select_timezone
from servicedesk.core.paging import Order, in_order, keys_of
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.sla.models import RUNNING, SlaClock
from servicedesk.sla.queries import breached_ticket_ids, clock_marks, due_ticket_ids
from servicedesk.staff.models import User
from servicedesk.tickets.models import Attachment, Ticket, TimelineEntry
from servicedesk.tickets.searching import found_clause


def visible_clause(actor: Actor) -> sa.ColumnElement[bool]:
    """One's own tickets while one reaches their client, one's scope's, and data requests to approve."""
    return _visible_clause(actor.anywhen)


@kept_by_thread
def _visible_clause(actor: Actor) -> sa.ColumnElement[bool]:
    view = actor.scope(Permission.TICKET_VIEW)
    parts: list[sa.ColumnElement[bool]] = [view.clause(Ticket.client_id, Ticket.site_id)]
    # Whoever sees all of their reach anyway gets a plain condition, which an index can serve in order.
    if actor.user_id is not None and not _sees_all(actor, view):
        # Two inner queries, each by its index: an OR makes SQLite walk through all tickets of the client.
        one = aliased(Ticket)
        own: sa.ColumnElement[bool] = Ticket.id.in_(
            sa.union_all(
                sa.select(one.id).where(one.requester_id == actor.user_id),
                sa.select(one.id).where(one.assignee_id == actor.user_id),
            )
        )
        if actor.home_client_id is None:
            # A service company's staff lose sight of theirs too when the contract or the role has ended.
            reach = actor.scope(Permission.TICKET_CREATE)
            own = sa.and_(own, reach.clause(Ticket.client_id, Ticket.site_id))
        parts.append(own)
    data = actor.scope(Permission.TICKET_APPROVE_DATA)
    if data and not _sees_all(actor, view):
        parts.append(
            sa.and_(Ticket.category == "data_request", data.clause(Ticket.client_id, Ticket.site_id))
        )
    clause = sa.or_(*parts) if len(parts) > 1 else parts[0]
    if actor.home_client_id is not None and not (
        len(parts) == 1 and view.client_ids == {actor.home_client_id}
    ):
        # Whatever somebody made of the grants: staff of a client never see another client's tickets.
        clause = sa.and_(clause, Ticket.client_id == actor.home_client_id)
    return clause


def _sees_all(actor: Actor, view: Scope) -> bool:
    """Whether one's own tickets and those one approves lie in one's view already."""
    if actor.home_client_id is not None:
        return view.covers(actor.home_client_id)
    create = actor.scope(Permission.TICKET_CREATE)
    return view.includes(create) and view.includes(actor.scope(Permission.TICKET_APPROVE_DATA))


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
            joinedload(Ticket.team),
        )
    )
    if ticket is None:
        raise NotFoundError
    return ticket


def sees_internal(ticket: Ticket, actor: Actor) -> bool:
    """Whether internal notes and their files are shown."""
    return actor.allows(Permission.TICKET_WORK, ticket.client_id, ticket.site_id)


def who_may_see(ticket_id: int, actors: Sequence[Actor], internal: bool) -> set[int]:
    """Account numbers of those among the actors who may see the ticket (and its internal notes).

    The rule of ``visible_clause`` itself, asked for fifty at a time.
    """
    found: set[int] = set()
    for start in range(0, len(actors), 50):
        some = [actor for actor in actors[start : start + 50] if actor.user_id is not None]
        columns = [sa.case((visible_clause(actor), 1), else_=0) for actor in some]
        row = db.session.execute(
            sa.select(Ticket.client_id, Ticket.site_id, *columns).where(Ticket.id == ticket_id)
        ).one_or_none()
        if row is None:
            return set()
        found |= {
            actor.user_id or 0
            for actor, seen in zip(some, row[2:], strict=True)
            if seen and (not internal or actor.allows(Permission.TICKET_WORK, row.client_id, row.site_id))
        }
    return found


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


_OPEN = Ticket.phase.in_(("open", "waiting"))
QUEUES = (
    "open",
    "mine",
    "unassigned",
    "due_today",
    "breached",
    "approval",
    "waiting",
    "resolved",
    "closed",
    "all",
)


NEWEST = Order((Ticket.updated_at, Ticket.id), ("updated_at", "id"))


def tickets_found(
    actor: Actor,
    *,
    queue: str = "open",
    category: str = "",
    text: str = "",
    device_id: int | None = None,
    team_id: int | None = None,
) -> sa.Select[*tuple[Any, ...]]:
    """Numbers of tickets, filtered. ``first_rows`` and ``widen`` make rows of those that are shown.

    Nothing is joined here: PostgreSQL counts in an index alone only where no other table is named, even if
    it needs nothing of it.
    """
    statement = sa.select(Ticket.id).where(visible_clause(actor), *queue_clause(queue, actor))
    if category:
        statement = statement.where(Ticket.category == category)
    if device_id:
        statement = statement.where(Ticket.device_id == device_id)
    if team_id:
        statement = statement.where(Ticket.team_id == team_id)
    if text:
        statement = statement.where(found_clause(text, actor))
    return statement


@kept_by_thread
def _columns() -> sa.Select[*tuple[Any, ...]]:
    assignee, requester = aliased(User), aliased(User)
    return (
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
            Team.name.label("team_name"),
        )
        .outerjoin(assignee, assignee.id == Ticket.assignee_id)
        .outerjoin(requester, requester.id == Ticket.requester_id)
        .outerjoin(Device, Device.id == Ticket.device_id)
        .outerjoin(Team, Team.id == Ticket.team_id)
    )


def widen(keys: sa.Subquery) -> sa.Select[*tuple[Any, ...]]:
    """The columns of the ticket list for chosen keys, see ``paginate``; ``with_clocks`` adds two more."""
    return _columns().join(keys, keys.c.id == Ticket.id)


def rows_in_order(
    statement: sa.Select[*tuple[Any, ...]], order: Order, limit: int | None = None
) -> sa.Select[*tuple[Any, ...]]:
    """The rows of ``tickets_found``, or the first of them, in an order, descending or not as it says."""
    chosen = in_order(statement, order, descending=order.descending).limit(limit)
    return in_order(widen(keys_of(chosen, order)), order, descending=order.descending)


def first_rows(statement: sa.Select[*tuple[Any, ...]], order: Order, limit: int) -> list[Any]:
    """The first rows of ``tickets_found``; see ``rows_in_order``."""
    return list(db.session.execute(rows_in_order(statement, order, limit)))


def soonest_due(actor: Actor, limit: int) -> list[int]:
    """Numbers of open tickets whose promises end first, the earliest first; those that are over lead."""
    found = sa.select(SlaClock.ticket_id).join(Ticket, Ticket.id == SlaClock.ticket_id)
    found = found.where(SlaClock.state == RUNNING, _OPEN, visible_clause(actor))
    # A ticket has a clock or two; the index gives them in order, so that only the first are looked at.
    numbers = db.session.scalars(found.order_by(SlaClock.due_at).limit(2 * limit))
    return list(dict.fromkeys(numbers))[:limit]


def with_clocks(rows: Sequence[Any]) -> list[Any]:
    """The rows with ``due_at`` and ``sla_level``. Asked for apart: a database that sorts many found tickets
    would look up the clocks of all of them first."""
    if not rows:
        return []
    marks = clock_marks([row.id for row in rows])
    names = (*rows[0]._fields, "due_at", "sla_level")
    none = (None, None)
    return [
        SimpleNamespace(**dict(zip(names, (*row, *marks.get(row.id, none)), strict=True))) for row in rows
    ]


def _end_of_day(now: datetime) -> datetime:
    """Midnight after ``now`` in the installation's time zone."""
    zone = ZoneInfo(select_timezone())
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, zone).astimezone(UTC)


def queue_clause(queue: str, actor: Actor) -> list[sa.ColumnElement[bool]]:
    """The condition behind a queue's name; an unknown name is "open"."""
    match queue:
        case "mine":
            return [Ticket.assignee_id == actor.user_id, _OPEN]
        case "unassigned":
            return [Ticket.assignee_id.is_(None), Ticket.phase == "open"]
        case "due_today":
            return [_OPEN, Ticket.id.in_(due_ticket_ids(_end_of_day(utcnow())))]
        case "breached":
            return [_OPEN, Ticket.id.in_(breached_ticket_ids(utcnow()))]
        case "approval":
            return [Ticket.state == "awaiting_approval"]
        case "waiting" | "resolved" | "closed":
            return [Ticket.phase == queue]
        case "all":
            return []
        case _:
            return [Ticket.phase.in_(("open", "waiting"))]
