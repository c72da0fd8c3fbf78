"""The service report of a week, month, quarter, half-year or year, drafted from what was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from servicedesk.approvals.models import APPROVED, ApprovalChain
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.inspections.days.models import DayExplanation
from servicedesk.inspections.days.queries import reported
from servicedesk.inspections.models import Finding, InspectionRun
from servicedesk.inspections.queries import scope_of
from servicedesk.organisations.models import Site
from servicedesk.repairs import queries as repairs
from servicedesk.repairs.models import Repair, RepairCost
from servicedesk.tickets import quality
from servicedesk.tickets.models import Ticket, TicketCost
from servicedesk.tickets.periods import Period

LISTED = 50  # rows of a list; the figures beside them count everything


@dataclass(frozen=True, slots=True)
class Place:
    """What the report is about; None: all within the reader's reach."""

    client_id: int | None = None
    site_id: int | None = None


@dataclass(frozen=True, slots=True)
class Inspections:
    """Of one site: runs that were due, complete, missed, signed, reviewed; devices; abnormal items."""

    site_id: int
    site: str
    runs: int
    complete: int
    missed: int
    signed: int
    reviewed: int
    devices: int
    inspected: int
    abnormal: int

    @property
    def share(self) -> float | None:
        """Of the visits that were due, those that were made."""
        return self.inspected / self.devices if self.devices else None


@dataclass(frozen=True, slots=True)
class ServiceReport:
    """Everything the page and the file show."""

    period: Period
    inspections: Sequence[Inspections]
    explanations: Sequence[DayExplanation]  # of days that were missed or incomplete
    findings: tuple[int, int, int]  # new, closed, open at the end
    categories: Sequence[quality.Row]
    engineers: Sequence[quality.Row]
    causes: Sequence[Any]
    handlings: Sequence[Any]
    majors: Sequence[Any]
    changes: Sequence[Any]
    waiting: Sequence[Any]
    comments: Sequence[Any]
    costs: tuple[Decimal, Decimal, int]  # of tickets and repairs: sum, approved of it, lines


def draft(actor: Actor, period: Period, place: Place, zone: ZoneInfo) -> ServiceReport:
    """Gather a period; the number of queries does not depend on how much happened.

    Args:
        zone: whose days the period's are.
    """
    start, end = period.moments(zone)
    chosen = quality.Chosen(start, end, place.client_id, place.site_id)
    return ServiceReport(
        period,
        _inspections(actor, period, place),
        reported(_at(place, DayExplanation, actor), period.first, period.last, LISTED),
        _findings(actor, start, end, place),
        quality.figures(actor, chosen, "category"),
        quality.figures(actor, chosen, "engineer"),
        quality.listed(actor, chosen, Ticket.cause_id),
        quality.listed(actor, chosen, Ticket.handling_id),
        _tickets(actor, chosen, Ticket.major, Ticket.created_at),
        _tickets(actor, chosen, Ticket.category == "change", Ticket.closed_at),
        _waiting(actor, chosen),
        quality.comments(actor, chosen),
        _costs(actor, chosen),
    )


def _at(place: Place, model: Any, actor: Actor) -> list[Any]:
    """What the reader may see of a model with client and site, at the place."""
    named = ((model.client_id, place.client_id), (model.site_id, place.site_id))
    return [scope_of(actor, model), *(column == value for column, value in named if value is not None)]


def _inspections(actor: Actor, period: Period, place: Place) -> list[Inspections]:
    def number(condition: Any) -> Any:
        return sa.func.sum(sa.case((condition, 1), else_=0))

    statement = (
        sa.select(
            Site.id,
            Site.name,
            sa.func.count(),
            number(InspectionRun.state == "complete"),
            number(InspectionRun.state == "missed"),
            number(InspectionRun.signed_at.is_not(None)),
            number(InspectionRun.reviewed_at.is_not(None)),
            sa.func.sum(InspectionRun.device_count),
            sa.func.sum(InspectionRun.inspected_count),
            sa.func.sum(InspectionRun.abnormal_count),
        )
        .join(Site, Site.id == InspectionRun.site_id)
        .where(
            *_at(place, InspectionRun, actor),
            InspectionRun.plan_id.is_not(None),
            InspectionRun.day >= period.first,
            InspectionRun.day <= period.last,
        )
        .group_by(Site.id, Site.name)
        .order_by(Site.name, Site.id)
    )
    rows = db.session.execute(statement)
    return [Inspections(row[0], row[1], *(int(number or 0) for number in row[2:])) for row in rows]


def _findings(actor: Actor, start: datetime, end: datetime, place: Place) -> tuple[int, int, int]:
    def number(*conditions: Any) -> Any:
        return sa.func.count().filter(*conditions)

    statement = sa.select(
        number(Finding.first_at >= start, Finding.first_at < end),
        number(Finding.closed_at >= start, Finding.closed_at < end),
        number(Finding.first_at < end, sa.or_(Finding.closed_at.is_(None), Finding.closed_at >= end)),
    ).where(*_at(place, Finding, actor))
    new, closed, left = db.session.execute(statement).one()
    return int(new), int(closed), int(left)


_COLUMNS = (
    Ticket.id,
    Ticket.number,
    Ticket.title,
    Ticket.category,
    Ticket.state,
    Ticket.phase,
    Ticket.priority,
    Ticket.subtype,
    Ticket.created_at,
    Ticket.closed_at,
)


def _tickets(actor: Actor, chosen: quality.Chosen, condition: Any, moment: Any) -> Sequence[Any]:
    return db.session.execute(
        sa.select(*_COLUMNS)
        .where(*quality.looked_at(actor, chosen), condition, moment >= chosen.start, moment < chosen.end)
        .order_by(moment, Ticket.id)
        .limit(LISTED)
    ).all()


def _waiting(actor: Actor, chosen: quality.Chosen) -> Sequence[Any]:
    """What was not done when the period ended, the oldest first."""
    open_then = sa.or_(Ticket.closed_at.is_(None), Ticket.closed_at >= chosen.end)
    unresolved = sa.or_(Ticket.resolved_at.is_(None), Ticket.resolved_at >= chosen.end)
    return db.session.execute(
        sa.select(*_COLUMNS)
        .where(*quality.looked_at(actor, chosen), Ticket.created_at < chosen.end, open_then, unresolved)
        .order_by(Ticket.created_at, Ticket.id)
        .limit(LISTED)
    ).all()


def _costs(actor: Actor, chosen: quality.Chosen) -> tuple[Decimal, Decimal, int]:
    """Lines of tickets, and those of repairs; no line is in both."""
    tickets = _spent(
        TicketCost,
        TicketCost.quantity * TicketCost.unit_price,
        chosen,
        TicketCost.ticket_id.in_(sa.select(Ticket.id).where(*quality.looked_at(actor, chosen))),
    )
    theirs = [repairs.visible_clause(actor)]
    if chosen.client_id is not None:
        theirs.append(Repair.client_id == chosen.client_id)
    if chosen.site_id is not None:
        theirs.append(Repair.site_id == chosen.site_id)
    mine = RepairCost.repair_id.in_(sa.select(Repair.id).where(*theirs))
    repaired = _spent(RepairCost, RepairCost.amount, chosen, mine)
    return tickets[0] + repaired[0], tickets[1] + repaired[1], tickets[2] + repaired[2]


def _spent(
    cost: type[TicketCost] | type[RepairCost], amount: Any, chosen: quality.Chosen, within: Any
) -> tuple[Decimal, Decimal, int]:
    total, approved, lines = db.session.execute(
        sa.select(
            sa.func.coalesce(sa.func.sum(amount), 0),
            sa.func.coalesce(sa.func.sum(sa.case((ApprovalChain.state == APPROVED, amount), else_=0)), 0),
            sa.func.count(cost.id),
        )
        .select_from(cost)
        .outerjoin(ApprovalChain, ApprovalChain.id == cost.approval_id)
        .where(within, cost.created_at >= chosen.start, cost.created_at < chosen.end)
    ).one()
    return repairs.cents(total), repairs.cents(approved), int(lines)
