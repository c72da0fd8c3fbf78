"""Who is away, from when until when, and who stands in for them.

People name their own absence; supervisors that of those who work on their tickets. Other domains (leave)
call ``record`` with a source of their own.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from servicedesk.assignment.models import Absence
from servicedesk.assignment.queries import workers_in
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import InvalidError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.staff.models import User

MAX_PERIOD = timedelta(days=366)
MANUAL = "manual"
_FIELDS = ("user_id", "substitute_id", "from_at", "until_at", "source")


def people_of(actor: Actor) -> list[User]:
    """Whose absences the actor may name: those who work on tickets they assign, and their own."""
    people = workers_in(actor.scope(Permission.TICKET_ASSIGN))
    if actor.user_id is not None and actor.allows_somewhere(Permission.TICKET_WORK):
        own = db.session.get(User, actor.user_id)
        if own is not None and own not in people:
            people.append(own)
    return people


def substitutes_of(actor: Actor) -> list[User]:
    """Who may be named: those who work on the tickets of the clients the actor works for."""
    return workers_in(actor.scope(Permission.TICKET_WORK))


def visible(people: Collection[User]) -> sa.Select[Absence]:
    """Their absences, with names."""
    return (
        sa.select(Absence)
        .where(Absence.user_id.in_([user.id for user in people]))
        .options(joinedload(Absence.user), joinedload(Absence.substitute))
    )


def record(
    user_id: int | None,
    substitute_id: int | None,
    from_at: datetime,
    until_at: datetime,
    *,
    actor: Actor,
    now: datetime,
    source: str = MANUAL,
) -> Absence:
    """Say that somebody is away from a moment until right before another.

    Raises:
        InvalidError: somebody out of reach; a period that is over, empty, too long or overlaps another.
    """
    audit.take_turn()  # the same period sent twice at once is found by the second
    user = _person(user_id, actor)
    _require_period(from_at, until_at, now)
    _require_substitute(substitute_id, user.id, actor)
    overlapping = sa.select(Absence.id).where(
        Absence.user_id == user.id, Absence.from_at < until_at, Absence.until_at > from_at
    )
    if db.session.scalar(overlapping.limit(1)) is not None:
        raise InvalidError(
            _(
                "%(name)s is away in this period already. End or remove that entry first.",
                name=user.display_name,
            ),
            "from_at",
        )
    absence = Absence(
        user_id=user.id,
        substitute_id=substitute_id,
        from_at=from_at,
        until_at=until_at,
        source=source,
        created_at=now,
    )
    db.session.add(absence)
    db.session.flush()
    after = audit.snapshot(absence, _FIELDS)
    audit.record(actor, "absence.recorded", absence, now=now, label=user.display_name, after=after)
    return absence


def _require_period(from_at: datetime, until_at: datetime, now: datetime) -> None:
    if until_at <= from_at:
        raise InvalidError(_("The period ends before it starts."), "until")
    if until_at <= now:
        raise InvalidError(_("The period is over already."), "until")
    if until_at - from_at > MAX_PERIOD:
        raise InvalidError(_("An absence is a year at most."), "until")


def _person(user_id: int | None, actor: Actor) -> User:
    if actor.is_system:
        found = db.session.get(User, user_id or 0)
    else:
        found = next((user for user in people_of(actor) if user.id == user_id), None)
    if found is None:
        raise InvalidError(_("Choose somebody from the list."), "user_id")
    return found


def _require_substitute(substitute_id: int | None, user_id: int, actor: Actor) -> None:
    if substitute_id is None:
        return
    if substitute_id == user_id:
        raise InvalidError(_("Nobody stands in for themselves."), "substitute_id")
    known = (
        db.session.get(User, substitute_id) is not None
        if actor.is_system
        else substitute_id in {user.id for user in substitutes_of(actor)}
    )
    if not known:
        raise InvalidError(_("Choose somebody from the list."), "substitute_id")


def end(absence_id: int, *, actor: Actor, now: datetime) -> None:
    """The person is back: an absence that runs ends now, one to come is taken back.

    Raises:
        NotFoundError: no such absence, out of reach, or over already.
    """
    statement = sa.select(Absence).where(
        Absence.id == absence_id,
        Absence.user_id.in_([user.id for user in people_of(actor)]),
        Absence.until_at > now,
    )
    absence = db.session.scalar(for_update(statement))
    if absence is None:
        raise NotFoundError
    label = db.session.get_one(User, absence.user_id).display_name
    before = audit.snapshot(absence, _FIELDS)
    if absence.from_at >= now:
        audit.record(actor, "absence.removed", absence, now=now, label=label, before=before)
        db.session.delete(absence)
        return
    absence.until_at, absence.updated_at = now, now
    after = audit.snapshot(absence, _FIELDS)
    audit.record(actor, "absence.ended", absence, now=now, label=label, before=before, after=after)
