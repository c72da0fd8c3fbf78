"""What notifications are told about articles, in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.sentences import N_
from servicedesk.knowledge import permissions
from servicedesk.knowledge.models import Article, ArticleVersion
from servicedesk.notifications.events import Event, Subject
from servicedesk.notifications.service import notify
from servicedesk.staff.queries import holders

KIND = "article"
_DECIDED = {
    "send_back": N_("%(actor)s sent your article back: %(title)s"),
    "publish": N_("%(actor)s published your article: %(title)s"),
}


def moved(version: ArticleVersion, name: str, *, actor: Actor, now: datetime) -> None:
    """A version went along one of ``service.MOVES``: reviewers are asked, its author hears the answer."""
    if name == "submit":
        _tell(
            version,
            "text.review",
            f"article:{version.id}:review:{version.revision}:{now.isoformat()}",
            N_("%(actor)s asks for a review of an article: %(title)s"),
            {"reviewer": reviewers(version)},
            actor=actor,
            now=now,
        )
    elif name in _DECIDED:
        _tell(
            version,
            "text.decided",
            f"article:{version.id}:{name}:{now.isoformat()}",
            _DECIDED[name],
            {"author": _author(version)},
            excerpt=version.remark if name == "send_back" else "",
            actor=actor,
            now=now,
        )


def stale(version: ArticleVersion, *, actor: Actor, now: datetime) -> None:
    """An article is to be looked at; who reviews is told where its author left."""
    active = version.author is not None and version.author.active
    _tell(
        version,
        "article.stale",
        f"article:{version.id}:stale:{now.isoformat()}",
        N_("Is this article still right? %(title)s"),
        {"author": _author(version) if active else reviewers(version)},
        actor=actor,
        now=now,
    )


def reviewers(version: ArticleVersion) -> list[int]:
    """Who may publish it, but for its author."""
    place = version.article.client_id or version.article.company_id or 0
    found = holders(permissions.PUBLISH, place)
    return [user.id for user in found if user.id != version.author_id]


def _author(version: ArticleVersion) -> list[int]:
    return [version.author_id] if version.author_id is not None else []


def _tell(
    version: ArticleVersion,
    name: str,
    key: str,
    template: str,
    people: dict[str, list[int]],
    *,
    excerpt: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    article = version.article
    subject = Subject(
        KIND,
        version.id,
        "",
        version.title,
        f"/knowledge/{article.id}?version={version.number}",
        article.client_id or article.company_id or 0,
    )
    event = Event(
        name=name,
        key=key,
        subject=subject,
        template=template,
        values={"actor": actor.name, "title": version.title},
        people=people,
        excerpt=excerpt,
    )
    notify(event, actor=actor, now=now)


def who_may_see(version_id: int, actors: Sequence[Actor], internal: bool) -> set[int]:
    """Account numbers of those among the actors who may see the version; it has no internal part."""
    found = set()
    for actor in actors:
        wanted = (
            sa.select(ArticleVersion.id)
            .join(Article, Article.id == ArticleVersion.article_id)
            .where(ArticleVersion.id == version_id, permissions.visible(actor))
        )
        if actor.user_id is not None and db.session.scalar(wanted) is not None:
            found.add(actor.user_id)
    return found
