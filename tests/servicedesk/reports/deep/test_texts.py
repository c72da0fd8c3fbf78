"""Texts of a report: kept in versions, never lost between two writers, signed over, inert everywhere."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path

import docx
import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.runtime import runtime
from servicedesk.reports.deep import building, signing, texts
from servicedesk.reports.deep.documents import as_pdf, document_of
from servicedesk.reports.deep.models import DeepReport, DeepSignature, DeepText
from servicedesk.reports.deep.texts import Slot, TextConflictError
from servicedesk.reports.deep.word import as_docx
from tests.servicedesk.reports.deep.play import built, half_year
from tests.servicedesk.reports.deep.test_documents import run
from tests.servicedesk.world import PASSWORD, Browser, World, fresh

STATE = Slot("health", "", "state")
SUMMARY = Slot("summary")


def write(
    world: World,
    number: int,
    body: str,
    revision: int,
    who: str = "emma",
    slot: Slot = STATE,
    minutes: int = 0,
) -> int:
    with unit_of_work():
        now = world.now + timedelta(minutes=minutes)
        return texts.save(number, slot, body, revision, actor=world.actor(who), now=now)


def sign(world: World, number: int, key: str, who: str) -> None:
    with unit_of_work():
        signing.sign(number, key, note="", actor=world.actor(who), now=world.now)


def kept(number: int) -> list[tuple[int, str, str]]:
    fresh()
    rows = db.session.scalars(sa.select(DeepText).where(DeepText.report_id == number).order_by(DeepText.id))
    return [(row.number, row.author, row.body) for row in rows]


def test_a_burst_of_one_author_is_one_version(any_world: World) -> None:
    number = built(any_world).id
    revision = 0
    for minute, body in enumerate(("T", "Th", "The disks", "The disks fill")):
        revision = write(any_world, number, body, revision, minutes=minute)
    assert kept(number) == [(1, "Emma", "The disks fill")]
    assert write(any_world, number, "The disks fill\r\n", revision) == revision  # nothing changed
    revision = write(any_world, number, "The disks fill up", revision, minutes=11)
    revision = write(any_world, number, "All disks fill up", revision, "sue", minutes=12)
    assert [row[:2] for row in kept(number)] == [(1, "Emma"), (2, "Emma"), (3, "Sue")]
    assert texts.bodies(number) == {"health.state": "All disks fill up"}
    write(any_world, number, "", revision, "sue", minutes=13)
    assert texts.bodies(number) == {}


def test_two_writers_are_told_and_neither_is_overwritten(any_world: World) -> None:
    number = built(any_world).id
    first = write(any_world, number, "Both read this", 0)
    second = write(any_world, number, "Sue was faster", first, "sue")
    for who, revision in (("emma", first), ("emma", 0), ("sue", first), ("sue", 99)):
        with pytest.raises(TextConflictError) as refused:
            write(any_world, number, "Too late", revision, who)
        assert refused.value.latest is not None
        assert refused.value.latest.body == "Sue was faster"
    assert kept(number)[-1][2] == "Sue was faster"
    assert write(any_world, number, "Over it, knowingly", second) > second


def test_an_older_version_comes_back_as_a_new_one(any_world: World) -> None:
    number = built(any_world).id
    revision = write(any_world, number, "First", 0)
    write(any_world, number, "Second", revision, "sue")
    with unit_of_work():
        texts.restore(number, STATE, 1, actor=any_world.actor("emma"), now=any_world.now)
    assert [row[2] for row in kept(number)] == ["First", "Second", "First"]
    last = texts.current(number)["health.state"]
    write(any_world, number, "First, and more", last.revision)
    assert len(kept(number)) == 4  # what was restored stays to be seen
    with pytest.raises(NotFoundError), unit_of_work():
        texts.restore(number, STATE, 99, actor=any_world.actor("emma"), now=any_world.now)


def test_texts_are_signed_over_and_closed_until_handed_back(any_world: World) -> None:
    report = built(any_world)
    number, data_sha256 = report.id, report.data_sha256
    revision = write(any_world, number, "As signed", 0)
    sign(any_world, number, "prepare", "emma")
    signature = db.session.scalars(sa.select(DeepSignature)).one()
    assert signature.texts_sha256 == texts.hash_of({"health.state": "As signed"})
    with pytest.raises(ConflictError):
        write(any_world, number, "Afterwards", revision)
    with unit_of_work() as session:  # somebody with a database tool
        session.execute(sa.update(DeepText).values(body="Not as signed"))
    with pytest.raises(ConflictError, match="not what Emma signed"):
        sign(any_world, number, "check", "sue")
    with unit_of_work():
        signing.hand_back(number, "Altered", actor=any_world.actor("sam"), now=any_world.now)
    write(any_world, number, "Mended", revision, minutes=1)
    sign(any_world, number, "prepare", "emma")
    sign(any_world, number, "check", "sue")
    fresh()
    assert db.session.get_one(DeepReport, number).data_sha256 == data_sha256


def test_what_was_signed_stays_a_version_of_its_own(any_world: World) -> None:
    """Handed back and written on within the burst: what the void signature was over can still be read."""
    number = built(any_world).id
    revision = write(any_world, number, "As signed", 0)
    sign(any_world, number, "prepare", "emma")
    with unit_of_work():
        signing.hand_back(number, "Say more", actor=any_world.actor("sam"), now=any_world.now)
    revision = write(any_world, number, "Said more", revision, minutes=1)
    write(any_world, number, "Said even more", revision, minutes=2)
    assert [row[2] for row in kept(number)] == ["As signed", "Said even more"]


def test_texts_leave_the_gathered_data_as_they_are(world: World) -> None:
    half_year(world)
    first, second = built(world), built(world)
    write(world, second.id, "Written", 0)
    assert building.raw(first, runtime().blobs) == building.raw(second, runtime().blobs)


@pytest.mark.parametrize("who", ["carl", "rita", "stan", "admin"])
def test_who_does_not_write_reports_writes_no_text(world: World, who: str) -> None:
    number = built(world).id
    with pytest.raises(NotAllowedError):
        write(world, number, "Mine", 0, who)
    assert kept(number) == []


def test_what_no_text_may_be_is_refused(world: World) -> None:
    number = built(world).id
    for body in ("x" * 20_001, "bell \x07", "nul \x00"):
        with pytest.raises(InvalidError):
            write(world, number, body, 0)
    assert write(world, number, " \r\n ", 0) == 0


HOSTILE = (
    '# Head\n\n**bold** <script>alert(1)</script> #read("/etc/passwd") [x](javascript:alert(1))\n\n'
    "- one\n- two\n  1. inner\n\n| a | b |\n|---|---|\n| <b> | 机房 |\n\n> quoted\n\n```\n#panic()\n```\n"
)


@pytest.mark.poppler
def test_texts_stand_in_page_pdf_and_word_and_are_inert(app: Flask, world: World, tmp_path: Path) -> None:
    half_year(world)
    report = built(world)
    number = report.id
    for slot in (SUMMARY, STATE, Slot("classes", "server", "advice")):
        write(world, number, f"{slot.part or 'summary'} of mine\n\n{HOSTILE}", 0, slot=slot)
    page = Browser(app, "emma").get(f"/reports/deep/{number}").text
    assert "<strong>bold</strong>" in page
    assert "<script>alert" not in page
    assert 'href="javascript:' not in page
    assert "Go on as before." not in page  # the draft gave way
    fresh()
    report = db.session.get_one(DeepReport, number)
    data, bodies = building.load(report, runtime().blobs), texts.bodies(number)
    with app.test_request_context():
        pdf = as_pdf(document_of(report, data, (), bodies))
        word = docx.Document(io.BytesIO(as_docx(document_of(report, data, (), bodies))))
    file = tmp_path / "report.pdf"
    file.write_bytes(pdf)
    plain = run("pdftotext", "-layout", str(file), "-")
    lines = "\n".join(paragraph.text for paragraph in word.paragraphs)
    for text in (plain, lines):
        for words in ("summary of mine", "state of mine", "advice of mine", "#panic()", "two", "quoted"):
            assert words in text
        assert "#read(" in text
        assert "<script>alert(1)</script>" in text
        assert texts.hash_of(bodies) in text
        assert "**bold**" not in text
    assert any("机房" in cell.text for table in word.tables for cell in table._cells)
    assert any(run_.bold and run_.text == "bold" for p in word.paragraphs for run_ in p.runs)


def test_the_page_keeps_what_is_typed_and_shows_both_texts(app: Flask, world: World) -> None:
    half_year(world)
    number = built(world).id
    emma, sue = Browser(app, "emma"), Browser(app, "sue")
    path = f"/reports/deep/{number}/texts/health.state"
    editor = emma.get(f"/reports/deep/{number}/write/health").text
    assert "Drafted by rules" in editor
    assert emma.get(f"/reports/deep/{number}/write/classes").text.count("<textarea") == 3

    def typed(browser: Browser, text: str, revision: int) -> tuple[int, str]:
        data = {"csrf_token": browser.token, "text": text, "revision": str(revision)}
        answer = browser.client.post(path, data=data, headers={"HX-Request": "true"})
        return answer.status_code, answer.text

    status, part = typed(emma, "Of *Emma*", 0)
    assert status == 200
    assert 'name="revision" value="1"' in part
    assert "<em>Emma</em>" in part
    assert "Emma is writing here" in sue.get(f"/reports/deep/{number}/write/health").text
    status, part = typed(sue, "Of Sue <script>", 0)
    assert status == 409
    assert "Of *Emma*" in part
    assert "Of Sue &lt;script&gt;" in part
    answer = sue.post(path, text="Of Sue", revision=0)  # without scripts
    assert answer.status_code == 409
    assert "Of *Emma*" in answer.text
    assert ">Of Sue</textarea>" in answer.text
    assert sue.post(path, text="Of Sue", revision=0, over=1).status_code == 302
    history = emma.get(path).text
    assert "<del>Of *Emma*</del>" in history
    assert "<ins>Of Sue</ins>" in history
    assert emma.post(f"{path}/restore", number=1).status_code == 302
    assert kept(number)[-1] == (3, "Emma", "Of *Emma*")
    assert typed(emma, "x" * 20_001, 3)[0] == 422


def test_versions_are_for_those_who_make_the_report(app: Flask, world: World) -> None:
    half_year(world)
    number = built(world).id
    write(world, number, "Secret of the draft", 0)
    path = f"/reports/deep/{number}/texts/health.state"
    for who, status in (
        ("emma", 200),
        ("sam", 200),
        ("carl", 200),
        ("rita", 404),
        ("stan", 404),
        ("admin", 404),
    ):
        browser = Browser(app, who)
        assert browser.get(path).status_code == status, who
        if who not in ("emma", "sam"):
            assert browser.post(path, text="x", revision=1).status_code in (403, 404), who
    emma = Browser(app, "emma")
    for slot in ("health", "health.price", "nothing.state", "health:server.state", "summary.state", "..%2f"):
        assert emma.get(f"/reports/deep/{number}/texts/{slot}").status_code == 404, slot
    assert emma.get(f"/reports/deep/{number}/write/nothing").status_code == 404
    assert emma.get(f"{path}?old=7&new=1").status_code == 404
    assert emma.get(f"{path}?old=%C2%B2&new={'9' * 40}").status_code == 200


def test_issued_texts_are_a_file_that_is_told_genuine(app: Flask, world: World) -> None:
    half_year(world)
    number = built(world).id
    write(world, number, "For good", 0, slot=SUMMARY)
    for key, who in (("prepare", "emma"), ("check", "sue"), ("review", "sam")):
        sign(world, number, key, who)
    carl = Browser(app, "carl")
    carl.post(f"/reports/deep/{number}/sign", password=PASSWORD, note="")
    content = carl.get(f"/reports/deep/{number}/texts.json").data
    assert json.loads(content)["texts"] == {"summary": "For good"}
    answer = carl.post("/reports/deep/verify", file=(io.BytesIO(content), "texts"), hash="")
    assert "Genuine:" in answer.text
    assert "For good" in carl.get(f"/reports/deep/{number}").text
