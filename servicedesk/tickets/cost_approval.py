"""Costs of a ticket are reviewed and approved: the lines that nobody has approved yet, as one sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.approvals import effects
from servicedesk.approvals import service as approvals
from servicedesk.approvals.models import APPROVED, REJECTED, RUNNING, SENT_BACK, ApprovalChain
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError
from servicedesk.tickets import service
from servicedesk.tickets.belongings import costs_of, remove_cost, require_work
from servicedesk.tickets.models import Ticket, TicketCost

SUBJECT, KEY = "ticket_costs", "repair_cost"
SETTLED = (RUNNING, APPROVED)  # a line that is asked for or approved stays as it is


def states_of(costs: Sequence[TicketCost]) -> dict[int, str]:
    """The state of each line's approval by the line's number; a line nobody asked for is not there."""
    chains = {cost.approval_id for cost in costs if cost.approval_id is not None}
    if not chains:
        return {}
    rows = db.session.execute(
        sa.select(ApprovalChain.id, ApprovalChain.state).where(ApprovalChain.id.in_(chains))
    )
    known = {row.id: row.state for row in rows}
    return {cost.id: known[cost.approval_id] for cost in costs if cost.approval_id in known}


def open_lines(costs: Sequence[TicketCost]) -> list[TicketCost]:
    """What nobody was asked about yet, or what was refused or sent back."""
    states = states_of(costs)
    return [cost for cost in costs if states.get(cost.id) not in SETTLED]


def ask(ticket: Ticket, supplier: str, *, actor: Actor, now: datetime) -> ApprovalChain:
    """Ask for the approval of all lines that are open.

    Raises:
        NotAllowedError, InvalidError: there is nothing to approve.
        ConflictError: the approval of other lines is under way.
    """
    require_work(ticket, actor)
    service.locked(ticket, None)
    lines = open_lines(costs_of(ticket))
    amount = sum((line.amount for line in lines), Decimal(0))
    if not lines or amount <= 0:
        raise InvalidError(_("There is no cost that waits for an approval."))
    facts = {
        "amount": float(amount),
        "supplier": supplier.strip()[:100],
        "title": ticket.title,
        "lines": [f"{line.description}: {line.amount}" for line in lines][: approvals.MAX_FACTS],
    }
    on_its_behalf = replace(actor, is_system=True)
    returned = db.session.scalar(
        sa.select(ApprovalChain).where(
            ApprovalChain.subject_type == SUBJECT,
            ApprovalChain.subject_id == ticket.id,
            ApprovalChain.state == SENT_BACK,
        )
    )
    if returned is not None:
        chain = approvals.resubmit(returned.id, facts, actor=on_its_behalf, now=now)
    else:
        new = approvals.NewChain(
            key=KEY,
            subject_type=SUBJECT,
            subject_id=ticket.id,
            subject_label=_("%(number)s: costs of %(amount)s", number=ticket.number, amount=amount),
            client_id=ticket.client_id,
            requester_id=actor.user_id or 0,
            site_id=ticket.site_id,
            facts=facts,
        )
        chain = approvals.start_chain(new, actor=on_its_behalf, now=now)
    for line in lines:
        line.approval_id = chain.id
    db.session.flush()
    return chain


def take_back(ticket: Ticket, cost_id: int, *, actor: Actor, now: datetime) -> None:
    """Take a line back that nobody was asked about.

    Raises:
        ConflictError: its approval is under way or given.
    """
    costs = costs_of(ticket)
    open_ids = {line.id for line in open_lines(costs)}
    if cost_id in {cost.id for cost in costs} - open_ids:
        raise ConflictError(
            _("This line is being approved or is approved: it stays. Add a line that sets it right.")
        )
    remove_cost(ticket, cost_id, actor=actor, now=now)


def decided(outcome: effects.Outcome) -> None:
    """Say in the timeline, to those who work on the ticket, how the sum was decided."""
    ticket = db.session.get_one(Ticket, outcome.subject_id)
    chain = db.session.get_one(ApprovalChain, outcome.chain_id)
    data = {"costs": {"state": outcome.state, "amount": f"{chain.facts['amount']:.2f}"}}
    if outcome.state in (APPROVED, REJECTED, SENT_BACK):
        service.add_entry(
            ticket,
            "costs",
            actor=outcome.actor,
            now=outcome.now,
            body=outcome.reason,
            internal=True,
            data=data,
        )
