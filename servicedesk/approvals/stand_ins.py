"""Periods in which somebody else may decide too."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from servicedesk.approvals.models import ApprovalDelegation
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.organisations.models import CLIENT, Organisation
from servicedesk.staff.models import User

MAX_PERIOD = timedelta(days=366)


def possible_stand_ins(actor: Actor) -> sa.Select[User]:
    """Colleagues: open accounts of one's own organisation."""
    return sa.select(User).where(
        User.active, User.organisation_id == (actor.organisation_id or 0), User.id != (actor.user_id or 0)
    )


def set_stand_in(
    to_user_id: int | None,
    *,
    starts_at: datetime,
    ends_at: datetime,
    reason: str = "",
    client_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> ApprovalDelegation:
    """Let a colleague decide on one's seats too, from the start until right before the end.

    Raises:
        InvalidError: nobody suitable, a period that is over or too long, or the same one again.
    """
    if actor.user_id is None:
        raise NotAllowedError
    # Locked, so that the same period sent twice at once is found by the second.
    db.session.scalar(for_update(sa.select(User).where(User.id == actor.user_id)))
    user = db.session.scalar(possible_stand_ins(actor).where(User.id == (to_user_id or 0)))
    if user is None:
        raise InvalidError(_("Choose a colleague of your own organisation."), "to_user_id")
    if ends_at <= starts_at:
        raise InvalidError(_("The period ends before it starts."), "until")
    if ends_at <= now:
        raise InvalidError(_("The period is over already."), "until")
    if ends_at - starts_at > MAX_PERIOD:
        raise InvalidError(_("A stand-in is named for a year at most."), "until")
    if client_id is not None:
        client = db.session.get(Organisation, client_id)
        if client is None or client.kind != CLIENT or not _serves(actor, client_id):
            raise InvalidError(_("Choose a client."), "client_id")
    _require_new(user, starts_at, ends_at, client_id, actor)
    delegation = ApprovalDelegation(
        from_user_id=actor.user_id,
        to_user_id=user.id,
        client_id=client_id,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason.strip()[:500],
        created_at=now,
    )
    db.session.add(delegation)
    after = {"person": user.display_name, "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    audit.record(
        actor,
        "stand_in.named",
        delegation,
        now=now,
        label=user.display_name,
        client_id=client_id,
        after=after,
    )
    return delegation


def _serves(actor: Actor, client_id: int) -> bool:
    return actor.home_client_id == client_id or actor.reach().covers(client_id)


def _require_new(
    user: User, starts_at: datetime, ends_at: datetime, client_id: int | None, actor: Actor
) -> None:
    """Several people may stand in at a time; the same one for the same thing need not be named twice."""
    same = sa.select(ApprovalDelegation.id).where(
        ApprovalDelegation.from_user_id == actor.user_id,
        ApprovalDelegation.to_user_id == user.id,
        ApprovalDelegation.cancelled_at.is_(None),
        ApprovalDelegation.starts_at < ends_at,
        ApprovalDelegation.ends_at > starts_at,
        sa.or_(ApprovalDelegation.client_id.is_(None), ApprovalDelegation.client_id == client_id),
    )
    if db.session.scalar(same.limit(1)) is not None:
        raise InvalidError(
            _("%(name)s stands in for you in this period already. End that first.", name=user.display_name),
            "to_user_id",
        )


def cancel_stand_in(delegation_id: int, *, actor: Actor, now: datetime) -> ApprovalDelegation:
    """End one's own early; what was decided stays decided."""
    delegation = db.session.scalar(
        for_update(
            sa.select(ApprovalDelegation).where(
                ApprovalDelegation.id == delegation_id,
                ApprovalDelegation.from_user_id == (actor.user_id or 0),
            )
        )
    )
    if delegation is None:
        raise NotFoundError
    if delegation.cancelled_at is not None or delegation.ends_at <= now:
        raise ConflictError(_("This period is over already."))
    delegation.cancelled_at = now
    audit.record(actor, "stand_in.ended", delegation, now=now, label=delegation.to_user.display_name)
    return delegation


def periods(actor: Actor, now: datetime, *, given: bool) -> list[ApprovalDelegation]:
    """One's own that are not over (``given``), or those in which one stands in for others."""
    mine = ApprovalDelegation.from_user_id if given else ApprovalDelegation.to_user_id
    statement = (
        sa.select(ApprovalDelegation)
        .where(
            mine == (actor.user_id or 0),
            ApprovalDelegation.cancelled_at.is_(None),
            ApprovalDelegation.ends_at > now,
        )
        .options(
            joinedload(ApprovalDelegation.from_user),
            joinedload(ApprovalDelegation.to_user),
            joinedload(ApprovalDelegation.client),
        )
        .order_by(ApprovalDelegation.starts_at, ApprovalDelegation.id)
        .limit(200)
    )
    return list(db.session.scalars(statement))
