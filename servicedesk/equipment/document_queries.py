"""What of the technical documents an actor may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.db import anywhere, db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.document_models import (
    TechnicalDocument,
    TechnicalDocumentVersion,
    technical_document_devices,
)
from servicedesk.equipment.history import Event
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import Organisation, Site


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters of the list. ``shown``: "" in use, due (for review), archived, all."""

    shown: str = ""
    kind: str = ""
    client_id: int | None = None
    site_id: int | None = None
    device_id: int | None = None
    text: str = ""


def _visible(actor: Actor) -> sa.ColumnElement[bool]:
    scope = actor.scope(Permission.DEVICE_VIEW)
    return scope.clause(TechnicalDocument.client_id, TechnicalDocument.site_id)


def _current() -> sa.ColumnElement[bool]:
    return sa.and_(
        TechnicalDocumentVersion.document_id == TechnicalDocument.id,
        TechnicalDocumentVersion.number == TechnicalDocument.current_number,
    )


def document_rows(actor: Actor, chosen: Chosen, *, today: date) -> sa.Select[*tuple[Any, ...]]:
    """Columns of the list with the current version of each."""
    return (
        sa.select(
            TechnicalDocument.id,
            TechnicalDocument.title,
            TechnicalDocument.kind,
            TechnicalDocument.review_on,
            TechnicalDocument.archived_at,
            Organisation.name.label("client_name"),
            Site.name.label("site_name"),
            TechnicalDocumentVersion.label,
            TechnicalDocumentVersion.file_name,
            TechnicalDocumentVersion.size_bytes,
            TechnicalDocumentVersion.author_name,
            TechnicalDocumentVersion.created_at,
        )
        .join(Organisation, Organisation.id == TechnicalDocument.client_id)
        .outerjoin(Site, Site.id == TechnicalDocument.site_id)
        .outerjoin(TechnicalDocumentVersion, _current())
        .where(_visible(actor), *_filters(chosen, today))
    )


def _filters(chosen: Chosen, today: date) -> Iterable[sa.ColumnElement[bool]]:
    if chosen.shown == "archived":
        yield TechnicalDocument.archived_at.is_not(None)
    elif chosen.shown != "all":
        yield TechnicalDocument.archived_at.is_(None)
    if chosen.shown == "due":
        yield TechnicalDocument.review_on <= today
    if chosen.kind:
        yield TechnicalDocument.kind == chosen.kind
    if chosen.client_id:
        yield TechnicalDocument.client_id == chosen.client_id
    if chosen.site_id:
        yield TechnicalDocument.site_id == chosen.site_id
    if chosen.device_id:
        links = technical_document_devices.c
        about = sa.select(links.document_id).where(links.device_id == chosen.device_id)
        yield TechnicalDocument.id.in_(about)
    if chosen.text:
        like = anywhere(chosen.text)
        named = sa.select(TechnicalDocumentVersion.document_id).where(
            TechnicalDocumentVersion.file_name.ilike(like, escape="\\")
        )
        yield sa.or_(
            TechnicalDocument.title.ilike(like, escape="\\"),
            TechnicalDocument.note.ilike(like, escape="\\"),
            TechnicalDocument.id.in_(named),
        )


def get_visible_document(document_id: int, actor: Actor) -> TechnicalDocument:
    """The document, or NotFoundError."""
    found = db.session.scalar(
        sa.select(TechnicalDocument)
        .where(TechnicalDocument.id == document_id, _visible(actor))
        .options(joinedload(TechnicalDocument.client), joinedload(TechnicalDocument.site))
    )
    if found is None:
        raise NotFoundError
    return found


def versions_of(document: TechnicalDocument) -> Sequence[TechnicalDocumentVersion]:
    """All versions, the newest first."""
    return db.session.scalars(
        sa.select(TechnicalDocumentVersion)
        .where(TechnicalDocumentVersion.document_id == document.id)
        .order_by(TechnicalDocumentVersion.number.desc())
    ).all()


def get_version(document: TechnicalDocument, number: int) -> TechnicalDocumentVersion:
    """A version of the document by its number, or NotFoundError."""
    found = db.session.scalar(
        sa.select(TechnicalDocumentVersion).where(
            TechnicalDocumentVersion.document_id == document.id, TechnicalDocumentVersion.number == number
        )
    )
    if found is None:
        raise NotFoundError
    return found


def devices_of(document: TechnicalDocument, actor: Actor) -> Sequence[Any]:
    """The devices it is about, as far as the actor may see them."""
    links = technical_document_devices.c
    scope = actor.scope(Permission.DEVICE_VIEW)
    return db.session.execute(
        sa.select(Device.id, Device.name, Device.serial)
        .join(technical_document_devices, links.device_id == Device.id)
        .where(links.document_id == document.id, scope.clause(Device.client_id, Device.site_id))
        .order_by(Device.name, Device.id)
    ).all()


def of_device(device: Device, actor: Actor, *, today: date) -> Sequence[Any]:
    """The documents in use that are about a device; at most 50."""
    statement = document_rows(actor, Chosen(device_id=device.id), today=today)
    return db.session.execute(
        statement.order_by(TechnicalDocument.title, TechnicalDocument.id).limit(50)
    ).all()


def sites(actor: Actor, permission: Permission) -> Sequence[Any]:
    """Sites the permission reaches with their clients, for choices: id, name, client_id, client_name."""
    scope = actor.scope(permission)
    return db.session.execute(
        sa.select(Site.id, Site.name, Site.client_id, Organisation.name.label("client_name"))
        .join(Organisation, Organisation.id == Site.client_id)
        .where(scope.clause(Site.client_id, Site.id))
        .order_by(Organisation.name, Site.name, Site.id)
    ).all()


def device_events(device: Device, actor: Actor, before: datetime | None, limit: int) -> list[Event]:
    """New versions of what is about the device, for its history."""
    links = technical_document_devices.c
    version = TechnicalDocumentVersion
    statement = (
        sa.select(TechnicalDocument.id, TechnicalDocument.title, version)
        .join(version, version.document_id == TechnicalDocument.id)
        .join(technical_document_devices, links.document_id == TechnicalDocument.id)
        .where(links.device_id == device.id, _visible(actor))
    )
    if before is not None:
        statement = statement.where(version.created_at < before)
    rows = db.session.execute(statement.order_by(version.created_at.desc(), version.id.desc()).limit(limit))
    return [
        Event(
            row.created_at,
            "document",
            "file-earmark-text",
            _("Document “%(title)s”, version %(label)s", title=title, label=row.label),
            note=row.changes,
            url=url_for("technical_documents.detail", document_id=number),
            who=row.author_name,
        )
        for number, title, row in rows
    ]
