"""What the knowledge base adds to other pages: articles beside a ticket and while one is being reported."""

from __future__ import annotations

from servicedesk.core.actor import Actor
from servicedesk.core.i18n import select_locale
from servicedesk.equipment.panels import Panel
from servicedesk.knowledge import notices, queries
from servicedesk.notifications.events import register_guard
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.page import register_ticket_panel
from servicedesk.tickets.similar import register_answer

WHILE_TYPING = 3


def ticket_panel(ticket: Ticket, actor: Actor) -> Panel:
    """A place that asks for its content by itself: the ticket's page need not wait for it."""
    return Panel("knowledge/_ticket_panel.html", {"ticket_id": ticket.id})


def answer(text: str, actor: Actor) -> Panel | None:
    """Articles that may make a report unnecessary."""
    found = queries.like_text(text, actor, limit=WHILE_TYPING, language=select_locale())
    return Panel("knowledge/_suggestions.html", {"articles": found}) if found else None


def register() -> None:
    """Called once when the application is put together."""
    register_ticket_panel("knowledge", 12, ticket_panel)
    register_answer("knowledge", answer)
    register_guard(notices.KIND, notices.who_may_see)
