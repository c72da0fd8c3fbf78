"""Lets the demonstration's people report, work, approve and confirm, at moments of the past."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from servicedesk.approvals import service as approvals
from servicedesk.approvals.models import ApprovalChain, ApprovalNodeRun, ApprovalSeat
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.demo.building import Cast
from servicedesk.demo.texts import T
from servicedesk.demo.tickets_content import TICKETS, DemoTicket, Step
from servicedesk.staff.actors import actor_for
from servicedesk.tickets import lists, service
from servicedesk.tickets.fields import zone_of
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.service import NewTicket, TransitionInput

DECISIONS = {"approve": "approved", "reject": "rejected", "send_back": "sent_back"}
_TYPED = "%Y-%m-%dT%H:%M"  # as a date-and-time field sends it


def work_tickets(cast: Cast, now: datetime) -> None:
    """Every ticket of the list with its steps, none of them later than now."""
    for spec in sorted(TICKETS, key=lambda ticket: -ticket.days_ago):
        with unit_of_work():
            at = now - timedelta(days=spec.days_ago)
            ticket = _create(cast, spec, at)
            for step in spec.steps:
                at = min(at + timedelta(hours=step.after_hours), now)
                _take(cast, ticket, step, at)


def _actor(cast: Cast, username: str, at: datetime) -> Actor:
    return actor_for(cast.users[username], today=at.date())


def _create(cast: Cast, spec: DemoTicket, at: datetime) -> Ticket:
    new = NewTicket(
        client_id=cast.organisations["client"].id,
        category=spec.category,
        title=spec.title.say(cast.chinese),
        description=spec.text.say(cast.chinese),
        site_id=cast.sites[spec.site].id,
        device_id=cast.devices[spec.device].id if spec.device else None,
        impact=spec.impact,
        urgency=spec.urgency,
        details={
            name: value.say(cast.chinese) if isinstance(value, T) else value
            for name, value in spec.details.items()
        },
    )
    return service.create_ticket(new, actor=_actor(cast, spec.who, at), now=at)


def _take(cast: Cast, ticket: Ticket, step: Step, at: datetime) -> None:
    actor = _actor(cast, step.who, at)
    text = step.text.say(cast.chinese) if step.text else ""
    if step.name in DECISIONS:
        _decide(ticket, step.name, text, actor, at)
        return
    if step.name in ("comment", "note"):
        service.comment(ticket, text, internal=step.name == "note", actor=actor, now=at)
        return
    details = {
        name: value.say(cast.chinese) if isinstance(value, T) else value
        for name, value in step.details.items()
    }
    if step.window is not None:
        starts, hours = step.window
        begin = (at + timedelta(hours=starts)).astimezone(zone_of(ticket)).replace(minute=0)
        details["window_start"] = begin.strftime(_TYPED)
        details["window_end"] = (begin + timedelta(hours=hours)).strftime(_TYPED)
    given = TransitionInput(
        reason=text,
        resolution=text,
        assignee_id=cast.users[step.assignee].id if step.assignee else None,
        rating=step.rating,
        rating_comment=text,
        details=details | (how_resolved(ticket) if step.name == "resolve" else {}),
    )
    service.transition(ticket, step.name, given, actor=actor, now=at)


def _decide(ticket: Ticket, step: str, reason: str, actor: Actor, at: datetime) -> None:
    """At the seat they have in the ticket's approval."""
    seat = db.session.scalars(
        sa.select(ApprovalSeat)
        .join(ApprovalSeat.run)
        .join(ApprovalNodeRun.chain)
        .where(
            ApprovalChain.subject_id == ticket.id,
            ApprovalSeat.user_id == actor.user_id,
            ApprovalSeat.state == "open",
        )
    ).one()
    approvals.decide(seat.run.chain_id, seat.id, DECISIONS[step], reason, actor=actor, now=at)


def how_resolved(ticket: Ticket) -> dict[str, str]:
    """Cause and handling of a fault, or verification of a change; faults take turns through the lists."""
    if ticket.category == "fault":
        found = lists.entries(("cause", "handling"), ticket.client_id)
        return {name: str(entries[ticket.id % len(entries)].id) for name, entries in found.items()}
    return {}
