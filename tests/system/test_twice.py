"""Two of everything at once: schedulers, sweeps, jobs, installations."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from collectors.simulator.site import Site
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.inspections.jobs import visit_batch
from servicedesk.inspections.models import InspectionRecord, InspectionRun
from servicedesk.inspections.plans import PlanData, save_plan
from servicedesk.inspections.runs import open_due_runs
from servicedesk.organisations.models import Site as Place
from tests.support.postgres import Postgres
from tests.system import devices
from tests.system.conftest import Install

pytestmark = pytest.mark.slow
ON_BOTH = pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)


@pytest.fixture
def recorded(
    request: pytest.FixtureRequest, database: str, prepared: Path, slow_site: Site, tmp_path: Path
) -> tuple[Path, str]:
    """A folder and a database with the slow site's devices, and nothing that runs."""
    data, url = tmp_path / "data", ""
    shutil.copytree(prepared, data)
    if database == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.url(server.new_database())
        devices.prepare(data, url)
    devices.record(data, slow_site, url)
    return data, url


def at_once(app: Flask, times: int, function: object, *arguments: object) -> list[object]:
    """Call it in so many threads, each with connections of its own, at the same moment."""
    barrier = Barrier(times)

    def one() -> object:
        with app.app_context():
            try:
                db.session.execute(sa.text("SELECT 1"))
                db.session.rollback()
                barrier.wait(10)
                return function(*arguments)  # type: ignore[operator]  # it is one
            finally:
                db.session.remove()

    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(one) for _ in range(times)]]


@ON_BOTH
def test_a_job_carried_out_twice_at_once_visits_every_device_once(recorded: tuple[Path, str]) -> None:
    data, url = recorded
    run_id = devices.begin_run(data, url)
    with devices.application(data, url) as app:
        ids = db.session.scalars(
            sa.select(InspectionRecord.id).where(InspectionRecord.run_id == run_id)
        ).all()
        db.session.rollback()
        counts = at_once(app, 2, visit_batch, list(ids))
        records = db.session.scalars(
            sa.select(InspectionRecord).where(InspectionRecord.run_id == run_id)
        ).all()
    assert len(ids) == 12
    assert sum(counts) == 12, counts  # type: ignore[arg-type]  # numbers
    assert all((r.state, r.outcome, r.attempt, r.interruptions) == ("done", "ok", 1, 0) for r in records)


@ON_BOTH
def test_a_slot_has_one_run_however_many_schedulers_ask(recorded: tuple[Path, str]) -> None:
    data, url = recorded
    now = utcnow()
    due = (now - timedelta(minutes=3)).astimezone(ZoneInfo("Asia/Shanghai"))
    with devices.application(data, url) as app:
        with unit_of_work() as session:
            place = session.scalars(sa.select(Place).where(Place.name == "Simulated")).one()
            plan_data = PlanData(
                site_id=place.id, name="Due", times=due.strftime("%H:%M"), weekdays="1234567"
            )
            save_plan(None, plan_data, actor=devices.SYSTEM, now=now - timedelta(minutes=10))

        def sweep_once() -> int:
            with unit_of_work():
                return len(open_due_runs(utcnow()))

        assert sorted(at_once(app, 6, sweep_once)) == [0, 0, 0, 0, 0, 1]  # type: ignore[type-var]  # numbers
        runs = db.session.scalars(sa.select(InspectionRun).where(InspectionRun.trigger == "schedule")).all()
    assert len(runs) == 1


def test_two_schedulers_and_two_installations_on_one_machine(
    install: Install, prepared: Path, slow_site: Site
) -> None:
    first, second = (install(name, like=prepared) for name in ("first", "second"))
    for one in (first, second):
        devices.record(one.data, slow_site)
        one.launch(workers=1)
    first.await_open()
    second.await_open()
    extra = first.also("servicedesk.schedule")
    runs = [devices.begin_run(one.data) for one in (first, second)]
    devices.visits_under_way(first, runs[0])
    second.kill_everything()
    devices.completed(first, runs[0])
    assert extra.poll() is None, "the second scheduler runs beside the first"
    assert devices.states(second, runs[1]) != {"done": 12}
    assert first.answers()
