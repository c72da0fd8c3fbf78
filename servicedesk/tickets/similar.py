"""Tickets that read like this one, so that what helped before helps again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.equipment.panels import Panel
from servicedesk.search import index
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.queries import visible_clause
from servicedesk.tickets.searching import KIND

SHOWN = 5
LOOKED_AT = 60

# Other domains answer too what is being typed; they register here, from above.
Answer = Callable[[str, Actor], "Panel | None"]
_answers: dict[str, Answer] = {}


def register_answer(name: str, answer: Answer) -> None:
    """Add one; registering a name again replaces it."""
    _answers[name] = answer


def answers(text: str, actor: Actor) -> list[Panel]:
    """What other domains say to a title that is being typed."""
    return [panel for answer in _answers.values() if (panel := answer(text, actor)) is not None]


def like(ticket: Ticket, actor: Actor) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """The nearest visible tickets, those with a solution first."""
    return like_text(f"{ticket.title} {ticket.description[:300]}", actor, but=ticket.id)


def like_text(text: str, actor: Actor, *, but: int = 0) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """The same for words that are being typed; at most ``SHOWN`` rows, in two queries."""
    ranked = index.similar(KIND, text, limit=LOOKED_AT)
    if not ranked:
        return []
    rows = db.session.execute(
        sa.select(
            Ticket.id,
            Ticket.number,
            Ticket.title,
            Ticket.category,
            Ticket.state,
            Ticket.phase,
            Ticket.resolution,
            Ticket.updated_at,
        ).where(
            Ticket.id.in_(ranked), Ticket.id != but, Ticket.merged_into_id.is_(None), visible_clause(actor)
        )
    ).all()
    order = {ticket_id: place for place, ticket_id in enumerate(ranked)}
    return sorted(rows, key=lambda row: (not row.resolution, order[row.id]))[:SHOWN]
