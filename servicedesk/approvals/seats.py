"""A seat handed on to somebody, and somebody more asked to sign."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.approvals.models import COUNTERSIGNER, OPEN, ApprovalSeat
from servicedesk.approvals.people import stand_ins_of
from servicedesk.approvals.progress import tell
from servicedesk.approvals.service import Sitting, checked_reason, take_seat
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError
from servicedesk.staff.models import User


def delegate(
    chain_id: int, seat_id: int, to_user_id: int | None, reason: str, *, actor: Actor, now: datetime
) -> ApprovalSeat:
    """Hand one's own seat on to somebody who reaches the subject; the record keeps whose it was."""
    sitting = take_seat(chain_id, seat_id, actor=actor, now=now, stand_in=False)
    text = checked_reason(reason, needed=False)
    user = _newcomer(sitting, to_user_id)
    seat = sitting.seat
    seat.on_behalf_of_id = seat.on_behalf_of_id or seat.user_id
    seat.user_id, seat.opened_at = user.id, now
    db.session.flush()
    db.session.refresh(seat)
    after = {"on_behalf_of": actor.name, "person": user.display_name, "reason": text}
    chain = sitting.chain
    audit.record(actor, "approval.delegated", chain, now=now, label=chain.subject_label, after=after)
    tell(
        chain,
        sitting.run,
        "delegated",
        _with_stand_ins(sitting, user, now),
        actor=actor,
        now=now,
        reason=text,
    )
    return seat


def countersign(
    chain_id: int, seat_id: int, user_id: int | None, reason: str, *, actor: Actor, now: datetime
) -> ApprovalSeat:
    """Ask somebody more at this step; it is not approved before they have approved too."""
    sitting = take_seat(chain_id, seat_id, actor=actor, now=now)
    text = checked_reason(reason, needed=False)
    user = _newcomer(sitting, user_id)
    seat = ApprovalSeat(
        run_id=sitting.run.id, user_id=user.id, kind=COUNTERSIGNER, source="", state=OPEN, opened_at=now
    )
    db.session.add(seat)
    db.session.flush()
    chain = sitting.chain
    after = {"person": user.display_name, "reason": text}
    audit.record(
        actor, "approval.countersigner_added", chain, now=now, label=chain.subject_label, after=after
    )
    tell(
        chain,
        sitting.run,
        "countersign",
        _with_stand_ins(sitting, user, now),
        actor=actor,
        now=now,
        reason=text,
    )
    return seat


def _with_stand_ins(sitting: Sitting, user: User, now: datetime) -> set[int]:
    others = stand_ins_of([user.id], sitting.chain.client_id, now).get(user.id, [])
    return {user.id, *(one.id for one in others)}


def _newcomer(sitting: Sitting, user_id: int | None) -> User:
    user = db.session.scalar(sa.select(User).where(User.id == (user_id or 0)))
    if user is None or not sitting.people.reaches(user):
        raise InvalidError(_("Choose somebody whose account is open and reaches this client."), "user_id")
    if not sitting.people.may_sit(user.id, sitting.node):
        raise InvalidError(_("The requester cannot decide on their own request."), "user_id")
    if any(seat.user_id == user.id or seat.decided_by_id == user.id for seat in sitting.seats):
        raise InvalidError(_("%(name)s is asked at this step already.", name=user.display_name), "user_id")
    return user
