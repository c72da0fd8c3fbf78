"""What a decision does to the ticket it is about, in the same transaction."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa
from flask import url_for

from servicedesk.approvals import effects
from servicedesk.approvals.models import APPROVED, REJECTED, SENT_BACK, WITHDRAWN
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import NotFoundError
from servicedesk.sla.policies import working_hours_after
from servicedesk.tickets import assigning, cost_approval, queries, service
from servicedesk.tickets.approving import AWAITING, SUBJECT
from servicedesk.tickets.fact_words import fact_in_words
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.service import TransitionInput

# state of the chain → arrow of the ticket's table
ARROWS = {APPROVED: "approve", REJECTED: "reject", SENT_BACK: "send_back", WITHDRAWN: "send_back"}


def register() -> None:
    """Tell the approvals' domain about tickets; once, when the application is put together."""
    effects.register(SUBJECT, _decided, lock=_lock)
    effects.register_subject(SUBJECT, link=_link, may_view=_may_view, in_words=fact_in_words)
    effects.register(cost_approval.SUBJECT, cost_approval.decided, lock=_lock)
    effects.register_subject(cost_approval.SUBJECT, link=_link, may_view=_may_view, in_words=fact_in_words)
    effects.use_working_time(working_hours_after)


def _decided(outcome: effects.Outcome) -> None:
    ticket = db.session.get_one(Ticket, outcome.subject_id)
    if ticket.state != AWAITING:
        return  # the ticket itself has ended, and took its approval along
    actor = replace(outcome.actor, is_system=True)  # the arrow is the system's; the name is who decided
    given = TransitionInput(reason=outcome.reason)
    service.transition(ticket, ARROWS[outcome.state], given, actor=actor, now=outcome.now)
    if outcome.state == APPROVED:
        assigning.by_the_rules(ticket, now=outcome.now)


def _lock(ticket_id: int) -> None:
    db.session.execute(for_update(sa.select(Ticket).where(Ticket.id == ticket_id)))


def _link(ticket_id: int) -> str:
    return url_for("tickets.detail", ticket_id=ticket_id)


def _may_view(ticket_id: int, actor: Actor) -> bool:
    try:
        queries.get_visible_ticket(ticket_id, actor)
    except NotFoundError:
        return False
    return True
