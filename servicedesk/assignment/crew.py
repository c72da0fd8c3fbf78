"""Who can take a ticket of a place at a moment: open accounts that may work there, and are not away."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from servicedesk.assignment.models import Absence
from servicedesk.core.db import db
from servicedesk.core.permissions import Permission
from servicedesk.staff.actors import actors_for
from servicedesk.staff.models import User

MAX_STEPS = 3  # substitutes of substitutes


@dataclass(frozen=True, slots=True)
class Crew:
    """``able``: may work there. ``away``: who is absent, with who stands in for them, if anybody."""

    names: Mapping[int, str]
    able: frozenset[int]
    away: Mapping[int, int | None]

    def is_there(self, user_id: int | None) -> bool:
        """Whether they can take it themselves."""
        return user_id in self.able and user_id not in self.away

    def way_to(self, user_id: int) -> list[int]:
        """From this person over their substitutes to who can take it; empty when nobody can."""
        way = [user_id]
        while way[-1] in self.away and len(way) <= MAX_STEPS:
            following = self.away[way[-1]]
            if following is None or following in way:
                return []
            way.append(following)
        return way if self.is_there(way[-1]) else []


def absent(user_ids: Collection[int], now: datetime) -> dict[int, int | None]:
    """Who of these is away now, with the substitute; of several entries one that names somebody counts."""
    if not user_ids:
        return {}
    rows = db.session.execute(
        sa.select(Absence.user_id, Absence.substitute_id)
        .where(Absence.user_id.in_(sorted(user_ids)), Absence.from_at <= now, Absence.until_at > now)
        .order_by(Absence.from_at, Absence.id)
    )
    found: dict[int, int | None] = {}
    for row in rows:
        found[row.user_id] = row.substitute_id or found.get(row.user_id)
    return found


def with_absences(people: Sequence[tuple[int, str]], now: datetime) -> list[tuple[int, str]]:
    """For pick lists: who is away says so, those who are there come first."""
    away = absent([number for number, _name in people], now)
    there = [(number, name) for number, name in people if number not in away]
    return there + [(number, _("%(name)s (away)", name=name)) for number, name in people if number in away]


def gather(
    user_ids: Collection[int],
    client_id: int,
    site_id: int | None,
    now: datetime,
    permission: Permission = Permission.TICKET_WORK,
) -> Crew:
    """The people asked for and their substitutes; a number of queries that does not grow with them.

    ``holders`` leaves the contract's dates open; here they count.
    """
    known = set(user_ids)
    away: dict[int, int | None] = {}
    asked = known
    for _step in range(MAX_STEPS + 1):
        found = absent(asked, now)
        away |= found
        asked = {number for number in found.values() if number is not None} - known
        known |= asked
    users = (
        db.session.scalars(
            sa.select(User).where(User.id.in_(sorted(known))).options(joinedload(User.organisation))
        ).all()
        if known
        else []
    )
    actors = actors_for(users, today=now.date())
    able = frozenset(
        user.id
        for user, actor in zip(users, actors, strict=True)
        if user.active and actor.allows(permission, client_id, site_id)
    )
    return Crew({user.id: user.display_name for user in users}, able, away)
