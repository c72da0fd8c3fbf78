"""Files people attach: any name, any content; kept, handed out again, never run."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from io import BytesIO
from urllib.parse import unquote

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from servicedesk.core.db import db
from servicedesk.core.runtime import runtime
from servicedesk.core.uploads import MAX_FILES, content_type, safe_name
from servicedesk.tickets.models import Attachment, Ticket
from tests.servicedesk.world import Browser, World, fresh

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
NAMES = {
    "../../etc/passwd": "passwd",
    "..\\..\\windows\\system.ini": "system.ini",
    "C:\\fakepath\\photo.jpg": "photo.jpg",
    "/etc/shadow": "shadow",
    "CON": "CON",
    "nul.txt": "nul.txt",
    "..": "file",
    ".": "file",
    "   ": "file",
    ".htaccess": "htaccess",
    "a\r\nSet-Cookie: x=1.txt": "aSet-Cookie: x=1.txt",
    "invoice\u202egpj.exe": "invoicegpj.exe",
    "zero\u200bwidth.txt": "zerowidth.txt",
    "nul\x00byte.txt": "nulbyte.txt",
    "报告 2026.docx": "报告 2026.docx",
    "😀.png": "😀.png",
    "a" * 300 + ".pdf": "a" * 196 + ".pdf",
    "b" * 300: "b" * 200,
    '"quoted";x=.txt': '"quoted";x=.txt',
    "<img src=x onerror=alert(1)>.png": "<img src=x onerror=alert(1)>.png",
}
PROGRAMS = {
    "page.html": b"<script>alert(1)</script>",
    "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "both.png": b"<!doctype html><script>alert(1)</script>",
    "late.html": b"GIF89" + b"<script>alert(1)</script>",
    "paper.pdf": b"%PDF-1.7",
    "code.js": b"alert(1)",
    "feed.xml": b"<?xml version='1.0'?><x/>",
}


def send(
    app: Flask, world: World, *files: tuple[bytes, str], who: str = "rita"
) -> tuple[TestResponse, Ticket]:
    """Somebody comments on their ticket with these files."""
    ticket = world.ticket(who)
    parts = [(BytesIO(content), name) for content, name in files]
    return Browser(app, "rita").post(f"/tickets/{ticket.id}/comment", text="see", files=parts), ticket


def kept() -> list[Attachment]:
    fresh()
    return db.session.query(Attachment).order_by(Attachment.id).all()


@pytest.mark.parametrize(("given_name", "kept_name"), NAMES.items(), ids=[ascii(name[:20]) for name in NAMES])
def test_a_hostile_name_becomes_a_harmless_one(given_name: str, kept_name: str) -> None:
    assert safe_name(given_name) == kept_name


@given(st.text(max_size=400))
def test_whatever_the_name_what_is_kept_is_one_short_printable_name(name: str) -> None:
    kept_name = safe_name(name)
    assert 0 < len(kept_name) <= 200
    assert not set(kept_name) & set("/\\\0\r\n")
    assert kept_name not in (".", "..")


@pytest.mark.parametrize("name", ["../../etc/passwd", "报告 2026.docx", "a" * 300, "x\u202ey.txt"])
def test_a_file_with_a_hostile_name_comes_back_as_it_was(app: Flask, world: World, name: str) -> None:
    answer, _ticket = send(app, world, (b"content of it", name))
    assert answer.status_code == 302
    (file,) = kept()
    back = Browser(app, "rita").get(f"/tickets/files/{file.id}")
    assert back.data == b"content of it"
    disposition = unquote(back.headers["Content-Disposition"])
    assert disposition.startswith("attachment;")
    assert "/" not in disposition
    assert [p.name for p in runtime().blobs.root.rglob("*") if p.is_file()] == [file.sha256]


@pytest.mark.parametrize(("name", "content"), PROGRAMS.items(), ids=list(PROGRAMS))
def test_what_a_browser_could_run_is_only_ever_downloaded(
    app: Flask, world: World, name: str, content: bytes
) -> None:
    send(app, world, (content, name))
    (file,) = kept()
    browser = Browser(app, "rita")
    for path in (f"/tickets/files/{file.id}", f"/tickets/files/{file.id}?download=1"):
        back = browser.get(path)
        assert back.mimetype == "application/octet-stream"
        assert back.headers["Content-Disposition"].startswith("attachment")
        assert back.headers["X-Content-Type-Options"] == "nosniff"
        assert back.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_photo_is_shown_in_the_page_and_can_be_downloaded(app: Flask, world: World) -> None:
    _answer, ticket = send(app, world, (PNG, "printer.png"))
    (file,) = kept()
    browser = Browser(app, "rita")
    assert f'<img src="/tickets/files/{file.id}"' in browser.get(f"/tickets/{ticket.id}").text
    shown = browser.get(f"/tickets/files/{file.id}")
    assert shown.mimetype == "image/png"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert (
        browser.get(f"/tickets/files/{file.id}?download=1").headers["Content-Disposition"].startswith("att")
    )


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a..", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0WAVE", "application/octet-stream"),
        (b"<svg/>", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_the_content_decides_what_a_file_is(content: bytes, kind: str) -> None:
    assert content_type(content) == kind


def test_a_file_without_a_byte_is_refused_by_its_name(app: Flask, world: World) -> None:
    answer, _ticket = send(app, world, (b"", "empty.txt"))
    assert answer.status_code == 422
    assert "The file empty.txt is empty." in answer.text
    assert kept() == []


def test_a_file_that_is_too_large_is_refused_and_nothing_is_kept(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = runtime()
    small = replace(real, settings=replace(real.settings, upload_max_bytes=1000))
    monkeypatch.setattr("servicedesk.core.uploads.runtime", lambda: small)
    answer, _ticket = send(app, world, (b"x" * 1000, "small.txt"), (b"x" * 1001, "film.mp4"))
    assert answer.status_code == 422
    assert "The file film.mp4 is larger than" in answer.text
    assert kept() == []
    assert not runtime().blobs.root.exists()


def test_a_request_beyond_the_limit_is_told_so_in_words(app: Flask, world: World) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    answer, _ticket = send(app, world, (b"x" * 2000, "a.txt"))
    assert answer.status_code == 413
    assert "<h1>" in answer.text
    assert kept() == []


def test_eleven_files_at_once_are_too_many(app: Flask, world: World) -> None:
    files = [(b"x", f"{number}.txt") for number in range(MAX_FILES + 1)]
    answer, _ticket = send(app, world, *files)
    assert answer.status_code == 422
    assert "At most 10 files at once." in answer.text


def test_the_same_content_twice_is_one_file_on_disk(app: Flask, world: World) -> None:
    send(app, world, (b"same", "a.txt"), (b"same", "b.txt"))
    first, second = kept()
    assert first.sha256 == second.sha256 == hashlib.sha256(b"same").hexdigest()
    assert len([p for p in runtime().blobs.root.rglob("*") if p.is_file()]) == 1


def test_files_may_come_with_the_report_itself(app: Flask, world: World) -> None:
    Browser(app, "rita").post(
        "/tickets/new/fault", title="x", impact="3", urgency="2", files=[(BytesIO(PNG), "a.png")]
    )
    (file,) = kept()
    assert file.name == "a.png"


def test_a_file_that_is_gone_from_the_disk_is_not_found(app: Flask, world: World) -> None:
    send(app, world, (b"gone", "a.txt"))
    (file,) = kept()
    runtime().blobs.path(file.sha256).unlink()
    assert Browser(app, "rita").get(f"/tickets/files/{file.id}").status_code == 404
