"""The log of mail that came in, and what of it needs no other domain: copies, loops, bounces."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa

from servicedesk.core.crypto import Keyring
from servicedesk.core.db import db, for_update
from servicedesk.core.sentences import N_
from servicedesk.notifications import mail
from servicedesk.notifications.inbound.parsing import AUTO_REPLY, BOUNCE, Incoming
from servicedesk.notifications.models import BOUNCED, SENT, UNCERTAIN, Channel, Delivery, InboundMail


def dedupe_key(incoming: Incoming, raw: bytes) -> str:
    """The same message has the same key: by its Message-ID, else by all of it."""
    content = incoming.message_id.encode() or raw
    return hashlib.sha256(content).hexdigest()


def write_row(
    incoming: Incoming | None, *, size: int, sha256: str, channel: Channel | None, now: datetime
) -> InboundMail:
    """A row of the log without an outcome yet."""
    row = InboundMail(
        received_at=now,
        client_id=channel.client_id if channel is not None else None,
        channel_id=channel.id if channel is not None else None,
        message_id=incoming.message_id if incoming else "",
        sender=incoming.sender if incoming else "",
        subject=incoming.subject if incoming else "",
        size_bytes=size,
        sha256=sha256,
        outcome="broken",
    )
    db.session.add(row)
    return row


def recognised(
    row: InboundMail, incoming: Incoming, key: str, *, keyring: Keyring, per_hour: int, now: datetime
) -> bool:
    """Settle what must not act: a copy, a loop, an automatic reply, a bounce. True when it is settled."""
    if db.session.scalar(sa.select(InboundMail.id).where(InboundMail.dedupe == key)) is not None:
        row.outcome = "duplicate"
        return True
    row.dedupe = key
    if incoming.kind == BOUNCE:
        row.outcome = "bounce"
        row.reason = incoming.reason[:300]
        _note_bounce(incoming, keyring)
        return True
    if mail.identities(incoming.message_id, keyring):
        row.outcome, row.reason = "loop", N_("It is a mail of this installation.")
        return True
    if incoming.kind == AUTO_REPLY:
        row.outcome = "auto_reply"
        return True
    since = sa.select(sa.func.count(InboundMail.id)).where(
        InboundMail.sender == incoming.sender,
        InboundMail.received_at > now - timedelta(hours=1),
        InboundMail.dedupe.is_not(None),
    )
    if (db.session.scalar(since) or 0) > per_hour:  # this one is counted
        row.outcome, row.reason = "loop", N_("Too many mails of this sender within an hour.")
        return True
    return False


def _note_bounce(incoming: Incoming, keyring: Keyring) -> None:
    """The delivery that came back says so."""
    numbers = [one.number for one in mail.identities(incoming.returned, keyring) if one.kind == "delivery"]
    for delivery in db.session.scalars(for_update(sa.select(Delivery).where(Delivery.id.in_(numbers)))):
        if delivery.state in (SENT, UNCERTAIN):
            delivery.state, delivery.rank = BOUNCED, 1
            delivery.error = N_("The mail came back: it could not be delivered.")
            delivery.answer = incoming.reason[:500]
