"""Amendments in the browser, on the record, the board, the sheet and on paper."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from flask import Flask

from servicedesk.core.db import db
from servicedesk.inspections.amending.models import Amendment
from servicedesk.inspections.amending.subjects import Reference
from servicedesk.inspections.models import InspectionRun
from tests.conftest import program
from tests.servicedesk.conftest import Queries
from tests.servicedesk.inspections.amending.test_amendments import disk, do_amend, do_review, sign
from tests.servicedesk.inspections.play import OK, inspect, judged
from tests.servicedesk.world import Browser, World, fresh

EVIL = "<script>alert(1)</script> #panic()"


@pytest.fixture
def run(world: World) -> InspectionRun:
    run = inspect(world.device(protocol="ssh", device_class="server"), [judged(OK)], world.now)
    sign(world, run)
    return run


def amend_path(run: InspectionRun) -> str:
    return f"/inspections/{run.id}/amend?record={disk(run).record_id}&check=filesystem_used&item=/"


def test_written_on_the_record_and_accepted_by_a_supervisor(
    app: Flask, world: World, run: InspectionRun
) -> None:
    engineer, supervisor = Browser(app, "emma"), Browser(app, "sam")
    record = engineer.get(f"/inspections/records/{disk(run).record_id}").text
    assert "/amend?record=" in record
    page = engineer.get(amend_path(run))
    assert 'value="50"' in page.text
    fields = {"said": "critical", "value": "95", "remark": EVIL, "reason": "Read wrongly."}
    assert engineer.post(amend_path(run), **fields).status_code == 302
    page = supervisor.get(f"/inspections/{run.id}").text
    assert "waits for review" in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert f">{run.name}<" in supervisor.get("/inspections/?state=amended").text
    fresh()
    number = db.session.query(Amendment.id).scalar()
    assert supervisor.post(f"/inspections/amendments/{number}/refuse").status_code == 302
    assert "Say why the amendment is refused." in supervisor.get(f"/inspections/{run.id}").text
    supervisor.post(f"/inspections/amendments/{number}/accept", note="seen")
    fresh()
    assert (run.content_hash, db.session.query(Amendment.state).scalar()) == (run.content_hash, "accepted")
    assert "95 %, Abnormal" in engineer.get(f"/inspections/records/{disk(run).record_id}").text
    assert "1 amendment" in engineer.get(f"/inspections/board/?site={run.site_id}&day={run.day}").text


def test_a_refused_form_keeps_what_was_typed(app: Flask, run: InspectionRun) -> None:
    browser = Browser(app, "erik")
    answer = browser.post(amend_path(run), said="critical", value="ninety", reason="Read wrongly.")
    assert answer.status_code == 422
    assert "Write a number." in answer.text
    assert 'value="ninety"' in answer.text
    answer = browser.post(amend_path(run), said="critical", value="9", reason="a\x00b")
    assert answer.status_code == 422


@pytest.mark.parametrize(("who", "status"), [("erik", 200), ("sam", 404), ("rita", 404), ("stan", 404)])
def test_others_have_no_such_page(app: Flask, run: InspectionRun, who: str, status: int) -> None:
    assert Browser(app, who).get(amend_path(run)).status_code == status
    assert Browser(app, who).get(f"/inspections/{run.id}/amend?answer=99").status_code == 404


def test_another_client_reviews_nothing(app: Flask, world: World, run: InspectionRun) -> None:
    made = do_amend(world, run, disk(run))
    assert Browser(app, "stan").post(f"/inspections/amendments/{made.id}/accept").status_code == 404


def test_on_paper_and_in_the_sheet(app: Flask, world: World, run: InspectionRun, tmp_path: Path) -> None:
    do_review(world, do_amend(world, run, disk(run), remark=EVIL))
    browser = Browser(app, "erik")
    answer = browser.get(f"/inspections/board/{run.id}/record.pdf")
    (tmp_path / "day.pdf").write_bytes(answer.data)
    text = subprocess.run(
        [program("pdftotext"), "-raw", str(tmp_path / "day.pdf"), "-"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    made = db.session.query(Amendment).one()
    for words in ("Amendments after signing", "#panic()", made.content_hash[:20], run.content_hash[:20]):
        assert words in text.replace("\n", " "), words
    sheet = browser.get(f"/inspections/board/{run.id}/record.csv").text
    assert "amendment 1 (accepted): 50 %, Normal" in sheet
    assert made.content_hash in sheet


def test_the_record_takes_as_many_queries_for_many_amendments(
    app: Flask, world: World, run: InspectionRun
) -> None:
    browser = Browser(app, "erik")
    do_amend(world, run, Reference(), remark="first")
    with Queries() as one:
        browser.get(f"/inspections/{run.id}")
    for number in range(5):
        do_amend(world, run, Reference(), remark=f"more {number}")
    with Queries() as many:
        browser.get(f"/inspections/{run.id}")
    assert many.count == one.count
