"""Raw answers: gone through page by page, taken along, and judged again offline."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from flask_babel import force_locale

from collectors import transcripts
from collectors.cli_replay import replay
from collectors.model import Exchange, Transcript
from collectors.outcome import Outcome
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.inspections.models import InspectionRecord
from servicedesk.inspections.outcomes import check_title, item_title
from tests.servicedesk.inspections.play import inspect
from tests.servicedesk.world import Browser, World

LINES = 1000


@pytest.fixture
def record(world: World) -> InspectionRecord:
    """Of a visit with a long answer and one with a vendor's bytes."""
    device = world.device("核心 sw1", protocol="ssh", device_class="switch")
    inspect(device, [], world.now)
    long = "".join(f"row {number}\n" for number in range(1, LINES + 1)).encode()
    visit = Transcript(
        "sw1",
        "192.0.2.1",
        world.now,
        1.0,
        (Exchange("ssh", "display logbuffer", long), Exchange("ssh", "display clock", b"\xff<b>\n")),
        Outcome.OK,
        "",
        "vrp",
        {},
        "test",
    )
    with unit_of_work():
        found = db.session.scalars(sa.select(InspectionRecord)).one()
        found.transcript_sha256 = runtime().blobs.put(
            transcripts.pack(visit), sha256=transcripts.digest(visit)
        )
    return found


def test_a_long_answer_is_gone_through_to_its_end(app: Flask, record: InspectionRecord) -> None:
    browser, path = Browser(app, "emma"), f"/inspections/records/{record.id}/evidence?exchange=0"
    page = browser.get(path).text
    assert "Lines 1 to 400 of 1000" in page
    assert "Earlier lines" not in page
    assert "first=401" in page
    assert "Lines 401 to 800 of 1000" in browser.get(f"{path}&first=401").text
    last = browser.get(f"{path}&first=801").text
    assert "row 1000" in last
    assert "Further lines" not in last
    assert "first=401" in last
    marked = browser.get(f"{path}&line=900").text
    assert '<li class="marked"><span class="ln">900</span>' in marked
    assert "Lines 1000 to 1000 of 1000" in browser.get(f"{path}&first=999999").text


def test_an_answer_is_taken_along_whole(app: Flask, record: InspectionRecord) -> None:
    browser, path = Browser(app, "emma"), f"/inspections/records/{record.id}/evidence"
    assert f'href="{path}/2.txt"' in browser.get(f"{path}?exchange=1").text
    answer = browser.get(f"{path}/1.txt")
    assert answer.mimetype == "text/plain"
    assert answer.text.splitlines()[-1] == f"row {LINES}"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    assert browser.get(f"{path}/2.txt").text == "\ufffd<b>\n"
    assert browser.get(f"{path}/3.txt").status_code == 404


def test_a_transcript_is_replayed_and_known_to_be_intact_by_its_name(
    app: Flask, record: InspectionRecord, tmp_path: Path
) -> None:
    answer = Browser(app, "emma").get(f"/inspections/records/{record.id}/transcript")
    assert f"filename={record.transcript_sha256}" in answer.headers["Content-Disposition"]
    kept, renamed = tmp_path / record.transcript_sha256, tmp_path / ("0" * 64)
    for path in (kept, renamed):
        path.write_bytes(answer.data)
    assert "sha256 " + record.transcript_sha256 in CliRunner().invoke(replay, [str(kept)]).output
    assert "was altered" in CliRunner().invoke(replay, [str(renamed)]).output


def test_other_clients_answers_do_not_exist(app: Flask, record: InspectionRecord) -> None:
    for who in ("stan", "rolf"):
        stranger = Browser(app, who)
        for rest in ("evidence", "evidence/1.txt", "transcript"):
            assert stranger.get(f"/inspections/records/{record.id}/{rest}").status_code == 404


def test_what_was_removed_is_no_file(app: Flask, record: InspectionRecord) -> None:
    with unit_of_work():
        db.session.get_one(InspectionRecord, record.id).transcript_sha256 = "f" * 64
    for rest in ("evidence", "evidence/1.txt", "transcript"):
        assert Browser(app, "emma").get(f"/inspections/records/{record.id}/{rest}").status_code == 404


def test_earlier_tries_are_told_in_the_readers_time(app: Flask, record: InspectionRecord) -> None:
    at = record.run.started_at.replace(hour=20, minute=30) - timedelta(days=1)
    with unit_of_work():
        tried = {"at": at.isoformat(), "outcome": "timeout", "error": "", "transcript": ""}
        db.session.get_one(InspectionRecord, record.id).attempts = [tried]
    page = Browser(app, "emma").get(f"/inspections/records/{record.id}").text
    assert f"{record.run.started_at:%Y-%m-%d} 04:30: " in page
    assert "UTC" not in page


def test_answers_that_no_check_asks_for_have_names(app: Flask) -> None:
    with app.test_request_context(), force_locale("zh_CN"):
        assert check_title("readings") == "其他应答"
        assert item_title("readings", "neighbours") == "邻居"
        assert item_title("readings", "answers") == ""
        assert item_title("filesystem_used", "/data") == "/data"
