"""Articles that are to be looked at are listed, and their authors told, once; reviewers are told too."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.knowledge import helping, jobs, queries, service, staleness
from servicedesk.knowledge.models import ArticleVersion
from servicedesk.notifications.models import Notification, NotificationEvent
from servicedesk.staff.models import User
from tests.servicedesk.knowledge.articles import draft, published
from tests.servicedesk.world import Browser, World, fresh


def told(name: str) -> list[tuple[str, str]]:
    """(user name, template) of notifications of an event."""
    fresh()
    rows = db.session.execute(
        sa.select(User.username, NotificationEvent.template)
        .join(Notification, Notification.recipient_id == User.id)
        .join(NotificationEvent, NotificationEvent.id == Notification.event_id)
        .where(NotificationEvent.name == name)
        .order_by(NotificationEvent.id, User.username)
    )
    return [(row[0], row[1]) for row in rows]


def due(world: World, who: str, now: datetime) -> list[str]:
    rows = db.session.execute(queries.rows(world.actor(who), due_on=now.date()))
    return [row.title for row in rows]


def unhappy(world: World, version: ArticleVersion, *people: str) -> None:
    with unit_of_work():
        for who in people:
            helping.vote(version, False, "no", actor=world.actor(who), now=world.now)


def test_an_article_whose_day_has_come_is_listed_and_its_author_told_once(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, now = any_world, any_world.now
    version = published(world)
    assert jobs.remind() == 0
    later = now + service.REVIEW_AFTER
    monkeypatch.setattr(jobs, "utcnow", lambda: later)
    assert due(world, "emma", now) == []
    assert due(world, "emma", later) == [version.title]
    for who in ("rita", "stan"):
        assert due(world, who, later) == []
    assert (jobs.remind(), jobs.remind()) == (1, 0)
    assert told("article.stale") == [("emma", "Is this article still right? %(title)s")]
    with unit_of_work():
        day = (later + timedelta(days=30)).date()
        service.still_right(version.article, day, actor=world.actor("emma"), now=later)
    assert jobs.remind() == 0
    assert due(world, "emma", later) == []
    monkeypatch.setattr(jobs, "utcnow", lambda: later + timedelta(days=30))
    assert jobs.remind() == 1
    assert len(told("article.stale")) == 2


def test_many_who_were_not_helped_make_it_due_until_somebody_finds_it_right(any_world: World) -> None:
    world, now = any_world, any_world.now
    version = published(world)
    unhappy(world, version, "rita", "dora")
    assert not staleness.is_due(version, now.date())
    unhappy(world, version, "carl")
    assert staleness.is_due(version, now.date())
    with unit_of_work():
        for who in ("emma", "sam", "sue", "erik"):
            helping.vote(version, True, actor=world.actor(who), now=now)
    assert not staleness.is_due(version, now.date()), "three of seven are no half"
    with unit_of_work():
        helping.vote(version, False, actor=world.actor("erik"), now=now)
    assert due(world, "sue", now) == [version.title]
    with unit_of_work():
        day = (now + timedelta(days=30)).date()
        service.still_right(version.article, day, actor=world.actor("sue"), now=now)
    assert due(world, "sue", now) == []


def test_where_the_author_left_those_who_review_are_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(world)
    with unit_of_work():
        db.session.get_one(User, world.users["emma"].id).active = False
    later = world.now + service.REVIEW_AFTER
    monkeypatch.setattr(jobs, "utcnow", lambda: later)
    jobs.remind()
    assert [who for who, _template in told("article.stale")] == ["sam", "sue"]


def test_a_review_is_asked_of_those_who_may_publish_and_answered_to_the_author(world: World) -> None:
    version, emma, sam = draft(world), world.actor("emma"), world.actor("sam")
    with unit_of_work():
        service.move(version, "submit", actor=emma, now=world.now)
    assert [who for who, _template in told("text.review")] == ["sam", "sue"]
    with unit_of_work():
        service.move(version, "send_back", remark="Which lid?", actor=sam, now=world.now)
        service.move(version, "submit", actor=emma, now=world.now + timedelta(minutes=5))
        service.move(version, "publish", actor=sam, now=world.now + timedelta(minutes=9))
    assert len(told("text.review")) == 4, "asked again after it was changed"
    assert [(who, said.split()[1:3]) for who, said in told("text.decided")] == [
        ("emma", ["sent", "your"]),
        ("emma", ["published", "your"]),
    ]


def test_a_company_s_article_is_reviewed_by_the_company(world: World) -> None:
    version = draft(world, where="service")
    with unit_of_work():
        service.move(version, "submit", actor=world.actor("emma"), now=world.now)
    assert [who for who, _template in told("text.review")] == ["sam", "sue"]


def test_still_right_in_the_browser(app: Flask, world: World) -> None:
    version = published(world)
    unhappy(world, version, "rita", "dora", "carl")
    emma, path = Browser(app, "emma"), f"/knowledge/{version.article_id}"
    assert "many were not helped" in emma.get("/knowledge/?state=due").text
    assert "Is this still right?" in emma.get(path).text
    assert "Is this still right?" not in Browser(app, "rita").get(path).text
    for months in ("0", "999999999", "x"):
        emma.post(f"{path}/still-right", months=months)
    assert "Is this still right?" in emma.get(path).text
    assert Browser(app, "rolf").post(f"{path}/still-right", months=6).status_code == 404
    emma.post(f"{path}/still-right", months=6)
    assert "Is this still right?" not in emma.get(path).text
    assert "Nothing is to be looked at." in emma.get("/knowledge/?state=due").text
