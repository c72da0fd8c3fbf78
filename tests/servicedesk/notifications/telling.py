"""What tests of notifications set up and look at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.notifications.models import (
    Channel,
    Choice,
    Delivery,
    Notification,
    NotificationEvent,
    Preference,
)
from servicedesk.staff.models import User
from servicedesk.tickets import service as tickets
from servicedesk.tickets.models import Ticket, TimelineEntry
from servicedesk.tickets.service import TransitionInput
from tests.servicedesk.world import World


def addresses_for(world: World) -> None:
    """Everybody gets an address of their own."""
    with unit_of_work():
        for name, user in world.users.items():
            user.email = f"{name}@example.com"


def channel(
    world: World,
    kind: str = "smtp",
    client: str = "",
    *,
    secret: dict[str, str] | None = None,
    **public: Any,
) -> Channel:
    """A way out of one client's, or of the installation."""
    defaults: dict[str, Any] = {
        "smtp": {"host": "127.0.0.1", "port": 2525, "security": "plain", "sender": "desk@example.com"},
    }.get(kind, {})
    with unit_of_work() as session:
        made = Channel(
            client_id=world.organisations[client].id if client else None,
            kind=kind,
            name=f"{kind} of {client or 'all'}",
            public={**defaults, **public},
            secret=runtime().keyring.encrypt(secret) if secret else "",
            created_at=world.now,
        )
        session.add(made)
    return made


def prefer(user: User, **values: str) -> None:
    with unit_of_work() as session:
        session.add(Preference(user_id=user.id, **values))


def choose(user: User, group: str, channel_name: str, mode: str) -> None:
    with unit_of_work() as session:
        session.add(Choice(user_id=user.id, group=group, channel=channel_name, mode=mode))


def told(name: str, world: World) -> set[str]:
    """User names with the event in their list."""
    rows = db.session.scalars(
        sa.select(Notification.recipient_id)
        .join(NotificationEvent, NotificationEvent.id == Notification.event_id)
        .where(NotificationEvent.name == name)
    )
    return _names(rows, world)


def mailed(name: str, world: World) -> set[str]:
    """User names who get a mail about the event, at whatever time."""
    rows = db.session.scalars(
        sa.select(Delivery.recipient_id)
        .join(NotificationEvent, NotificationEvent.id == Delivery.event_id)
        .where(NotificationEvent.name == name, Delivery.kind == "mail")
    )
    return _names(rows, world)


def _names(ids: Any, world: World) -> set[str]:
    by_id = {user.id: name for name, user in world.users.items()}
    return {by_id[number] for number in ids}


def deliveries(**values: Any) -> list[Delivery]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(sa.select(Delivery).filter_by(**values).order_by(Delivery.id)))


def move(
    world: World, ticket: Ticket, name: str, who: str, at: datetime | None = None, **given: Any
) -> TimelineEntry:
    with unit_of_work():
        return tickets.transition(
            ticket, name, TransitionInput(**given), actor=world.actor(who), now=at or world.now
        )


def write(
    world: World,
    ticket: Ticket,
    who: str,
    text: str,
    *,
    internal: bool = False,
    at: datetime | None = None,
) -> TimelineEntry:
    with unit_of_work():
        return tickets.comment(ticket, text, internal=internal, actor=world.actor(who), now=at or world.now)
