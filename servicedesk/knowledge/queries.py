"""Articles as far as an actor may see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.paging import Order
from servicedesk.core.permissions import Permission
from servicedesk.knowledge import permissions, searching, staleness
from servicedesk.knowledge.models import Article, ArticleVersion, ArticleVote
from servicedesk.organisations.models import Organisation
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.queries import visible_clause

BY_TITLE = Order((ArticleVersion.title, ArticleVersion.id), ("title", "id"), descending=False)
NEAR = 40  # looked at, of which those that may be seen are shown


def _joined() -> sa.Select[ArticleVersion]:
    return sa.select(ArticleVersion).join(Article, Article.id == ArticleVersion.article_id)


def rows(
    actor: Actor,
    *,
    state: str = "published",
    text: str = "",
    category: str = "",
    device_class: str = "",
    language: str = "",
    audience: str = "",
    due_on: date | None = None,
) -> sa.Select[*tuple[Any, ...]]:
    """The list: versions in one state, without order and limit. ``due_on``: those that are to be looked at
    on that day, for those who write."""
    seen = permissions.readable(actor) if state == "published" else permissions.writable(actor)
    if due_on is not None:
        seen = sa.and_(permissions.writable(actor), staleness.due(due_on))
    statement = (
        sa.select(
            ArticleVersion.id,
            ArticleVersion.article_id,
            ArticleVersion.number,
            ArticleVersion.title,
            ArticleVersion.audience,
            ArticleVersion.language,
            ArticleVersion.category,
            ArticleVersion.author_name,
            ArticleVersion.state,
            sa.func.coalesce(ArticleVersion.updated_at, ArticleVersion.created_at).label("changed_at"),
            Article.review_on,
            Organisation.name.label("place"),
            *staleness.counts(),
        )
        .join(Article, Article.id == ArticleVersion.article_id)
        .join(Organisation, Organisation.id == sa.func.coalesce(Article.client_id, Article.company_id))
        .where(ArticleVersion.state == state, seen)
    )
    if text:
        statement = statement.where(searching.found(text))
    if category:
        statement = statement.where(ArticleVersion.category == category)
    if device_class:
        statement = statement.where(ArticleVersion.classes.contains(f" {device_class} ", autoescape=True))
    if language:
        statement = statement.where(ArticleVersion.language == language)
    return statement.where(ArticleVersion.audience == audience) if audience else statement


def counts(version: ArticleVersion) -> Any:
    """The same for one version: a row of helpful, unhelpful, solved."""
    return db.session.execute(sa.select(*staleness.counts()).where(ArticleVersion.id == version.id)).one()


def shown(article_id: int, actor: Actor) -> ArticleVersion:
    """What an article's page shows: the published version, else the newest one may see; or NotFoundError."""
    version = db.session.scalars(
        _joined()
        .where(Article.id == article_id, permissions.visible(actor))
        .order_by(sa.case((ArticleVersion.state == "published", 0), else_=1), ArticleVersion.number.desc())
        .options(*_loaded())
        .limit(1)
    ).first()
    if version is None:
        raise NotFoundError
    return version


def _loaded() -> tuple[Any, ...]:
    article = contains_eager(ArticleVersion.article)
    return (
        article.joinedload(Article.client),
        article.joinedload(Article.company),
        article.joinedload(Article.ticket),
        joinedload(ArticleVersion.cause),
    )


def get_version(version_id: int, actor: Actor) -> ArticleVersion:
    """One version, or NotFoundError."""
    version = db.session.scalar(
        _joined().where(ArticleVersion.id == version_id, permissions.visible(actor)).options(*_loaded())
    )
    if version is None:
        raise NotFoundError
    return version


def versions(article: Article, actor: Actor) -> Sequence[ArticleVersion]:
    """Those one may see, newest first."""
    return db.session.scalars(
        _joined()
        .where(Article.id == article.id, permissions.visible(actor))
        .order_by(ArticleVersion.number.desc())
    ).all()


def vote_of(version: ArticleVersion, actor: Actor) -> ArticleVote | None:
    """The actor's word on it."""
    wanted = sa.select(ArticleVote).where(
        ArticleVote.version_id == version.id, ArticleVote.user_id == (actor.user_id or 0)
    )
    return db.session.scalar(wanted)


def words_on(version: ArticleVersion, *, limit: int = 20) -> Sequence[ArticleVote]:
    """What readers wrote who were not helped, newest first."""
    wanted = sa.select(ArticleVote).where(
        ArticleVote.version_id == version.id, ArticleVote.helpful.is_(False), ArticleVote.word != ""
    )
    return db.session.scalars(wanted.order_by(ArticleVote.at.desc(), ArticleVote.id).limit(limit)).all()


def like_text(text: str, actor: Actor, *, limit: int = 5, language: str = "") -> list[ArticleVersion]:
    """Published articles that read like a text, the nearest first, those in the reader's language before
    the others; at most four queries."""
    ranked = searching.ranked(text, staff=actor.allows_somewhere(Permission.TICKET_WORK), limit=NEAR)
    if not ranked:
        return []
    found = db.session.scalars(
        _joined().where(ArticleVersion.id.in_(ranked), permissions.readable(actor))
    ).all()
    near = searching.near_enough(text, [row.id for row in found])
    order = {number: place for place, number in enumerate(ranked)}
    kept = [row for row in found if row.id in near]
    return sorted(kept, key=lambda row: (bool(language) and row.language != language, order[row.id]))[:limit]


def beside(ticket: Ticket, actor: Actor, *, language: str) -> list[ArticleVersion]:
    """Articles that fit a ticket: by its words, those on its device's class or its cause first."""
    device_class = ticket.device.device_class if ticket.device is not None else ""
    found = like_text(f"{ticket.title} {ticket.description[:300]}", actor, limit=12, language=language)

    def fits(version: ArticleVersion) -> bool:
        same_cause = version.cause_id is not None and version.cause_id == ticket.cause_id
        return same_cause or (bool(device_class) and device_class in version.class_names)

    return sorted(found, key=lambda version: not fits(version))[:5]


def made_of(ticket: Ticket, actor: Actor) -> Sequence[ArticleVersion]:
    """Articles that were made of a ticket, each by its newest version one may see."""
    found = db.session.scalars(
        _joined()
        .where(Article.ticket_id == ticket.id, permissions.visible(actor))
        .order_by(ArticleVersion.number)
    )
    return list({version.article_id: version for version in found}.values())


def origin(article: Article, actor: Actor) -> Ticket | None:
    """The ticket an article was made of, for those who may see it."""
    if article.ticket_id is None:
        return None
    return db.session.scalar(sa.select(Ticket).where(Ticket.id == article.ticket_id, visible_clause(actor)))
