"""Handbooks: put together, read by their audience, printed with contents and bookmarks."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.knowledge import handbooks, printing, service
from servicedesk.knowledge.handbooks import HandbookData, Piece
from servicedesk.knowledge.models import Handbook
from servicedesk.knowledge.typeset import blocks
from servicedesk.runbooks.library import library
from tests.servicedesk.conftest import Queries
from tests.servicedesk.knowledge.articles import published
from tests.servicedesk.world import Browser, World, fresh

HOSTILE = 'x #import "/etc/passwd" #read("data.json") $ a $ @b <c> \\ `#d`'


def made(world: World, *parts: tuple[str, str], audience: str = "staff", language: str = "en") -> Handbook:
    emma, north = world.actor("emma"), world.organisations["north"].id
    data = HandbookData("Training", "For the new ones", language, audience)
    with unit_of_work():
        book = handbooks.create(f"client:{north}", data, actor=emma, now=world.now)
        for kind, value in parts:
            handbooks.add(book, kind, value, actor=emma, now=world.now)
    fresh()
    return book


def said(book: Handbook, world: World, who: str) -> list[tuple[str, list[str]]]:
    found = handbooks.chapters(handbooks.pieces(book, world.actor(who)))

    def name(piece: Piece) -> str:
        return piece.version.title if piece.version else piece.part.runbook_key

    return [(chapter.title, [name(piece) for piece in chapter.pieces]) for chapter in found]


def test_parts_stand_in_order_and_are_moved(any_world: World) -> None:
    world, emma = any_world, any_world.actor("emma")
    one, two = published(world, title="One"), published(world, title="Two")
    key = next(iter(library()))
    book = made(
        world,
        ("article", str(one.article_id)),
        ("chapter", "First"),
        ("article", str(two.article_id)),
        ("runbook", key),
        ("chapter", "Empty"),
    )
    assert said(book, world, "emma") == [("", ["One"]), ("First", ["Two", key])]
    with unit_of_work():
        handbooks.arrange(book, book.parts[0].id, "up", actor=emma, now=world.now)  # nothing is above it
        handbooks.arrange(book, book.parts[0].id, "down", actor=emma, now=world.now)
    fresh()
    assert said(book, world, "emma") == [("First", ["One", "Two", key])]
    with unit_of_work():
        handbooks.arrange(book, book.parts[0].id, "remove", actor=emma, now=world.now)
    fresh()
    assert said(book, world, "emma") == [("", ["One", "Two", key])]


def test_only_its_audience_reads_it_and_only_what_is_for_them(any_world: World) -> None:
    world = any_world
    open_one, inner = published(world, title="Open"), published(world, title="Inner", audience="staff")
    book = made(world, ("article", str(open_one.article_id)), audience="requesters")
    with pytest.raises(InvalidError), unit_of_work():  # staff's article in a handbook for everybody
        handbooks.add(book, "article", str(inner.article_id), actor=world.actor("emma"), now=world.now)
    for who in ("rita", "rolf", "stan"):
        with pytest.raises(NotFoundError):
            handbooks.get(book.id, world.actor(who))
    with pytest.raises(NotAllowedError), unit_of_work():
        handbooks.set_published(book, True, actor=world.actor("emma"), now=world.now)
    with unit_of_work():
        handbooks.set_published(book, True, actor=world.actor("sam"), now=world.now)
    assert said(handbooks.get(book.id, world.actor("rita")), world, "rita") == [("", ["Open"])]
    for who in ("rolf", "stan"):
        with pytest.raises(NotFoundError):
            handbooks.get(book.id, world.actor(who))
    with unit_of_work():
        service.move(open_one, "retire", actor=world.actor("sam"), now=world.now)
    assert said(handbooks.get(book.id, world.actor("rita")), world, "rita") == []


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("article", "999"),
        ("article", "²"),
        ("runbook", "no-such"),
        ("chapter", "  "),
        ("thing", "x"),
        ("", ""),
    ],
)
def test_what_is_not_offered_is_not_added(world: World, kind: str, value: str) -> None:
    book = made(world)
    with pytest.raises(InvalidError), unit_of_work():
        handbooks.add(book, kind, value, actor=world.actor("emma"), now=world.now)


def test_markdown_becomes_a_tree_of_data() -> None:
    tree = blocks(
        "# A\n\n1. x **b**\n2. [l](https://a.example)\n\n|a|b|\n|-|-|\n|1|\n\n```\ncode\n```\n\n> q\n\n---\n"
    )
    assert [node["t"] for node in tree] == ["heading", "enum", "table", "code", "quote", "rule"]
    assert tree[1]["c"][0]["c"][0]["c"][1] == {"t": "strong", "c": [{"t": "text", "v": "b"}]}
    assert tree[1]["c"][1]["c"][0]["c"][0]["href"] == "https://a.example"
    assert tree[2]["columns"] == 2
    assert tree[3]["v"] == "code"
    assert blocks("[x](javascript:alert)")[0]["c"][0]["t"] == "text"
    assert blocks("") == []


@pytest.mark.poppler
@pytest.mark.parametrize(("language", "contents"), [("en", "Contents"), ("zh_CN", "目录")])
def test_the_pdf_has_contents_bookmarks_and_what_was_written(
    app: Flask, world: World, tmp_path: Path, language: str, contents: str
) -> None:
    body = (
        f"{HOSTILE}\n\n## 步骤\n\n1. 打开**前盖**\n   - inner\n2. `cmd`\n\n| a | b |\n|---|---|\n| 甲 | 2 |\n"
    )
    article = published(world, title="打印机 #卡纸", body=body)
    book = made(
        world,
        ("chapter", "第一章 Printers"),
        ("article", str(article.article_id)),
        ("runbook", next(iter(library()))),
        language=language,
    )
    with app.test_request_context(), force_locale(language):
        found = handbooks.chapters(handbooks.pieces(book, world.actor("emma")))
        content = printing.pdf(book, found, now=world.now)
    file = tmp_path / "handbook.pdf"
    file.write_bytes(content)
    text = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, text=True, check=True).stdout
    joined = "".join(text.split())
    runbook = next(iter(library().values())).title.say(language)
    for wanted in ("Training", contents, "第一章Printers", "打印机#卡纸", "打开前盖", "甲", runbook):
        assert "".join(wanted.split()) in joined, wanted
    assert 'x#import"/etc/passwd"#read("data.json")$a$@b<c>' in joined
    assert joined.count("打印机#卡纸") >= 2, "in the contents too"
    assert b"/Outlines" in content


def test_a_handbook_is_made_read_and_printed_in_the_browser(app: Flask, world: World) -> None:
    article = published(world, title="<b>Open</b>")
    emma, sam, rita = (Browser(app, who) for who in ("emma", "sam", "rita"))
    place = f"client:{world.organisations['north'].id}"
    answer = emma.post(
        "/knowledge/handbooks/new", place=place, title="T", language="en", audience="requesters"
    )
    edit = answer.headers["Location"]
    path = edit.removesuffix("/edit")
    emma.post(f"{path}/add", kind="chapter", value="<i>One</i>")
    emma.post(f"{path}/add", kind="article", value=str(article.article_id))
    page = emma.get(edit).text
    assert "&lt;b&gt;Open" in page
    assert "<i>One" not in page
    for browser in (rita, Browser(app, "rolf"), Browser(app, "stan")):
        assert browser.get(path).status_code == browser.get(edit).status_code == 404
        assert browser.get(f"{path}.pdf").status_code == browser.post(f"{path}/delete").status_code == 404
    sam.post(f"{path}/publish")
    assert "&lt;b&gt;Open" in rita.get(path).text
    printed = rita.get(f"{path}.pdf")
    assert printed.data.startswith(b"%PDF-")
    assert rita.get(edit).status_code == 404
    emma.post(f"{path}/delete")
    fresh()
    assert db.session.query(Handbook).count() == 1, "readers have it"
    sam.post(f"{path}/withdraw")
    emma.post(f"{path}/delete")
    fresh()
    assert db.session.query(Handbook).count() == 0


def test_list_and_page_ask_as_much_for_many_as_for_few(app: Flask, world: World, queries: Queries) -> None:
    emma = Browser(app, "emma")
    article = published(world)
    book = made(world, ("article", str(article.article_id)))
    emma.get("/knowledge/handbooks/")
    counts = []
    for more in (0, 6):
        for number in range(more):
            made(world)
            other = published(world, title=f"More {number}")
            with unit_of_work():
                value = str(other.article_id)
                handbooks.add(book, "article", value, actor=world.actor("emma"), now=world.now)
        with queries:
            emma.get("/knowledge/handbooks/")
            emma.get(f"/knowledge/handbooks/{book.id}")
        counts.append(queries.count)
        queries.statements.clear()
    assert counts[0] == counts[1] <= 30
