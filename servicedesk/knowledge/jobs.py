"""What the scheduler calls."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import unit_of_work
from servicedesk.core.sentences import N_
from servicedesk.knowledge import notices, staleness
from servicedesk.knowledge.models import Article, ArticleVersion

ACTOR = Actor.system(N_("knowledge base"))
BATCH = 200


def remind() -> int:
    """Periodic: tell authors of articles that are to be looked at, once each. Returns how many."""
    now, told = utcnow(), 0
    while True:
        with unit_of_work() as session:
            rows = session.scalars(
                sa.select(ArticleVersion)
                .join(Article, Article.id == ArticleVersion.article_id)
                .where(Article.reminded_at.is_(None), staleness.due(now.date()))
                .options(contains_eager(ArticleVersion.article))
                .order_by(Article.id)
                .limit(BATCH)
                .with_for_update(of=Article, skip_locked=True)
            ).all()
            for version in rows:
                version.article.reminded_at = now
                notices.stale(version, actor=ACTOR, now=now)
        told += len(rows)
        if len(rows) < BATCH:
            return told
