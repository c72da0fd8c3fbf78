"""What is handed over for a data request: encrypted, for a time, with a log of who took it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import selectinload

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.blobs import BlobStore
from servicedesk.core.crypto import Keyring
from servicedesk.core.db import db, for_update, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.core.uploads import content_type, safe_name
from servicedesk.tickets.guards import Sentence
from servicedesk.tickets.masking import preview
from servicedesk.tickets.models import DataDelivery, DeliveryDownload, Ticket

DAYS = 7
MAX_DAYS = 30


def something_delivered(ticket: Ticket, now: datetime) -> Sentence:
    """A data request is delivered when there is a file to take, or another form was agreed and described."""
    there = sa.select(sa.func.count()).where(
        DataDelivery.ticket_id == ticket.id, DataDelivery.expires_at > now
    )
    if ticket.details.get("delivery") or db.session.scalar(there):
        return None
    return _("Add the file to deliver first, or name another form of delivery.")


def deliveries_of(ticket: Ticket) -> Sequence[DataDelivery]:
    """All of them with their logs, oldest first."""
    statement = sa.select(DataDelivery).where(DataDelivery.ticket_id == ticket.id).order_by(DataDelivery.id)
    return db.session.scalars(statement.options(selectinload(DataDelivery.downloads))).all()


def may_take(ticket: Ticket, actor: Actor) -> bool:
    """Who asked for it, and who prepares it. An approver sees the masked preview."""
    return actor.user_id is not None and (
        actor.user_id == ticket.requester_id
        or actor.allows(Permission.TICKET_WORK, ticket.client_id, ticket.site_id)
    )


def deliver(
    ticket: Ticket,
    name: str,
    content: bytes,
    *,
    days: int = DAYS,
    blobs: BlobStore,
    keyring: Keyring,
    actor: Actor,
    now: datetime,
) -> DataDelivery:
    """Lay a file ready. The encrypted bytes are written before the row.

    Raises:
        ConflictError: the request is not being worked on: it is not approved, or over.
        NotAllowedError, InvalidError.
    """
    if not actor.allows(Permission.TICKET_WORK, ticket.client_id, ticket.site_id):
        raise NotAllowedError
    if ticket.category != "data_request" or ticket.state != "in_progress":
        raise ConflictError(_("Files are delivered while an approved data request is being worked on."))
    if not content:
        raise InvalidError(_("The file %(name)s is empty.", name=safe_name(name)), "file")
    if not 1 <= days <= MAX_DAYS:
        raise InvalidError(_("Choose 1 to %(days)s days.", days=MAX_DAYS), "days")
    delivery = DataDelivery(
        ticket_id=ticket.id,
        name=safe_name(name),
        content_type=content_type(content),
        size_bytes=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        blob_sha256=blobs.put(keyring.seal(content)),
        preview=preview(content),
        actor_name=actor.name,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    db.session.add(delivery)
    db.session.flush()
    audit.record(
        actor,
        "delivery.created",
        delivery,
        now=now,
        label=ticket.number,
        client_id=ticket.client_id,
        after=audit.snapshot(delivery, ("name", "size_bytes", "digest", "expires_at")),
    )
    return delivery


def get_delivery(ticket: Ticket, delivery_id: int) -> DataDelivery:
    """A delivery of this ticket, locked; or NotFoundError."""
    delivery = db.session.scalar(
        for_update(
            sa.select(DataDelivery).where(DataDelivery.id == delivery_id, DataDelivery.ticket_id == ticket.id)
        )
    )
    if delivery is None:
        raise NotFoundError
    return delivery


def take(
    ticket: Ticket, delivery_id: int, *, blobs: BlobStore, keyring: Keyring, actor: Actor, now: datetime
) -> tuple[DataDelivery, bytes]:
    """The file, once it is written down who took it; the caller commits before it is sent.

    Raises:
        ConflictError: its time is over, or it was taken as often as allowed.
        BlobMissingError, DecryptionError: it cannot be read; nothing is written down.
    """
    delivery = get_delivery(ticket, delivery_id)
    if not may_take(ticket, actor):
        raise NotAllowedError
    if delivery.purged_at is not None or delivery.expires_at <= now:
        raise ConflictError(_("The time for taking this file is over. Ask for it again in the ticket."))
    own = sum(1 for one in delivery.downloads if one.user_id == ticket.requester_id)
    if actor.user_id == ticket.requester_id and own >= delivery.max_downloads:
        raise ConflictError(_("The file was taken %(count)s times, as often as allowed.", count=own))
    content = keyring.unseal(blobs.get(delivery.blob_sha256))
    delivery.downloads.append(
        DeliveryDownload(user_id=actor.user_id, actor_name=actor.name, address=actor.address, at=now)
    )
    audit.record(actor, "delivery.taken", delivery, now=now, label=ticket.number, client_id=ticket.client_id)
    return delivery, content


def withdraw(ticket: Ticket, delivery_id: int, *, blobs: BlobStore, actor: Actor, now: datetime) -> None:
    """Take a file back before its time is over."""
    if not actor.allows(Permission.TICKET_WORK, ticket.client_id, ticket.site_id):
        raise NotAllowedError
    delivery = get_delivery(ticket, delivery_id)
    if delivery.purged_at is None:
        _purge(delivery, blobs, now)
        audit.record(
            actor, "delivery.withdrawn", delivery, now=now, label=ticket.number, client_id=ticket.client_id
        )


def purge_over(blobs: BlobStore, now: datetime, limit: int = 200) -> int:
    """Periodic: remove the bytes of deliveries whose time is over; rows and logs stay. Returns how many."""
    count = 0
    with unit_of_work() as session:
        statement = sa.select(DataDelivery).where(
            DataDelivery.purged_at.is_(None), DataDelivery.expires_at <= now
        )
        for delivery in session.scalars(for_update(statement.order_by(DataDelivery.id).limit(limit))):
            _purge(delivery, blobs, now)
            count += 1
    return count


def _purge(delivery: DataDelivery, blobs: BlobStore, now: datetime) -> None:
    # The bytes go first: should the row not be written, the next sweep finds it again.
    blobs.remove(delivery.blob_sha256)
    delivery.purged_at = now
