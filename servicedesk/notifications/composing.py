"""Makes of a delivery what is to be done on the network; all reading of the database happens here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

import sqlalchemy as sa
from flask_babel import gettext
from sqlalchemy.orm import joinedload

from servicedesk.config import Settings
from servicedesk.core.crypto import Keyring
from servicedesk.core.db import db
from servicedesk.core.sentences import N_
from servicedesk.notifications import mail, rules
from servicedesk.notifications.access import access
from servicedesk.notifications.channel_settings import MAIL_IN, SMTP
from servicedesk.notifications.channels.http import Limits
from servicedesk.notifications.channels.outcome import Outcome
from servicedesk.notifications.channels.robots import Message, Robot, send_robot
from servicedesk.notifications.channels.smtp import SmtpServer, send_mail
from servicedesk.notifications.events import who_may_see
from servicedesk.notifications.models import (
    DIGEST,
    TEST,
    Channel,
    Delivery,
    NotificationEvent,
    Preference,
)
from servicedesk.notifications.texts import Words, room_text, speaking, words
from servicedesk.notifications.timing import zone_named
from servicedesk.organisations.models import Site
from servicedesk.staff.actors import actors_for
from servicedesk.staff.models import User

MAX_DIGEST = 50  # events written out in one digest
Act = Callable[[], Outcome]


class Undeliverable(Exception):  # noqa: N818 - a finding about the recipient, not a fault
    """The message is no longer for its recipient."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Composer:
    """Renders one delivery at one moment."""

    keyring: Keyring
    settings: Settings
    now: datetime

    def compose(self, delivery: Delivery) -> Act | None:
        """What to do; None when there is no active way out.

        Raises:
            Undeliverable: the account was closed, or may no longer see the subject.
        """
        if delivery.kind == rules.MAIL:
            return self._mail(delivery)
        return self._room(delivery)

    def _mail(self, delivery: Delivery) -> Act | None:
        user = delivery.recipient
        if user is None or not user.active:
            raise Undeliverable(N_("The account is closed."))
        if not user.email:
            raise Undeliverable(N_("The account has no mail address any more."))
        channel = self._way(delivery)
        if channel is None:
            return None
        events = self._events(delivery, user)
        if delivery.purpose != TEST and not events:
            raise Undeliverable(N_("The account may no longer see what this is about."))
        sender = str(channel.public["sender"])
        domain = mail.domain_of(sender)
        delivery.message_id = mail.message_id(delivery.id, domain, self.keyring)
        delivery.address, delivery.channel_id = user.email, channel.id
        event = delivery.event
        envelope = mail.Envelope(
            sender=sender,
            sender_name=str(channel.public.get("sender_name", "")),
            recipient=user.email,
            recipient_name=user.display_name,
            message_id=delivery.message_id,
            thread=mail.thread_id(event.subject_type, event.subject_id, domain, self.keyring)
            if event
            else "",
            reply_to=self._reply_to(event) if event else "",
        )
        with speaking(user.locale, self.settings.locale) as locale:
            message = self._message(delivery, envelope, self._words(events, user), locale)
        server = self._server(channel, domain)
        return lambda: send_mail(server, message, sender=sender, recipient=envelope.recipient)

    def _message(
        self, delivery: Delivery, envelope: mail.Envelope, found: Sequence[Words], locale: str
    ) -> EmailMessage:
        if delivery.purpose == TEST:
            return mail.test_mail(envelope, locale=locale, now=self.now)
        if delivery.purpose == DIGEST:
            return mail.digest_mail(
                envelope,
                found[:MAX_DIGEST],
                more=max(0, len(found) - MAX_DIGEST),
                locale=locale,
                now=self.now,
                settings_url=self.settings.base_url.rstrip("/") + "/notifications/preferences",
            )
        return mail.event_mail(envelope, found[0], locale=locale, now=self.now)

    def _words(self, events: Sequence[NotificationEvent], user: User) -> list[Words]:
        own = db.session.scalar(sa.select(Preference.timezone).where(Preference.user_id == user.id)) or ""
        sites = {event.site_id for event in events if event.site_id is not None}
        zones = {
            row.id: row.timezone
            for row in db.session.execute(sa.select(Site.id, Site.timezone).where(Site.id.in_(sites)))
        }
        base = self.settings.base_url
        return [
            words(
                event,
                base_url=base,
                zone=zone_named(own, zones.get(event.site_id or 0, ""), self.settings.timezone),
            )
            for event in events
        ]

    def _events(self, delivery: Delivery, user: User) -> list[NotificationEvent]:
        """What the message is about, as far as its reader may still see it."""
        if delivery.purpose == DIGEST:
            found = db.session.scalars(
                sa.select(NotificationEvent)
                .join(Delivery, Delivery.event_id == NotificationEvent.id)
                .where(Delivery.digest_id == delivery.id)
                .order_by(NotificationEvent.id)
            ).all()
        else:
            found = [delivery.event] if delivery.event is not None else []
        actors = actors_for([user], today=self.now.date())
        return [
            event
            for event in found
            if who_may_see(event.subject_type, event.subject_id, actors, internal=event.internal)
        ]

    def _way(self, delivery: Delivery) -> Channel | None:
        """The channel it is bound to, else the client's own server, else the installation's."""
        statement = sa.select(Channel).where(Channel.active, Channel.kind == SMTP)
        if delivery.purpose != "event" and delivery.channel_id is not None:
            return db.session.scalar(statement.where(Channel.id == delivery.channel_id))
        mine = sa.or_(Channel.client_id == delivery.client_id, Channel.client_id.is_(None))
        own_first = sa.case((Channel.client_id.is_(None), 1), else_=0)
        return db.session.scalar(statement.where(mine).order_by(own_first, Channel.id).limit(1))

    def _reply_to(self, event: NotificationEvent) -> str:
        """The mailbox that takes answers, with a token that names the subject."""
        own_first = sa.case((Channel.client_id.is_(None), 1), else_=0)
        mailbox = db.session.scalar(
            sa.select(Channel)
            .where(Channel.active, Channel.kind == MAIL_IN)
            .where(sa.or_(Channel.client_id == event.client_id, Channel.client_id.is_(None)))
            .order_by(own_first, Channel.id)
            .limit(1)
        )
        if mailbox is None:
            return ""
        named = mail.token(mail.Identity(event.subject_type, event.subject_id), self.keyring)
        return mail.with_plus(str(mailbox.public["sender"]), named)

    def _thread(self, event: NotificationEvent, domain: str) -> str:
        return mail.thread_id(event.subject_type, event.subject_id, domain, self.keyring)

    def _server(self, channel: Channel, greeting: str) -> SmtpServer:
        return SmtpServer(**access(channel, self.keyring), greeting=greeting)

    def _room(self, delivery: Delivery) -> Act | None:
        channel = db.session.scalar(
            sa.select(Channel)
            .where(Channel.id == delivery.channel_id, Channel.active)
            .options(joinedload(Channel.client))
        )
        if channel is None or not channel.secret:
            return None
        secret = self.keyring.decrypt(channel.secret)
        robot = Robot(channel.kind, secret["url"], secret.get("key", ""))
        delivery.address = str(channel.public.get("shown", ""))
        with speaking(str(channel.public.get("locale", "")), self.settings.locale):
            message = self._room_message(delivery)
        now, limits = self.now, Limits(private=self.settings.webhook_private_addresses)
        return lambda: send_robot(robot, message, now=now, limits=limits)

    def _room_message(self, delivery: Delivery) -> Message:
        event = delivery.event
        if event is None:
            text = gettext("When you read this, messages of the service desk arrive.")
            return Message(delivery.id, "test", text, {"id": delivery.id, "event": "test", "text": text})
        zone_name = db.session.scalar(sa.select(Site.timezone).where(Site.id == event.site_id)) or ""
        found = words(
            event, base_url=self.settings.base_url, zone=zone_named(zone_name, self.settings.timezone)
        )
        document = {
            "id": delivery.id,
            "event": event.name,
            "at": event.created_at.isoformat(),
            "subject": {
                "type": event.subject_type,
                "id": event.subject_id,
                "number": event.subject_label,
                "title": event.title,
                "url": found.url,
            },
            "client_id": event.client_id,
            "site_id": event.site_id,
            "actor": event.actor_name,
            "text": found.headline,
            "values": event.values,
            "excerpt": event.excerpt,
            "next_step": found.next_step,
            "due_at": event.due_at.isoformat() if event.due_at else None,
            "critical": event.critical,
        }
        return Message(delivery.id, event.name, room_text(found), document)
