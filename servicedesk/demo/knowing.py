"""Articles of the demonstration: for everybody and for staff; one waits for its review."""

from __future__ import annotations

from datetime import datetime, timedelta

from servicedesk.core.db import unit_of_work
from servicedesk.demo.building import Cast
from servicedesk.demo.knowledge_content import ARTICLES, CHAPTER, HANDBOOK
from servicedesk.knowledge import handbooks, service
from servicedesk.knowledge.handbooks import HandbookData
from servicedesk.knowledge.models import ArticleVersion
from servicedesk.knowledge.service import Content
from servicedesk.staff.actors import actor_for


def write_articles(cast: Cast, now: datetime) -> None:
    """Written a month ago by the engineer and published by the supervisor; the last waits still."""
    at = now - timedelta(days=30)
    author = actor_for(cast.users["zhangwei"], today=at.date())
    reviewer = actor_for(cast.users["zhaolei"], today=at.date())
    place = f"client:{cast.organisations['client'].id}"
    kept: list[ArticleVersion] = []
    for number, article in enumerate(ARTICLES, 1):
        content = Content(
            title=article.title.say(cast.chinese),
            body=article.body.say(cast.chinese),
            language="zh_CN" if cast.chinese else "en",
            audience=article.audience,
            category=article.category,
            classes=article.classes,
            words=article.words,
        )
        with unit_of_work():
            version = service.begin(place, content, actor=author, now=at)
            service.move(version, "submit", actor=author, now=at)
            if number < len(ARTICLES):
                service.move(version, "publish", actor=reviewer, now=at + timedelta(days=1))
        kept.append(version)
    cover = HandbookData(
        HANDBOOK.say(cast.chinese), language="zh_CN" if cast.chinese else "en", audience="requesters"
    )
    with unit_of_work():
        book = handbooks.create(place, cover, actor=reviewer, now=at)
        handbooks.add(book, "chapter", CHAPTER.say(cast.chinese), actor=reviewer, now=at)
        for version in kept[:-1]:
            if version.audience == "requesters":
                handbooks.add(book, "article", str(version.article_id), actor=reviewer, now=at)
        handbooks.set_published(book, True, actor=reviewer, now=at)
