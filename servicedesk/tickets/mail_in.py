"""A mail that came in becomes a message in its ticket, or a ticket, or only a row in the log."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import force_locale, gettext
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from servicedesk.config import Settings
from servicedesk.core.actor import Actor
from servicedesk.core.blobs import BlobStore
from servicedesk.core.crypto import Keyring
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.core.sentences import N_
from servicedesk.core.uploads import MAX_FILES, require_acceptable
from servicedesk.notifications import mail
from servicedesk.notifications.inbound import log
from servicedesk.notifications.inbound.charsets import plain_subject
from servicedesk.notifications.inbound.parsing import Incoming, UnreadableError, parse
from servicedesk.notifications.models import Channel, Delivery, InboundMail, NotificationEvent
from servicedesk.staff.actors import actors_for
from servicedesk.staff.models import User
from servicedesk.tickets import attachments, notices, queries, service
from servicedesk.tickets.models import Ticket, TimelineEntry
from servicedesk.tickets.service import NewTicket

CATEGORY = "general"
SOURCE = "mail"
ACTOR = Actor.system(N_("mail"))
_NUMBER = re.compile(r"\[([A-Z]{2,5}-[0-9]{6,9})\]", re.IGNORECASE)


class RefusedError(DomainError):
    """The mail may not do what it wants; the sentence is for the log."""


@dataclass(frozen=True, slots=True)
class Mailroom:
    """What it takes to act on mail: no request, no settings of its own."""

    blobs: BlobStore
    keyring: Keyring
    settings: Settings

    def receive(self, raw: bytes, *, channel_id: int | None, now: datetime) -> int:
        """Take one message; whatever it is, it ends in a row of the log. Returns the row's number.

        The raw message is kept as a blob before anything else. The same message again does nothing.
        """
        incoming: Incoming | None = None
        problem = ""
        if len(raw) > self.settings.mail_in_max_bytes:
            problem = N_("The message is larger than this installation takes.")
        else:
            try:
                incoming = parse(raw)
            except UnreadableError as error:
                problem = error.sentence
        sha256 = "" if len(raw) > self.settings.mail_in_max_bytes else self.blobs.put(raw)
        if incoming is None:
            return self._refuse_unread(len(raw), sha256, problem, channel_id, now)
        try:
            return self._act(incoming, raw, sha256, channel_id, now)
        except IntegrityError:
            # Another worker has taken the same message at this moment: now its row is there to be seen.
            return self._act(incoming, raw, sha256, channel_id, now)

    def refuse_unfetched(self, size: int, *, channel_id: int | None, now: datetime) -> int:
        """A message too large to be fetched at all."""
        sentence = N_("The message is larger than this installation takes.")
        return self._refuse_unread(size, "", sentence, channel_id, now)

    def _refuse_unread(
        self, size: int, sha256: str, problem: str, channel_id: int | None, now: datetime
    ) -> int:
        with unit_of_work():
            channel = db.session.get(Channel, channel_id) if channel_id else None
            row = log.write_row(None, size=size, sha256=sha256, channel=channel, now=now)
            row.reason = problem
            db.session.flush()
            return row.id

    def _act(self, incoming: Incoming, raw: bytes, sha256: str, channel_id: int | None, now: datetime) -> int:
        key = log.dedupe_key(incoming, raw)
        with unit_of_work(), force_locale("en"):
            channel = db.session.get(Channel, channel_id) if channel_id else None
            row = log.write_row(incoming, size=len(raw), sha256=sha256, channel=channel, now=now)
            per_hour = self.settings.mail_in_per_hour
            settled = log.recognised(row, incoming, key, keyring=self.keyring, per_hour=per_hour, now=now)
            db.session.flush()
            if not settled:
                try:
                    with db.session.begin_nested():
                        self._deal_with(row, incoming, channel, now)
                except DomainError as error:
                    row.outcome, row.reason = "refused", str(error)[:300]
            db.session.flush()
            return row.id

    def _deal_with(
        self, row: InboundMail, incoming: Incoming, channel: Channel | None, now: datetime
    ) -> None:
        people = _people(incoming.sender, now)
        ticket, named = self._ticket(incoming)
        if named:
            if ticket is None:
                raise RefusedError(gettext("There is no such ticket."))
            actor = _writer(ticket, people)
            self._comment(row, ticket, incoming, actor, now)
        else:
            ticket = self._create(row, incoming, channel, people, now)
        row.subject_type, row.subject_id, row.subject_label = notices.KIND, ticket.id, ticket.number
        row.client_id = ticket.client_id

    def _ticket(self, incoming: Incoming) -> tuple[Ticket | None, bool]:
        """The ticket a mail names, and whether it names one: a reply never becomes a ticket of its own."""
        found = mail.identities(f"{incoming.refers} {' '.join(incoming.recipients)}", self.keyring)
        for identity in found:
            number = identity.number if identity.kind == notices.KIND else _of_delivery(identity)
            if number is not None:
                return db.session.get(Ticket, number), True
        named = _NUMBER.search(incoming.subject)
        if named is not None:
            return db.session.scalar(sa.select(Ticket).where(Ticket.number == named[1].upper())), True
        return None, False

    def _comment(
        self, row: InboundMail, ticket: Ticket, incoming: Incoming, actor: Actor, now: datetime
    ) -> None:
        files, left_out = self._files(incoming)
        text = _with_note(incoming.text, left_out)
        entry = service.comment(
            ticket, text[:20_000], internal=False, actor=actor, now=now, has_files=bool(files)
        )
        self._attach(entry, files, now)
        row.outcome = "commented"

    def _create(
        self,
        row: InboundMail,
        incoming: Incoming,
        channel: Channel | None,
        people: list[Actor],
        now: datetime,
    ) -> Ticket:
        client_id, actor = _place(incoming, channel, people)
        files, left_out = self._files(incoming)
        text = _with_note(incoming.text, left_out)
        if actor.is_system:
            text = f"{incoming.sender_name} <{incoming.sender}>\n\n{text}".strip()
        title = plain_subject(incoming.subject) or text.split("\n")[0][:100] or gettext("(no subject)")
        new = NewTicket(client_id, CATEGORY, title, text[:20_000], source=SOURCE)
        ticket = service.create_ticket(new, actor=actor, now=now)
        if files:
            self._attach(service.add_entry(ticket, "attachment", actor=actor, now=now), files, now)
        notices.received(ticket, actor=ACTOR, now=now)
        row.outcome = "created"
        return ticket

    def _files(self, incoming: Incoming) -> tuple[list[tuple[str, bytes]], int]:
        """Those that fit, as in a form, and how many do not."""
        limit = self.settings.upload_max_bytes
        fitting = [(name, content) for name, content in incoming.files if len(content) <= limit]
        kept = fitting[:MAX_FILES]
        return kept, len(incoming.files) - len(kept)

    def _attach(self, entry: TimelineEntry, files: list[tuple[str, bytes]], now: datetime) -> None:
        require_acceptable(files, max_bytes=self.settings.upload_max_bytes)
        attachments.attach(entry, files, blobs=self.blobs, now=now)


def _with_note(text: str, left_out: int) -> str:
    if not left_out:
        return text
    note = gettext("(%(count)s attached files were too large or too many and are not here.)", count=left_out)
    return f"{text}\n\n{note}".strip()


def _of_delivery(identity: mail.Identity) -> int | None:
    """The ticket a mail of ours was about."""
    if identity.kind != "delivery":
        return None
    return db.session.scalar(
        sa.select(NotificationEvent.subject_id)
        .join(Delivery, Delivery.event_id == NotificationEvent.id)
        .where(Delivery.id == identity.number, NotificationEvent.subject_type == notices.KIND)
    )


def _people(address: str, now: datetime) -> list[Actor]:
    """Open accounts with this mail address."""
    users = db.session.scalars(
        sa.select(User)
        .where(sa.func.lower(User.email) == address, User.active)
        .options(joinedload(User.organisation))
        .order_by(User.id)
        .limit(20)
    ).all()
    return actors_for(users, today=now.date())


def _writer(ticket: Ticket, people: list[Actor]) -> Actor:
    """Who of those with this address writes: one that may see the ticket."""
    seeing = queries.who_may_see(ticket.id, people, internal=False)
    fitting = [actor for actor in people if actor.user_id in seeing]
    if not fitting:
        raise RefusedError(gettext("The sender may not write to this ticket."))
    part = _first(fitting, (ticket.requester_id, ticket.assignee_id))
    if part is None and len(fitting) > 1:
        raise RefusedError(gettext("Several accounts have this mail address."))
    return part or fitting[0]


def _first(people: Iterable[Actor], ids: tuple[int | None, ...]) -> Actor | None:
    return next((actor for actor in people if actor.user_id in ids), None)


def _place(incoming: Incoming, channel: Channel | None, people: list[Actor]) -> tuple[int, Actor]:
    """For which client a new ticket is, and whose it is."""
    if len(people) > 1:
        raise RefusedError(gettext("Several accounts have this mail address."))
    if people:
        (actor,) = people
        client_id = actor.home_client_id or (channel.client_id if channel is not None else None)
        if client_id is None:
            raise RefusedError(
                gettext("Nobody can tell for which client this is. The sender should use the web page.")
            )
        if client_id != actor.home_client_id and not actor.allows(Permission.TICKET_CREATE, client_id):
            raise NotAllowedError
        return client_id, actor
    if channel is not None and channel.client_id is not None:
        open_to_all = channel.public.get("unknown") == "create"
        if open_to_all and incoming.sender.rpartition("@")[2] in channel.public.get("domains", ()):
            return channel.client_id, ACTOR
    raise RefusedError(gettext("The sender is not known here."))
