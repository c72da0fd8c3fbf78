"""The scope chapter names deep inspections: what they reached, and what they could not and why."""

from __future__ import annotations

from datetime import timedelta

from collectors.outcome import Outcome
from servicedesk.core.db import unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.inspections.half_years import DEEP
from servicedesk.inspections.plans import PlanData, save_plan
from servicedesk.inspections.runs import start_plan
from servicedesk.reports.deep import building
from tests.servicedesk.inspections.play import finish, judged, take, visit_of
from tests.servicedesk.reports.deep.play import built
from tests.servicedesk.world import SYSTEM, World


def test_devices_reached_and_those_that_were_not_stand_with_their_reasons(any_world: World) -> None:
    world = any_world
    site = world.sites["north-1"]
    seen = world.device("seen", protocol="ssh", device_class="server")
    deaf = world.device("deaf")
    with unit_of_work():
        data = PlanData(site_id=site.id, name="Deep", kind=DEEP, open_days=181)
        plan = save_plan(None, data, actor=SYSTEM, now=world.now)
    for minutes, outcome in ((1, Outcome.UNREACHABLE), (60, Outcome.OK)):
        at = world.now + timedelta(minutes=minutes)
        with unit_of_work():
            run = start_plan(plan, actor=SYSTEM, now=at)
        claimed = take(run, at)
        findings = [judged(Outcome.OK)] if outcome is Outcome.OK else []
        finish(claimed, visit_of(claimed[1], findings, at=at, outcome=outcome), at)
    found = building.load(built(world), runtime().blobs)["sections"]["scope"]
    assert found["figures"] == {"deep_inspected": 1, "deep_missing": 1}
    rows = {row[0][1]: row[3:6] for row in found["tables"]["deep_devices"]}
    assert rows == {"seen": ["2026-H2", "yes", ""], "deaf": ["2026-H2", "no", "no_access"]}
    assert [row[2] for row in found["tables"]["deep"]] == ["Deep", "Deep"]
    assert {tuple(row[0]) for row in found["tables"]["deep"]} == {(site.id, site.name)}
    assert {seen.id, deaf.id} == {row[0][0] for row in found["tables"]["deep_devices"]}


def test_without_one_the_report_says_so(any_world: World) -> None:
    any_world.device("seen", protocol="ssh")
    found = building.load(built(any_world), runtime().blobs)["sections"]["scope"]
    assert found["tables"]["deep"] == []
    assert "No deep inspection is recorded for this half-year." in [
        row["template"] for row in found["sentences"]
    ]
