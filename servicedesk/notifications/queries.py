"""One's own notifications and, for those who manage them, deliveries, channels and mail that came in."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.forms import whole_number
from servicedesk.core.permissions import Permission
from servicedesk.notifications.channel_settings import visible_channels
from servicedesk.notifications.models import (
    Channel,
    Delivery,
    InboundMail,
    Mailbox,
    Notification,
    NotificationEvent,
)
from servicedesk.staff.models import User

UNREAD_LIMIT = 99  # the bell says "99+"
DELIVERY_FILTERS = ("trouble", "waiting", "sent", "all")
_STATES: dict[str, tuple[str, ...]] = {
    "trouble": ("uncertain", "failed", "bounced"),
    "waiting": ("waiting", "collected", "sending"),
    "sent": ("sent", "bundled"),
}


def still_reached(actor: Actor) -> sa.ColumnElement[bool]:
    """Events of clients and sites the actor still reaches: a contract may have ended since."""
    if actor.home_client_id is not None:
        mine = NotificationEvent.client_id == actor.home_client_id
    else:
        scope = actor.scope(Permission.TICKET_CREATE)
        mine = scope.clause(NotificationEvent.client_id, NotificationEvent.site_id)
    works = actor.scope(Permission.TICKET_WORK)
    inside = works.clause(NotificationEvent.client_id, NotificationEvent.site_id)
    return sa.and_(mine, sa.or_(NotificationEvent.internal.is_(False), inside))


def own_notifications(actor: Actor, *, unread: bool) -> sa.Select[Notification]:
    """The actor's list."""
    statement = (
        sa.select(Notification)
        .join(NotificationEvent, NotificationEvent.id == Notification.event_id)
        .where(Notification.recipient_id == (actor.user_id or 0), still_reached(actor))
        .options(joinedload(Notification.event))
    )
    return statement.where(Notification.read_at.is_(None)) if unread else statement


def get_own(notification_id: int, actor: Actor) -> Notification:
    """One of the actor's own, or NotFoundError."""
    found = db.session.scalar(
        own_notifications(actor, unread=False).where(Notification.id == notification_id)
    )
    if found is None:
        raise NotFoundError
    return found


def unread_question(actor: Actor) -> sa.ScalarSelect[int]:
    """For the bell: over an index, bounded."""
    inner = own_notifications(actor, unread=True).with_only_columns(Notification.id).limit(UNREAD_LIMIT + 1)
    return sa.select(sa.func.count()).select_from(inner.subquery()).scalar_subquery()


def unread_count(actor: Actor) -> int:
    """The bell's number."""
    return db.session.scalar(sa.select(unread_question(actor))) or 0


def managed(actor: Actor, column: Any) -> sa.ColumnElement[bool]:
    """Rows of clients whose notifications the actor manages; rows of no client for those who manage all."""
    return actor.scope(Permission.NOTIFICATION_MANAGE).clause(column)


def visible_deliveries(
    actor: Actor, *, show: str = "trouble", kind: str = "", text: str = "", delivery: str = ""
) -> sa.Select[Delivery]:
    """The log. ``text`` is a person's name, an address or a subject's number."""
    statement = (
        sa.select(Delivery)
        .outerjoin(NotificationEvent, NotificationEvent.id == Delivery.event_id)
        .outerjoin(User, User.id == Delivery.recipient_id)
        .where(managed(actor, Delivery.client_id))
        .options(joinedload(Delivery.event), joinedload(Delivery.recipient), joinedload(Delivery.channel))
    )
    if show in _STATES:
        statement = statement.where(Delivery.state.in_(_STATES[show]))
    if kind:
        statement = statement.where(Delivery.kind == kind)
    if delivery:
        statement = statement.where(Delivery.id == (whole_number(delivery) or 0))
    if text:
        statement = statement.where(
            sa.or_(
                User.display_name.icontains(text, autoescape=True),
                User.username == text.lower(),
                Delivery.address.icontains(text, autoescape=True),
                NotificationEvent.subject_label.icontains(text, autoescape=True),
            )
        )
    return statement


def get_visible_delivery(delivery_id: int, actor: Actor) -> Delivery:
    """A row of the log, or NotFoundError."""
    found = db.session.scalar(visible_deliveries(actor, show="all").where(Delivery.id == delivery_id))
    if found is None:
        raise NotFoundError
    return found


def get_visible_channel(channel_id: int, actor: Actor) -> Channel:
    """A channel the actor manages, or NotFoundError."""
    found = db.session.scalar(visible_channels(actor).where(Channel.id == channel_id))
    if found is None:
        raise NotFoundError
    return found


def latest_test(channel: Channel) -> Delivery | None:
    """What became of the last test over a channel."""
    return db.session.scalar(
        sa.select(Delivery)
        .where(Delivery.channel_id == channel.id, Delivery.purpose == "test")
        .order_by(Delivery.id.desc())
        .limit(1)
    )


def mailbox_state(channel: Channel) -> Mailbox | None:
    """When a mailbox was read last, and what went wrong."""
    return db.session.scalar(sa.select(Mailbox).where(Mailbox.channel_id == channel.id))


def visible_mails(actor: Actor, *, outcome: str = "", text: str = "") -> sa.Select[InboundMail]:
    """The log of mail that came in."""
    statement = sa.select(InboundMail).where(managed(actor, InboundMail.client_id))
    if outcome:
        statement = statement.where(InboundMail.outcome == outcome)
    if text:
        statement = statement.where(
            sa.or_(
                InboundMail.sender.icontains(text, autoescape=True),
                InboundMail.subject.icontains(text, autoescape=True),
                InboundMail.subject_label == text.upper(),
            )
        )
    return statement
