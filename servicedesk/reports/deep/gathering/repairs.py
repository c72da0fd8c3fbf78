"""Repairs of the half-year and what was spent: in repairs and in tickets, each line once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from servicedesk.core.db import db
from servicedesk.core.sentences import N_
from servicedesk.equipment.models import Device
from servicedesk.repairs.models import Repair, RepairCost, RepairEvent
from servicedesk.repairs.queries import cents, sum_of_costs
from servicedesk.reports.deep.content import ANALYSIS, STATE, Column, Content, Drill, Row, Section, Table
from servicedesk.reports.deep.gathering.ground import Ground
from servicedesk.tickets.models import Ticket, TicketCost

REPAIRS = Section(
    "repairs",
    _l("Repairs and costs"),
    _l(
        "Repairs that were opened in the half-year, and lines of cost that were written down in it. What was "
        "spent in a repair is counted there, also when it came of a ticket."
    ),
    figures=(
        Column("repairs", _l("Repairs"), "count", Drill("repairs")),
        Column("given_up", _l("Not repairable"), "count", Drill("repairs", {"given_up": "yes"})),
        Column("spent_repairs", _l("Spent in repairs"), "money"),
        Column("spent_tickets", _l("Spent in tickets"), "money"),
        Column("spent", _l("Spent together"), "money"),
    ),
    tables=(
        Table(
            "kinds",
            _l("What it was spent on"),
            (
                Column("kind", _l("Kind"), "cost_kind"),
                Column("lines", lazy_pgettext("cost", "Lines"), "count"),
                Column("amount", _l("Amount"), "money"),
            ),
        ),
        Table(
            "repairs",
            _l("Repairs"),
            (
                Column("repair", _l("Repair"), "repair"),
                Column("device", _l("Device"), "device"),
                Column("class", _l("Class"), "class"),
                Column("symptom", _l("What is broken")),
                Column("opened", _l("Opened"), "moment"),
                Column("closed", _l("Closed"), "moment"),
                Column("state", _l("State"), "repair_state"),
                Column("given_up", _l("Not repairable"), "yes"),
                Column("cost", _l("Cost"), "money"),
            ),
            shown=30,
        ),
    ),
)


def gather_repairs(ground: Ground) -> Content:
    """The repairs in the order they were opened; three queries."""
    rows, kinds = _repairs(ground), _spent(ground)
    repairs, tickets = (sum((amount for _n, amount in part.values()), Decimal(0)) for part in kinds)
    found = Content(tables={"repairs": rows, "kinds": _by_kind(kinds)})
    given_up = sum(row[7] == "yes" for row in rows)
    found.figures = {
        "repairs": len(rows),
        "given_up": given_up,
        "spent_repairs": str(repairs),
        "spent_tickets": str(tickets),
        "spent": str(repairs + tickets),
    }
    if not rows and not any(kinds):
        found.empty = N_("Nothing was repaired and nothing was spent in this half-year.")
        return found
    found.say(
        STATE,
        N_("%(count)s repairs were opened; %(amount)s was spent in repairs and tickets together."),
        count=len(rows),
        amount=str(repairs + tickets),
    )
    if given_up:
        found.say(ANALYSIS, N_("%(count)s devices were found not repairable."), count=given_up)
    return found


def _repairs(ground: Ground) -> list[Row]:
    start, end = ground.moments
    judged = (
        sa.select(RepairEvent.what)
        .where(RepairEvent.repair_id == Repair.id, RepairEvent.what.in_(("repair", "give_up")))
        .order_by(RepairEvent.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(Repair, Device.id, Device.name, Device.device_class, sum_of_costs(), judged)
        .join(Device, Device.id == Repair.device_id)
        .where(*ground.at(Repair), Repair.created_at >= start, Repair.created_at < end)
        .order_by(Repair.id)
    )
    return [
        [
            [repair.id, repair.number],
            [device_id, name],
            device_class,
            repair.symptom[:300],
            repair.created_at.isoformat(),
            repair.closed_at.isoformat() if repair.closed_at else None,
            repair.state,
            "yes" if last == "give_up" else "no",
            str(cents(cost)),
        ]
        for repair, device_id, name, device_class, cost, last in rows
    ]


Spent = dict[str, tuple[int, Decimal]]  # kind of cost → lines and their sum


def _spent(ground: Ground) -> tuple[Spent, Spent]:
    """Of repairs, and of tickets."""
    start, end = ground.moments
    amount = sa.func.round(TicketCost.quantity * TicketCost.unit_price, 2)

    def read(cost: Any, owner: Any, link: Any, value: Any) -> Spent:
        rows = db.session.execute(
            sa.select(cost.kind, sa.func.count(), sa.func.sum(value))
            .select_from(cost)
            .join(owner, link)
            .where(*ground.at(owner), cost.created_at >= start, cost.created_at < end)
            .group_by(cost.kind)
        )
        return {kind: (count, cents(total)) for kind, count, total in rows}

    return (
        read(RepairCost, Repair, Repair.id == RepairCost.repair_id, RepairCost.amount),
        read(TicketCost, Ticket, Ticket.id == TicketCost.ticket_id, amount),
    )


def _by_kind(kinds: tuple[Spent, Spent]) -> list[Row]:
    repairs, tickets = kinds
    none = (0, Decimal(0))
    found = []
    for kind in sorted({*repairs, *tickets}):
        (lines, amount), (more, rest) = repairs.get(kind, none), tickets.get(kind, none)
        found.append((kind, lines + more, amount + rest))
    return [[kind, lines, str(amount)] for kind, lines, amount in sorted(found, key=lambda one: -one[2])]
