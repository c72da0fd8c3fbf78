"""Reports by whoever scans a device's label: without an account, in bounds."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.core.actor import Actor
from servicedesk.core.blobs import BlobStore
from servicedesk.core.db import db
from servicedesk.core.errors import DomainError, InvalidError, NotFoundError
from servicedesk.core.sentences import N_
from servicedesk.core.uploads import content_type, require_acceptable
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import PUBLIC_ANYONE, PUBLIC_BADGE, Organisation
from servicedesk.staff.models import User
from servicedesk.tickets import attachments, service
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.public_models import PublicReport
from servicedesk.tickets.service import NewTicket

ACTOR = Actor.system(N_("device label"))
SOURCE = "label"
HOUR = timedelta(hours=1)
PER_SOURCE, PER_DEVICE, PER_CLIENT = 10, 10, 120  # in an hour; a whole office may share one address
MAX_PHOTOS = 3
MAX_TEXT = 4000
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


class TooManyError(DomainError):
    """More than people send; the sentence says what to do instead."""

    status = 429


@dataclass(frozen=True, slots=True)
class Said:
    """What was typed; ``source`` is where it came from, ``photos`` are (name, bytes)."""

    text: str
    name: str = ""
    contact: str = ""
    badge: str = ""
    source: str = ""
    photos: tuple[tuple[str, bytes], ...] = ()


def source_of(address: str, key: bytes) -> str:
    """A keyed hash of a network address: it can be counted and not be read."""
    return hashlib.blake2b(address.encode(), key=key[:64], digest_size=16).hexdigest()


def mode(device: Device) -> str:
    """Who may report by label at the device's client: anyone, badge, or nobody (empty)."""
    client = db.session.get(Organisation, device.client_id)
    if client is None or not client.active:
        return ""
    return client.public_reports if client.public_reports in (PUBLIC_ANYONE, PUBLIC_BADGE) else ""


def open_report(device: Device) -> Ticket | None:
    """The newest fault of the device that somebody reported and nobody has mended yet."""
    return db.session.scalar(
        sa.select(Ticket)
        .where(
            Ticket.device_id == device.id,
            Ticket.category == "fault",
            Ticket.phase.in_(("open", "waiting")),
            Ticket.merged_into_id.is_(None),
        )
        .order_by(Ticket.id.desc())
        .limit(1)
    )


def report(
    device: Device, said: Said, *, blobs: BlobStore, max_bytes: int, now: datetime
) -> tuple[PublicReport, str]:
    """Register a fault of the device. Returns the row and, when a badge nobody has was given, why not.

    A refusal is a row too, so that badges cannot be tried out: commit in any case.

    Raises:
        NotFoundError: the client does not take reports by label.
        InvalidError: a field is missing or does not fit; nothing was stored.
        TooManyError: too much came from there, or about this device.
    """
    allowed = mode(device)
    if not allowed:
        raise NotFoundError
    require_room(device, said.source, now)
    text = said.text.strip()
    if not text:
        raise InvalidError(_("Say in a few words what is wrong."), "text")
    photos = list(said.photos)
    if len(photos) > MAX_PHOTOS:
        raise InvalidError(_("At most %(count)s photos.", count=MAX_PHOTOS), "photos")
    require_acceptable(photos, max_bytes=max_bytes)
    if any(not content_type(content).startswith("image/") for _name, content in photos):
        raise InvalidError(_("Only photos can be added here: JPEG, PNG, GIF or WebP."), "photos")
    person = _holder(device, said.badge) if said.badge.strip() else None
    if said.badge.strip() and person is None:
        row = _row(device, None, "refused", said, now)
        return row, _("This badge number is not known here. Check it, or call the service desk.")
    if person is None and allowed == PUBLIC_BADGE:
        raise InvalidError(_("Your badge number is needed here."), "badge")
    if person is None and not said.name.strip():
        raise InvalidError(_("Please give your name, so that somebody can ask you."), "name")
    ticket = service.create_ticket(
        NewTicket(
            client_id=device.client_id,
            category="fault",
            title=f"{device.name}: {text.splitlines()[0]}"[:120],
            description=text[:MAX_TEXT],
            device_id=device.id,
            impact=3,
            urgency=2,
            source=SOURCE,
            requester_id=person.id if person is not None else None,
        ),
        actor=ACTOR,
        now=now,
    )
    service.add_entry(ticket, "comment", actor=ACTOR, now=now, internal=True, body=_who_says(said, person))
    if photos:
        entry = service.add_entry(ticket, "attachment", actor=ACTOR, now=now)
        attachments.attach(entry, photos, blobs=blobs, now=now)
    return _row(device, ticket, "report", said, now), ""


def me_too(device: Device, source: str, *, now: datetime) -> PublicReport:
    """Somebody else is hindered by the fault that is known already; once an hour from one place."""
    if not mode(device):
        raise NotFoundError
    ticket = open_report(device)
    if ticket is None:
        raise InvalidError(_("It was mended meanwhile. Please report it anew."))
    before = db.session.scalar(
        sa.select(PublicReport)
        .where(
            PublicReport.ticket_id == ticket.id, PublicReport.source == source, PublicReport.at > now - HOUR
        )
        .limit(1)
    )
    if before is not None:
        return before
    require_room(device, source, now)
    service.add_entry(
        ticket,
        "comment",
        actor=ACTOR,
        now=now,
        internal=True,
        body=_("Somebody else scanned the label: it hinders them too."),
    )
    return _row(device, ticket, "me_too", Said("", source=source), now)


def followed(token: str) -> PublicReport | None:
    """The report whose page this token opens."""
    if not _TOKEN.fullmatch(token):
        return None
    return db.session.scalar(
        sa.select(PublicReport).where(PublicReport.token == token, PublicReport.ticket_id.is_not(None))
    )


def require_room(device: Device, source: str, now: datetime) -> None:
    """Refuse what no person sends.

    Raises:
        TooManyError: with what to do instead.
    """
    since = PublicReport.at > now - HOUR
    rows = db.session.execute(
        sa.select(
            sa.func.count().filter(PublicReport.source == source),
            sa.func.count().filter(PublicReport.device_id == device.id),
            sa.func.count(),
        ).where(since, sa.or_(PublicReport.source == source, PublicReport.client_id == device.client_id))
    ).one()
    if rows[0] >= PER_SOURCE or rows[1] >= PER_DEVICE or rows[2] >= PER_CLIENT:
        raise TooManyError(
            _("Too many reports came from here within an hour. Call the service desk, or sign in.")
        )


def _holder(device: Device, badge: str) -> User | None:
    return db.session.scalar(
        sa.select(User).where(
            User.organisation_id == device.client_id, User.badge == badge.strip()[:32], User.active
        )
    )


def _who_says(said: Said, person: User | None) -> str:
    parts = [
        _("Reported by scanning the label, not signed in."),
        _("Name: %(name)s", name=(person.display_name if person is not None else said.name.strip()[:100])),
    ]
    if person is not None:
        parts.append(_("Badge: %(badge)s", badge=person.badge))
    if said.contact.strip():
        parts.append(_("To be reached at: %(contact)s", contact=said.contact.strip()[:100]))
    return "\n".join(parts)


def _row(device: Device, ticket: Ticket | None, kind: str, said: Said, now: datetime) -> PublicReport:
    row = PublicReport(
        client_id=device.client_id,
        device_id=device.id,
        ticket_id=ticket.id if ticket is not None else None,
        kind=kind,
        token=secrets.token_urlsafe(16),
        source=said.source,
        name=said.name.strip()[:100],
        at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row
