"""The daily record as PDF, in both languages."""

from __future__ import annotations

import struct
import subprocess
import zlib
from pathlib import Path

import pytest
from flask import Flask

from servicedesk.core.db import unit_of_work
from servicedesk.inspections.models import InspectionRun
from servicedesk.inspections.signing import review, sign
from tests.conftest import program
from tests.servicedesk.inspections.manual.rounds import PNG, WORDS, begin, item, plan, room, rows, say
from tests.servicedesk.world import Browser, World

EVIL = '#panic("x") *$ <script> \\ [' + "y" * 150


def picture() -> bytes:
    """A real PNG of one grey pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\x00\x80")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def signed(world: World, photo: bytes) -> InspectionRun:
    room(world, EVIL[:100])
    run = begin(world, plan(world, item(world), item(world, WORDS)))
    found = rows(run)
    say(world, found["Temperature", EVIL[:100]], "40", remark=EVIL)
    say(world, found["Smell", "North site 1"], "burnt", said="abnormal", photo=photo)
    with unit_of_work():
        sign(run, note="walked", actor=world.actor("emma"), now=world.now)
        review(run, accept=True, note="", actor=world.actor("sam"), now=world.now)
    return run


def text_of(app: Flask, run: InspectionRun, folder: Path, locale: str) -> str:
    browser = Browser(app, "emma")
    browser.post("/language", locale=locale, next="/")
    answer = browser.get(f"/inspections/board/{run.id}/record.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    file = folder / "day.pdf"
    file.write_bytes(answer.data)
    made = subprocess.run(
        [program("pdftotext"), "-layout", str(file), "-"], capture_output=True, check=True, text=True
    )
    return made.stdout


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", ("Daily inspection record", "Standard", "Abnormal", "Inspector", "Reviewer", "Photos")),
        ("zh_CN", ("\u6bcf\u65e5\u5de1\u68c0\u8bb0\u5f55", "\u8bc4\u4f30\u6807\u51c6", "\u4e0d\u5408\u683c")),
    ],
)
def test_the_record_on_paper_says_all_that_was_signed(
    app: Flask, world: World, tmp_path: Path, locale: str, words: tuple[str, ...]
) -> None:
    run = signed(world, picture())
    text = text_of(app, run, tmp_path, locale)
    for word in (*words, "40 °C", "Emma", "Sam", "walked", run.content_hash[:20], "1/1"):
        assert word in text, word
    assert '#panic("x")' in text  # as it was written, not carried out


def test_a_broken_photo_does_not_keep_the_record_from_paper(app: Flask, world: World, tmp_path: Path) -> None:
    text = text_of(app, signed(world, PNG), tmp_path, "en")
    assert "photos cannot be shown" in text


def test_another_client_s_record_does_not_exist(app: Flask, world: World) -> None:
    run = begin(world, plan(world, item(world)))
    assert Browser(app, "stan").get(f"/inspections/board/{run.id}/record.pdf").status_code == 404
