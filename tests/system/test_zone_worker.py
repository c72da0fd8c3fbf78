"""A collector alone in a zone: over TLS, killed, cut off, stopped; nothing is lost and nothing doubled."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from cryptography.fernet import Fernet
from flask import current_app
from rq import Callback
from werkzeug.serving import make_server

from collectors.__main__ import main
from collectors.simulator.site import Site
from collectors.zone import names
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.queues import Queues
from servicedesk.core.runtime import runtime
from servicedesk.inspections.models import InspectionRecord, InspectionRun, Reading
from servicedesk.inspections.runs import start_site
from servicedesk.inspections.visiting import release_lost
from servicedesk.inspections.zones import jobs, keys
from servicedesk.inspections.zones.enrolment import make_token
from servicedesk.inspections.zones.models import Zone, ZoneWorker
from servicedesk.inspections.zones.service import save_zone
from servicedesk.organisations.models import Site as Place
from tests.servicedesk.inspections.zones.conftest import use_redis
from tests.support.redis import Authority, RedisServer, running_redis
from tests.system import devices
from tests.system.installation import until
from tests.system.zone_worker import ZoneWorker as Worker

pytestmark = pytest.mark.redis
LEASE_S = 20.0


@dataclass(slots=True)
class Branch:
    """A server with its zone, in this process; workers are others."""

    folder: Path
    redis: RedisServer
    authority: Authority
    zone_id: int
    key: bytes
    workers: list[Worker]

    def worker(self, *options: str, name: str = "one") -> Worker:
        certificate, key = self.authority.issue(f"client-{name}")
        key_file = self.folder / "zone.key"
        key_file.write_bytes(self.key)
        given = ("--url", self.redis.tls_url_of_all, "--zone", "branch", "--key-file", str(key_file))
        tls = ("--ca", str(self.authority.ca), "--cert", str(certificate), "--cert-key", str(key))
        made = Worker(self.folder / name, *given, *tls, "--name", name, *options)
        self.workers.append(made)
        return made

    def begin(self) -> int:
        with unit_of_work():
            place = db.session.scalars(sa.select(Place).where(Place.name == "Simulated")).one()
            run = start_site(place, actor=devices.SYSTEM, now=utcnow())
            db.session.flush()
            return run.id

    def sweep(self) -> int:
        """What the scheduler does all the time."""
        with unit_of_work():
            release_lost(utcnow())
        return jobs.sweep()

    def complete(self, run_id: int, within_s: float = 60.0) -> list[InspectionRecord]:
        """Sweep until the run is complete; its records."""

        def look() -> bool:
            self.sweep()
            db.session.rollback()
            return db.session.get_one(InspectionRun, run_id).state == "complete"

        until(f"run {run_id} is complete", look, within_s=within_s)
        found = db.session.scalars(
            sa.select(InspectionRecord).where(InspectionRecord.run_id == run_id).order_by("id")
        ).all()
        assert len(found) == 12
        assert {(r.state, r.outcome, r.error) for r in found} == {("done", "ok", "")}
        counted = dict(
            db.session.execute(
                sa.select(Reading.record_id, sa.func.count()).group_by(Reading.record_id)
            ).all()
        )
        assert all(counted[r.id] > 3 for r in found)
        return list(found)


@pytest.fixture
def branch(tmp_path: Path, prepared: Path, slow_site: Site) -> Iterator[Branch]:
    data = tmp_path / "data"
    shutil.copytree(prepared, data)
    devices.record(data, slow_site)
    authority = Authority(tmp_path / "ca")
    with running_redis(tmp_path / "redis", authority) as redis, devices.application(data):
        use_redis(redis.url, zone_lease_s=LEASE_S)
        with unit_of_work():
            place = db.session.scalars(sa.select(Place).where(Place.name == "Simulated")).one()
            zone = save_zone(
                None,
                name="branch",
                note="",
                active=True,
                site_ids=[place.id],
                keyring=runtime().keyring,
                actor=devices.SYSTEM,
                now=utcnow(),
            )
        made = Branch(
            tmp_path, redis, authority, zone.id, keys.keys_of(zone, runtime().keyring)[0], workers=[]
        )
        try:
            yield made
        finally:
            for worker in made.workers:
                worker.close()


def held(worker: Worker) -> Callable[[], bool]:
    """Whether all twelve answers wait on the worker's disk."""
    return lambda: len(worker.answers) == 12


def test_the_whole_way_over_tls(branch: Branch) -> None:
    worker = branch.worker()
    run_id = branch.begin()
    worker.start()
    found = branch.complete(run_id)
    assert {r.attempt for r in found} == {1}
    until("all is delivered", lambda: worker.answers == [])
    status = worker.status()
    assert (status["running"], status["code"], status["buffered"], status["delivered"]) == (True, 0, 0, 12)
    seen = db.session.scalars(sa.select(ZoneWorker)).one()
    assert (seen.name, seen.state) == ("one", "working")
    secret = devices.PASSWORD.encode()
    kept = [path for path in worker.folder.rglob("*") if path.is_file()]
    assert all(secret not in path.read_bytes() for path in (*kept, worker.log))
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept if path.parent.name == "outbox")

    assert worker.stop() == 0
    status = worker.status()
    assert (status["running"], status["code"], status["state"]) == (False, 1, "stopped")
    branch.sweep()
    db.session.rollback()
    assert db.session.scalars(sa.select(ZoneWorker)).one().state == "stopped"


def test_answers_survive_a_cut_link_and_a_killed_worker(branch: Branch) -> None:
    """Redis goes while devices are visited; the worker is killed with the answers; both come back."""
    worker = branch.worker()
    run_id = branch.begin()
    worker.start()
    until("visits under way", lambda: branch.sweep() + len(list(worker.folder.glob("visits/*"))) >= 12)
    branch.redis.kill()
    until("all answers are on disk", held(worker))
    assert worker.status()["code"] == 3
    worker.kill()
    assert len(worker.answers) == 12
    branch.redis.start()
    worker.start()
    found = branch.complete(run_id)
    assert {r.attempt for r in found} == {1}, "no device was visited twice"
    until("all is delivered", lambda: worker.answers == [])


def test_answers_that_come_after_the_lease_are_recorded_and_no_device_is_visited_again(
    branch: Branch,
) -> None:
    worker = branch.worker()
    run_id = branch.begin()
    worker.start()
    until("visits under way", lambda: branch.sweep() + len(list(worker.folder.glob("visits/*"))) >= 12)
    branch.redis.kill()
    until("all answers are on disk", held(worker))
    worker.kill()
    with unit_of_work():
        db.session.execute(sa.update(InspectionRecord).values(lease_until=utcnow()))
    with unit_of_work():
        assert release_lost(utcnow()) == 12
        db.session.execute(sa.update(ZoneWorker).values(seen_at=None))
    branch.redis.start()
    worker.start()
    found = branch.complete(run_id)
    assert all(r.interruptions == 1 for r in found)


def test_a_worker_killed_among_its_visits_loses_none(branch: Branch) -> None:
    worker = branch.worker()
    run_id = branch.begin()
    worker.start()
    until("visits under way", lambda: branch.sweep() + len(list(worker.folder.glob("visits/*"))) >= 12)
    worker.kill()
    assert len(worker.answers) < 12
    worker.start()
    found = branch.complete(run_id, within_s=90.0)
    assert {r.attempt for r in found} <= {1, 2}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(InspectionRecord)) == 13


def test_a_worker_that_is_stopped_ends_its_visits_and_delivers(branch: Branch) -> None:
    worker = branch.worker("--threads", "4")
    run_id = branch.begin()
    worker.start()
    until("visits under way", lambda: branch.sweep() + len(list(worker.folder.glob("visits/*"))) >= 4)
    assert worker.stop() == 0
    assert worker.answers == []
    assert list((worker.folder / "visits").iterdir()) == []
    branch.sweep()
    db.session.rollback()
    rows = db.session.scalars(sa.select(InspectionRecord).where(InspectionRecord.run_id == run_id)).all()
    assert {r.state for r in rows} == {"done", "queued"}, "those begun are done, the others given back"
    assert all(r.interruptions == 0 for r in rows)
    worker.start()
    branch.complete(run_id)


def test_two_workers_share_a_zone_and_none_shares_a_folder(branch: Branch) -> None:
    one, two = branch.worker(), branch.worker(name="two")
    one.start()
    two.start()
    branch.complete(branch.begin())
    assert set(db.session.scalars(sa.select(ZoneWorker.name))) == {"one", "two"}
    third = Worker(one.folder, *one.options)
    third.log = branch.folder / "third.log"
    third.start()
    assert third.process is not None
    assert third.process.wait(20) == 2
    assert "Another worker works in" in third.log.read_text()


def test_a_server_with_another_authoritys_certificate_is_told_nothing(branch: Branch) -> None:
    stranger = Authority(branch.folder / "stranger", "stranger")
    worker = branch.worker()
    worker.options = tuple(
        str(stranger.ca) if one == str(branch.authority.ca) else one for one in worker.options
    )
    branch.begin()
    worker.start()
    until("the worker says so", lambda: bool(worker.status().get("error")))
    branch.sweep()
    db.session.rollback()
    assert db.session.scalars(sa.select(ZoneWorker)).all() == []
    assert worker.stop() == 0


def test_a_client_without_a_certificate_is_refused_by_redis(branch: Branch) -> None:
    worker = branch.worker()
    at = worker.options.index("--cert")
    worker.options = worker.options[:at] + worker.options[at + 4 :]
    worker.start()
    until("the worker says so", lambda: bool(worker.status().get("error")))
    assert worker.status()["code"] == 3
    assert worker.stop() == 0


def test_a_job_that_names_any_other_function_is_not_run(branch: Branch) -> None:
    worker = branch.worker()
    worker.start()
    proof = branch.folder / "proof"
    with closing(branch.redis.connect()) as redis:
        queue = Queues(redis).queue("collect:branch")
        queue.enqueue("os.mkdir", str(proof))
        queue.enqueue(names.ERRANDS, [], job_id="empty", on_success=Callback("os.abort"))
        bad = [Fernet(Fernet.generate_key()).encrypt(b"{}").decode(), "rubbish", "中文"]
        queue.enqueue(names.ERRANDS, bad, job_id="last", result_ttl=60)
        until("the queue is empty", lambda: queue.count == 0 and not queue.started_job_registry.count)
    branch.complete(branch.begin())
    assert not proof.exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--zone", "branch"), "is missing"),
        (("--zone", "branch", "--url", "redis://192.0.2.1:6379"), "rediss://"),
        (("--zone", "../x", "--url", "rediss://127.0.0.1"), "small letters"),
        (("--zone", "local", "--url", "rediss://127.0.0.1"), "small letters"),
        (("--zone", "branch", "--url", "http://127.0.0.1"), "rediss://"),
    ],
)
def test_what_cannot_work_is_refused_with_a_sentence(
    tmp_path: Path, options: tuple[str, ...], sentence: str
) -> None:
    key = tmp_path / "zone.key"
    key.write_bytes(Fernet.generate_key())
    worker = Worker(tmp_path / "worker", *options, "--key-file", str(key))
    worker.start()
    assert worker.process is not None
    assert worker.process.wait(20) == 2
    assert sentence in worker.log.read_text()
    assert "Traceback" not in worker.log.read_text()


def test_a_worker_is_enrolled_and_does_everything_with_its_own_login(branch: Branch) -> None:
    given_out = {"zone_redis_url": branch.redis.tls_url, "zone_redis_ca": str(branch.authority.ca)}
    use_redis(branch.redis.url, zone_lease_s=LEASE_S, **given_out)
    settings = runtime().settings
    with unit_of_work():
        zone = db.session.get_one(Zone, branch.zone_id)
        token = make_token(zone, settings, Queues.connect(settings).redis, actor=devices.SYSTEM, now=utcnow())
    application = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy
    shown = tuple(str(path) for path in branch.authority.issue("desk"))
    server = make_server("127.0.0.1", 0, application, threaded=True, ssl_context=shown)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        folder = branch.folder / "enrolled"
        address = f"https://127.0.0.1:{server.server_port}"
        given = ("enroll", "--server", address, "--token", token, "--name", "one", "--data", str(folder))
        unknown = CliRunner().invoke(main, given)
        assert (unknown.exit_code, "CERTIFICATE_VERIFY_FAILED" in unknown.output) == (2, True)
        given = (*given, "--server-ca", str(branch.authority.ca))
        done = CliRunner().invoke(main, given)
        assert done.exit_code == 0, done.output
        again = CliRunner().invoke(main, given)
        assert (again.exit_code, "not valid" in again.output) == (2, True)
    finally:
        server.shutdown()
        server.server_close()
    assert {path.name for path in folder.iterdir()} == {"ca.pem", "station.json", "lock"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in (folder, *folder.iterdir()))
    certificate, key = branch.authority.issue("client-enrolled")
    worker = Worker(folder, "--cert", str(certificate), "--cert-key", str(key))
    branch.workers.append(worker)
    worker.start()
    found = branch.complete(branch.begin())
    assert {r.attempt for r in found} == {1}
    assert worker.stop() == 0
    assert "NOPERM" not in worker.log.read_text()
    with closing(branch.redis.connect()) as redis:
        assert redis.acl_log() == []


@pytest.mark.parametrize(
    ("server", "sentence"),
    [
        ("http://192.0.2.1", "https://"),
        ("ftp://127.0.0.1", "https://"),
        ("http://127.0.0.1:9", "cannot be reached"),
        ("https://127.0.0.1.example.invalid", "cannot be reached"),
    ],
)
def test_a_token_is_sent_to_nobody_else(tmp_path: Path, server: str, sentence: str) -> None:
    done = CliRunner().invoke(
        main, ["enroll", "--server", server, "--token", "x", "--data", str(tmp_path / "data")]
    )
    assert (done.exit_code, sentence in done.output) == (2, True), done.output
