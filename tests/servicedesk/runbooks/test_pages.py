"""The pages: in both languages, with hostile input, and with queries that do not grow."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask

from servicedesk.core.db import unit_of_work
from servicedesk.runbooks import service
from servicedesk.runbooks.definition import Runbook
from tests.servicedesk.conftest import Queries
from tests.servicedesk.inspections.play import CRITICAL, inspect, judged
from tests.servicedesk.runbooks.test_runs import PNG, Play
from tests.servicedesk.world import Browser, World


@pytest.fixture
def play(world: World, every_kind: Runbook) -> Play:
    return Play.begin(world, every_kind)


def test_a_run_from_the_ticket_to_its_end_in_the_browser(
    app: Flask, world: World, every_kind: Runbook
) -> None:
    device = world.device("web1", device_class="server")
    ticket = world.ticket(device_id=device.id)
    emma, sam = Browser(app, "emma"), Browser(app, "sam")
    page = emma.get(f"/tickets/{ticket.id}/rest")
    assert "One step of every kind" in page.text  # its words are in the title of the ticket
    answer = emma.post("/runbooks/every-kind/start", ticket_id=ticket.id)
    assert answer.status_code == 302
    run = answer.headers["Location"]
    assert "names no device" not in emma.get(run).text
    assert "no way to log in" in emma.get(run).text
    steps: list[tuple[str, dict[str, object], Browser]] = [
        ("look", {"note": "seen <b>there</b>"}, emma),
        ("which", {"answer": "logs"}, emma),
        ("photo", {"files": (io.BytesIO(PNG), "rack.png")}, emma),
        ("count", {"answer": "21"}, emma),
        ("sign", {}, sam),
        ("tell", {"note": "We have begun."}, emma),
        ("again", {"note": "normal"}, emma),
        ("give", {"note": "to the vendor"}, emma),
    ]
    for step, fields, who in steps:
        answer = who.post(f"{run}/steps/{step}/done", **fields)
        assert answer.status_code == 302, answer.text
        assert who.get(run).status_code == 200
    page = emma.get(run)
    assert "All steps are behind you." in page.text
    assert "seen &lt;b&gt;there&lt;/b&gt;" in page.text
    assert "<script>alert" not in page.text
    assert "21 °C" in page.text
    timeline = emma.get(f"/tickets/{ticket.id}").text
    assert "finished the runbook" in timeline
    assert "finished the runbook" not in Browser(app, "rita").get(f"/tickets/{ticket.id}").text


def test_what_the_device_says_is_shown_and_polled_while_it_is_awaited(app: Flask, play: Play) -> None:
    emma = Browser(app, "emma")
    url = f"/runbooks/runs/{play.run.id}"
    assert 'hx-trigger="every 2s"' not in emma.get(url).text
    play.ask("look")
    waiting = emma.get(f"{url}?poll=1").text
    assert 'hx-trigger="every 2s"' in waiting
    assert "<html" not in waiting
    play.device_says(judged(CRITICAL, "/var", 97.0))
    shown = emma.get(url).text
    assert "/var" in shown
    assert "every 2s" not in shown
    raw = emma.get(f"{url}/steps/look/answers").text
    assert "/dev/sda1 50%" in raw


def test_without_workers_the_visit_waits_and_the_page_says_so(app: Flask, play: Play) -> None:
    emma = Browser(app, "emma")
    url = f"/runbooks/runs/{play.run.id}"
    assert emma.post(f"{url}/steps/look/ask").status_code == 302  # no Redis runs in this test
    shown = emma.get(url).text
    assert "as soon as the workers are reachable again" in shown
    assert "is being asked" in shown
    assert emma.post(f"{url}/steps/look/ask").status_code == 409


def test_what_was_typed_stays_when_it_is_refused(app: Flask, play: Play) -> None:
    emma = Browser(app, "emma")
    url = f"/runbooks/runs/{play.run.id}/steps"
    emma.post(f"{url}/look/done", note="seen")
    answer = emma.post(f"{url}/which/done", answer="nonsense", note="long thoughts")
    assert answer.status_code == 422
    assert "Choose one of the answers." in answer.text
    assert "long thoughts" in answer.text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("steps/look/done", {"note": "\x00 \ud7ff" + "x" * 10_000}),
        ("steps/look/skip", {}),
        ("steps/photo/done", {"answer": "logs"}),
        ("steps/%3Cscript%3E/done", {}),
        ("steps/look/accept", {}),
        ("steps/which/ask", {}),
        ("end", {"reason": ""}),
        ("end", {"reason": "\x00"}),
    ],
)
def test_hostile_posts_get_an_answer_that_says_what_is_wrong(
    app: Flask, play: Play, path: str, fields: dict[str, object]
) -> None:
    answer = Browser(app, "emma").post(f"/runbooks/runs/{play.run.id}/{path}", **fields)
    assert answer.status_code in (302, 403, 409, 422)


def test_there_is_nothing_for_others(app: Flask, play: Play) -> None:
    run = f"/runbooks/runs/{play.run.id}"
    for who in ("rita", "stan"):
        browser = Browser(app, who)
        assert browser.get(run).status_code == 404
        assert browser.get(f"{run}/steps/look/answers").status_code == 404
        assert browser.post(f"{run}/steps/look/done", note="x").status_code == 404
        assert browser.post(f"{run}/end", reason="x").status_code == 404
        assert browser.post("/runbooks/every-kind/start", ticket_id=play.ticket.id).status_code in (302, 404)
    assert Browser(app, "rita").get("/runbooks/").status_code == 404


@pytest.mark.parametrize(
    "path", ["/runbooks/?q=thermometer", "/runbooks/?q=温度计", "/runbooks/?check=filesystem_used"]
)
def test_the_library_finds_by_words_in_both_languages(
    app: Flask, world: World, every_kind: Runbook, path: str
) -> None:
    assert "One step of every kind" in Browser(app, "emma").get(path).text


@pytest.mark.parametrize(
    "path", ["/runbooks/?q=nonsense", "/runbooks/?q=%27%22*", "/runbooks/?category=x", "/runbooks/?class=ups"]
)
def test_the_library_says_when_nothing_fits(app: Flask, world: World, every_kind: Runbook, path: str) -> None:
    assert "No runbook answers this." in Browser(app, "emma").get(path).text


def test_a_runbook_is_read_in_ones_own_language(app: Flask, world: World, every_kind: Runbook) -> None:
    emma = Browser(app, "emma")
    english = emma.get("/runbooks/every-kind").text
    assert "Some <em>text</em>" in english
    assert "一些文字" not in english
    chinese = emma.get("/runbooks/every-kind", Accept_Language="zh-CN").text
    assert "一些文字" in chinese
    assert "Some <em>text</em>" not in chinese
    assert emma.get("/runbooks/no-such-one").status_code == 404


def test_many_runs_cost_no_more_queries_than_one(
    app: Flask, play: Play, every_kind: Runbook, queries: Queries
) -> None:
    emma = Browser(app, "emma")
    counts = []
    for more in (0, 12):
        for _number in range(more):
            other = play.world.ticket()
            with unit_of_work():
                service.start(other, every_kind, actor=play.world.actor("sue"), now=play.world.now)
        emma.get("/runbooks/")
        with queries:
            assert emma.get("/runbooks/").status_code == 200
        counts.append(queries.count)
        queries.statements.clear()
    assert counts[0] == counts[1]


def test_a_finding_leads_to_the_runbooks_for_its_check(app: Flask, world: World) -> None:
    device = world.device("web1", device_class="server", protocol="ssh")
    inspect(device, [judged(CRITICAL)], world.now)
    emma = Browser(app, "emma")
    page = emma.get("/inspections/findings").text
    link = re.search(r'href="(/runbooks/\?check=filesystem_used&amp;ticket=\d+)"', page)
    assert link
    listed = emma.get(link[1].replace("&amp;", "&")).text
    assert "/runbooks/linux-disk-full?ticket=" in listed
