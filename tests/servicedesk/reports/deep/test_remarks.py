"""Comments on chapters: for those who make the report, open or resolved, told to the authors."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.notifications.models import Notification, NotificationEvent
from servicedesk.reports.deep import remarks, signing, texts
from servicedesk.reports.deep.models import DeepRemark
from servicedesk.reports.deep.texts import Slot
from servicedesk.staff.models import User
from tests.servicedesk.conftest import Queries
from tests.servicedesk.reports.deep.play import built
from tests.servicedesk.world import PASSWORD, Browser, World, fresh


def say(world: World, number: int, who: str, body: str = "Why?", parent: int | None = None) -> int:
    with unit_of_work():
        made = remarks.add(number, "health", body, parent, actor=world.actor(who), now=world.now)
        return made.id


def told() -> list[str]:
    fresh()
    return list(
        db.session.scalars(
            sa.select(User.username)
            .join(Notification, Notification.recipient_id == User.id)
            .join(NotificationEvent, NotificationEvent.id == Notification.event_id)
            .where(NotificationEvent.name == "report.remark")
            .order_by(NotificationEvent.id, User.username)
        )
    )


def test_the_authors_are_told_and_then_those_who_talk(any_world: World) -> None:
    number = built(any_world).id
    with unit_of_work():
        actor = any_world.actor("sue")
        texts.save(number, Slot("health", "", "state"), "Of Sue", 0, actor=actor, now=any_world.now)
    first = say(any_world, number, "sam")
    assert told() == ["emma", "sue"]  # who ordered it, who wrote the chapter
    say(any_world, number, "emma", "Because.", first)
    assert told()[2:] == ["sam", "sue"]
    thread = remarks.by_chapter(number)["health"][0]
    assert [one.body for one in thread.answers] == ["Because."]


def test_resolved_and_opened_again(any_world: World) -> None:
    number = built(any_world).id
    first = say(any_world, number, "sam")

    def resolve(who: str, *, resolved: bool = True) -> None:
        with unit_of_work():
            remarks.resolve(number, first, resolved=resolved, actor=any_world.actor(who), now=any_world.now)

    resolve("emma")
    assert remarks.open_among(remarks.by_chapter(number)) == 0
    with pytest.raises(ConflictError):
        resolve("sam")
    resolve("sam", resolved=False)
    assert remarks.open_among(remarks.by_chapter(number)) == 1
    with pytest.raises(NotAllowedError):
        resolve("rita")


def test_what_is_no_comment_is_refused(world: World) -> None:
    number, other = built(world).id, built(world).id
    first = say(world, number, "sam")
    answer = say(world, number, "emma", "Because.", first)
    for body in ("", " \n", "x" * 20_001, "nul \x00"):
        with pytest.raises(InvalidError):
            say(world, number, "sam", body)
    for parent in (answer, 999_999):
        with pytest.raises(NotFoundError):
            say(world, number, "sam", "to nobody", parent)
    with pytest.raises(NotFoundError):
        say(world, other, "sam", "to another report's", first)
    with pytest.raises(NotFoundError), unit_of_work():
        remarks.add(number, "nothing", "x", actor=world.actor("sam"), now=world.now)
    with pytest.raises(NotAllowedError):
        say(world, number, "stan")


def test_signers_are_warned_and_issued_reports_take_none(app: Flask, world: World) -> None:
    number = built(world).id
    emma = Browser(app, "emma")
    path = f"/reports/deep/{number}"
    assert "may sign all the same" not in emma.get(path).text
    assert emma.post(f"{path}/remarks/health", body="<script>alert(1)</script>").status_code == 302
    page = emma.get(path).text
    assert "1 comment is still open. You may sign all the same." in page
    assert "<script>alert" not in page
    emma.post(f"{path}/sign", password=PASSWORD, note="")
    for key, who in (("check", "sue"), ("review", "sam"), ("issue", "sam")):
        with unit_of_work():
            signing.sign(number, key, note="", actor=world.actor(who), now=world.now)
    with pytest.raises(ConflictError):
        say(world, number, "sam")
    assert f"{path}/remarks/" not in emma.get(path).text  # no form sends one


def test_comments_are_for_those_who_make_the_report(app: Flask, world: World) -> None:
    number = built(world).id
    first = say(world, number, "sam", "Not for clients")
    path = f"/reports/deep/{number}"
    for who, page in (("rita", 404), ("stan", 404), ("admin", 200)):
        browser = Browser(app, who)
        assert browser.get(path).status_code == page
        assert "Not for clients" not in browser.get(path).text
        assert browser.post(f"{path}/remarks/health", body="x").status_code == 404
        assert browser.post(f"{path}/remarks/{first}/resolve").status_code == 404
    emma = Browser(app, "emma")
    assert emma.post(f"{path}/remarks/nothing", body="x").status_code == 404
    assert emma.post(f"{path}/remarks/999999/resolve").status_code == 404
    assert emma.post(f"{path}/remarks/{first}/resolve").status_code == 302
    fresh()
    assert db.session.get_one(DeepRemark, first).resolved_by == "Emma"


def test_many_comments_cost_no_further_queries(app: Flask, world: World, queries: Queries) -> None:
    number = built(world).id
    emma = Browser(app, "emma")

    def count() -> int:
        queries.statements.clear()
        with queries:
            assert emma.get(f"/reports/deep/{number}").status_code == 200
        return queries.count

    say(world, number, "sam")
    count()
    before = count()
    for _time in range(5):
        say(world, number, "sam", parent=say(world, number, "sue"))
    assert count() == before
