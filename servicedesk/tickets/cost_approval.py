"""Costs of a ticket are reviewed and approved: the lines that nobody has approved yet, as one sum."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.approvals import costs as approval_of_costs
from servicedesk.approvals import effects
from servicedesk.approvals.costs import CostSubject
from servicedesk.approvals.models import APPROVED, REJECTED, RUNNING, SENT_BACK, ApprovalChain
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError
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
    subject = CostSubject(
        key=KEY,
        subject_type=SUBJECT,
        subject_id=ticket.id,
        number=ticket.number,
        title=ticket.title,
        client_id=ticket.client_id,
        site_id=ticket.site_id,
    )
    lines = open_lines(costs_of(ticket))
    return approval_of_costs.ask(subject, lines, supplier, actor=actor, now=now)


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
