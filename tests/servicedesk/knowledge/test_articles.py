"""Articles: written, reviewed by somebody else, published, improved, taken back; who reads which."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.knowledge import queries, service
from servicedesk.knowledge.models import ArticleVersion
from servicedesk.knowledge.service import Content
from tests.servicedesk.knowledge.articles import BODY, draft, publish, published
from tests.servicedesk.world import World, fresh


def titles(world: World, who: str, **filters: Any) -> list[str]:
    return sorted(row.title for row in db.session.execute(queries.rows(world.actor(who), **filters)))


def test_a_published_article_is_read_by_its_audience_and_nobody_else(any_world: World) -> None:
    world = any_world
    published(world, title="For everybody")
    published(world, title="For staff", audience="staff")
    published(world, where="service", title="Of the company")
    assert titles(world, "rita") == ["For everybody", "Of the company"]
    assert titles(world, "emma") == ["For everybody", "For staff", "Of the company"]
    assert titles(world, "erik") == titles(world, "emma")  # a resident of one site reads the client's
    for who in ("rolf", "stan"):
        assert titles(world, who) == [], "another client, which the company does not serve"


def test_drafts_are_seen_by_those_who_write_alone(any_world: World) -> None:
    version = draft(any_world, audience="requesters")
    assert titles(any_world, "emma", state="draft") == ["Paper jam in the printer"]
    for who in ("rita", "rolf", "stan", "carl", "admin"):
        assert titles(any_world, who, state="draft") == []
        with pytest.raises(NotFoundError):
            queries.shown(version.article_id, any_world.actor(who))
        with pytest.raises(NotFoundError):
            queries.get_version(version.id, any_world.actor(who))


def test_nobody_begins_an_article_where_they_do_not_work(world: World) -> None:
    south, north = world.organisations["south"].id, world.organisations["north"].id
    company = world.organisations["service"].id
    for who, place in (
        ("emma", f"client:{south}"),
        ("rita", f"client:{north}"),
        ("stan", f"company:{company}"),
        ("emma", f"company:{north}"),
        ("emma", "client:"),
        ("emma", ""),
    ):
        with pytest.raises(NotFoundError), unit_of_work():
            service.begin(place, Content("Anything"), actor=world.actor(who), now=world.now)


def test_nobody_publishes_their_own_article(world: World) -> None:
    version = draft(world, "sue")
    with unit_of_work():
        service.move(version, "submit", actor=world.actor("sue"), now=world.now)
    with pytest.raises(NotAllowedError, match="their own work"), unit_of_work():
        service.move(version, "publish", actor=world.actor("sue"), now=world.now)
    with pytest.raises(NotAllowedError), unit_of_work():  # an engineer reviews nothing
        service.move(version, "publish", actor=world.actor("emma"), now=world.now)
    with pytest.raises(NotAllowedError), unit_of_work():  # another client's supervisor
        service.move(version, "publish", actor=world.actor("stan"), now=world.now)
    with unit_of_work():
        service.move(version, "publish", actor=world.actor("sam"), now=world.now)
    fresh()
    assert (version.state, version.reviewed_by) == ("published", "Sam")
    assert version.article.review_on == (world.now + service.REVIEW_AFTER).date()


def test_what_is_sent_back_carries_a_word_and_is_submitted_again(world: World) -> None:
    version, sam, emma = draft(world), world.actor("sam"), world.actor("emma")
    with unit_of_work():
        service.move(version, "submit", actor=emma, now=world.now)
    with pytest.raises(InvalidError), unit_of_work():
        service.move(version, "send_back", remark="  ", actor=sam, now=world.now)
    with pytest.raises(ConflictError), unit_of_work():
        service.save(version, Content("Changed"), version.revision, actor=emma, now=world.now)
    with unit_of_work():
        service.move(version, "send_back", remark="Which lid?", actor=sam, now=world.now)
    fresh()
    assert (version.state, version.remark) == ("draft", "Which lid?")
    publish(world, version)


def test_an_empty_article_is_not_submitted(world: World) -> None:
    version = draft(world, body=" \n")
    with pytest.raises(InvalidError, match="no text"), unit_of_work():
        service.move(version, "submit", actor=world.actor("emma"), now=world.now)


def test_a_newer_version_replaces_the_older_and_both_are_kept(any_world: World) -> None:
    world, emma = any_world, any_world.actor("emma")
    first = published(world)
    with unit_of_work():
        second = service.revise(first.article, actor=emma, now=world.now)
    with pytest.raises(ConflictError), unit_of_work():
        service.revise(first.article, actor=world.actor("sue"), now=world.now)
    assert second.audience == "requesters"
    with unit_of_work():
        service.save(second, Content("Paper jam", "New text"), second.revision, actor=emma, now=world.now)
    assert titles(world, "rita") == ["Paper jam in the printer"], "what holds stays until the review"
    publish(world, second)
    fresh()
    assert (first.state, first.body, second.state) == ("replaced", BODY, "published")
    assert titles(world, "rita") == [], "the new version is for staff"
    assert titles(world, "emma") == ["Paper jam"]
    assert [one.number for one in queries.versions(first.article, emma)] == [2, 1]
    assert queries.versions(first.article, world.actor("rita")) == []


def test_a_retired_article_is_found_no_more_and_can_come_back(world: World) -> None:
    version = published(world)
    with unit_of_work():
        service.move(version, "retire", actor=world.actor("sam"), now=world.now)
    assert titles(world, "rita") == titles(world, "rita", text="jam") == []
    assert titles(world, "emma", state="retired", text="jam") == ["Paper jam in the printer"]
    with unit_of_work():
        again = service.revise(version.article, actor=world.actor("emma"), now=world.now)
    publish(world, again)
    assert titles(world, "rita", text="jam") == ["Paper jam in the printer"]


def test_two_who_write_one_draft_do_not_overwrite_each_other(world: World) -> None:
    version = draft(world)
    seen = version.revision
    with unit_of_work():
        service.save(version, Content("Emma's"), seen, actor=world.actor("emma"), now=world.now)
    with pytest.raises(ConflictError, match="Emma saved"), unit_of_work():
        service.save(version, Content("Sue's"), seen, actor=world.actor("sue"), now=world.now)
    fresh()
    assert version.title == "Emma's"


@pytest.mark.parametrize("text", ["卡纸", "打印机", "printer", "PAPER ja"])
def test_articles_are_found_in_chinese_and_english_alike(any_world: World, text: str) -> None:
    published(any_world, title="打印机卡纸的处理", words="printer paper jam", language="zh_CN")
    published(any_world, title="VPN", body="Nothing of the sort")
    assert titles(any_world, "rita", text=text) == ["打印机卡纸的处理"]
    assert titles(any_world, "rolf", text=text) == []


def test_filters_narrow_the_list(world: World) -> None:
    published(world, title="Switch", category="fault", classes=("switch", "router"))
    published(world, title="How", category="general", language="zh_CN", audience="staff")
    assert titles(world, "emma", device_class="switch") == ["Switch"]
    assert titles(world, "emma", device_class="wit") == []
    assert titles(world, "emma", category="general") == ["How"]
    assert titles(world, "emma", language="zh_CN") == ["How"]
    assert titles(world, "emma", audience="requesters") == ["Switch"]


@pytest.mark.parametrize(
    "values",
    [
        {"title": " "},
        {"language": "xx"},
        {"audience": "world"},
        {"category": "nothing"},
        {"cause_id": 999999},
        {"body": "x" * (service.MAX_BODY + 1)},
    ],
)
def test_what_cannot_be_is_refused(world: World, values: dict[str, object]) -> None:
    with pytest.raises(InvalidError):
        draft(world, **values)  # type: ignore[arg-type]  # one of them at a time
    fresh()
    assert db.session.query(ArticleVersion).count() == 0


def test_still_right_sets_a_day_within_five_years(world: World) -> None:
    version, emma = published(world), world.actor("emma")
    for days in (0, 365 * 6):
        day = (world.now + timedelta(days=days)).date()
        with pytest.raises(InvalidError), unit_of_work():
            service.still_right(version.article, day, actor=emma, now=world.now)
    day = (world.now + service.REVIEW_AFTER / 2).date()
    with pytest.raises(NotAllowedError), unit_of_work():
        service.still_right(version.article, day, actor=world.actor("rita"), now=world.now)
    with unit_of_work():
        service.still_right(version.article, day, actor=emma, now=world.now)
    fresh()
    assert version.article.review_on == day
