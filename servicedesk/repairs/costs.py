"""Lines of cost of a repair, parts out of stock, and the approval of what exceeds the client's limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.approvals import costs as approval_of_costs
from servicedesk.approvals import effects
from servicedesk.approvals.costs import CostSubject
from servicedesk.approvals.models import APPROVED, REJECTED, RUNNING, SENT_BACK, ApprovalChain
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.amounts import CENT, parse_amount, parse_price, parse_quantity
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.repairs.models import Repair, RepairCost, RepairEvent, RepairLimit

KINDS: dict[str, LazyString] = {
    "part": _l("Part"),
    "labour": _l("Labour"),
    "supplier": _l("Supplier's bill"),
    "travel": _l("Travel and freight"),
    "other": _l("Other"),
}
SUBJECT, KEY = "repair_costs", "repair_cost"
SETTLED = (RUNNING, APPROVED)  # a line that is asked for or approved stays as it is
_DECIDED = {APPROVED: "costs_approved", REJECTED: "costs_rejected", SENT_BACK: "costs_returned"}
_AUDITED = ("kind", "description", "quantity", "unit_price", "serial_old", "serial_new")


@dataclass(frozen=True, slots=True)
class Line:
    """A line as typed; numbers are texts."""

    kind: str
    description: str
    quantity: str
    unit_price: str
    serial_old: str = ""
    serial_new: str = ""


def costs_of(repair: Repair) -> Sequence[RepairCost]:
    """In the order they were written down."""
    return db.session.scalars(
        sa.select(RepairCost).where(RepairCost.repair_id == repair.id).order_by(RepairCost.id)
    ).all()


def add_line(
    repair: Repair, line: Line, *, movement_id: int | None = None, actor: Actor, now: datetime
) -> RepairCost:
    """Write a cost down; the repair is the actor's to work on.

    Raises:
        InvalidError: a field does not fit.
    """
    if line.kind not in KINDS:
        raise InvalidError(_("Choose one of the list."), "kind")
    if not line.description.strip():
        raise InvalidError(_("Say in a few words what it is."), "description")
    quantity, unit_price = parse_quantity(line.quantity), parse_price(line.unit_price)
    cost = RepairCost(
        repair_id=repair.id,
        kind=line.kind,
        description=line.description.strip()[:200],
        quantity=quantity,
        unit_price=unit_price,
        amount=(quantity * unit_price).quantize(CENT),
        serial_old=line.serial_old.strip()[:100],
        serial_new=line.serial_new.strip()[:100],
        movement_id=movement_id,
        actor_name=actor.name,
        created_at=now,
    )
    db.session.add(cost)
    db.session.flush()
    after = audit.snapshot(cost, _AUDITED)
    audit.record(
        actor,
        "repair.cost_added",
        cost,
        now=now,
        label=repair.number,
        client_id=repair.client_id,
        after=after,
    )
    return cost


def remove_line(repair: Repair, cost_id: int, *, actor: Actor, now: datetime) -> None:
    """Take a line back that nobody was asked about; the audit trail keeps it.

    Raises:
        NotFoundError.
        ConflictError: its approval is under way or given, or it took a part out of stock.
    """
    lines = costs_of(repair)
    cost = next((line for line in lines if line.id == cost_id), None)
    if cost is None:
        raise NotFoundError
    if cost not in open_lines(lines):
        raise ConflictError(
            _("This line is being approved or is approved: it stays. Add a line that sets it right.")
        )
    if cost.movement_id is not None:
        raise ConflictError(_("This part left the stock: book it in again there. The line stays."))
    before = audit.snapshot(cost, _AUDITED)
    audit.record(
        actor,
        "repair.cost_removed",
        cost,
        now=now,
        label=repair.number,
        client_id=repair.client_id,
        before=before,
    )
    db.session.delete(cost)
    db.session.flush()


def states_of(costs: Sequence[RepairCost]) -> dict[int, str]:
    """The state of each line's approval by the line's number; a line nobody asked for is not there."""
    chains = {cost.approval_id for cost in costs if cost.approval_id is not None}
    if not chains:
        return {}
    rows = db.session.execute(
        sa.select(ApprovalChain.id, ApprovalChain.state).where(ApprovalChain.id.in_(chains))
    )
    known = {row.id: row.state for row in rows}
    return {cost.id: known[cost.approval_id] for cost in costs if cost.approval_id in known}


def open_lines(costs: Sequence[RepairCost]) -> list[RepairCost]:
    """What nobody was asked about yet, or what was refused or sent back."""
    states = states_of(costs)
    return [cost for cost in costs if states.get(cost.id) not in SETTLED]


def total(costs: Sequence[RepairCost]) -> Decimal:
    """The sum of lines."""
    return sum((cost.amount for cost in costs), Decimal(0))


def limit_of(client_id: int) -> Decimal:
    """Up to which sum nobody is asked."""
    limit = db.session.get(RepairLimit, client_id)
    return limit.amount if limit is not None else Decimal(0)


def set_limit(client_id: int, amount: str, *, actor: Actor, now: datetime) -> None:
    """Say up to which sum a repair of a client needs no approval."""
    if not actor.allows(Permission.APPROVAL_MANAGE, client_id):
        raise NotAllowedError
    value = parse_amount(amount, "amount", least=Decimal(0), most=Decimal(10_000_000))
    limit = db.session.get(RepairLimit, client_id)
    before = {"amount": str(limit.amount) if limit is not None else "0.00"}
    if limit is None:
        limit = RepairLimit(client_id=client_id)
        db.session.add(limit)
    limit.amount, limit.updated_at = value, now
    after = {"amount": str(value)}
    if before != after:
        audit.record(actor, "repair_limit.set", limit, now=now, before=before, after=after)


def require_settled(repair: Repair) -> None:
    """Refuse to close while more was spent than the limit, and not all of it is approved.

    Raises:
        ConflictError.
    """
    lines = costs_of(repair)
    if total(lines) <= limit_of(repair.client_id):
        return
    states = states_of(lines)
    if any(line.amount and states.get(line.id) != APPROVED for line in lines):
        raise ConflictError(_("The costs exceed the client's limit and are not all approved yet."))


def ask(repair: Repair, *, actor: Actor, now: datetime) -> ApprovalChain:
    """Ask for the approval of all lines that are open; the repair is locked and the actor's to work on.

    Raises:
        InvalidError: there is nothing to approve.
        ConflictError: the approval of other lines is under way.
    """
    subject = CostSubject(
        key=KEY,
        subject_type=SUBJECT,
        subject_id=repair.id,
        number=repair.number,
        title=f"{repair.number} {repair.device.name}",
        client_id=repair.client_id,
        site_id=repair.site_id,
    )
    lines = open_lines(costs_of(repair))
    return approval_of_costs.ask(subject, lines, repair.supplier, actor=actor, now=now)


def decided(outcome: effects.Outcome) -> None:
    """Say in the repair's history how the sum was decided."""
    if outcome.state not in _DECIDED:
        return
    repair = db.session.get_one(Repair, outcome.subject_id)
    db.session.add(
        RepairEvent(
            repair_id=repair.id,
            what=_DECIDED[outcome.state],
            state=repair.state,
            at=outcome.now,
            actor_id=outcome.actor.user_id,
            actor_name=outcome.actor.name,
            note=outcome.reason,
        )
    )
    db.session.flush()
