"""Handbooks: who keeps and reads them, their parts in order, and what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, selectinload

from servicedesk.audit import service as audit
from servicedesk.config import LOCALES
from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.forms import whole_number
from servicedesk.core.paging import Order
from servicedesk.knowledge import permissions
from servicedesk.knowledge.labels import AUDIENCES
from servicedesk.knowledge.models import Article, ArticleVersion, Handbook, HandbookPart
from servicedesk.runbooks import texts
from servicedesk.runbooks.definition import Runbook
from servicedesk.runbooks.texts import Place

BY_TITLE = Order((Handbook.title, Handbook.id), ("title", "id"), descending=False)
MAX_PARTS = 200


@dataclass(frozen=True, slots=True)
class HandbookData:
    """What a person gives; the names are those of ``Handbook``."""

    title: str
    subtitle: str = ""
    language: str = "en"
    audience: str = "staff"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part as a reader gets it: an article's version or a runbook."""

    part: HandbookPart
    version: ArticleVersion | None = None
    runbook: Runbook | None = None


@dataclass(frozen=True, slots=True)
class Chapter:
    """``title`` is empty for what stands before the first chapter."""

    title: str
    pieces: list[Piece]


def visible(actor: Actor) -> sa.ColumnElement[bool]:
    """Handbooks one may read: published ones of one's audience; those one keeps in any state."""
    today = utcnow().date()
    parts = [keepable(actor)]
    if actor.allows_somewhere(permissions.READ) or actor.home_client_id is not None:
        place = permissions.place(Handbook, actor, permissions.READ, today)
        parts.append(sa.and_(Handbook.audience == "requesters", place))
    if actor.allows_somewhere(permissions.WRITE):
        parts.append(permissions.place(Handbook, actor, permissions.WRITE, today))
    return sa.or_(parts[0], sa.and_(Handbook.state == "published", sa.or_(sa.false(), *parts[1:])))


def keepable(actor: Actor) -> sa.ColumnElement[bool]:
    """Handbooks one changes."""
    return permissions.writable_place(Handbook, actor)


def rows(actor: Actor) -> sa.Select[Handbook]:
    """The list, without order and limit."""
    return (
        sa.select(Handbook)
        .where(visible(actor))
        .options(joinedload(Handbook.client), joinedload(Handbook.company))
    )


def get(handbook_id: int, actor: Actor) -> Handbook:
    """One that may be read, or NotFoundError."""
    found = db.session.scalar(
        rows(actor).where(Handbook.id == handbook_id).options(selectinload(Handbook.parts))
    )
    if found is None:
        raise NotFoundError
    return found


def may_keep(handbook: Handbook, actor: Actor) -> bool:
    """Whether the actor changes it."""
    return permissions.writes_at(handbook, actor)


def may_publish(handbook: Handbook, actor: Actor) -> bool:
    """Whether the actor lets readers have it."""
    return permissions.publishes_at(handbook, actor)


def pieces(handbook: Handbook, actor: Actor) -> list[Piece]:
    """Its parts in order, each with what it says to this reader; parts that say nothing to them, such as
    an article that was taken back, are without. Staff's articles stay out of a handbook for everybody."""
    ids = [part.article_id for part in handbook.parts if part.article_id is not None]
    wanted = (
        sa.select(ArticleVersion)
        .join(Article, Article.id == ArticleVersion.article_id)
        .where(Article.id.in_(ids), permissions.readable(actor))
    )
    if handbook.audience == "requesters":
        wanted = wanted.where(ArticleVersion.audience == "requesters")
    versions = {version.article_id: version for version in db.session.scalars(wanted)} if ids else {}
    books = runbooks(handbook) if any(part.runbook_key for part in handbook.parts) else {}
    return [
        Piece(part, versions.get(part.article_id or 0), books.get(part.runbook_key))
        for part in handbook.parts
    ]


def runbooks(handbook: Handbook) -> dict[str, Runbook]:
    """Runbooks by key as they hold at the handbook's place; none in one for everybody."""
    if handbook.audience == "requesters":
        return {}
    return dict(texts.effective(Place(handbook.client_id or 0)))


def chapters(found: Sequence[Piece]) -> list[Chapter]:
    """The parts that say something, by chapter; chapters that hold nothing are left out."""
    made = [Chapter("", [])]
    for piece in found:
        if piece.part.kind == "chapter":
            made.append(Chapter(piece.part.title, []))
        elif piece.version is not None or piece.runbook is not None:
            made[-1].pieces.append(piece)
    return [chapter for chapter in made if chapter.pieces]


def offered_articles(handbook: Handbook, actor: Actor) -> Sequence[Any]:
    """(id, title) of published articles that may be added."""
    wanted = (
        sa.select(ArticleVersion.article_id, ArticleVersion.title)
        .join(Article, Article.id == ArticleVersion.article_id)
        .where(permissions.readable(actor))
        .order_by(ArticleVersion.title)
        .limit(500)
    )
    # An article of another client would be read by nobody here.
    wanted = wanted.where(sa.or_(Article.client_id.is_(None), Article.client_id == handbook.client_id))
    if handbook.audience == "requesters":
        wanted = wanted.where(ArticleVersion.audience == "requesters")
    return db.session.execute(wanted).all()


def create(place: str, data: HandbookData, *, actor: Actor, now: datetime) -> Handbook:
    """Begin a handbook at a place of ``permissions.write_places``."""
    if place not in dict(permissions.write_places(actor)):
        raise NotFoundError
    kind, _colon, number = place.partition(":")
    handbook = Handbook(created_at=now, author_name=actor.name, parts=[])
    handbook.client_id, handbook.company_id = (int(number), None) if kind == "client" else (None, int(number))
    _fill(handbook, data)
    db.session.add(handbook)
    db.session.flush()
    _audit(handbook, "handbook.created", actor, now)
    return handbook


def change(handbook: Handbook, data: HandbookData, *, actor: Actor, now: datetime) -> None:
    """Another cover, language or audience."""
    handbook = _locked(handbook, actor)
    if data.audience != handbook.audience and handbook.state == "published":
        _require_publisher(handbook, actor)
    _fill(handbook, data)
    handbook.updated_at = now
    _audit(handbook, "handbook.changed", actor, now)


def _fill(handbook: Handbook, data: HandbookData) -> None:
    if not data.title.strip():
        raise InvalidError(_("Give it a title."), "title")
    if data.language not in LOCALES or data.audience not in AUDIENCES:
        raise InvalidError(_("This choice is not offered."))
    handbook.title, handbook.subtitle = data.title.strip()[:200], data.subtitle.strip()[:300]
    handbook.language, handbook.audience = data.language, data.audience


def set_published(handbook: Handbook, wanted: bool, *, actor: Actor, now: datetime) -> None:
    """Let readers have it, or take it back."""
    handbook = _locked(handbook, actor)
    _require_publisher(handbook, actor)
    handbook.state, handbook.updated_at = ("published" if wanted else "draft"), now
    _audit(handbook, "handbook.published" if wanted else "handbook.withdrawn", actor, now)


def add(handbook: Handbook, kind: str, value: str, *, actor: Actor, now: datetime) -> HandbookPart:
    """Add a part at the end: a chapter by its title, an article by its number, a runbook by its key.

    Raises:
        InvalidError: there is no such thing to add here.
    """
    handbook = _locked(handbook, actor)
    if len(handbook.parts) >= MAX_PARTS:
        raise InvalidError(_("A handbook has %(most)s parts at most.", most=MAX_PARTS))
    position = handbook.parts[-1].position + 1 if handbook.parts else 1
    part = HandbookPart(handbook_id=handbook.id, position=position, kind=kind)
    known = True
    if kind == "chapter":
        part.title = value.strip()[:200]
        known = bool(part.title)
    elif kind == "article":
        part.article_id = whole_number(value)
        known = any(row.article_id == part.article_id for row in offered_articles(handbook, actor))
    else:
        part.runbook_key = value
        known = kind == "runbook" and value in runbooks(handbook)
    if not known:
        raise InvalidError(_("This choice is not offered."))
    handbook.parts.append(part)
    handbook.updated_at = now
    db.session.flush()
    return part


def arrange(handbook: Handbook, part_id: int, how: str, *, actor: Actor, now: datetime) -> None:
    """Move a part ``up`` or ``down``, or ``remove`` it."""
    handbook = _locked(handbook, actor)
    parts = list(handbook.parts)
    at = next((at for at, part in enumerate(parts) if part.id == part_id), None)
    if at is None:
        raise NotFoundError
    if how == "remove":
        handbook.parts.remove(parts[at])
    else:
        other = at - 1 if how == "up" else at + 1
        if 0 <= other < len(parts):
            parts[at].position, parts[other].position = parts[other].position, parts[at].position
    handbook.updated_at = now
    db.session.flush()


def remove(handbook: Handbook, *, actor: Actor, now: datetime) -> None:
    """Delete a handbook that readers do not have; its articles stay."""
    handbook = _locked(handbook, actor)
    if handbook.state == "published":
        raise InvalidError(_("Take it back first."))
    _audit(handbook, "handbook.removed", actor, now)
    db.session.delete(handbook)
    db.session.flush()


def _locked(handbook: Handbook, actor: Actor) -> Handbook:
    if not may_keep(handbook, actor):
        raise NotAllowedError
    found = db.session.scalars(for_update(sa.select(Handbook).where(Handbook.id == handbook.id))).one()
    db.session.refresh(found, ["parts"])
    return found


def _require_publisher(handbook: Handbook, actor: Actor) -> None:
    if not may_publish(handbook, actor):
        raise NotAllowedError


def _audit(handbook: Handbook, action: str, actor: Actor, now: datetime) -> None:
    after = {"title": handbook.title, "state": handbook.state, "audience": handbook.audience}
    audit.record(
        actor, action, handbook, now=now, label=handbook.title, client_id=handbook.client_id, after=after
    )
