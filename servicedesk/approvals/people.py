"""Who qualifies at a step: holders of a role, named people, all within the subject's client and site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from servicedesk.approvals.definition import FIELD, ROLE, USER, Node, Source
from servicedesk.approvals.models import ApprovalChain, ApprovalDelegation
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.permissions import Role
from servicedesk.staff.actors import actor_for
from servicedesk.staff.models import User
from servicedesk.staff.queries import role_holders

# Named when nobody else qualifies, the first group that has anybody.
FALLBACK_ROLES = (Role.SUPERVISOR, Role.SYSTEM_ADMIN)


class People:
    """Looks people up for one subject; remembers their roles for as long as it lives."""

    def __init__(
        self,
        *,
        client_id: int,
        site_id: int | None,
        requester_id: int | None,
        facts: Mapping[str, Any],
        today: date,
    ) -> None:
        self.client_id, self.site_id, self.requester_id = client_id, site_id, requester_id
        self.facts, self.today = facts, today
        self._actors: dict[int, Actor] = {}

    @classmethod
    def of_chain(cls, chain: ApprovalChain, now: datetime) -> People:
        """For a chain's subject."""
        return cls(
            client_id=chain.client_id,
            site_id=chain.site_id,
            requester_id=chain.requester_id,
            facts=chain.facts,
            today=now.date(),
        )

    def reaches(self, user: User) -> bool:
        """Whether somebody may sign in and has any role where the subject lies."""
        return user.active and self._actor(user).reach().covers(self.client_id, self.site_id)

    def qualifies(self, user: User, source: Source | None) -> bool:
        """Whether a source still names somebody; without a source, whether they reach the subject."""
        if not self.reaches(user):
            return False
        if source is None:
            return True
        if source.kind == ROLE:
            return self._actor(user).reach(Role(source.value)).covers(self.client_id, self.site_id)
        return any(user.id == one.id for one in self._named(source))

    def asked(self, node: Node, sources: Iterable[Source] | None = None) -> dict[int, tuple[User, Source]]:
        """Everybody the step's sources (or others) name, with why; the requester only where allowed."""
        found: dict[int, tuple[User, Source]] = {}
        for source in node.approvers if sources is None else sources:
            for user in self._of(source):
                if self.may_sit(user.id, node):
                    found.setdefault(user.id, (user, source))
        return found

    def fallback(self) -> dict[int, tuple[User, Source]]:
        """Supervisors of the scope, else its administrators; never the requester."""
        for role in FALLBACK_ROLES:
            source = Source(ROLE, role.value)
            found = {u.id: (u, source) for u in self._of(source) if u.id != self.requester_id}
            if found:
                return found
        return {}

    def may_sit(self, user_id: int | None, node: Node) -> bool:
        """Nobody approves what they asked for, unless the step says so."""
        return user_id != self.requester_id or node.requester_may_approve

    def _of(self, source: Source) -> list[User]:
        if source.kind == ROLE:
            holders = role_holders([Role(source.value)], self.client_id, site_id=self.site_id)
            return [user for user in holders if self.qualifies(user, source)]
        return [user for user in self._named(source) if self.reaches(user)]

    def _named(self, source: Source) -> list[User]:
        given = [source.value] if source.kind == USER else []
        if source.kind == FIELD:
            fact = self.facts.get(source.value)
            given = [str(one) for one in (fact if isinstance(fact, list) else [fact]) if one is not None]
        ids = {int(text) for text in given if text.isascii() and text.isdigit() and len(text) <= 9}
        names = {text.strip().lower() for text in given if len(text) <= 64 and not text.isdigit()}
        if not ids and not names:
            return []
        wanted = sa.or_(User.id.in_(sorted(ids)), User.username.in_(sorted(names)))
        return list(db.session.scalars(sa.select(User).where(wanted).order_by(User.id)))

    def _actor(self, user: User) -> Actor:
        actor = self._actors.get(user.id)
        if actor is None:
            actor = self._actors[user.id] = actor_for(user, today=self.today)
        return actor


def in_force(now: datetime, client: Any) -> sa.ColumnElement[bool]:
    """The condition on stand-ins in force for a client, a number or a column."""
    return sa.and_(
        ApprovalDelegation.cancelled_at.is_(None),
        ApprovalDelegation.starts_at <= now,
        ApprovalDelegation.ends_at > now,
        sa.or_(ApprovalDelegation.client_id.is_(None), ApprovalDelegation.client_id == client),
    )


def stand_ins_of(user_ids: Iterable[int], client_id: int, now: datetime) -> dict[int, list[User]]:
    """Who may decide for whom at this moment, by the number of the one who is stood in for."""
    wanted = sorted(set(user_ids))
    if not wanted:
        return {}
    rows = db.session.execute(
        sa.select(ApprovalDelegation.from_user_id, User)
        .join(User, User.id == ApprovalDelegation.to_user_id)
        .where(ApprovalDelegation.from_user_id.in_(wanted), User.active, in_force(now, client_id))
        .order_by(User.display_name, User.id)
        .distinct()
    )
    found: dict[int, list[User]] = {}
    for from_user_id, user in rows:
        found.setdefault(from_user_id, []).append(user)
    return found
