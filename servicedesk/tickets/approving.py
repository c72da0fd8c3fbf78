"""What a ticket asks of the approvals' domain: begin, go on after a return, and end with the ticket."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from servicedesk.approvals import service as approvals
from servicedesk.approvals.models import RUNNING, SENT_BACK, ApprovalChain
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.tickets import risk
from servicedesk.tickets.models import Ticket

SUBJECT = "ticket"
AWAITING = "awaiting_approval"


def key_of(ticket: Ticket) -> str:
    """Which approval it needs: that of its category; of changes, by kind and risk."""
    if ticket.category != "change":
        return "data_request"
    if ticket.subtype == "emergency":
        return "change_emergency"
    return "change_high_risk" if risk.level(ticket.details) == "high" else "change_normal"


def facts_of(ticket: Ticket) -> dict[str, Any]:
    """What conditions of an approval may ask about, and what the one who decides reads."""
    facts: dict[str, Any] = {name: value for name, value in ticket.details.items() if isinstance(value, str)}
    facts = {name: value[: approvals.MAX_FACT] for name, value in facts.items()}
    facts |= {"title": ticket.title, "priority": ticket.priority}
    if ticket.category == "change":
        facts |= {
            "change_type": ticket.subtype or "",
            "risk": risk.level(ticket.details),
            "risk_score": risk.score(ticket.details) or 0,
            "impact": ticket.impact,
            "window_from": ticket.window_start.isoformat() if ticket.window_start else "",
            "window_until": ticket.window_end.isoformat() if ticket.window_end else "",
        }
    return facts


def ask(ticket: Ticket, *, actor: Actor, now: datetime) -> None:
    """Begin the approval of a ticket that waits for it; one that was sent back goes on."""
    key, facts = key_of(ticket), facts_of(ticket)
    on_its_behalf = replace(actor, is_system=True)
    for chain in _alive(ticket):
        if chain.key == key and chain.state == SENT_BACK:
            approvals.resubmit(chain.id, facts, actor=on_its_behalf, now=now)
            return
        # The plan changed so much that others decide.
        approvals.withdraw(chain.id, "", actor=on_its_behalf, now=now)
    requester_id = ticket.requester_id or actor.user_id
    if requester_id is None:
        return
    new = approvals.NewChain(
        key=key,
        subject_type=SUBJECT,
        subject_id=ticket.id,
        subject_label=f"{ticket.number} {ticket.title}",
        client_id=ticket.client_id,
        requester_id=requester_id,
        site_id=ticket.site_id,
        facts=facts,
    )
    approvals.start_chain(new, actor=on_its_behalf, now=now)


def end(ticket: Ticket, *, actor: Actor, now: datetime) -> None:
    """The ticket is over: nobody needs to decide any more."""
    for chain in _alive(ticket):
        approvals.withdraw(chain.id, "", actor=replace(actor, is_system=True), now=now)


def _alive(ticket: Ticket) -> list[ApprovalChain]:
    return list(
        db.session.scalars(
            sa.select(ApprovalChain)
            .where(
                ApprovalChain.subject_type == SUBJECT,
                ApprovalChain.subject_id == ticket.id,
                ApprovalChain.state.in_((RUNNING, SENT_BACK)),
            )
            .order_by(ApprovalChain.id)
        )
    )
