"""Articles that are to be looked at: their day has come, or many readers were not helped."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from servicedesk.core.db import db
from servicedesk.knowledge.models import Article, ArticleSolved, ArticleVersion, ArticleVote

BAD_VOTES, BAD_PERCENT = 3, 50  # so many not helped, and at least this share of those who said something


def _votes(helpful: bool, *, since_confirmed: bool = False) -> sa.ScalarSelect[int]:
    wanted = sa.select(sa.func.count()).where(
        ArticleVote.version_id == ArticleVersion.id, ArticleVote.helpful.is_(helpful)
    )
    if since_confirmed:
        wanted = wanted.where(sa.or_(Article.confirmed_at.is_(None), ArticleVote.at > Article.confirmed_at))
    return wanted.correlate(ArticleVersion, Article).scalar_subquery()


def counts() -> tuple[Any, ...]:
    """helpful, unhelpful (of the version), solved (of the article), as columns beside ``ArticleVersion``."""
    solved = (
        sa.select(sa.func.count())
        .where(ArticleSolved.article_id == ArticleVersion.article_id)
        .correlate(ArticleVersion)
        .scalar_subquery()
    )
    return _votes(True).label("helpful"), _votes(False).label("unhelpful"), solved.label("solved")


def due(today: date) -> sa.ColumnElement[bool]:
    """Condition on published versions joined with their articles."""
    yes, no = _votes(True, since_confirmed=True), _votes(False, since_confirmed=True)
    bad = sa.and_(no >= BAD_VOTES, no * 100 >= (yes + no) * BAD_PERCENT)
    return sa.and_(ArticleVersion.state == "published", sa.or_(Article.review_on <= today, bad))


def is_due(version: ArticleVersion, today: date) -> bool:
    """The same for one version."""
    wanted = (
        sa.select(ArticleVersion.id)
        .join(Article, Article.id == ArticleVersion.article_id)
        .where(ArticleVersion.id == version.id, due(today))
    )
    return db.session.scalar(wanted) is not None
