"""Figures of service quality in a period: aggregates of the database, a constant number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.permissions import Permission
from servicedesk.sla.models import MET, RESPONSE, RESTORE, SlaClock
from servicedesk.staff.models import User
from servicedesk.tickets.models import ListEntry, Ticket, WorkLog

COMMENTS = 50
BEHIND = ("created", "resolved", "reopened", "rated", "late_response", "late_restore", "cause", "handling")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is looked at: from ``start`` up to but not including ``end``."""

    start: datetime
    end: datetime
    client_id: int | None = None
    site_id: int | None = None


@dataclass(slots=True)
class Row:
    """Figures of a category (its name) or an engineer (their number; None: nobody).

    Shares are between 0 and 1; medians are working seconds; None where there is nothing to count.
    """

    key: Any
    name: str = ""
    created: int = 0
    resolved: int = 0
    reopened: int = 0
    closed: int = 0
    rated: int = 0
    stars: float | None = None
    clocks: dict[str, tuple[int, int]] = field(default_factory=dict)  # kind: met, of them in time
    medians: dict[str, float] = field(default_factory=dict)

    def met_share(self, kind: str) -> float | None:
        """Of the clocks that were met, the share in time."""
        total, in_time = self.clocks.get(kind, (0, 0))
        return in_time / total if total else None

    @property
    def reopened_share(self) -> float | None:
        """Of what was resolved, the share that had been reopened."""
        return self.reopened / self.resolved if self.resolved else None

    @property
    def answered_share(self) -> float | None:
        """Of what was closed, the share that was rated."""
        return self.rated / self.closed if self.closed else None


def may_look(actor: Actor) -> bool:
    """Engineers at their own figures, supervisors at those of their scope."""
    return actor.allows_somewhere(Permission.TICKET_WORK) or actor.allows_somewhere(Permission.TICKET_ASSIGN)


def reach(actor: Actor) -> sa.ColumnElement[bool]:
    """The tickets whose figures the actor may see."""
    all_of = actor.scope(Permission.TICKET_ASSIGN).clause(Ticket.client_id, Ticket.site_id)
    works = actor.scope(Permission.TICKET_WORK).clause(Ticket.client_id, Ticket.site_id)
    return sa.or_(all_of, sa.and_(works, Ticket.assignee_id == actor.user_id))


def _within(column: Any, chosen: Chosen) -> sa.ColumnElement[bool]:
    return sa.and_(column >= chosen.start, column < chosen.end)


def looked_at(actor: Actor, chosen: Chosen) -> list[sa.ColumnElement[bool]]:
    """The conditions on the tickets a figure counts, but for its period."""
    clauses = [reach(actor), Ticket.state != "merged"]
    if chosen.client_id is not None:
        clauses.append(Ticket.client_id == chosen.client_id)
    if chosen.site_id is not None:
        clauses.append(Ticket.site_id == chosen.site_id)
    return clauses


def figures(actor: Actor, chosen: Chosen, by: str) -> list[Row]:
    """Rows by "category" or "engineer"; three queries, one more for names."""
    group = Ticket.category if by == "category" else Ticket.assignee_id
    rows: dict[Any, Row] = {}
    for counted in db.session.execute(_counts(actor, chosen, group)):
        rows[counted.key] = Row(
            counted.key,
            created=counted.created or 0,
            resolved=counted.resolved or 0,
            reopened=counted.reopened or 0,
            closed=counted.closed or 0,
            rated=counted.rated or 0,
            stars=float(counted.stars) if counted.stars is not None else None,
        )
    for met in db.session.execute(_clocks(actor, chosen, group)):
        row = rows.setdefault(met.key, Row(met.key))
        row.clocks[met.kind] = (met.total, met.in_time or 0)
    for median in db.session.execute(_medians(actor, chosen, group)):
        rows.setdefault(median.key, Row(median.key)).medians[median.kind] = float(median.seconds)
    if by == "engineer":
        ids = [key for key in rows if key is not None]
        names = db.session.execute(sa.select(User.id, User.display_name).where(User.id.in_(ids)))
        for user_id, name in names:
            rows[user_id].name = name
    return sorted(rows.values(), key=lambda row: (-row.resolved, -row.created, str(row.key)))


def _counts(actor: Actor, chosen: Chosen, group: Any) -> sa.Select[Any]:
    created, resolved, closed = (
        _within(column, chosen) for column in (Ticket.created_at, Ticket.resolved_at, Ticket.closed_at)
    )

    def number(condition: Any) -> Any:
        return sa.func.sum(sa.case((condition, 1), else_=0))

    done = sa.and_(closed, Ticket.state.not_in(("cancelled", "rejected")))
    rated = sa.and_(done, Ticket.rating.is_not(None))
    return (
        sa.select(
            group.label("key"),
            number(created).label("created"),
            number(resolved).label("resolved"),
            number(sa.and_(resolved, Ticket.reopened > 0)).label("reopened"),
            number(done).label("closed"),
            number(rated).label("rated"),
            sa.func.avg(sa.case((rated, Ticket.rating))).label("stars"),
        )
        .where(*looked_at(actor, chosen), sa.or_(created, resolved, closed))
        .group_by(group)
    )


def _met(actor: Actor, chosen: Chosen) -> list[sa.ColumnElement[bool]]:
    return [*looked_at(actor, chosen), SlaClock.state == MET, _within(SlaClock.met_at, chosen)]


def _clocks(actor: Actor, chosen: Chosen, group: Any) -> sa.Select[Any]:
    in_time = sa.case((SlaClock.breached_at.is_(None), 1), else_=0)
    return (
        sa.select(
            group.label("key"),
            SlaClock.kind,
            sa.func.count().label("total"),
            sa.func.sum(in_time).label("in_time"),
        )
        .join(Ticket, Ticket.id == SlaClock.ticket_id)
        .where(*_met(actor, chosen))
        .group_by(group, SlaClock.kind)
    )


def _medians(actor: Actor, chosen: Chosen, group: Any) -> sa.Select[Any]:
    """The middle one, or the mean of the two in the middle; SQLite has no function for it."""
    over: dict[str, Any] = {"partition_by": [group, SlaClock.kind]}
    ranked = (
        sa.select(
            group.label("key"),
            SlaClock.kind,
            SlaClock.elapsed_seconds.label("seconds"),
            sa.func.row_number().over(order_by=SlaClock.elapsed_seconds, **over).label("place"),
            sa.func.count().over(**over).label("total"),
        )
        .join(Ticket, Ticket.id == SlaClock.ticket_id)
        .where(*_met(actor, chosen))
        .subquery()
    )
    middle = sa.or_(ranked.c.place == (ranked.c.total + 1) // 2, ranked.c.place == (ranked.c.total + 2) // 2)
    return (
        sa.select(ranked.c.key, ranked.c.kind, sa.func.avg(ranked.c.seconds).label("seconds"))
        .where(middle)
        .group_by(ranked.c.key, ranked.c.kind)
    )


def listed(actor: Actor, chosen: Chosen, column: Any) -> Sequence[Any]:
    """Causes or handlings of the faults resolved in the period: entry, count, hours spent."""
    spent = (
        sa.select(WorkLog.ticket_id, sa.func.sum(WorkLog.minutes).label("minutes"))
        .group_by(WorkLog.ticket_id)
        .subquery()
    )
    count = sa.func.count(Ticket.id)
    return db.session.execute(
        sa.select(ListEntry, count.label("count"), sa.func.sum(spent.c.minutes).label("minutes"))
        .join(Ticket, column == ListEntry.id)
        .outerjoin(spent, spent.c.ticket_id == Ticket.id)
        .where(*looked_at(actor, chosen), Ticket.category == "fault", _within(Ticket.resolved_at, chosen))
        .group_by(ListEntry.id)
        .order_by(count.desc(), ListEntry.id)
        .limit(COMMENTS)
    ).all()


def comments(actor: Actor, chosen: Chosen) -> Sequence[Any]:
    """What requesters wrote with their stars, the lowest first."""
    return db.session.execute(
        sa.select(Ticket.id, Ticket.number, Ticket.title, Ticket.rating, Ticket.rating_comment)
        .where(
            *looked_at(actor, chosen),
            _within(Ticket.closed_at, chosen),
            Ticket.rating.is_not(None),
            Ticket.rating_comment != "",
        )
        .order_by(Ticket.rating, Ticket.closed_at.desc(), Ticket.id)
        .limit(COMMENTS)
    ).all()


def behind(of: str, actor: Actor, chosen: Chosen, entry: int = 0) -> list[sa.ColumnElement[bool]]:
    """The tickets a figure counts, for the list; an unknown name is "created".

    Args:
        entry: of the list of causes or of handlings, where ``of`` is one of these.
    """
    clauses = looked_at(actor, chosen)
    listed_by = {"cause": Ticket.cause_id, "handling": Ticket.handling_id}.get(of)
    if listed_by is not None:
        fault = Ticket.category == "fault"
        return [*clauses, fault, listed_by == entry, _within(Ticket.resolved_at, chosen)]
    late = {"late_response": RESPONSE, "late_restore": RESTORE}.get(of)
    if late is not None:
        clocks = sa.select(SlaClock.ticket_id).where(
            SlaClock.kind == late,
            SlaClock.state == MET,
            SlaClock.breached_at.is_not(None),
            _within(SlaClock.met_at, chosen),
        )
        return [*clauses, Ticket.id.in_(clocks)]
    if of == "rated":
        done = Ticket.state.not_in(("cancelled", "rejected"))
        return [*clauses, _within(Ticket.closed_at, chosen), done, Ticket.rating.is_not(None)]
    if of in ("resolved", "reopened"):
        clauses.append(_within(Ticket.resolved_at, chosen))
        return [*clauses, Ticket.reopened > 0] if of == "reopened" else clauses
    return [*clauses, _within(Ticket.created_at, chosen)]
