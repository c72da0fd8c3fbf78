"""Writing articles: drafts, review by somebody else, publication; every version is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.config import LOCALES
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.knowledge import notices, permissions, searching
from servicedesk.knowledge.labels import AUDIENCES
from servicedesk.knowledge.models import Article, ArticleVersion
from servicedesk.tickets.models import ListEntry, Ticket
from servicedesk.tickets.workflows import WORKFLOWS

# move -> (states it starts from, state it leads to, whether it takes the right to publish)
MOVES: dict[str, tuple[tuple[str, ...], str, bool]] = {
    "submit": (("draft",), "review", False),
    "send_back": (("review",), "draft", True),
    "publish": (("review",), "published", True),
    "discard": (("draft", "review"), "retired", False),
    "retire": (("published",), "retired", True),
}
WRITING = ("draft", "review")
MAX_BODY = 60_000
REVIEW_AFTER = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Content:
    """What a person writes; the names are those of ``ArticleVersion``."""

    title: str
    body: str = ""
    language: str = "en"
    audience: str = "staff"
    category: str = ""
    classes: tuple[str, ...] = ()
    cause_id: int | None = None
    words: str = ""


def begin(
    place: str, content: Content, *, actor: Actor, now: datetime, ticket: Ticket | None = None
) -> ArticleVersion:
    """Begin an article at a place of ``permissions.write_places``.

    Raises:
        NotFoundError: the place is not the actor's.
    """
    if place not in dict(permissions.write_places(actor)):
        raise NotFoundError
    kind, _colon, number = place.partition(":")
    article = Article(ticket_id=ticket.id if ticket is not None else None, created_at=now)
    if kind == "client":
        article.client_id = int(number)
    else:
        article.company_id = int(number)
    db.session.add(article)
    db.session.flush()
    return _new_version(article, 1, content, actor=actor, now=now)


def _new_version(
    article: Article, number: int, content: Content, *, actor: Actor, now: datetime
) -> ArticleVersion:
    version = ArticleVersion(article_id=article.id, number=number, created_at=now, author_name=actor.name)
    _fill(version, content)
    version.author_id = actor.user_id
    db.session.add(version)
    db.session.flush()
    searching.index_version(version)
    _audit(version, "article.begun", actor, now)
    return version


def _fill(version: ArticleVersion, content: Content) -> None:
    if not content.title.strip():
        raise InvalidError(_("Give it a title."), "title")
    if len(content.body) > MAX_BODY:
        raise InvalidError(_("The text is too long."), "body")
    known = content.language in LOCALES and content.audience in AUDIENCES
    if not known or (content.category and content.category not in WORKFLOWS):
        raise InvalidError(_("This choice is not offered."))
    if content.cause_id is not None and db.session.get(ListEntry, content.cause_id) is None:
        raise InvalidError(_("This choice is not offered."), "cause_id")
    version.title, version.body = content.title.strip()[:200], content.body.replace("\r\n", "\n")
    version.language, version.audience, version.category = (
        content.language,
        content.audience,
        content.category,
    )
    chosen = [name for name in DEVICE_CLASSES if name in content.classes]
    version.classes = f" {' '.join(chosen)} " if chosen else ""
    version.cause_id, version.words = content.cause_id, content.words.strip()[:500]


def content_of(version: ArticleVersion) -> Content:
    """What a version says, to begin the next with."""
    return Content(
        version.title,
        version.body,
        version.language,
        version.audience,
        version.category,
        tuple(version.class_names),
        version.cause_id,
        version.words,
    )


def revise(article: Article, *, actor: Actor, now: datetime) -> ArticleVersion:
    """Begin the next version from the newest.

    Raises:
        ConflictError: somebody is writing one already.
    """
    _require_writer(article, actor)
    db.session.execute(for_update(sa.select(Article.id).where(Article.id == article.id)))
    versions = db.session.scalars(
        sa.select(ArticleVersion)
        .where(ArticleVersion.article_id == article.id)
        .order_by(ArticleVersion.number.desc())
    ).all()
    if any(version.state in WRITING for version in versions):
        raise ConflictError(_("A version of this article is being written already: go on with that one."))
    base = next((version for version in versions if version.state == "published"), versions[0])
    return _new_version(article, versions[0].number + 1, content_of(base), actor=actor, now=now)


def save(version: ArticleVersion, content: Content, revision: int, *, actor: Actor, now: datetime) -> None:
    """Keep a draft as it is typed.

    Raises:
        ConflictError: somebody else saved it since revision ``revision`` was read.
    """
    version = _locked(version, actor, "draft")
    if version.revision != revision:
        raise ConflictError(
            _("%(name)s saved this draft meanwhile. Copy your text, then reload.", name=version.author_name)
        )
    _fill(version, content)
    version.revision += 1
    version.author_id, version.author_name, version.updated_at = actor.user_id, actor.name, now
    db.session.flush()
    searching.index_version(version)


def move(version: ArticleVersion, name: str, *, remark: str = "", actor: Actor, now: datetime) -> None:
    """One of ``MOVES``.

    Raises:
        NotAllowedError: without the right, or by the author who may not publish their own work.
        InvalidError: sent back without a word, or submitted without a text.
    """
    sources, target, publishes = MOVES[name]
    version = _locked(version, actor, *sources)
    if publishes and not permissions.may_publish(version.article, actor):
        raise NotAllowedError
    if name == "submit" and not version.body.strip():
        raise InvalidError(_("There is no text yet."), "body")
    if name == "publish":
        if actor.user_id == version.author_id:
            raise NotAllowedError(_("Nobody approves their own work: somebody else must look at it."))
        _replace(version.article, now)
    if name == "send_back":
        if not remark.strip():
            raise InvalidError(_("Please write a few words."), "remark")
        version.remark = remark.strip()[:4000]
    if name in ("publish", "send_back"):
        version.reviewed_by, version.reviewed_at = actor.name, now
    version.state, version.updated_at = target, now
    db.session.flush()
    searching.index_version(version)
    _audit(
        version,
        "article.submitted"
        if name == "submit"
        else "article.sent_back"
        if name == "send_back"
        else "article.published"
        if name == "publish"
        else "article.retired",
        actor,
        now,
    )
    notices.moved(version, name, actor=actor, now=now)


def _replace(article: Article, now: datetime) -> None:
    """The version that was published is so no more; the new one is to be looked at in a year."""
    wanted = sa.select(ArticleVersion).where(
        ArticleVersion.article_id == article.id, ArticleVersion.state == "published"
    )
    for old in db.session.scalars(wanted):
        old.state = "replaced"
        searching.index_version(old)
    article.review_on, article.reminded_at = (now + REVIEW_AFTER).date(), None


def still_right(article: Article, review_on: date, *, actor: Actor, now: datetime) -> None:
    """Somebody looked at it and nothing has to be changed until then."""
    _require_writer(article, actor)
    if not now.date() < review_on <= (now + 5 * REVIEW_AFTER).date():
        raise InvalidError(_("Choose a day within the next five years."), "review_on")
    before = {"review_on": article.review_on.isoformat() if article.review_on else None}
    article.review_on, article.reminded_at, article.confirmed_at = review_on, None, now
    audit.record(
        actor,
        "article.confirmed",
        article,
        now=now,
        client_id=article.client_id,
        before=before,
        after={"review_on": review_on.isoformat()},
    )


def _require_writer(article: Article, actor: Actor) -> None:
    if not permissions.may_write(article, actor):
        raise NotAllowedError


def _locked(version: ArticleVersion, actor: Actor, *states: str) -> ArticleVersion:
    _require_writer(version.article, actor)
    db.session.execute(for_update(sa.select(Article.id).where(Article.id == version.article_id)))
    found = db.session.scalars(
        for_update(sa.select(ArticleVersion).where(ArticleVersion.id == version.id))
    ).one()
    if found.state not in states:
        raise ConflictError(_("Somebody changed this article meanwhile. Look at it again, then decide."))
    return found


def _audit(version: ArticleVersion, action: str, actor: Actor, now: datetime) -> None:
    after = {
        "title": version.title,
        "number": version.number,
        "state": version.state,
        "audience": version.audience,
        "remark": version.remark,
    }
    client_id = version.article.client_id if version.article is not None else None
    audit.record(actor, action, version, now=now, label=version.title, client_id=client_id, after=after)
    db.session.flush()
