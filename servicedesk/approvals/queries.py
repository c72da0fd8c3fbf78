"""Approvals as far as an actor may see them. Every list and page starts here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, selectinload

from servicedesk.approvals import effects
from servicedesk.approvals.models import (
    OPEN,
    RUNNING,
    ApprovalChain,
    ApprovalDefinition,
    ApprovalDelegation,
    ApprovalNodeRun,
    ApprovalSeat,
    ApprovalVersion,
)
from servicedesk.approvals.people import in_force
from servicedesk.core.actor import Actor
from servicedesk.core.db import UtcDateTime, db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.paging import Order, Page, paginate
from servicedesk.core.permissions import Permission
from servicedesk.staff.models import User

_FAR = datetime(9000, 1, 1, tzinfo=UTC)
DUE = sa.func.coalesce(ApprovalNodeRun.due_at, sa.literal(_FAR, UtcDateTime()), type_=UtcDateTime())

# One instance: SQLAlchemy works out how to cache a statement anew for every new one.
_NUMBER = sa.Integer()


def within_reach(actor: Actor) -> sa.ColumnElement[bool]:
    """Client staff stay in their own organisation; others go as far as their roles reach today."""
    if actor.home_client_id is not None:
        return ApprovalChain.client_id == actor.home_client_id
    return actor.reach().clause(ApprovalChain.client_id, ApprovalChain.site_id)


def visible_clause(actor: Actor, now: datetime) -> sa.ColumnElement[bool]:
    """What one asked for, was asked, decided, stands in for, or manages."""
    me = actor.user_id or 0
    own_seat = (
        sa.select(ApprovalSeat.id)
        .join(ApprovalNodeRun, ApprovalNodeRun.id == ApprovalSeat.run_id)
        .where(
            ApprovalNodeRun.chain_id == ApprovalChain.id,
            sa.or_(
                ApprovalSeat.user_id == me,
                ApprovalSeat.on_behalf_of_id == me,
                ApprovalSeat.decided_by_id == me,
                _stood_in_for(me, now),
            ),
        )
        .correlate(ApprovalChain)
    )
    manages = actor.scope(Permission.APPROVAL_MANAGE).clause(ApprovalChain.client_id, ApprovalChain.site_id)
    return sa.and_(within_reach(actor), sa.or_(ApprovalChain.requester_id == me, own_seat.exists(), manages))


def _stood_in_for(me: int, now: datetime) -> sa.ColumnElement[bool]:
    """Open seats of those for whom somebody stands in at this moment."""
    principals = (
        sa.select(ApprovalDelegation.id)
        .where(
            ApprovalDelegation.from_user_id == ApprovalSeat.user_id,
            ApprovalDelegation.to_user_id == me,
            in_force(now, ApprovalChain.client_id),
        )
        .correlate(ApprovalSeat, ApprovalChain)
    )
    return sa.and_(ApprovalSeat.state == OPEN, principals.exists())


def get_visible_chain(chain_id: int, actor: Actor, now: datetime) -> ApprovalChain:
    """The chain, or NotFoundError. Who may see its subject may see it too."""
    chain = db.session.scalar(_whole().where(ApprovalChain.id == chain_id))
    if chain is None or not (_sees(actor, now, chain) or _sees_subject(chain, actor)):
        raise NotFoundError
    return chain


def _sees(actor: Actor, now: datetime, chain: ApprovalChain) -> bool:
    wanted = sa.select(ApprovalChain.id).where(ApprovalChain.id == chain.id, visible_clause(actor, now))
    return db.session.scalar(wanted) is not None


def _sees_subject(chain: ApprovalChain, actor: Actor) -> bool:
    if actor.home_client_id is not None and chain.client_id != actor.home_client_id:
        return False
    may_view = effects.subject(chain.subject_type).may_view
    return may_view is not None and may_view(chain.subject_id, actor)


def chains_of(subject_type: str, subject_id: int, actor: Actor, now: datetime) -> list[ApprovalChain]:
    """The subject's approvals an actor may see, the newest first; at most 20."""
    statement = _whole().where(
        ApprovalChain.subject_type == subject_type, ApprovalChain.subject_id == subject_id
    )
    found = list(db.session.scalars(statement.order_by(ApprovalChain.id.desc()).limit(20)))
    if not found or _sees_subject(found[0], actor):
        return found
    ids = [chain.id for chain in found]
    seen = set(
        db.session.scalars(
            sa.select(ApprovalChain.id).where(ApprovalChain.id.in_(ids), visible_clause(actor, now))
        )
    )
    return [chain for chain in found if chain.id in seen]


def _whole() -> sa.Select[ApprovalChain]:
    """A chain with all its page shows, in a fixed number of queries."""
    seats = selectinload(ApprovalChain.runs).selectinload(ApprovalNodeRun.seats)
    return sa.select(ApprovalChain).options(
        joinedload(ApprovalChain.version).joinedload(ApprovalVersion.definition),
        joinedload(ApprovalChain.client),
        joinedload(ApprovalChain.requester),
        seats.joinedload(ApprovalSeat.user),
        seats.joinedload(ApprovalSeat.on_behalf_of),
        seats.joinedload(ApprovalSeat.decided_by),
    )


def _mine(actor: Actor, now: datetime) -> sa.ColumnElement[bool]:
    """Open seats an actor may decide: their own, and of those they stand in for, save where they sit too."""
    me = actor.user_id or 0
    other = aliased(ApprovalSeat)
    sits = (
        sa.select(other.id)
        .where(
            other.run_id == ApprovalSeat.run_id,
            other.id != ApprovalSeat.id,
            sa.or_(sa.and_(other.user_id == me, other.state != "void"), other.decided_by_id == me),
        )
        .correlate(ApprovalSeat)
    )
    for_others = sa.and_(_stood_in_for(me, now), ApprovalChain.requester_id != me, ~sits.exists())
    return sa.and_(
        _held(me, now),
        ApprovalSeat.state == OPEN,
        ApprovalNodeRun.state == OPEN,
        ApprovalChain.state == RUNNING,
        within_reach(actor),
        sa.or_(ApprovalSeat.user_id == me, for_others),
    )


def _held(me: int, now: datetime) -> sa.ColumnElement[bool]:
    """Seats of one's own and of those one stands in for, whatever the client.

    The few numbers are read first: with them both databases find the seats by their index.
    """
    return ApprovalSeat.user_id.in_(sorted({me, *db.session.scalars(_principals(me, now))}))


def _principals(me: int, now: datetime | sa.BindParameter[Any]) -> sa.Select[int]:
    """Whom somebody stands in for."""
    return sa.select(ApprovalDelegation.from_user_id).where(
        ApprovalDelegation.to_user_id == me,
        ApprovalDelegation.ends_at > now,
        ApprovalDelegation.cancelled_at.is_(None),
    )


def _joined(statement: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
    return (
        statement.select_from(ApprovalSeat)
        .join(ApprovalNodeRun, ApprovalNodeRun.id == ApprovalSeat.run_id)
        .join(ApprovalChain, ApprovalChain.id == ApprovalNodeRun.chain_id)
    )


def waiting_count(actor: Actor, now: datetime) -> int:
    """How many seats wait for this actor: for the menu."""
    if actor.user_id is None:
        return 0
    return db.session.scalar(_joined(sa.select(sa.func.count())).where(_mine(actor, now))) or 0


def held_question(actor: Actor, now: sa.BindParameter[Any]) -> sa.ScalarSelect[int]:
    """More than 0 when ``waiting_count`` may be: a short question, since every page asks it and nearly
    nobody is asked for a decision at a given moment."""
    me = actor.user_id or 0
    held = sa.union_all(sa.select(sa.literal(me, _NUMBER)), _principals(me, now))
    return (
        sa.select(sa.func.count(ApprovalSeat.id))
        .where(ApprovalSeat.user_id.in_(held), ApprovalSeat.state == OPEN)
        .scalar_subquery()
    )


def _rows() -> sa.Select[*tuple[Any, ...]]:
    requester, holder = aliased(User), aliased(User)
    return (
        _joined(
            sa.select(
                ApprovalSeat.id.label("id"),
                ApprovalSeat.user_id,
                ApprovalSeat.state,
                ApprovalSeat.reason,
                ApprovalSeat.decided_at,
                ApprovalNodeRun.due_at,
                ApprovalNodeRun.position,
                DUE.label("due"),
                ApprovalChain.id.label("chain_id"),
                ApprovalChain.state.label("chain_state"),
                ApprovalChain.subject_type,
                ApprovalChain.subject_id,
                ApprovalChain.subject_label,
                ApprovalDefinition.title_en,
                ApprovalDefinition.title_zh,
                ApprovalVersion.nodes,
                requester.display_name.label("requester"),
                holder.display_name.label("holder"),
            )
        )
        .join(ApprovalVersion, ApprovalVersion.id == ApprovalChain.version_id)
        .join(ApprovalDefinition, ApprovalDefinition.id == ApprovalVersion.definition_id)
        .join(requester, requester.id == ApprovalChain.requester_id)
        .join(holder, holder.id == ApprovalSeat.user_id)
    )


def waiting_rows(actor: Actor, now: datetime, cursor: str = "") -> Page[Any]:
    """What waits for this actor, the most urgent first."""
    order = Order((DUE, ApprovalSeat.id), ("due", "id"), descending=False)
    return paginate(_rows().where(_mine(actor, now)), order, cursor)


def decided_rows(actor: Actor, cursor: str = "") -> Page[Any]:
    """What this actor decided, for themselves and for others, the newest first."""
    statement = _rows().where(
        ApprovalSeat.decided_by_id == (actor.user_id or 0),
        ApprovalSeat.decided_at.is_not(None),
        within_reach(actor),
    )
    return paginate(
        statement, Order((ApprovalSeat.decided_at, ApprovalSeat.id), ("decided_at", "id")), cursor
    )
