"""What readers say of articles: helpful or not, once a person; and that one solved their matter."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, NotAllowedError
from servicedesk.knowledge.models import ArticleSolved, ArticleVersion, ArticleVote
from servicedesk.knowledge.queries import vote_of
from servicedesk.tickets.models import Ticket


def vote(version: ArticleVersion, helpful: bool, word: str = "", *, actor: Actor, now: datetime) -> None:
    """Say whether the version helped; a second word takes the place of the first.

    Raises:
        ConflictError: it is not the published version.
    """
    _require_person(version, actor)
    row = vote_of(version, actor)
    if row is None:
        row = ArticleVote(version_id=version.id, user_id=actor.user_id)
        db.session.add(row)
    row.helpful, row.word, row.at = helpful, word.strip()[:500], now
    db.session.flush()


def solved(version: ArticleVersion, *, actor: Actor, now: datetime, ticket: Ticket | None = None) -> None:
    """The article solved somebody's matter: counted once a day, and as helpful. It closes nothing."""
    _require_person(version, actor)
    wanted = sa.select(ArticleSolved.id).where(
        ArticleSolved.article_id == version.article_id,
        ArticleSolved.user_id == actor.user_id,
        ArticleSolved.day == now.date(),
    )
    if db.session.scalar(wanted) is None:
        row = ArticleSolved(
            article_id=version.article_id,
            user_id=actor.user_id,
            day=now.date(),
            ticket_id=ticket.id if ticket is not None else None,
        )
        db.session.add(row)
    if vote_of(version, actor) is None:
        vote(version, True, actor=actor, now=now)
    db.session.flush()


def _require_person(version: ArticleVersion, actor: Actor) -> None:
    if actor.user_id is None:
        raise NotAllowedError
    if version.state != "published":
        raise ConflictError(_("This is not the version that holds now."))
