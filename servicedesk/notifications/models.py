"""What happened, who is told of it in the application, and every message that leaves the installation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.organisations.models import Organisation
from servicedesk.staff.models import User

# States of a delivery. "sending" is held by a worker until ``lease_until``; nobody sends "uncertain" again
# but a person. "bundled" went into a digest, whose own row tells what became of it.
WAITING, COLLECTED, SENDING, SENT = "waiting", "collected", "sending", "sent"
UNCERTAIN, FAILED, BOUNCED, DROPPED, BUNDLED = "uncertain", "failed", "bounced", "dropped", "bundled"
EVENT, DIGEST, TEST = "event", "digest", "test"


class NotificationEvent(Identified, Model):
    """One thing that happened, written once for all who are told. ``key`` makes it happen once only."""

    __tablename__ = "notification_events"
    __table_args__ = (sa.Index("ix_notification_events_subject", "subject_type", "subject_id"),)

    key: Mapped[str] = mapped_column(sa.String(120), unique=True)
    name: Mapped[str] = mapped_column(sa.String(40))
    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    internal: Mapped[bool] = mapped_column(default=False)
    critical: Mapped[bool] = mapped_column(default=False)
    subject_type: Mapped[str] = mapped_column(sa.String(24))
    subject_id: Mapped[int] = mapped_column()
    subject_label: Mapped[str] = mapped_column(sa.String(64))  # its number: names no content
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    path: Mapped[str] = mapped_column(sa.String(200))
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    template: Mapped[str] = mapped_column(sa.String(300))  # an English sentence of the catalogue
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    excerpt: Mapped[str] = mapped_column(sa.Text, default="")
    next_step: Mapped[str] = mapped_column(sa.String(300), default="")
    due_at: Mapped[datetime | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()


class Notification(Identified, Model):
    """The event in one person's list; unread while ``read_at`` is empty."""

    __tablename__ = "notifications"
    __table_args__ = (
        sa.UniqueConstraint("recipient_id", "event_id"),
        sa.Index("ix_notifications_recipient_id_read_at", "recipient_id", "read_at"),
        sa.Index("ix_notifications_recipient_id_id", "recipient_id", "id"),
    )

    event_id: Mapped[int] = mapped_column(sa.ForeignKey("notification_events.id"), index=True)
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column()
    read_at: Mapped[datetime | None] = mapped_column()
    event: Mapped[NotificationEvent] = relationship()


class Channel(Identified, Timestamped, Model):
    """A way out of, or into, the installation: of one client, or (without one) of all.

    ``kind``: smtp, wecom, dingtalk, feishu, webhook, mail_in. ``public`` holds what a page may show;
    ``secret`` is encrypted, written and used, never shown again.
    """

    __tablename__ = "notification_channels"

    client_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(12), index=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    active: Mapped[bool] = mapped_column(default=True)
    public: Mapped[dict[str, Any]] = mapped_column(default=dict)
    secret: Mapped[str] = mapped_column(sa.Text, default="")
    secret_changed_at: Mapped[datetime | None] = mapped_column()
    client: Mapped[Organisation | None] = relationship()


class Delivery(Identified, Model):
    """One message over one channel: the outbox and the delivery log in one."""

    __tablename__ = "notification_deliveries"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "target"),
        sa.Index("ix_notification_deliveries_state_not_before", "state", "not_before"),
        sa.Index("ix_notification_deliveries_state_lease_until", "state", "lease_until"),
        sa.Index("ix_notification_deliveries_rank_id", "rank", "id"),
    )

    event_id: Mapped[int | None] = mapped_column(sa.ForeignKey("notification_events.id"))
    purpose: Mapped[str] = mapped_column(sa.String(8), default=EVENT)  # event, digest, test
    kind: Mapped[str] = mapped_column(sa.String(12), index=True)  # mail, or the kind of its channel
    channel_id: Mapped[int | None] = mapped_column(sa.ForeignKey("notification_channels.id"), index=True)
    recipient_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    client_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    target: Mapped[str] = mapped_column(sa.String(40))  # "user:12" or "channel:3": once an event
    address: Mapped[str] = mapped_column(sa.String(254), default="")  # where it went
    state: Mapped[str] = mapped_column(sa.String(12))
    rank: Mapped[int] = mapped_column(default=0)  # 1 while somebody should look at it
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime] = mapped_column()
    enqueued_at: Mapped[datetime | None] = mapped_column()
    lease_until: Mapped[datetime | None] = mapped_column()
    message_id: Mapped[str] = mapped_column(sa.String(200), default="", index=True)
    error: Mapped[str] = mapped_column(sa.String(300), default="")  # an English sentence of the catalogue
    answer: Mapped[str] = mapped_column(sa.String(500), default="")  # what the other side said
    digest_id: Mapped[int | None] = mapped_column(sa.ForeignKey("notification_deliveries.id"), index=True)
    created_at: Mapped[datetime] = mapped_column()
    sent_at: Mapped[datetime | None] = mapped_column()

    event: Mapped[NotificationEvent | None] = relationship()
    channel: Mapped[Channel | None] = relationship()
    recipient: Mapped[User | None] = relationship()


class RuleOverride(Identified, Model):
    """A client switches one of the product's recipient rules off, or one on that the product has not."""

    __tablename__ = "notification_rules"
    __table_args__ = (sa.UniqueConstraint("client_id", "event", "part", "channel"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    event: Mapped[str] = mapped_column(sa.String(40))
    part: Mapped[str] = mapped_column(sa.String(24))
    channel: Mapped[str] = mapped_column(sa.String(8))
    enabled: Mapped[bool] = mapped_column()


class Preference(Identified, Model):
    """When somebody wants to be left alone and when digests come: times of day as HH:MM, empty for none."""

    __tablename__ = "notification_preferences"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), unique=True)
    quiet_from: Mapped[str] = mapped_column(sa.String(5), default="")
    quiet_to: Mapped[str] = mapped_column(sa.String(5), default="")
    digest_at: Mapped[str] = mapped_column(sa.String(5), default="08:30")
    timezone: Mapped[str] = mapped_column(sa.String(64), default="")  # empty: the site's


class Choice(Identified, Model):
    """What somebody wants of one group of events over one channel: now, digest, never."""

    __tablename__ = "notification_choices"
    __table_args__ = (sa.UniqueConstraint("user_id", "group", "channel"),)

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    group: Mapped[str] = mapped_column(sa.String(16))
    channel: Mapped[str] = mapped_column(sa.String(8))
    mode: Mapped[str] = mapped_column(sa.String(8))


class InboundMail(Identified, Model):
    """One message that came in and what became of it.

    ``dedupe`` (a hash of its Message-ID) lets it act once; a copy of it has none.
    """

    __tablename__ = "inbound_mails"
    __table_args__ = (sa.Index("ix_inbound_mails_sender_received_at", "sender", "received_at"),)

    dedupe: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    received_at: Mapped[datetime] = mapped_column()
    client_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    channel_id: Mapped[int | None] = mapped_column(sa.ForeignKey("notification_channels.id"))
    message_id: Mapped[str] = mapped_column(sa.String(500), default="")
    sender: Mapped[str] = mapped_column(sa.String(254), default="")
    subject: Mapped[str] = mapped_column(sa.String(300), default="")
    size_bytes: Mapped[int] = mapped_column()
    sha256: Mapped[str] = mapped_column(sa.String(64), default="")  # the raw message in the blob store
    outcome: Mapped[str] = mapped_column(sa.String(16), index=True)
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    subject_type: Mapped[str] = mapped_column(sa.String(24), default="")
    subject_id: Mapped[int | None] = mapped_column()
    subject_label: Mapped[str] = mapped_column(sa.String(64), default="")


class Mailbox(Identified, Model):
    """How far a mailbox has been read; IMAP counts within one UIDVALIDITY (RFC 3501, 2.3.1.1)."""

    __tablename__ = "inbound_mailboxes"

    channel_id: Mapped[int] = mapped_column(sa.ForeignKey("notification_channels.id"), unique=True)
    uid_validity: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    last_uid: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    polled_at: Mapped[datetime | None] = mapped_column()
    error: Mapped[str] = mapped_column(sa.String(300), default="")
