"""The coverage ledger: everything expected is accounted for, with a reason for every gap."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from collectors.model import Finding as Judgement
from collectors.model import Message
from collectors.outcome import Outcome
from servicedesk.core.db import db, unit_of_work
from servicedesk.inspections.coverage import queries as ledger_queries
from servicedesk.inspections.coverage.models import CoverageEntry
from servicedesk.inspections.coverage.queries import Filters
from servicedesk.inspections.coverage.reasons import REASONS, reason_of
from servicedesk.inspections.models import InspectionRecord, InspectionRun
from servicedesk.inspections.required import DEFAULT_REQUIRED
from servicedesk.inspections.runs import start_site
from tests.servicedesk.conftest import Queries
from tests.servicedesk.inspections.play import inspect, judged
from tests.servicedesk.world import SYSTEM, Browser, World, fresh


def reasons(run: InspectionRun) -> dict[str, str]:
    rows = db.session.execute(
        sa.select(CoverageEntry.check, CoverageEntry.reason)
        .join(InspectionRecord, InspectionRecord.id == CoverageEntry.record_id)
        .where(InspectionRecord.run_id == run.id)
    )
    return dict(rows.all())


def broken(check: str, outcome: Outcome, reason: str) -> Judgement:
    return Judgement(check, "", outcome, Message("Not read: %(reason)s", {"reason": reason}))


def test_every_required_check_of_the_class_is_in_the_ledger(any_world: World) -> None:
    device = any_world.device(protocol="snmp", device_class="server")
    found = reasons(
        inspect(
            device,
            [
                judged(Outcome.OK),
                broken("memory_used", Outcome.PARSE_FAILED, "line 3: no number"),
                broken("cpu_used", Outcome.UNSUPPORTED, "feature needs a license"),
            ],
            any_world.now,
        )
    )
    assert set(found) >= {item.check for item in DEFAULT_REQUIRED if item.applies_to("server")}
    assert found["filesystem_used"] == "performed"
    assert found["memory_used"] == "parse_failed"
    assert found["cpu_used"] == "not_licensed"
    assert found["failed_units"] == "not_configured"  # only a login tells it
    assert set(found.values()) <= set(REASONS)


def test_what_the_platform_is_not_asked_for_is_said_so(world: World) -> None:
    device = world.device(protocol="ssh", device_class="server")
    assert reasons(inspect(device, [], world.now))["failed_units"] == "not_asked"


def test_a_visit_that_failed_gives_its_own_reason_for_all(world: World) -> None:
    device = world.device(protocol="ssh", device_class="switch")
    run = inspect(device, [], world.now, outcome=Outcome.AUTH_FAILED, error="wrong password")
    found = reasons(run)
    assert found.pop("reachable") == "performed"  # that it could not be logged into was found out
    assert set(found.values()) == {"auth_failed"}


def test_a_device_nobody_can_log_into_is_a_gap_not_an_absence(world: World) -> None:
    world.device(device_class="switch")
    with unit_of_work():
        run = start_site(world.sites["north-1"], actor=SYSTEM, now=world.now)
    found = reasons(run)
    assert set(found) == {item.check for item in DEFAULT_REQUIRED if item.applies_to("switch")}
    assert set(found.values()) == {"not_configured"}


def test_a_check_performed_in_part_counts_what_failed(world: World) -> None:
    device = world.device(protocol="ssh", device_class="server")
    inspect(device, [judged(Outcome.OK), broken("filesystem_used", Outcome.TIMEOUT, "slow")], world.now)
    row = db.session.scalars(sa.select(CoverageEntry).where(CoverageEntry.check == "filesystem_used")).one()
    assert (row.reason, row.items, row.failed) == ("performed", 1, 1)


@pytest.mark.parametrize(
    ("outcome", "detail", "reason"),
    [
        (Outcome.UNSUPPORTED, "% License required", "not_licensed"),
        (Outcome.UNSUPPORTED, "未授权", "not_licensed"),
        (Outcome.UNREACHABLE, "license", "unreachable"),
        (Outcome.WARNING, "license", "performed"),
    ],
)
def test_a_licence_that_is_missing_is_told_from_what_does_not_exist(
    outcome: Outcome, detail: str, reason: str
) -> None:
    assert reason_of(outcome, detail) == reason


def test_sums_agree_with_the_rows(world: World) -> None:
    for name in ("a", "b"):
        inspect(world.device(name, protocol="ssh", device_class="server"), [judged(Outcome.OK)], world.now)
    found = ledger_queries.summary(world.actor("sam"), Filters(required_only=False))
    total = db.session.scalar(sa.select(sa.func.count()).select_from(CoverageEntry))
    assert found.expected == total == sum(found.reasons.values())
    assert found.performed == found.reasons["performed"]


def test_the_page_of_a_run_a_device_and_a_site_and_the_file(app: Flask, world: World) -> None:
    device = world.device("=cmd", protocol="ssh", device_class="server")
    run = inspect(device, [judged(Outcome.OK)], world.now)
    with unit_of_work() as session:
        session.execute(sa.update(InspectionRun).values(started_at=sa.func.now()))
    browser = Browser(app, "erik")
    for query in (f"run={run.id}", f"device={device.id}", f"site={device.site_id}", "days=366&all=1"):
        page = browser.get(f"/inspections/coverage/?{query}")
        assert page.status_code == 200
        assert "The platform is not asked for it" in page.text
    file = browser.get(f"/inspections/coverage/export.csv?run={run.id}")
    rows = list(csv.reader(io.StringIO(file.data.decode("utf-8-sig"))))
    assert len(rows) == 1 + sum(1 for item in DEFAULT_REQUIRED if item.applies_to("server"))
    assert {row[3] for row in rows[1:]} == {"'=cmd"}  # no formula
    assert browser.get(f"/inspections/coverage/export.xlsx?run={run.id}").status_code == 200


def test_other_clients_ledgers_do_not_exist(app: Flask, world: World) -> None:
    device = world.device("north-box", protocol="ssh")
    run = inspect(device, [judged(Outcome.OK)], world.now)
    stan = Browser(app, "stan")
    assert stan.get(f"/inspections/coverage/?run={run.id}").status_code == 404
    assert stan.get(f"/inspections/coverage/?device={device.id}").status_code == 404
    for kind in ("csv", "xlsx"):
        assert b"north-box" not in stan.get(f"/inspections/coverage/export.{kind}?run={run.id}").data
    assert "north-box" not in stan.get("/inspections/coverage/?days=366&all=1").text
    assert Browser(app, "rita").get("/inspections/coverage/").status_code == 404


@pytest.mark.parametrize(
    "query", ["run=x", "run=²", "days=0", "days=9999999999", "reason=nothing", "cursor=!!", "kind=pdf&all=2"]
)
def test_hostile_filters_show_a_page(app: Flask, world: World, query: str) -> None:
    assert Browser(app, "erik").get(f"/inspections/coverage/?{query}").status_code == 200


def test_the_page_costs_the_same_whatever_its_length(app: Flask, world: World) -> None:
    browser, counts = Browser(app, "sam"), []
    for more in (2, 12):
        for index in range(more):
            device = world.device(f"d{more}-{index}", protocol="ssh", device_class="server")
            inspect(device, [judged(Outcome.OK)], world.now + timedelta(seconds=index))
        fresh()
        with Queries() as counted:
            assert browser.get("/inspections/coverage/?days=366").status_code == 200
        counts.append(counted.count)
    assert counts[0] == counts[1]
