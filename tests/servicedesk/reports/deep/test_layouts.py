"""The client's own layout: in page, PDF and Word, inert, for nobody else, frozen when a report is issued."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import docx
import pytest
from flask import Flask
from flask_babel import force_locale
from werkzeug.test import TestResponse

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.runtime import runtime
from servicedesk.reports.deep import layouts, signing
from servicedesk.reports.deep.documents import as_pdf
from servicedesk.reports.deep.files import WRITERS, gathered
from servicedesk.reports.deep.models import DeepLayout, DeepReport
from servicedesk.reports.deep.sections import BY_KEY, SECTIONS
from servicedesk.reports.deep.word import as_docx
from tests.servicedesk.reports.deep.play import built, half_year
from tests.servicedesk.reports.deep.test_documents import run
from tests.servicedesk.world import PASSWORD, Browser, World, fresh

HOSTILE = '#read("/etc/passwd") <script>alert(1)</script>'


def png(width: int = 4, height: int = 4) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    rows = b"".join(b"\x00" + b"\x20" * width for _row in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    packed = zlib.compress(rows)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def place(world: World) -> int:
    return world.organisations["north"].id


def keep(world: World, who: str, client_id: int, revision: int = 0, title: str = "Ours") -> DeepLayout:
    chapters = [{"key": key, "shown": True, "title": {}, "intro": {}} for key in BY_KEY]
    with unit_of_work():
        words = {"title": {"en": title, "zh_CN": "我们的"}}
        return layouts.save(client_id, words, chapters, None, revision, actor=world.actor(who), now=world.now)


def typed(browser: Browser, path: str, revision: int = 0, **more: object) -> TestResponse:
    """The form with health first, ports left out, and hostile words everywhere."""
    fields: dict[str, object] = {"revision": revision}
    for number, key in enumerate(BY_KEY, 2):
        fields[f"place_{key}"] = 1 if key == "health" else number
        if key != "ports":
            fields[f"shown_{key}"] = "on"
    for field in ("title", "subtitle", "classification", "header", "footer"):
        fields[f"word_{field}_en"] = f"{field[:5]} {HOSTILE}"[:40]
    fields["title_health_en"] = "How it <b>is</b>"
    fields["intro_health_en"] = f"Read this first. {HOSTILE}"
    return browser.post(path, **{**fields, **more})


def test_nearest_layout_counts_and_every_language_has_its_words(any_world: World) -> None:
    report = built(any_world)
    assert layouts.content_for(report) == {}
    keep(any_world, "admin", 0, title="For all")
    assert layouts.content_for(report)["words"]["title"]["en"] == "For all"
    keep(any_world, "sam", place(any_world))
    assert layouts.content_for(report)["words"]["title"] == {"en": "Ours", "zh_CN": "我们的"}
    with pytest.raises(ConflictError):  # somebody else saved it first
        keep(any_world, "sam", place(any_world))
    for who, client_id in (("sam", 0), ("emma", place(any_world)), ("carl", place(any_world))):
        with pytest.raises(NotAllowedError):
            keep(any_world, who, client_id)
    with pytest.raises(NotAllowedError):
        keep(any_world, "sam", any_world.organisations["south"].id)


@pytest.mark.poppler
def test_words_chapters_and_logo_stand_in_page_pdf_and_word(app: Flask, world: World, tmp_path: Path) -> None:
    half_year(world)
    number = built(world).id
    sam, path = Browser(app, "sam"), f"/reports/deep/layouts/{place(world)}"
    answer = typed(sam, path, logo=(io.BytesIO(png()), "x.svg"), word_subtitle_zh_CN="副标题")
    assert answer.status_code == 302, answer.text
    editor = sam.get(path).text
    assert "<script>alert" not in editor
    page = sam.get(f"/reports/deep/{number}").text
    assert "1 How it &lt;b&gt;is&lt;/b&gt;" in page
    assert 'id="ports"' not in page
    assert "<script>alert" not in page
    fresh()
    made = gathered(db.session.get_one(DeepReport, number), runtime().blobs)
    with app.test_request_context():
        pdf, word = as_pdf(made.document()), docx.Document(io.BytesIO(as_docx(made.document())))
    file = tmp_path / "report.pdf"
    file.write_bytes(pdf)
    plain = run("pdftotext", "-layout", str(file), "-")
    lines = "\n".join(paragraph.text for paragraph in word.paragraphs)
    for text in (plain, lines):
        for words in ("title #read", "subti #read", "class #read", "How it <b>is</b>", "Read this first."):
            assert words in text
        assert str(BY_KEY["ports"].title) not in text
    assert "foote #read" in plain
    assert "heade #read" in plain
    assert "foote #read" in word.sections[0].footer.paragraphs[0].text
    assert "heade #read" in word.sections[0].header.paragraphs[0].text
    assert len(run("pdfimages", "-list", str(file)).splitlines()) == 3  # two of heading, one logo
    with app.test_request_context(), force_locale("zh_CN"):
        chinese = made.document()
    assert chinese.subtitle == "副标题"
    assert chinese.chapters[0].title != "How it <b>is</b>"
    preview = sam.get(f"{path}/preview.pdf")
    assert preview.data.startswith(b"%PDF")
    assert typed(sam, path, revision=1, no_logo="on").status_code == 302
    fresh()
    assert layouts.content_for(db.session.get_one(DeepReport, number))["logo"] == ""


def test_what_is_issued_keeps_the_layout_it_was_issued_with(app: Flask, world: World) -> None:
    half_year(world)
    number = built(world).id
    keep(world, "sam", place(world), title="At the time")
    for key, who in (("prepare", "emma"), ("check", "sue"), ("review", "sam")):
        with unit_of_work():
            signing.sign(number, key, note="", actor=world.actor(who), now=world.now)
    sam = Browser(app, "sam")
    sam.post(f"/reports/deep/{number}/sign", password=PASSWORD, note="")
    before = sam.get(f"/reports/deep/{number}/report.pdf").data
    typed(sam, f"/reports/deep/layouts/{place(world)}", revision=1)
    assert sam.get(f"/reports/deep/{number}/report.pdf").data == before
    assert "How it" not in sam.get(f"/reports/deep/{number}").text
    fresh()
    frozen = layouts.content_for(db.session.get_one(DeepReport, number))
    assert frozen["words"]["title"]["en"] == "At the time"


def test_a_layout_saved_while_a_report_is_issued_is_not_the_issued_one(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page of an issued report and its documents look alike, whoever saves at that moment."""
    number = built(world).id
    keep(world, "sam", place(world), title="In the documents")
    for key, who in (("prepare", "emma"), ("check", "sue"), ("review", "sam")):
        with unit_of_work():
            signing.sign(number, key, note="", actor=world.actor(who), now=world.now)

    def slow(_made: object) -> bytes:
        keep(world, "sam", place(world), revision=1, title="Meanwhile")
        return b"rows"

    monkeypatch.setitem(WRITERS, "xlsx", ("application/octet-stream", slow))
    Browser(app, "sam").post(f"/reports/deep/{number}/sign", password=PASSWORD, note="")
    fresh()
    report = db.session.get_one(DeepReport, number)
    assert report.state == "issued"
    assert layouts.content_for(report)["words"]["title"]["en"] == "In the documents"


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + b"\x00" * 40,
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0" + b"\x00" * 30,
        png()[:40],
        png(5000, 1),
        png() + b"\x00" * 5000,
    ],
    ids=["svg", "gif", "png head alone", "jpeg head alone", "cut short", "too wide", "too large"],
)
def test_what_is_no_logo_is_refused(
    app: Flask, world: World, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layouts, "MAX_LOGO_BYTES", 4000)
    with app.test_request_context(), pytest.raises(InvalidError):
        layouts.logo_kind(content)
    path = f"/reports/deep/layouts/{place(world)}"
    answer = typed(Browser(app, "sam"), path, logo=(io.BytesIO(content), "logo.png"))
    assert answer.status_code == 422
    assert "How it &lt;b&gt;" in answer.text  # nothing typed is lost
    assert layouts.stored(place(world)) is None


def test_a_layout_without_chapters_or_with_too_much_is_refused(app: Flask, world: World) -> None:
    sam, path = Browser(app, "sam"), f"/reports/deep/layouts/{place(world)}"
    assert sam.post(path, revision=0).status_code == 422
    assert typed(sam, path, word_title_en="x" * 81).status_code == 422
    assert typed(sam, path, intro_health_en="\x07").status_code == 422
    assert typed(sam, path, place_scope="-1", place_faults="²", place_ports="9" * 50).status_code == 302


def test_a_chapter_that_is_given_a_place_takes_it_before_whoever_was_there(app: Flask, world: World) -> None:
    sam, path = Browser(app, "sam"), f"/reports/deep/layouts/{place(world)}"
    keys = list(BY_KEY)
    places = {f"place_{key}": number for number, key in enumerate(keys, 1)}
    third, first, last = keys[2], keys[0], len(keys)
    assert typed(sam, path, **{**places, f"place_{third}": 1}).status_code == 302
    fresh()
    row = layouts.stored(place(world))
    assert row is not None
    assert [one["key"] for one in row.content["chapters"]] == [third, first, keys[1], *keys[3:]]
    order = [one["key"] for one in row.content["chapters"]]
    places = {f"place_{key}": number for number, key in enumerate(order, 1)}
    assert typed(sam, path, revision=1, **{**places, f"place_{third}": last}).status_code == 302
    fresh()
    row = layouts.stored(place(world))
    assert row is not None
    assert [one["key"] for one in row.content["chapters"]] == [first, keys[1], *keys[3:], third]


def test_layouts_are_for_those_who_may_and_their_clients(app: Flask, world: World) -> None:
    south = world.organisations["south"].id
    for who in ("emma", "carl", "rita"):
        browser = Browser(app, who)
        for path in ("/reports/deep/layouts/", f"/reports/deep/layouts/{place(world)}"):
            assert browser.get(path).status_code == 404, who
        assert typed(browser, f"/reports/deep/layouts/{place(world)}").status_code == 404
    sam = Browser(app, "sam")
    for path in (str(south), "all", "0", "999999", "²", "9" * 40):
        assert sam.get(f"/reports/deep/layouts/{path}").status_code == 404, path
        assert sam.get(f"/reports/deep/layouts/{path}/preview.pdf").status_code == 404, path
    listed = sam.get("/reports/deep/layouts/").text
    assert "North" in listed
    assert "South" not in listed
    admin = Browser(app, "admin")
    assert admin.get("/reports/deep/layouts/all/preview.pdf").data.startswith(b"%PDF")  # a sample
    assert typed(admin, "/reports/deep/layouts/all").status_code == 302


def test_a_chapter_newer_than_the_layout_stands_at_the_end(app: Flask) -> None:
    with app.test_request_context():
        chapters = [{"key": "health", "shown": False}, {"key": "gone", "shown": True}]
        placed = layouts.Layout({"chapters": chapters}).chapters()
    assert (placed[0].section.key, placed[0].shown) == ("health", False)
    assert {one.section.key for one in placed} == {section.key for section in SECTIONS}
    assert all(one.shown for one in placed[1:])
