"""A half-year of inspections, faults and changes that never happened."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app

from collectors.model import Finding
from collectors.outcome import Outcome
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.equipment.models import Device
from servicedesk.reports.deep import building, jobs, service
from servicedesk.reports.deep.documents import document_of
from servicedesk.reports.deep.models import DeepReport
from tests.servicedesk.inspections.play import inspect, judged
from tests.servicedesk.world import World

WEEKS = 20


def half_year(world: World) -> dict[str, Device]:
    """Weekly visits up to now: a disk that fills, a host that is steady, one nobody answers for."""
    devices = {
        name: world.device(name, protocol="ssh", device_class="server")
        for name in ("fills", "steady", "silent")
    }
    for week in range(WEEKS):
        at = world.now - timedelta(days=7 * (WEEKS - 1 - week))
        fill = 40.0 + 2 * week
        inspect(devices["fills"], [_disk(fill), judged(Outcome.OK, "", 20.0, "cpu_used")], at)
        inspect(devices["steady"], [_disk(30.0)], at + timedelta(minutes=5))
    inspect(devices["silent"], [], world.now, outcome=Outcome.UNREACHABLE, error="no route")
    return devices


def _disk(value: float) -> Finding:
    outcome = Outcome.CRITICAL if value >= 90 else Outcome.WARNING if value >= 80 else Outcome.OK
    return judged(outcome, "/", value)


def ordered(world: World, who: str = "emma", site: str = "", period: str = "2026-H2") -> int:
    """A report that waits; returns its number."""
    site_id = world.sites[site].id if site else None
    with unit_of_work():
        report = service.order(
            world.organisations["north"].id, site_id, period, actor=world.actor(who), now=world.now
        )
        return report.id


def built(world: World, **values: str) -> DeepReport:
    """A report whose worker has been; every table of it can be said in words."""
    number = ordered(world, **values)
    assert jobs.build_report(number)
    report = db.session.get_one(DeepReport, number)
    data = building.load(report, runtime().blobs)
    with current_app.test_request_context():
        said = document_of(report, data)
    assert len(said.chapters) == len(data["sections"])
    return report
