"""Reads mailboxes; what is found there acts through ``mail_in``."""

from __future__ import annotations

import logging
from datetime import datetime

import sqlalchemy as sa

from servicedesk.core.clock import utcnow
from servicedesk.core.crypto import DecryptionError
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.core.sentences import N_
from servicedesk.notifications.access import access
from servicedesk.notifications.inbound.imap import ImapServer, MailboxError, open_mailbox
from servicedesk.notifications.models import Channel, Mailbox
from servicedesk.tickets.mail_in import Mailroom

log = logging.getLogger(__name__)


def poll_mailboxes() -> int:
    """Periodic: take new mail out of every mailbox in use. Returns how many messages."""
    statement = sa.select(Channel.id).where(Channel.kind == "mail_in", Channel.active).order_by(Channel.id)
    ids = list(db.session.scalars(statement))
    db.session.rollback()
    return sum(poll(channel_id) for channel_id in ids)


def poll(channel_id: int) -> int:
    """One mailbox. No database session is open while its server answers."""
    here = runtime()
    error = ""
    taken = 0
    try:
        server, validity, last_uid = _where(channel_id)
        if server is None:
            return 0
        with open_mailbox(server) as mailbox:
            if mailbox.uid_validity != validity:
                last_uid = (
                    0  # another mailbox in its place; messages seen before are known by their Message-ID
                )
            room = Mailroom(here.blobs, here.keyring, here.settings)
            for found in mailbox.new(last_uid, max_bytes=here.settings.mail_in_max_bytes):
                if found.raw is None:
                    room.refuse_unfetched(found.size, channel_id=channel_id, now=utcnow())
                else:
                    room.receive(found.raw, channel_id=channel_id, now=utcnow())
                # Marked before it is remembered: whatever breaks in between, a second look finds it known.
                mailbox.mark_read(found.uid)
                _remember(channel_id, mailbox.uid_validity, found.uid)
                taken += 1
    except MailboxError as problem:
        log.warning("mailbox %d cannot be read: %s", channel_id, problem)
        error = N_("The mailbox cannot be read.")
    except DecryptionError as problem:
        error = str(problem)
    _note(channel_id, error, utcnow())
    return taken


def _where(channel_id: int) -> tuple[ImapServer | None, int, int]:
    """The server, and how far it has been read."""
    channel = db.session.get_one(Channel, channel_id)
    state = db.session.scalar(sa.select(Mailbox).where(Mailbox.channel_id == channel_id))
    reached = (state.uid_validity, state.last_uid) if state is not None else (0, 0)
    server = None
    if channel.public.get("host"):
        folder = str(channel.public.get("folder", "INBOX"))
        server = ImapServer(**access(channel, runtime().keyring), folder=folder)
    db.session.rollback()
    return server, *reached


def _state(channel_id: int) -> Mailbox:
    state = db.session.scalar(sa.select(Mailbox).where(Mailbox.channel_id == channel_id))
    if state is None:
        state = Mailbox(channel_id=channel_id)
        db.session.add(state)
    return state


def _remember(channel_id: int, validity: int, uid: int) -> None:
    with unit_of_work():
        state = _state(channel_id)
        state.uid_validity, state.last_uid = validity, uid


def _note(channel_id: int, error: str, now: datetime) -> None:
    with unit_of_work():
        state = _state(channel_id)
        state.error, state.polled_at = error, now
