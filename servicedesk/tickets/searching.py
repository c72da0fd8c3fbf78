"""What of a ticket can be found, and by whom."""

from __future__ import annotations

import sqlalchemy as sa

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.permissions import Permission
from servicedesk.search import index
from servicedesk.tickets import catalogue
from servicedesk.tickets.models import Ticket, TimelineEntry

KIND = "ticket"


def index_ticket(ticket: Ticket) -> None:
    """Title, description, fields, answers; internal notes apart."""
    entries = db.session.execute(
        sa.select(TimelineEntry.body, TimelineEntry.internal)
        .where(TimelineEntry.ticket_id == ticket.id, TimelineEntry.body != "")
        .order_by(TimelineEntry.id)
    ).all()
    details = [value for value in ticket.details.values() if isinstance(value, str)]
    details += catalogue.words_of(ticket)
    public = [entry.body for entry in entries if not entry.internal]
    internal = [entry.body for entry in entries if entry.internal]
    index.put(KIND, ticket.id, ticket.number, ticket.title, ticket.description, *details, *public)
    index.put(KIND, ticket.id, *internal, audience=index.INTERNAL)


def index_missing(batch: int = 500) -> int:
    """Index what is not yet (after an upgrade); returns how many."""
    return index.index_missing(KIND, Ticket, index_ticket, batch)


def found_clause(question: str, actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on ``Ticket``; internal notes count where the actor works on tickets."""
    works = actor.scope(Permission.TICKET_WORK)
    if not works:
        return Ticket.id.in_(index.found(KIND, question))
    if works.includes(actor.scope(Permission.TICKET_CREATE)):
        return Ticket.id.in_(index.found(KIND, question, audience=None))
    clause = Ticket.id.in_(index.found(KIND, question))
    internal = Ticket.id.in_(index.found(KIND, question, audience=index.INTERNAL))
    return sa.or_(clause, sa.and_(internal, works.clause(Ticket.client_id, Ticket.site_id)))
