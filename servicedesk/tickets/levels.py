"""What service levels are told about a ticket, in the same transaction."""

from __future__ import annotations

from datetime import datetime

from servicedesk.core.actor import Actor
from servicedesk.core.permissions import Permission
from servicedesk.sla import service as sla
from servicedesk.sla.policies import TicketFacts
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.workflow import Transition, Who


def began(ticket: Ticket, *, actor: Actor, now: datetime) -> None:
    """The ticket was registered."""
    sla.ticket_created(facts_of(ticket), phase=ticket.phase, actor=actor, now=now)


def facts_of(ticket: Ticket) -> TicketFacts:
    """What of the ticket a promise depends on."""
    return TicketFacts(
        ticket.id, ticket.client_id, ticket.site_id, ticket.category, ticket.priority, ticket.major
    )


def reclassified(ticket: Ticket, *, actor: Actor, now: datetime) -> bool:
    """Priority, site or weight changed while it is worked on; whether the promise did."""
    return ticket.phase in ("open", "waiting") and sla.retarget(
        facts_of(ticket), phase=ticket.phase, actor=actor, now=now
    )


def moved(ticket: Ticket, arrow: Transition, old_phase: str, *, actor: Actor, now: datetime) -> None:
    """The ticket went along an arrow."""
    sla.ticket_moved(
        ticket.id,
        old_phase=old_phase,
        new_phase=ticket.phase,
        reacted=_is_reaction(arrow, ticket, actor),
        restored_at=ticket.restored_at,
        actor=actor,
        now=now,
    )


def commented(ticket: Ticket, *, internal: bool, actor: Actor, now: datetime) -> None:
    """Somebody wrote. An internal note is no answer: the requester does not see it."""
    if not internal and ticket.requester_id != actor.user_id and _is_worker(ticket, actor):
        sla.ticket_answered(ticket.id, actor=actor, now=now)


def _is_reaction(arrow: Transition, ticket: Ticket, actor: Actor) -> bool:
    """Workers' arrows count when a worker takes them; approvals and what machines do never."""
    return bool({Who.WORKER, Who.ASSIGNER} & set(arrow.who)) and _is_worker(ticket, actor)


def _is_worker(ticket: Ticket, actor: Actor) -> bool:
    return not actor.is_system and any(
        actor.allows(permission, ticket.client_id, ticket.site_id)
        for permission in (Permission.TICKET_WORK, Permission.TICKET_ASSIGN)
    )
