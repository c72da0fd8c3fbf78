"""PDF, Word and spreadsheet of a report: readable by others' programs, inert whatever people wrote."""

from __future__ import annotations

import io
import json
import re
import subprocess
from html import unescape
from pathlib import Path

import docx
import pytest
import sqlalchemy as sa
from flask import Flask
from openpyxl import load_workbook

from servicedesk.core import typesetting
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.equipment.models import Device
from servicedesk.reports.deep import building
from servicedesk.reports.deep.documents import LINE, MARGIN, as_pdf, document_of, weights
from servicedesk.reports.deep.models import DeepReport
from servicedesk.reports.deep.presenting import Cell, Grid
from servicedesk.reports.deep.sections import SECTIONS
from servicedesk.reports.deep.word import as_docx
from servicedesk.reports.deep.workbook import as_xlsx
from tests.servicedesk.reports.deep.play import built, half_year
from tests.servicedesk.world import Browser, World

HOSTILE = '#read("/etc/passwd") <b>&amp; 机房 =1+1'


def written(world: World) -> tuple[DeepReport, building.Data]:
    half_year(world)
    world.device(HOSTILE, device_class="switch")
    report = built(world)
    data = building.load(report, runtime().blobs)
    data["sections"]["capacity"]["tables"]["crossing"][0][2] = "\x00\x0b\ufffe"  # a device may say so
    return report, data


def run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.poppler
def test_the_pdf_is_for_archives_with_bookmarks_and_all_chapters(
    app: Flask, world: World, tmp_path: Path
) -> None:
    report, data = written(world)
    with app.test_request_context():
        content = as_pdf(document_of(report, data))
        assert content == as_pdf(document_of(report, data))
    file = tmp_path / "report.pdf"
    file.write_bytes(content)
    assert b"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>" in content
    assert b"/Outlines" in content
    text = run("pdftotext", "-layout", str(file), "-")
    for section in SECTIONS:
        assert str(section.title) in text
    assert "".join(HOSTILE.split()) in "".join(run("pdftotext", "-raw", str(file), "-").split())
    fonts = run("pdffonts", str(file)).splitlines()[2:]
    assert fonts
    assert all(" yes yes yes " in row for row in fonts)


def test_word_has_styles_contents_fields_and_repeated_headings(app: Flask, world: World) -> None:
    report, data = written(world)
    with app.test_request_context():
        content = as_docx(document_of(report, data))
    word = docx.Document(io.BytesIO(content))
    headings = [p.text for p in word.paragraphs if p.style is not None and p.style.name == "Heading 1"]
    assert headings == [f"{number} {section.title}" for number, section in enumerate(SECTIONS, 1)]
    xml = word.element.xml
    assert "TOC \\o" in xml
    assert xml.count("<w:tblHeader/>") == len(word.tables)
    assert len(word.inline_shapes) >= 2
    assert any(HOSTILE in cell.text for table in word.tables for cell in table._cells)
    assert "NUMPAGES" in word.sections[0].footer._element.xml
    assert word.styles["Normal"].element.xml.count('w:eastAsia="SimSun"') == 1


@pytest.mark.libreoffice
@pytest.mark.poppler
def test_libreoffice_opens_the_word_document(app: Flask, world: World, tmp_path: Path) -> None:
    report, data = written(world)
    with app.test_request_context():
        (tmp_path / "report.docx").write_bytes(as_docx(document_of(report, data)))
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    run(
        *("soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)),
        str(tmp_path / "report.docx"),
    )
    text = run("pdftotext", str(tmp_path / "report.pdf"), "-")
    assert str(SECTIONS[-1].title) in text
    assert "silent" in text


def test_the_annex_has_every_row_and_no_formula(app: Flask, world: World) -> None:
    report, data = written(world)
    data["sections"]["coverage"]["tables"]["devices"][0][3] = "=cmd|' /C calc'!A0"
    with app.test_request_context():
        book = load_workbook(io.BytesIO(as_xlsx(report.timezone, data)))
    sheet = book["3.2 All devices of the report"]
    assert sheet.max_row == 5  # the heading and four devices
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert any(str(cell.value).startswith("'=cmd") for row in sheet.iter_rows() for cell in row)


def test_a_page_has_the_points_of_a_trend_and_the_drawing_without_scripts(app: Flask, world: World) -> None:
    half_year(world)
    with unit_of_work():
        devices = db.session.scalars(sa.select(Device)).all()
        for device in devices:
            device.name = f'"><script>alert(1)</script>{device.name}'
    page = Browser(app, "emma").get(f"/reports/deep/{built(world).id}").text
    assert "<script>alert" not in page
    trends = [json.loads(unescape(text)) for text in re.findall(r'data-trend="([^"]*)"', page)]
    assert trends
    forecast = next(one for one in trends if len(one["series"]) == 5)
    assert [one["kind"] for one in forecast["series"]] == ["measured", "low", "expected", "high", "limit"]
    measured, low, expected, high, limit = (one["values"] for one in forecast["series"])
    days = forecast["days"]
    assert days == sorted(set(days))
    assert {len(one) for one in (measured, low, expected, high, limit)} == {len(days)}
    last = max(place for place, value in enumerate(measured) if value is not None)
    assert expected[last] is not None  # the dashed line begins where the measured one ends
    assert all(a <= b <= c for a, b, c in zip(low[last:], expected[last:], high[last:], strict=True))
    assert page.count("<svg xmlns") == page.count("<figure")


def test_files_come_to_those_who_see_the_report(app: Flask, world: World) -> None:
    report = built(world)
    for kind, begin in (("pdf", b"%PDF"), ("docx", b"PK"), ("xlsx", b"PK")):
        path = f"/reports/deep/{report.id}/report.{kind}"
        assert Browser(app, "carl").get(path).data.startswith(begin)
        assert Browser(app, "stan").get(path).status_code == 404


def test_pictures_are_png_each() -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="4" height="4"/></svg>'
    assert typesetting.pictures([]) == []
    for number in (1, 3):
        made = typesetting.pictures([svg] * number)
        assert [page[:4] for page in made] == [b"\x89PNG"] * number


def test_a_date_keeps_its_width_beside_long_texts() -> None:
    long = "words that may wrap wherever they like"
    grid = Grid(
        "t",
        "t",
        ("What", "Why", "Due on", "Effect", "State"),
        (False,) * 5,
        tuple(tuple(Cell(text) for text in (long, long, "2026-12-10", long, "proposed")) for _ in range(3)),
    )
    found = weights(grid)
    assert sum(found) <= LINE
    assert found[2] >= len("2026-12-10") + MARGIN
    assert found[0] == found[1] == found[3] > found[2]
