"""The parts of a zone's worker: what is sealed, what is kept, what is refused."""

from __future__ import annotations

import errno
import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis
from rq.job import Job, JobStatus
from rq.webhook import Webhook

from collectors import sealing
from collectors.__main__ import main
from collectors.errors import CollectorError, SealError
from collectors.model import DeviceFacts as Facts
from collectors.model import SshAccess, Target, Transcript, Visit
from collectors.outcome import Outcome
from collectors.zone import enrolling, names, outbox, station, visits
from collectors.zone.errands import (
    Answer,
    Beat,
    Errand,
    open_answer,
    open_beat,
    open_errand,
    seal_answer,
    seal_beat,
    seal_errand,
)
from collectors.zone.keeper import Keeper, pause_s
from collectors.zone.outbox import Outbox, OutboxFullError, UnderWay
from collectors.zone.queue_worker import ErrandJob
from collectors.zone.station import Station, StationError

KEY = Fernet.generate_key()
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
TARGET = Target("7", "192.0.2.7", (SshAccess(user="u", password="secret"),), name="sw7")


def transcript(target: Target = TARGET) -> Transcript:
    return Transcript(target.key, target.address, NOW, 1.0, (), Outcome.OK)


def sealed(record_id: int = 1, attempt: int = 1, *, expires_at: datetime | None = None) -> str:
    at = expires_at or datetime.now(UTC) + timedelta(minutes=5)
    return seal_errand(Errand(record_id, attempt, at, TARGET), KEY)


def at(folder: Path, **values: object) -> Station:
    made = Station(folder, "branch", "unix:///nowhere", KEY, name="one", threads=2, **values)  # type: ignore[arg-type]
    made.outbox.prepare()
    made.under_way.prepare()
    return made


def visit(target: Target) -> Visit:
    return Visit(transcript(target), Facts(), ())


# sealing -----------------------------------------------------------------------------------------


def test_what_is_sealed_comes_back_whole() -> None:
    errand = Errand(17, 3, NOW, TARGET)
    assert open_errand(seal_errand(errand, KEY), KEY, now=NOW - timedelta(seconds=1)) == errand
    for answer in (Answer(17, 3, transcript()), Answer(17, 3, None, "full")):
        assert open_answer(seal_answer(answer, KEY), KEY) == answer
    beat = Beat("one", "1", NOW, "working", 1, 2, 3, ((17, 3),))
    assert open_beat(seal_beat(beat, KEY), KEY) == beat


def test_secrets_show_in_no_representation() -> None:
    assert "secret" not in repr(Errand(17, 3, NOW, TARGET))
    shown = repr(Station(Path("x"), "branch", "rediss://u:password@h", KEY))
    assert "password" not in shown
    assert KEY.decode() not in shown


@given(st.binary(max_size=200))
def test_whatever_the_key_sealed_is_an_answer_or_refused(content: bytes) -> None:
    text = sealing.seal_bytes(content, KEY)
    for read in (open_answer, open_beat):
        with pytest.raises(CollectorError):
            read(text, KEY)
    with pytest.raises(SealError):
        open_errand(text, KEY, now=NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"record": -1},
        {"record": True},
        {"attempt": "1"},
        {"attempt": 2**60},
        {"expires": "2026-01-01T00:00:00"},
        {"expires": 5},
        {"target": {}},
        {"target": None},
    ],
)
def test_an_errand_of_another_form_is_refused(change: dict[str, object]) -> None:
    document = json.loads(sealing.open_bytes(sealed(), KEY)) | change
    with pytest.raises(SealError):
        open_errand(sealing.seal_bytes(json.dumps(document).encode(), KEY), KEY, now=NOW)


# the outbox --------------------------------------------------------------------------------------


def test_an_outbox_holds_no_more_than_its_limit(tmp_path: Path) -> None:
    box = Outbox(tmp_path / "box", 1000, min_free_bytes=0)
    box.prepare()
    box.put(1, 1, "x" * 600)
    assert not box.full
    with pytest.raises(OutboxFullError):
        box.put(2, 1, "x" * 600)
    box.put(3, 1, "x" * 300)
    assert box.full
    assert box.claims() == [(1, 1), (3, 1)]
    assert box.used_bytes() == 900
    assert {path.stat().st_mode & 0o777 for path in box.waiting()} == {0o600}


def test_a_disk_without_space_is_full_and_nothing_half_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Outbox(tmp_path / "box", 10**9, min_free_bytes=2**62)
    box.prepare()
    assert box.full, "so much is free on no disk"

    def no_space(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(outbox.os, "fsync", no_space)
    with pytest.raises(OutboxFullError):
        box.put(1, 1, "x")
    assert list(box.folder.iterdir()) == []


def test_what_a_killed_process_left_half_written_is_no_answer(tmp_path: Path) -> None:
    box = Outbox(tmp_path / "box", 1000)
    box.folder.mkdir()
    (box.folder / "1.1.answer.77.half").write_text("x")
    (box.folder / "nonsense").write_text("x")
    assert box.waiting() == []
    box.prepare()
    assert [path.name for path in box.folder.iterdir()] == ["nonsense"]
    assert box.claims() == []


def test_notes_of_visits_go_with_the_process_that_made_them(tmp_path: Path) -> None:
    notes = UnderWay(tmp_path / "visits")
    notes.prepare()
    (notes.folder / "5.1.visit").write_text("99999999")
    (notes.folder / "6.1.visit").write_text("not a number")
    with notes.noted(7, 2):
        assert (7, 2) in notes.claims()
        assert (5, 1) not in notes.claims()
    assert notes.claims() == []


# the job -----------------------------------------------------------------------------------------


def test_a_batch_leaves_an_answer_for_each_visit_and_no_secret(tmp_path: Path) -> None:
    here = at(tmp_path)
    assert visits.make_visits(here, [sealed(1), sealed(2, 4)], visitor=visit) == 2
    assert here.outbox.claims() == [(1, 1), (2, 4)] or here.outbox.claims() == [(2, 4), (1, 1)]
    for path in here.outbox.waiting():
        assert b"secret" not in path.read_bytes()
        assert open_answer(path.read_text(), KEY).transcript is not None


def test_errands_too_old_or_not_ours_are_not_made(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    old = sealed(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    made: list[Target] = []

    def visitor(target: Target) -> Visit:
        made.append(target)
        return visit(target)

    assert visits.make_visits(at(tmp_path), [old, "rubbish", ""], visitor=visitor) == 0
    assert made == []
    assert caplog.text.count("an errand was refused") == 3
    assert old not in caplog.text


@pytest.mark.parametrize("why", ["stopping", "full"])
def test_errands_are_given_back_when_stopping_or_full(tmp_path: Path, why: str) -> None:
    here = at(tmp_path, limit_bytes=2000)
    if why == "stopping":
        here.stopping.touch()
    else:
        (here.outbox.folder / "9.1.answer").write_text("x" * 1810)
        here = at(tmp_path, limit_bytes=2011)
    made: list[Target] = []

    def visitor(target: Target) -> Visit:
        made.append(target)
        return visit(target)

    kept = visits.make_visits(here, [sealed()], visitor=visitor)
    assert made == []
    if kept:
        [answer] = [one for one in here.outbox.waiting() if one.name.startswith("1.")]
        assert open_answer(answer.read_text(), KEY).transcript is None


def test_a_job_is_errands_or_nothing() -> None:
    job = ErrandJob.create("os.mkdir", args=["x"], connection=Redis())
    with pytest.raises(PermissionError):
        _ = job.func
    job = ErrandJob.create(names.ERRANDS, args=[[]], connection=Redis())
    assert job.func is visits.visit_errands
    assert (job.success_callback, job.failure_callback, job.stopped_callback) == (None, None, None)
    assert isinstance(job, Job)


def test_a_job_tells_no_address_that_it_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(Webhook, "send", lambda *_, **__: told.append(1))
    hooks = [Webhook("http://192.0.2.1/", JobStatus.FINISHED)]
    for kind, expected in ((Job, [1]), (ErrandJob, [])):
        told.clear()
        kind.create(names.ERRANDS, webhooks=hooks, connection=Redis()).send_webhooks(JobStatus.FINISHED)
        assert told == expected


# the keeper --------------------------------------------------------------------------------------


class FakeRedis:
    """Counts what it is sent; ``length`` answers wait already."""

    def __init__(self, length: int = 0) -> None:
        self.length = length
        self.sent: list[str] = []

    def xlen(self, _key: str) -> int:
        return self.length + len(self.sent)

    def xadd(self, _key: str, fields: dict[str, str]) -> None:
        self.sent.append(fields["answer"])


def test_answers_wait_on_disk_while_the_server_takes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "MAX_UNDELIVERED", 5)
    here = at(tmp_path)
    for number in range(4):
        here.outbox.put(number, 1, f"answer {number}")
    redis = FakeRedis(3)
    keeper = Keeper(here)
    assert keeper._deliver(redis) == 2  # type: ignore[arg-type]
    assert redis.sent == ["answer 0", "answer 1"]
    assert len(here.outbox.waiting()) == 2
    assert keeper._deliver(FakeRedis(9)) == 0  # type: ignore[arg-type]


def test_a_worker_whose_queue_process_ends_again_and_again_says_so(tmp_path: Path) -> None:
    keeper = Keeper(at(tmp_path))
    assert keeper._told("working") == "working"
    keeper._crashes = 3
    assert (keeper._told("working"), keeper._told("stopped")) == ("failing", "stopped")
    keeper._full = True
    assert keeper._told("working") == "full"


def test_pauses_grow_to_an_end_and_differ() -> None:
    assert 0.5 <= pause_s(0) <= 1.0
    assert all(30.0 <= pause_s(99) <= 60.0 for _ in range(50))
    assert len({pause_s(5) for _ in range(10)}) > 1


# enrolling ---------------------------------------------------------------------------------------


class Answering(BaseHTTPRequestHandler):
    """Answers as the test says, and remembers who asked."""

    status, body, where = 200, b"", ""
    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.asked.append(self.path)
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.send_response(self.status)
        if self.where:
            self.send_header("Location", self.where)
        self.end_headers()
        self.wfile.write(self.body)

    def do_GET(self) -> None:
        """What a followed redirect would be."""
        self.do_POST()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        Answering.asked.clear()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()


GOOD = {"zone": "branch", "name": "one", "url": "rediss://u:p@192.0.2.1", "key": "k", "ca": ""}


def test_what_the_server_gives_is_taken(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answering, "body", json.dumps(GOOD).encode())
    assert enrolling.ask(server + "/", "token", "one") == GOOD
    assert Answering.asked == ["/zones/enrol"]


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, b"", "no answer of our server"),
        (200, b"[]", "no answer of our server"),
        (200, json.dumps(GOOD | {"zone": "../etc"}).encode(), "no answer of our server"),
        (200, json.dumps(GOOD | {"key": 5}).encode(), "no answer of our server"),
        (200, json.dumps(GOOD | {"url": "redis://192.0.2.1"}).encode(), "rediss://"),
        (200, b" " * 300_000 + json.dumps(GOOD).encode(), "no answer of our server"),
        (403, b'{"error": "This token is not valid."}', "403). This token is not valid."),
        (500, b"<html>", "refuses (500)."),
        (302, b"", "sends us elsewhere"),
    ],
)
def test_other_answers_are_refused_with_a_sentence(
    server: str, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, words: str
) -> None:
    monkeypatch.setattr(Answering, "status", status)
    monkeypatch.setattr(Answering, "body", body)
    monkeypatch.setattr(Answering, "where", f"{server}/elsewhere" if status == 302 else "")
    with pytest.raises(StationError, match=re.escape(words)):
        enrolling.ask(server, "token", "one")
    assert Answering.asked == ["/zones/enrol"], "the token goes nowhere else"


# the station -------------------------------------------------------------------------------------


def test_a_station_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    document = {"zone": "branch", "url": "rediss://u:p@192.0.2.1", "key": KEY.decode(), "name": "one"}
    station.save(folder, document, ca="PEM")
    assert {path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())} == {0o700, 0o600}
    found = station.load(folder)
    assert (found.zone, found.key, found.name) == ("branch", KEY, "one")
    assert found.ca == str(folder / "ca.pem")
    assert station.load(folder, threads=3).threads == 3
    (folder / "station.json").chmod(0o640)
    with pytest.raises(StationError, match="chmod 600"):
        station.load(folder)
    (folder / "station.json").chmod(0o600)
    (folder / "station.json").write_text("{")
    with pytest.raises(StationError, match="Enrol"):
        station.load(folder)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("rediss://192.0.2.1", True),
        ("unix:///tmp/x", True),
        ("redis://127.0.0.1:6379", True),
        ("redis://localhost", True),
        ("redis://[::1]:6379", True),
        ("redis://192.0.2.1", False),
        ("redis://localhost.example.org", False),
        ("redis://127.0.0.1.example.org", False),
        ("http://127.0.0.1", False),
        ("", False),
    ],
)
def test_nothing_goes_over_a_network_in_the_clear(url: str, safe: bool) -> None:
    if safe:
        station.require_safe(url)
    else:
        with pytest.raises(StationError):
            station.require_safe(url)


def test_a_folder_serves_one_worker(tmp_path: Path) -> None:
    with station.held(tmp_path):
        assert station.is_locked(tmp_path)
        with pytest.raises(StationError, match="Another worker"), station.held(tmp_path):
            pass
    assert not station.is_locked(tmp_path)


def test_status_of_a_folder_without_worker(tmp_path: Path) -> None:
    runner = CliRunner()
    for folder in (tmp_path, tmp_path / "nothing"):
        done = runner.invoke(main, ["status", "--data", str(folder)])
        assert (done.exit_code, done.output) == (1, "not running\n")
    with station.held(tmp_path):
        (tmp_path / "status.json").write_text(
            json.dumps({"state": "full", "at": datetime.now(UTC).isoformat()})
        )
        assert runner.invoke(main, ["status", "--data", str(tmp_path)]).exit_code == 3
        (tmp_path / "status.json").write_text(
            json.dumps({"state": "working", "at": "2020-01-01T00:00:00+00:00"})
        )
        assert runner.invoke(main, ["status", "--data", str(tmp_path)]).exit_code == 3, "silent for years"
        (tmp_path / "status.json").write_text("{")
        assert runner.invoke(main, ["status", "--data", str(tmp_path)]).exit_code == 3
