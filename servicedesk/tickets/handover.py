"""Open tickets of people who are away or have left, and giving them on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from servicedesk.assignment.crew import absent, gather
from servicedesk.assignment.models import Absence
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.staff.models import User
from servicedesk.tickets import assigning, queries
from servicedesk.tickets.bulk import MAX_TICKETS, Outcome
from servicedesk.tickets.models import Ticket


@dataclass(slots=True)
class Left:
    """Somebody who is not there, and what lies with them. ``substitute``: the name of who stands in."""

    user_id: int
    name: str
    active: bool
    substitute: str
    tickets: list[sa.Row[*tuple[Any, ...]]] = field(default_factory=list)


def _clause(actor: Actor, now: datetime) -> sa.ColumnElement[bool]:
    away = sa.select(Absence.user_id).where(Absence.from_at <= now, Absence.until_at > now)
    gone = sa.select(User.id).where(sa.or_(User.active.is_(False), User.id.in_(away)))
    reach = actor.scope(Permission.TICKET_ASSIGN).clause(Ticket.client_id, Ticket.site_id)
    return sa.and_(
        queries.visible_clause(actor),
        reach,
        Ticket.assignee_id.in_(gone),
        Ticket.phase.in_(assigning.OPEN),
    )


def waiting(actor: Actor, now: datetime) -> list[Left]:
    """By person, at most ``MAX_TICKETS`` in all; a fixed number of queries."""
    rows = db.session.execute(
        sa.select(
            Ticket.id,
            Ticket.number,
            Ticket.title,
            Ticket.category,
            Ticket.state,
            Ticket.phase,
            Ticket.priority,
            Ticket.assignee_id,
            User.display_name,
            User.active,
        )
        .join(User, User.id == Ticket.assignee_id)
        .where(_clause(actor, now))
        .order_by(User.display_name, User.id, Ticket.priority, Ticket.id)
        .limit(MAX_TICKETS)
    ).all()
    away = absent({row.assignee_id for row in rows}, now)
    others = {number for number in away.values() if number is not None}
    names = {
        row.id: row.display_name
        for row in db.session.execute(sa.select(User.id, User.display_name).where(User.id.in_(others)))
    }
    found: dict[int, Left] = {}
    for row in rows:
        substitute = names.get(away.get(row.assignee_id) or 0, "")
        one = found.setdefault(
            row.assignee_id, Left(row.assignee_id, row.display_name, row.active, substitute)
        )
        one.tickets.append(row)
    return list(found.values())


def hand_over(user_id: int, chosen_id: int | None = None, *, actor: Actor, now: datetime) -> Outcome:
    """Give on what lies with somebody who is not there: to the one chosen, else to who stands in, else by
    the rules; at most ``MAX_TICKETS``.

    Each ticket has a transaction of its own. What nobody can take waits in its team's queue.

    Raises:
        NotFoundError: nothing of theirs waits for it within the actor's reach.
    """
    ids: Sequence[int] = db.session.scalars(
        sa.select(Ticket.id)
        .where(_clause(actor, now), Ticket.assignee_id == user_id)
        .order_by(Ticket.priority, Ticket.id)
        .limit(MAX_TICKETS)
    ).all()
    if not ids:
        raise NotFoundError
    outcome = Outcome()
    for ticket_id in ids:
        number = ""
        try:
            with unit_of_work():
                ticket = queries.get_visible_ticket(ticket_id, actor)
                number = ticket.number
                _one(ticket, user_id, chosen_id, actor, now)
            outcome.done += 1
        except NotFoundError:
            continue
        except DomainError as error:
            outcome.refused.append((number, str(error)))
    return outcome


def _one(ticket: Ticket, user_id: int, chosen_id: int | None, actor: Actor, now: datetime) -> None:
    if ticket.assignee_id != user_id:
        return  # somebody was faster
    if chosen_id is not None:
        assigning.give(ticket, chosen_id, actor=actor, now=now)
        return
    way = gather([user_id], ticket.client_id, ticket.site_id, now).way_to(user_id)
    if way and way[-1] != user_id:
        assigning.give(ticket, way[-1], actor=actor, now=now)
        return
    decision = assigning.by_the_rules(ticket, now=now, replacing=True)
    if decision is None or decision.user_id is None:
        assigning.take_back(ticket, actor=actor, now=now)
