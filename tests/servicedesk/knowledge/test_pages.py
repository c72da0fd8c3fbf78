"""The pages of the knowledge base: both languages, hostile input, others' articles, few queries."""

from __future__ import annotations

import pytest
from flask import Flask

from servicedesk.core.db import unit_of_work
from servicedesk.knowledge import service
from servicedesk.knowledge.models import ArticleVersion
from servicedesk.knowledge.service import Content
from tests.servicedesk.conftest import Queries
from tests.servicedesk.knowledge.articles import BODY, draft, published
from tests.servicedesk.world import Browser, World, fresh


def fields(version: ArticleVersion, **values: object) -> dict[str, object]:
    return {
        "title": version.title,
        "body": version.body,
        "language": "en",
        "audience": "staff",
        "category": "",
        "cause_id": "",
        "words": "",
        "revision": version.revision,
        **values,
    }


def test_an_article_is_written_reviewed_and_read_in_the_browser(app: Flask, world: World) -> None:
    emma, sam, rita = Browser(app, "emma"), Browser(app, "sam"), Browser(app, "rita")
    north = world.organisations["north"].id
    answer = emma.post("/knowledge/new", place=f"client:{north}", language="en", title="Paper jam")
    edit = answer.headers["Location"]
    assert "Write: Paper jam" in emma.get(edit).text
    number = int(edit.split("/")[-2])
    answer = emma.post(
        edit, title="Paper jam", body=BODY, language="en", audience="requesters", submit="1", revision=1
    )
    page = answer.headers["Location"]
    assert "in review" in emma.get(page).text
    assert sam.post(f"/knowledge/versions/{number}/publish").status_code == 302
    seen = rita.get(page.split("?")[0]).text
    assert "<strong>slowly</strong>" in seen
    assert "Sam" not in seen.split("<main")[1], "readers are not told who reviewed"
    assert "Paper jam" in rita.get("/knowledge/?q=jam").text


def test_a_draft_is_kept_while_it_is_typed_and_shown_as_it_reads(app: Flask, world: World) -> None:
    version = draft(world)
    emma, sue = Browser(app, "emma"), Browser(app, "sue")
    keep = f"/knowledge/versions/{version.id}/keep"
    answer = emma.post(keep, **fields(version, body="It is **new**"))
    assert "<strong>new</strong>" in answer.text
    assert 'name="revision" value="2"' in answer.text
    refused = sue.post(keep, **fields(version, body="Mine", revision=1)).text
    assert "Emma saved this draft meanwhile" in refused
    fresh()
    assert version.body == "It is **new**"
    assert "Draft kept" not in emma.post(keep, **fields(version, title="", revision=2)).text


@pytest.mark.parametrize(
    ("body", "wanted", "unwanted"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;", "<script>alert"),
        ("[x](javascript:alert(1))", "javascript:alert", 'href="javascript'),
        ("![x](https://example.com/p.png)", "example.com", "<img"),
    ],
)
def test_hostile_text_is_shown_and_never_carried_out(
    app: Flask, world: World, body: str, wanted: str, unwanted: str
) -> None:
    version = published(world, body=body, title="<b>title</b>")
    for who in ("rita", "emma"):
        page = Browser(app, who).get(f"/knowledge/{version.article_id}").text
        assert wanted in page
        assert unwanted not in page.split("<main")[1]
        assert "<b>title" not in page


def test_control_characters_are_refused_and_named(app: Flask, world: World) -> None:
    version = draft(world)
    edit = f"/knowledge/versions/{version.id}/edit"
    answer = Browser(app, "emma").post(edit, **fields(version, body="a\x00b"))
    assert answer.status_code == 422
    assert "control characters" in answer.text


def test_others_do_not_find_the_pages(app: Flask, world: World) -> None:
    version = published(world, audience="staff")
    with unit_of_work():
        writing = service.revise(version.article, actor=world.actor("emma"), now=world.now)
    for who in ("rita", "rolf", "stan"):
        browser = Browser(app, who)
        article = f"/knowledge/{version.article_id}"
        for path in (article, f"{article}/changes", f"/knowledge/versions/{writing.id}/edit"):
            assert browser.get(path).status_code == 404, (who, path)
        for path in (f"{article}/revise", f"/knowledge/versions/{writing.id}/submit"):
            assert browser.post(path).status_code == 404, (who, path)
        assert browser.post(f"/knowledge/versions/{writing.id}/keep", **fields(writing)).status_code == 404
    assert Browser(app, "rita").get("/knowledge/new").status_code == 404
    fresh()
    assert writing.state == "draft"


def test_changes_between_versions_are_shown(app: Flask, world: World) -> None:
    first, emma = published(world), Browser(app, "emma")
    with unit_of_work():
        second = service.revise(first.article, actor=world.actor("emma"), now=world.now)
        text = BODY.replace("Open the lid", "Open <the> tray")
        service.save(second, Content("Jam", text), second.revision, actor=world.actor("emma"), now=world.now)
    page = emma.get(f"/knowledge/{first.article_id}/changes").text
    assert "<del>1. Open the lid.</del>" in page
    assert "<ins>1. Open &lt;the&gt; tray.</ins>" in page
    assert emma.get(f"/knowledge/{first.article_id}/changes?old=7").status_code == 404
    assert emma.get(f"/knowledge/{first.article_id}?version=7").status_code == 404
    same = emma.get(f"/knowledge/{first.article_id}/changes?old=1&new=1").text
    assert "The text is the same." in same


@pytest.mark.parametrize(
    "query", ["?q=%00", "?state=zz&class=%25", "?cursor=zz", "?q=" + "x" * 3000, "?q='--"]
)
def test_any_filter_gives_a_page(app: Flask, world: World, query: str) -> None:
    published(world)
    assert Browser(app, "emma").get(f"/knowledge/{query}").status_code in (200, 404)


def test_the_list_asks_as_much_for_many_articles_as_for_few(
    app: Flask, world: World, queries: Queries
) -> None:
    for who in ("emma", "rita"):
        browser, counts = Browser(app, who), []
        published(world)
        browser.get("/knowledge/?q=jam")
        for more in (0, 8):
            for _number in range(more):
                published(world)
            with queries:
                page = browser.get("/knowledge/?q=jam")
            counts.append(queries.count)
            queries.statements.clear()
        assert counts[0] == counts[1] <= 16, counts
        assert page.text.count("Paper jam in the printer") >= 9


def test_the_page_speaks_chinese(app: Flask, world: World) -> None:
    version = published(world)
    browser = Browser(app, "emma")
    browser.post("/language", locale="zh_CN")
    page = browser.get(f"/knowledge/{version.article_id}").text
    assert "知识库" in page
    assert "知识库" in browser.get("/knowledge/").text
