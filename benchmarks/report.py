"""A half-yearly report over a half-year of readings: how long it is built, in how much memory, and what the
readings take on the disk.

``ARGS="report 1000"`` chooses the number of devices; each has 184 visits of 40 items. The build runs in a
process of its own, so that its memory is its own. SQLite, and PostgreSQL where its programs are installed.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask_migrate import upgrade

from servicedesk import create_app
from servicedesk.config import Settings
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.statistics import gather_statistics
from servicedesk.equipment.models import Device
from servicedesk.inspections.models import InspectionRecord, InspectionRun, LevelSet, Reading, ReadingItem
from servicedesk.organisations.models import Organisation, Site
from servicedesk.reports.deep.models import DeepReport
from tests.servicedesk.world import Browser, World
from tests.support.postgres import running_postgres

DAYS, ITEMS, ROUNDS = 184, 40, 30
FIRST = datetime(2026, 7, 1, 0, 30, tzinfo=UTC)
CHECKS = ("cpu_used", "memory_used", *("filesystem_used",) * 8)  # the rest are states of sensors
_BUILD = """
import json, resource, sys, time
from pathlib import Path
from servicedesk import create_app
from servicedesk.config import Settings
from servicedesk.core.db import db
from servicedesk.core.runtime import runtime
from servicedesk.reports.deep import building
from servicedesk.reports.deep.models import DeepReport
app = create_app(Settings(data=Path(sys.argv[1]), database_url=sys.argv[2], locale="zh_CN"))
with app.app_context():
    began = time.perf_counter()
    building.read_steadily()
    content = building.build(db.session.get_one(DeepReport, 1), lambda done, total: None)
    sha256, blob = building.store(content, runtime().blobs)
    spent = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([spent, peak * 1024, len(content), sha256]))
"""


def measure(options: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    """Rows of (what, ours, budget, ratio)."""
    count = int(options[0]) if options else 100
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="servicedesk-report-")))
        urls = {"SQLite": ""}
        try:
            server = stack.enter_context(running_postgres())
            urls["PostgreSQL"] = server.url(server.new_database())
        except FileNotFoundError:
            yield "PostgreSQL", "not installed", "", ""
        for name, url in urls.items():
            data = folder / name
            data.mkdir()
            rows, disk_bytes = _fill(data, url, count)
            spent, peak, size, first = _build(data, url)
            _spent, _peak, _size, second = _build(data, url)
            same = "same bytes twice" if first == second else "NOT THE SAME BYTES"
            what = f"{name}, {count} devices, {rows:,} readings"
            yield what, f"{spent:.1f} s, {peak / 2**20:.0f} MiB", "120 s, 1,024 MiB", f"{spent / 120:.2f}"
            yield f"{name}, data", f"{size / 2**20:.1f} MiB of JSON", same, ""
            each = disk_bytes / rows
            yield f"{name}, database", f"{each:.1f} bytes a reading, all in", "100 bytes", f"{each / 100:.2f}"
            median_s = _board_s(data, url)
            yield f"{name}, board of a day", f"{1000 * median_s:.1f} ms", "25 ms", f"{median_s / 0.025:.2f}"


def _build(data: Path, url: str) -> tuple[float, int, int, str]:
    answer = subprocess.run(
        [sys.executable, "-c", _BUILD, str(data), url], capture_output=True, text=True, check=True
    )
    spent, peak, size, sha256 = json.loads(answer.stdout.splitlines()[-1])
    return spent, peak, size, sha256


def _board_s(data: Path, url: str) -> float:
    """The median of one administrator's requests for the last day's board, through the whole application."""
    app = create_app(Settings(data=data, database_url=url, testing=True))
    with app.app_context():
        World.make(datetime.now(UTC))
        gather_statistics()  # as an installation does each day
        if url:
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sa.text("ANALYZE"))  # as autovacuum does
        site_id = db.session.scalars(sa.select(Site.id).where(Site.name == "Site")).one()
    browser = Browser(app, "admin")
    path = f"/inspections/board/?site={site_id}&day={FIRST.date() + timedelta(days=DAYS - 1)}"
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        answer = browser.get(path)
        times.append(time.perf_counter() - began)
        if answer.status_code != 200 or b"dev-00000" not in answer.data:
            raise SystemExit(f"{path}: {answer.status_code}")
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return statistics.median(times)


def _fill(data: Path, url: str, count: int) -> tuple[int, int]:
    """A client with ``count`` devices and daily visits, written in bulk.

    Returns:
        Readings, and the bytes by which the whole database grew: tables, indexes, dictionaries, records.
    """
    began = time.perf_counter()
    app = create_app(Settings(data=data, database_url=url, testing=True))
    with app.app_context():
        upgrade()
        empty_bytes = _database_bytes()
        with unit_of_work() as session:
            client = Organisation(kind="client", name="Bench", created_at=FIRST)
            session.add(client)
            session.flush()
            site = Site(client_id=client.id, name="Site", created_at=FIRST)
            session.add(site)
            session.flush()
            _dictionary(count, client.id, site.id)
            session.add(
                DeepReport(
                    client_id=client.id,
                    period="2026-H2",
                    as_of=FIRST.date() + timedelta(days=DAYS),
                    timezone="Asia/Shanghai",
                    created_by="bench",
                    created_at=FIRST,
                )
            )
        for day in range(DAYS):
            with unit_of_work():
                _day(day, count, client.id, site.id)
        grown_bytes = _database_bytes() - empty_bytes
        db.session.remove()
        db.engine.dispose()
    sys.stderr.write(f"  written in {time.perf_counter() - began:.0f} s, load {os.getloadavg()[0]:.1f}\n")
    return count * DAYS * ITEMS, grown_bytes


def _database_bytes() -> int:
    """What the database takes, without its log of writes."""
    if db.engine.dialect.name == "sqlite":
        pages = db.session.scalar(sa.text("PRAGMA page_count")) or 0
        return int(pages) * int(db.session.scalar(sa.text("PRAGMA page_size")) or 0)
    return int(db.session.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0)


def _dictionary(count: int, client_id: int, site_id: int) -> None:
    kinds = ("server", "switch", "storage", "firewall")
    base = {"client_id": client_id, "site_id": site_id, "created_at": FIRST - timedelta(days=9)}
    names = [{"name": f"dev-{n:05}", "device_class": kinds[n % 4], **base} for n in range(count)]
    db.session.execute(sa.insert(Device), names)
    checks = [*CHECKS, *("sensor_state",) * (ITEMS - len(CHECKS))]
    items = [{"check": check, "item": f"item {n}", "unit": "%"} for n, check in enumerate(checks)]
    db.session.execute(sa.insert(ReadingItem), items)
    db.session.add(LevelSet(warning_upper=80.0, critical_upper=90.0, provenance="default"))
    db.session.flush()


def _day(day: int, count: int, client_id: int, site_id: int) -> None:
    at = FIRST + timedelta(days=day)
    dice = random.Random(day)
    run = InspectionRun(
        client_id=client_id,
        site_id=site_id,
        name="daily",
        day=at.date(),
        slot=at,
        trigger="manual",
        state="complete",
        ends_by=at,
        started_at=at,
        device_count=count,
        inspected_count=count,
    )
    db.session.add(run)
    db.session.flush()
    base = {"run_id": run.id, "state": "done", "outcome": "ok", "worst": "ok", "not_before": at}
    base |= {"started_at": at, "finished_at": at, "duration_ms": 900, "platform": "linux"}
    records = [{"device_id": n + 1, "transcript_sha256": f"{day:032x}{n:032x}", **base} for n in range(count)]
    db.session.execute(sa.insert(InspectionRecord), records)
    first = day * count + 1
    readings = [
        {
            "record_id": first + n,
            "item_id": item + 1,
            "outcome": 0,
            "value": value,
            "level_set_id": 1,
            "exchange": item % 9,
            "line": item + 1,
        }
        for n in range(count)
        for item, value in enumerate(_values(n, day, dice))
    ]
    db.session.execute(sa.insert(Reading), readings)


def _values(device: int, day: int, dice: random.Random) -> Iterator[float | None]:
    """Ten quantities that grow at their own speed; thirty states without a number."""
    for item in range(ITEMS):
        if item >= len(CHECKS):
            yield None
        else:
            yield round(
                20 + (device * 7 + item * 3) % 40 + day * ((device + item) % 5) / 30 + dice.random(), 2
            )
