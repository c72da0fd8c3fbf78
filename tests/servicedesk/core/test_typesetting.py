"""Documents as PDF: what people wrote is shown, never carried out; the same data give the same bytes."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from servicedesk.core import typesetting

AT = datetime(2026, 11, 25, 8, 30, tzinfo=UTC)
HOSTILE = '#read("/etc/passwd") *x* $y$ <label> @ref \\ " // /* 机房'


def labels(*names: str) -> dict[str, Any]:
    return {
        "title": "Labels",
        "scan": "Broken? Scan me.",
        "labels": [{"name": name, "lines": [], "picture": "code.svg"} for name in names],
    }


DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="4" height="4"/></svg>'
CODE = {"code.svg": DRAWING}


@pytest.mark.poppler
def test_what_people_wrote_is_no_markup(app: Flask, tmp_path: Path) -> None:
    with app.test_request_context():
        content = typesetting.pdf("labels", labels(HOSTILE, "普通"), made_at=AT, images=CODE)
    file = tmp_path / "labels.pdf"
    file.write_bytes(content)
    text = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, text=True, check=True).stdout
    joined = "".join(text.split())
    assert "".join(HOSTILE.split()) in joined
    assert "普通" in joined
    fonts = subprocess.run(["pdffonts", str(file)], capture_output=True, text=True, check=True).stdout
    rows = fonts.splitlines()[2:]
    assert rows
    assert all(" yes yes yes " in row for row in rows), fonts  # embedded, a subset, with its characters


def test_control_characters_spoil_no_document(app: Flask) -> None:
    odd = "a\x00b\x07c\x1b[31m\u0085\ud800\ufffe"
    with app.test_request_context():
        content = typesetting.pdf("labels", labels(odd), made_at=AT, images=CODE, standard="a-2b")
    assert content.startswith(b"%PDF-")


def test_the_same_data_give_the_same_bytes(app: Flask) -> None:
    with app.test_request_context():
        first, second = (
            typesetting.pdf("labels", labels("a"), made_at=AT, images=CODE, standard="a-2b") for _ in "ab"
        )
    assert first == second
    assert first.startswith(b"%PDF-")


@pytest.mark.parametrize("name", ["../x.svg", "x.typ", "data.json", "A.png", ""])
def test_an_image_cannot_take_the_place_of_another_file(app: Flask, name: str) -> None:
    with app.test_request_context(), pytest.raises(ValueError, match="no name for an image"):
        typesetting.pdf("labels", labels("a"), made_at=AT, images={name: b""})
