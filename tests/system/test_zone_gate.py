"""``servicedesk run`` alone with its gate: a worker is enrolled and visits over TLS; the gate is killed."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from collectors.simulator.site import Site
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.queues import Queues
from servicedesk.core.runtime import runtime
from servicedesk.inspections.zones.enrolment import make_token
from servicedesk.inspections.zones.models import Zone
from servicedesk.inspections.zones.service import save_zone
from servicedesk.organisations.models import Site as Place
from tests.conftest import ROOT
from tests.support.ports import free_port
from tests.support.sshd import running_sshd
from tests.system import devices
from tests.system.conftest import Install
from tests.system.installation import Installation, until
from tests.system.test_refusals import refused
from tests.system.zone_worker import GUARD, ZoneWorker

pytestmark = pytest.mark.slow


@dataclass(slots=True)
class Gated:
    """An installation with a gate, and a worker that is enrolled once it is open."""

    installation: Installation
    zone_port: int
    worker: ZoneWorker

    def zone(self, *sites: str) -> int:
        """Let the zone serve these sites; its number."""
        with devices.application(self.installation.data), unit_of_work() as session:
            present = session.scalars(sa.select(Zone)).one_or_none()
            places = session.scalars(sa.select(Place).where(Place.name.in_(sites))).all()
            return save_zone(
                present,
                name="branch",
                note="",
                active=True,
                site_ids=[place.id for place in places],
                keyring=runtime().keyring,
                actor=devices.SYSTEM,
                now=utcnow(),
            ).id

    def token(self, zone_id: int) -> str:
        """As the page makes one; this process has not the installation's settings."""
        with devices.application(self.installation.data), unit_of_work():
            settings = runtime().settings
            object.__setattr__(settings, "zone_port", self.zone_port)
            zone = db.session.get_one(Zone, zone_id)
            return make_token(
                zone, settings, Queues.connect(settings).redis, actor=devices.SYSTEM, now=utcnow()
            )

    def enrol(self, token: str) -> None:
        """``collector enroll`` on a machine that has the core packages alone."""
        server = f"http://127.0.0.1:{self.installation.port}"
        given = ("--server", server, "--token", token, "--name", "one", "--data", str(self.worker.folder))
        done = subprocess.run(
            (sys.executable, "-c", GUARD, "enroll", *given),
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def gate(self) -> psutil.Process:
        return self.installation.child("servicedesk.gate")


@pytest.fixture
def gated(install: Install, prepared: Path, slow_site: Site, tmp_path: Path) -> Iterator[Gated]:
    port = free_port()
    environment = {"SERVICEDESK_ZONE_PORT": str(port), "SERVICEDESK_ZONE_HOST": "127.0.0.1"}
    installation = install(environment=environment, like=prepared)
    devices.record(installation.data, slow_site)
    made = Gated(installation, port, ZoneWorker(tmp_path / "worker"))
    try:
        yield made
    finally:
        made.worker.close()


def test_a_worker_behind_the_gate_visits_and_answers_survive_the_gates_end(
    gated: Gated, tmp_path: Path
) -> None:
    one, worker = gated.installation, gated.worker
    folder = tmp_path / "sshd"
    folder.mkdir()
    zone_id = gated.zone("Simulated")
    one.start()
    assert f"rediss://127.0.0.1:{gated.zone_port}" in one.console
    gated.enrol(gated.token(zone_id))
    assert {path.name for path in worker.folder.iterdir()} == {"ca.pem", "station.json", "lock"}
    worker.start()
    until("it can work", lambda: worker.status().get("state") == "working" and not worker.status()["error"])

    # The gate is killed twice, so that the second time it stays away for two seconds.
    run_id = devices.begin_run(one.data)
    until("visits under way", lambda: len(list(worker.folder.glob("visits/*.visit"))) >= 4)
    for _ in range(2):
        gate = gated.gate()
        gate.kill()
        until("another one", lambda old=gate: not old.is_running())
    until("answers wait on the worker's disk", lambda: bool(worker.answers))
    devices.completed(one, run_id, within_s=90)
    attempts = one.rows(f"SELECT DISTINCT attempt FROM inspection_records WHERE run_id = {run_id}")
    assert attempts == [(1,)], "no device was visited twice"
    until("all is delivered", lambda: worker.answers == [])
    assert "gate was ended by signal 9; it is started again now" in one.console

    with running_sshd(folder) as sshd:
        devices.record_sshd(one.data, sshd, "Branch")
        gated.zone("Simulated", "Branch")
        run_id = devices.begin_run(one.data, site="Branch")
        found = "SELECT r.state, r.outcome, r.error, r.attempt FROM inspection_records r WHERE r.run_id = "
        until("the real one was visited", lambda: one.rows(f"{found}{run_id}")[0][0] == "done", within_s=60)
        assert one.rows(f"{found}{run_id}") == [("done", "ok", "", 1)]
        ports = {c.raddr.port for c in _connections(worker) if c.raddr}
        assert ports <= {gated.zone_port, sshd.port}, "a worker speaks to the gate and to devices alone"

    assert worker.stop() == 0
    assert "NOPERM" not in worker.log.read_text()
    assert one.interrupt() < 20
    assert one.processes() == []


def _connections(worker: ZoneWorker) -> list[psutil._common.pconn]:
    assert worker.process is not None
    tree = [psutil.Process(worker.process.pid)]
    tree += tree[0].children(recursive=True)
    return [one for process in tree for one in process.net_connections("tcp")]


def test_redis_is_killed_and_the_worker_goes_on(gated: Gated) -> None:
    one, worker = gated.installation, gated.worker
    zone_id = gated.zone("Simulated")
    one.start()
    gated.enrol(gated.token(zone_id))
    worker.start()
    one.child("valkey").kill()
    run_id = devices.begin_run(one.data)
    devices.completed(one, run_id, within_s=150)  # pauses between attempts grow to a minute
    assert worker.stop() == 0


def test_the_gate_shows_one_certificate_and_serves_nobody_without_a_login(gated: Gated) -> None:
    one = gated.installation.start()
    authority = one.data / "gate" / "authority.pem"
    context = ssl.create_default_context(cafile=str(authority))
    gate = gated.gate()
    for sent in (
        b"PING\r\n",
        b"*2\r\n$4\r\nKEYS\r\n$1\r\n*\r\n",
        b"*3\r\n$4\r\nAUTH\r\n$7\r\ndefault\r\n$1\r\nx\r\n",
    ):
        plain = socket.create_connection(("127.0.0.1", gated.zone_port), 10)
        with context.wrap_socket(plain, server_hostname="127.0.0.1") as tls:
            tls.sendall(sent)
            assert tls.recv(100).startswith(b"-NOAUTH")
            assert tls.recv(100) == b""
    assert gate.is_running()
    assert [path.name for path in one.data.rglob("*.key") if path.stat().st_mode & 0o077] == []
    assert (one.data / "redis").stat().st_mode & 0o077 == 0, "its file of users is written by Redis itself"
    line = " ".join(one.child("valkey").cmdline())
    assert (one.data / "redis.key").read_text() not in line
    before = authority.read_bytes()
    one.interrupt()
    one.start()
    assert authority.read_bytes() == before, "workers that were enrolled go on"


def test_what_keeps_the_gate_shut_keeps_the_installation_from_starting(install: Install) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = str(taken.getsockname()[1])
        given = {"SERVICEDESK_ZONE_PORT": number, "SERVICEDESK_ZONE_HOST": "127.0.0.1"}
        refused(install(environment=given), f"cannot listen on port {number}", "SERVICEDESK_ZONE_PORT")
    number = str(free_port())
    own = {"SERVICEDESK_ZONE_PORT": number, "REDIS_URL": "redis://127.0.0.1:1"}
    refused(install("two", own), "REDIS_URL names one of your own", "Unset one of the two")
    named = {"SERVICEDESK_ZONE_PORT": number, "SERVICEDESK_ZONE_NAMES": "not a name!"}
    refused(install("three", named), "neither a DNS name nor an address")


def test_the_gate_ends_at_once_though_somebody_is_connected(gated: Gated) -> None:
    one = gated.installation.start()
    with socket.create_connection(("127.0.0.1", gated.zone_port), 10):
        gate = gated.gate()
        gate.send_signal(signal.SIGTERM)
        gate.wait(5)
    until("another one", lambda: one.child("servicedesk.gate").pid != gate.pid)
    assert "gate ended with status 0; it is started again now" in one.console
