"""What people type is kept as they type; and who else is at the same ticket is said."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.tickets.models import Draft, Ticket

HERE = timedelta(seconds=45)  # a page says every 15 s that it is open
WRITING = timedelta(seconds=90)
MAX_LENGTH = 20_000


def at(ticket: Ticket, actor: Actor, now: datetime) -> tuple[str, list[tuple[str, bool]]]:
    """What the actor typed and did not send; who else has the ticket open, and whether they write."""
    here = sa.or_(Draft.user_id == (actor.user_id or 0), Draft.seen_at > now - HERE)
    statement = (
        sa.select(Draft)
        .where(Draft.ticket_id == ticket.id, here)
        .options(joinedload(Draft.user))
        .order_by(Draft.user_id != (actor.user_id or 0), Draft.user_id)
        .limit(6)
    )
    text, others = "", []
    for draft in db.session.scalars(statement):
        if draft.user_id == actor.user_id:
            text = draft.body
        else:
            writing = draft.written_at is not None and draft.written_at > now - WRITING
            others.append((draft.user.display_name, writing))
    return text, others


def keep(ticket: Ticket, body: str | None, *, actor: Actor, now: datetime) -> None:
    """Note that the actor looks at the ticket; ``body``: what they have typed, None when nothing changed."""
    if actor.user_id is None:
        return
    draft = db.session.get(Draft, (ticket.id, actor.user_id))
    if draft is None:
        draft = Draft(ticket_id=ticket.id, user_id=actor.user_id, body="", seen_at=now)
        db.session.add(draft)
    draft.seen_at = now
    if body is not None and body != draft.body:
        draft.body = body[:MAX_LENGTH]
        draft.written_at = now if body.strip() else None
    db.session.flush()


def sent(ticket: Ticket, actor: Actor) -> None:
    """Nothing is left to send."""
    db.session.execute(
        sa.update(Draft)
        .where(Draft.ticket_id == ticket.id, Draft.user_id == actor.user_id)
        .values(body="", written_at=None)
    )


def forget_old(now: datetime, limit: int = 1000) -> int:
    """Periodic: rows without a text that nobody has looked at for a day. Returns how many."""
    old = (
        sa.select(Draft.ticket_id, Draft.user_id)
        .where(Draft.body == "", Draft.seen_at < now - timedelta(days=1))
        .limit(limit)
    )
    rows = db.session.execute(old).all()
    for ticket_id, user_id in rows:
        db.session.execute(
            sa.delete(Draft).where(Draft.ticket_id == ticket_id, Draft.user_id == user_id, Draft.body == "")
        )
    return len(rows)
