"""The requester's satisfaction after the closing, and what a low one leads to."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.tickets.models import Ticket, TimelineEntry
from servicedesk.tickets.service import LOW_RATING, STARS, add_entry, locked, note_low_rating

DAYS = 14  # after the closing
FIELDS = ("rating", "rating_comment")
UNRATED = ("cancelled", "rejected", "merged")  # nothing was delivered


def may_rate(ticket: Ticket, actor: Actor, now: datetime) -> bool:
    """The requester, once it is closed, for two weeks."""
    own = actor.user_id is not None and ticket.requester_id == actor.user_id
    return own and _open(ticket, now)


def _open(ticket: Ticket, now: datetime) -> bool:
    return (
        ticket.phase == "closed"
        and ticket.state not in UNRATED
        and ticket.closed_at is not None
        and now <= ticket.closed_at + timedelta(days=DAYS)
    )


def rate(ticket: Ticket, rating: int | None, comment: str, *, actor: Actor, now: datetime) -> TimelineEntry:
    """Rate a closed ticket, or put an earlier rating right.

    Raises:
        NotAllowedError: the actor did not ask for it.
        ConflictError: it is not closed, or was more than two weeks ago.
        InvalidError: no number of stars.
    """
    ticket = locked(ticket)
    if actor.user_id is None or ticket.requester_id != actor.user_id:
        raise NotAllowedError
    if not _open(ticket, now):
        raise ConflictError(_("A ticket is rated within %(count)s days after it was closed.", count=DAYS))
    if rating not in STARS:
        raise InvalidError(_("Choose 1 to 5 stars."), "rating")
    before = audit.snapshot(ticket, FIELDS)
    ticket.rating, ticket.rating_comment = rating, comment.strip()
    ticket.version += 1
    entry = add_entry(
        ticket, "rating", actor=actor, now=now, body=ticket.rating_comment, data={"rating": rating}
    )
    if rating <= LOW_RATING and (before["rating"] or 5) > LOW_RATING:
        note_low_rating(ticket, actor=actor, now=now)
    after = audit.snapshot(ticket, FIELDS)
    audit.record(actor, "ticket.rated", ticket, now=now, label=ticket.number, before=before, after=after)
    return entry
