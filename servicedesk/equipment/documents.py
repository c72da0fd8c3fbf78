"""Technical documents: collected, updated by new versions, put to devices, archived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.blobs import BlobStore
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.core.uploads import content_type, safe_name
from servicedesk.equipment.document_models import (
    TechnicalDocument,
    TechnicalDocumentVersion,
    technical_document_devices,
)
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import Site

KINDS: dict[str, LazyString] = {
    "drawing": _l("Drawing"),
    "manual": _l("Manual"),
    "configuration": _l("Configuration"),
    "acceptance": _l("Acceptance"),
    "contract": _l("Contract"),
    "licence": _l("Licence"),
    "report": _l("Report"),
    "other": _l("Other"),
}
MAX_DEVICES = 500


@dataclass(frozen=True, slots=True)
class DocumentData:
    """What a person may write; the names are those of ``TechnicalDocument``."""

    title: str
    kind: str
    site_id: int | None = None
    note: str = ""
    review_on: date | None = None


FIELDS = tuple(DocumentData.__dataclass_fields__)
_VERSION = ("number", "label", "changes", "file_name", "size_bytes", "sha256")


def may_edit(document: TechnicalDocument, actor: Actor) -> bool:
    """Whether the actor keeps the equipment the document is about."""
    return actor.allows(Permission.DEVICE_EDIT, document.client_id, document.site_id)


def _require(document: TechnicalDocument, actor: Actor, *, archived: bool = False) -> None:
    """Refuse who may not change it, and changes of what is archived."""
    if not may_edit(document, actor):
        raise NotAllowedError
    if document.archived_at is not None and not archived:
        raise ConflictError(_("This document is archived. Take it out of the archive first."))


def save_document(
    document: TechnicalDocument | None, client_id: int, data: DocumentData, *, actor: Actor, now: datetime
) -> TechnicalDocument:
    """Make or change a document of a client; its files are versions.

    Raises:
        NotAllowedError, InvalidError, ConflictError: it is archived.
    """
    if not actor.allows(Permission.DEVICE_EDIT, client_id, data.site_id):
        raise NotAllowedError
    if document is not None:
        _require(document, actor)
        if document.client_id != client_id:
            raise NotAllowedError
    _check(document, client_id, data)
    before = audit.snapshot(document, FIELDS) if document is not None else None
    if document is None:
        document = TechnicalDocument(client_id=client_id, current_number=0, created_at=now)
        db.session.add(document)
    for name in FIELDS:
        value = getattr(data, name)
        setattr(document, name, value.strip() if isinstance(value, str) else value)
    document.updated_at = now
    after = audit.snapshot(document, FIELDS)
    if before != after:
        action = "technical_document.created" if before is None else "technical_document.updated"
        audit.record(actor, action, document, now=now, label=document.title, before=before, after=after)
    return document


def _check(document: TechnicalDocument | None, client_id: int, data: DocumentData) -> None:
    if data.kind not in KINDS:
        raise InvalidError(_("Choose a kind from the list."), "kind")
    if not data.title.strip():
        raise InvalidError(_("Write a title."), "title")
    if data.site_id is None:
        return
    site = db.session.get(Site, data.site_id)
    if site is None or site.client_id != client_id:
        raise InvalidError(_("Choose a site of this client."), "site_id")
    links = technical_document_devices
    elsewhere = (
        sa.select(Device.id)
        .join(links, links.c.device_id == Device.id)
        .where(links.c.document_id == document.id, Device.site_id != data.site_id)
        .limit(1)
        if document is not None
        else None
    )
    if elsewhere is not None and db.session.scalar(elsewhere) is not None:
        raise InvalidError(_("It is about devices of another site. Take them off first."), "site_id")


def add_version(
    document: TechnicalDocument,
    file: tuple[str, bytes],
    *,
    label: str,
    changes: str,
    blobs: BlobStore,
    actor: Actor,
    now: datetime,
) -> TechnicalDocumentVersion:
    """Put a checked file on top of the versions; older ones stay. The blob is written before the row.

    Args:
        file: name and content, already accepted by ``core.uploads``. It is kept, never opened.

    Raises:
        NotAllowedError, ConflictError: it is archived.
    """
    _require(document, actor)
    name, content = file
    number = document.current_number + 1
    version = TechnicalDocumentVersion(
        document_id=document.id,
        number=number,
        label=label.strip() or str(number),
        changes=changes.strip(),
        file_name=safe_name(name),
        content_type=content_type(content),
        size_bytes=len(content),
        sha256=blobs.put(content),
        author_name=actor.name,
        created_at=now,
    )
    document.current_number, document.updated_at = number, now
    db.session.add(version)
    after = audit.snapshot(version, _VERSION)
    audit.record(
        actor, "technical_document.version_added", document, now=now, label=document.title, after=after
    )
    return version


def note_download(
    document: TechnicalDocument, version: TechnicalDocumentVersion, *, actor: Actor, now: datetime
) -> None:
    """Write down who took which version."""
    after = {"number": version.number, "file_name": version.file_name}
    audit.record(actor, "technical_document.downloaded", document, now=now, label=document.title, after=after)


def link(document: TechnicalDocument, device: Device, *, actor: Actor, now: datetime) -> None:
    """Say that the document is about a device; saying it twice is no error.

    Raises:
        NotAllowedError, ConflictError, InvalidError: another client's or site's device, or too many.
    """
    _require(document, actor)
    if not actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id):
        raise NotAllowedError
    if device.client_id != document.client_id or document.site_id not in (None, device.site_id):
        raise InvalidError(_("Choose a device of the same client and site."), "device_id")
    links = technical_document_devices
    known = set(db.session.scalars(sa.select(links.c.device_id).where(links.c.document_id == document.id)))
    if device.id in known:
        return
    if len(known) >= MAX_DEVICES:
        raise InvalidError(_("At most %(count)s devices.", count=MAX_DEVICES), "device_id")
    db.session.execute(links.insert(), [{"document_id": document.id, "device_id": device.id}])
    after = {"title": document.title}
    audit.record(actor, "device.document_linked", device, now=now, label=device.name, after=after)


def unlink(document: TechnicalDocument, device_id: int, *, actor: Actor, now: datetime) -> None:
    """Take a device off the document.

    Raises:
        NotAllowedError, ConflictError, NotFoundError: it is not about this device.
    """
    _require(document, actor)
    links = technical_document_devices
    this = (links.c.document_id == document.id, links.c.device_id == device_id)
    device = db.session.scalar(sa.select(Device).join(links, links.c.device_id == Device.id).where(*this))
    if device is None:
        raise NotFoundError
    db.session.execute(links.delete().where(*this))
    before = {"title": document.title}
    audit.record(actor, "device.document_unlinked", device, now=now, label=device.name, before=before)


def archive(document: TechnicalDocument, archived: bool, *, actor: Actor, now: datetime) -> None:
    """Put the document away, or take it out again; its versions stay to be read."""
    _require(document, actor, archived=True)
    if (document.archived_at is not None) == archived:
        return
    document.archived_at = now if archived else None
    document.updated_at = now
    action = "technical_document.archived" if archived else "technical_document.restored"
    audit.record(actor, action, document, now=now, label=document.title)
