"""Tell people what happened: rows in the caller's transaction, nothing is sent here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.i18n import select_timezone
from servicedesk.notifications import rules
from servicedesk.notifications.events import Event, who_may_see
from servicedesk.notifications.models import (
    COLLECTED,
    WAITING,
    Channel,
    Choice,
    Delivery,
    Notification,
    NotificationEvent,
    Preference,
    RuleOverride,
)
from servicedesk.notifications.timing import next_digest, quiet_until, zone_named
from servicedesk.organisations.models import Site
from servicedesk.staff.actors import actors_for
from servicedesk.staff.models import User
from servicedesk.staff.queries import holders

ROBOTS = ("wecom", "dingtalk", "feishu", "webhook")
MAX_EXCERPT = 1000


def notify(event: Event, *, actor: Actor, now: datetime) -> NotificationEvent | None:
    """Write who is told of the event, over which channels and when.

    The actor is not told, nor is anybody whose account is closed or who may not see the subject. The
    same key again adds only what is missing. A fixed number of queries, however many are told.

    Returns:
        The event's row; None when nobody is to be told.
    """
    rules_here = rules_of(event.subject.client_id)
    wanted = _channels_by_person(event, actor, rules_here)
    channels = _open_channels(event.subject.client_id)
    people = _people(event, wanted, now)
    rooms = _rooms(event, channels) if (event.name, rules.ROOM, rules.ROOM) in rules_here else []
    if not people and not rooms:
        return None
    row = _event_row(event, actor, now)
    told = _already_told(row)
    settings = _Settings.of(people, event, now)
    has_mail = any(channel.kind == "smtp" for channel in channels)
    listed: list[dict[str, Any]] = []
    sent: list[dict[str, Any]] = [_to_room(row, room, now) for room in rooms]
    for user in people:
        for channel in sorted(wanted[user.id]):
            mode = settings.mode(user, channel)
            if mode == rules.NEVER or (channel == rules.MAIL and not (has_mail and user.email)):
                continue
            if channel == rules.IN_APP:
                listed.append({"event_id": row.id, "recipient_id": user.id, "created_at": now})
            else:
                sent.append(_to_person(row, user, settings, digest=mode == rules.DIGEST))
    # In one statement each, however many they are.
    _insert(Notification, [new for new in listed if (rules.IN_APP, new["recipient_id"]) not in told])
    _insert(Delivery, [new for new in sent if (new["kind"], new["target"]) not in told])
    return row


def _insert(model: type[Notification | Delivery], rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.execute(sa.insert(model), rows)


def rules_of(client_id: int) -> frozenset[tuple[str, str, str]]:
    """(event, part, channel) as they hold for a client: the product's table with the client's changes."""
    found = set(rules.DEFAULTS)
    for row in db.session.scalars(sa.select(RuleOverride).where(RuleOverride.client_id == client_id)):
        rule = (row.event, row.part, row.channel)
        if row.enabled:
            found.add(rule)
        else:
            found.discard(rule)
    return frozenset(found)


def _channels_by_person(
    event: Event, actor: Actor, rules_here: Iterable[tuple[str, str, str]]
) -> dict[int, set[str]]:
    """Account number -> channels the rules name, before choices and permissions."""
    subject = event.subject
    wanted: dict[int, set[str]] = {}
    holding: dict[str, list[int]] = {}
    for name, part, channel in rules_here:
        if name != event.name or not rules.fits(part, channel) or channel == rules.ROOM:
            continue
        if part in rules.HELD and part not in holding:
            found = holders(rules.HELD[part], subject.client_id, site_id=subject.site_id)
            holding[part] = [user.id for user in found]
        for user_id in (*holding.get(part, ()), *event.people.get(part, ())):
            wanted.setdefault(user_id, set()).add(channel)
    for user_id in (actor.user_id, *event.excluded):
        wanted.pop(user_id or 0, None)
    return wanted


def _people(event: Event, wanted: Iterable[int], now: datetime) -> list[User]:
    """Open accounts among them that may see what happened."""
    ids = sorted(wanted)
    if not ids:
        return []
    users = db.session.scalars(
        sa.select(User)
        .where(User.id.in_(ids), User.active)
        .options(joinedload(User.organisation))
        .order_by(User.id)
    ).all()
    subject = event.subject
    actors = actors_for(users, today=now.date())
    seeing = who_may_see(subject.kind, subject.id, actors, internal=event.internal)
    return [user for user in users if user.id in seeing]


def _open_channels(client_id: int) -> list[Channel]:
    """Active ways out of the client's own, then those of the installation."""
    statement = sa.select(Channel).where(
        Channel.active,
        Channel.kind.in_(("smtp", *ROBOTS)),
        sa.or_(Channel.client_id == client_id, Channel.client_id.is_(None)),
    )
    return sorted(db.session.scalars(statement), key=lambda channel: (channel.client_id is None, channel.id))


def _rooms(event: Event, channels: Iterable[Channel]) -> list[Channel]:
    """Robots and webhooks that take this group of events; internal matters are for no room."""
    if event.internal:
        return []
    group = rules.EVENTS[event.name][0]
    return [
        channel
        for channel in channels
        if channel.kind in ROBOTS and group in (channel.public.get("groups") or tuple(rules.GROUPS))
    ]


def _event_row(event: Event, actor: Actor, now: datetime) -> NotificationEvent:
    row = db.session.scalar(sa.select(NotificationEvent).where(NotificationEvent.key == event.key))
    if row is not None:
        return row
    subject = event.subject
    row = NotificationEvent(
        key=event.key,
        name=event.name,
        client_id=subject.client_id,
        site_id=subject.site_id,
        internal=event.internal,
        critical=event.critical,
        subject_type=subject.kind,
        subject_id=subject.id,
        subject_label=subject.label,
        title=subject.title[:200],
        path=subject.path,
        actor_id=actor.user_id,
        actor_name=actor.name,
        template=event.template,
        values=dict(event.values),
        excerpt=event.excerpt[:MAX_EXCERPT],
        next_step=event.next_step,
        due_at=event.due_at,
        created_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row


def _already_told(row: NotificationEvent) -> set[tuple[str, Any]]:
    listed = sa.select(Notification.recipient_id).where(Notification.event_id == row.id)
    sent = sa.select(Delivery.kind, Delivery.target).where(Delivery.event_id == row.id)
    found: set[tuple[str, Any]] = {(rules.IN_APP, user_id) for user_id in db.session.scalars(listed)}
    return found | {(kind, target) for kind, target in db.session.execute(sent)}


@dataclass(frozen=True, slots=True)
class _Settings:
    """What people chose, read for all of them at once."""

    now: datetime
    group: str
    site_zone: str
    choices: Mapping[tuple[int, str], str]
    preferences: Mapping[int, Preference]

    @classmethod
    def of(cls, people: list[User], event: Event, now: datetime) -> _Settings:
        ids = [user.id for user in people]
        group = rules.EVENTS[event.name][0]
        choices = db.session.scalars(sa.select(Choice).where(Choice.user_id.in_(ids), Choice.group == group))
        preferences = db.session.scalars(sa.select(Preference).where(Preference.user_id.in_(ids)))
        site_id = event.subject.site_id
        zone = db.session.scalar(sa.select(Site.timezone).where(Site.id == site_id)) if site_id else None
        return cls(
            now,
            group,
            zone or select_timezone(),
            {(row.user_id, row.channel): row.mode for row in choices},
            {row.user_id: row for row in preferences},
        )

    def mode(self, user: User, channel: str) -> str:
        """now, digest or never."""
        default = rules.GROUPS[self.group].mail if channel == rules.MAIL else rules.NOW
        return self.choices.get((user.id, channel), default)

    def send_at(self, user: User, *, digest: bool, critical: bool) -> datetime:
        """When a mail may leave."""
        own = self.preferences.get(user.id)
        zone = zone_named(own.timezone if own else "", self.site_zone)
        if digest:
            return next_digest(self.now, zone, own.digest_at if own else "")
        quiet = quiet_until(self.now, zone, own.quiet_from, own.quiet_to) if own and not critical else None
        return quiet or self.now


def _to_person(row: NotificationEvent, user: User, settings: _Settings, *, digest: bool) -> dict[str, Any]:
    digest = digest and not row.critical
    return {
        "event_id": row.id,
        "kind": rules.MAIL,
        "recipient_id": user.id,
        "channel_id": None,
        "client_id": row.client_id,
        "target": f"user:{user.id}",
        "state": COLLECTED if digest else WAITING,
        "not_before": settings.send_at(user, digest=digest, critical=row.critical),
        "created_at": settings.now,
    }


def _to_room(row: NotificationEvent, room: Channel, now: datetime) -> dict[str, Any]:
    return {
        "event_id": row.id,
        "kind": room.kind,
        "recipient_id": None,
        "channel_id": room.id,
        "client_id": row.client_id,
        "target": f"channel:{room.id}",
        "state": WAITING,
        "not_before": now,
        "created_at": now,
    }


def forget_old(now: datetime, *, keep: timedelta) -> int:
    """Delete read notifications older than ``keep``; the delivery log stays. Returns how many."""
    done = db.session.execute(
        sa.delete(Notification).where(Notification.read_at.is_not(None), Notification.created_at < now - keep)
    )
    return int(done.rowcount or 0)  # type: ignore[attr-defined]  # a cursor result has it
