"""The month in the browser, on the board, in the service report and as a file."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.inspections.days.models import DayExplanation
from servicedesk.inspections.models import InspectionRun
from servicedesk.inspections.runs import open_due_runs
from tests.servicedesk.conftest import Queries
from tests.servicedesk.inspections.days.test_explanations import make_plan
from tests.servicedesk.world import Browser, World, fresh

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def missed(world: World) -> InspectionRun:
    """A run that was missed some days ago, by the clock of the pages."""
    now = utcnow()
    make_plan(world, at=now - timedelta(days=25))
    with unit_of_work():
        open_due_runs(now - timedelta(days=4))
    fresh()
    return db.session.scalars(
        sa.select(InspectionRun).where(InspectionRun.state == "missed").order_by(InspectionRun.id).limit(1)
    ).one()


def month_of(run: InspectionRun) -> str:
    return f"/inspections/days?site={run.site_id}&month={run.day.isoformat()[:7]}"


def test_explained_and_approved_in_the_browser(app: Flask, missed: InspectionRun) -> None:
    engineer, supervisor = Browser(app, "erik"), Browser(app, "sam")
    page = engineer.get(month_of(missed)).text
    assert f'id="day-{missed.day.isoformat()}"' in page
    assert "explanation missing" in page
    path = f"/inspections/days/{missed.site_id}/{missed.day.isoformat()}"
    assert engineer.post(path, note=EVIL).status_code == 302
    page = supervisor.get(month_of(missed)).text
    assert "explanation waits for approval" in page
    assert EVIL not in page
    fresh()
    number = db.session.scalars(sa.select(DayExplanation.id)).one()
    supervisor.post(f"/inspections/days/explanations/{number}/refuse")
    assert "Say why the explanation is refused." in supervisor.get(month_of(missed)).text
    supervisor.post(f"/inspections/days/explanations/{number}/accept")
    fresh()
    assert db.session.scalars(sa.select(DayExplanation.state)).one() == "accepted"
    board = supervisor.get(f"/inspections/board/?site={missed.site_id}&day={missed.day}").text
    assert "explained" in board
    assert EVIL not in board
    report = supervisor.get(f"/reports/service?period={missed.day.isoformat()[:7]}").text
    assert "Days missed or incomplete" in report
    assert "&lt;script&gt;" in report
    sheet = supervisor.get(
        f"/inspections/days/month.csv?site={missed.site_id}&month={missed.day.isoformat()[:7]}"
    ).text
    assert "Missed" in sheet
    assert EVIL in sheet


@pytest.mark.parametrize("day", ["2026-13-01", "x", "0000-00-00"])
def test_no_such_day(app: Flask, missed: InspectionRun, day: str) -> None:
    browser = Browser(app, "erik")
    assert browser.post(f"/inspections/days/{missed.site_id}/{day}", note="x").status_code == 404


def test_another_client_sees_and_writes_nothing(app: Flask, world: World, missed: InspectionRun) -> None:
    stan = Browser(app, "stan")
    assert "North" not in stan.get(month_of(missed)).text
    path = f"/inspections/days/{missed.site_id}/{missed.day.isoformat()}"
    assert stan.post(path, note="x").status_code == 404
    Browser(app, "erik").post(path, note="Power was off.")
    fresh()
    number = db.session.scalars(sa.select(DayExplanation.id)).one()
    assert stan.post(f"/inspections/days/explanations/{number}/accept").status_code == 404
    assert Browser(app, "rita").get("/inspections/days").status_code == 404


def test_control_characters_are_refused(app: Flask, missed: InspectionRun) -> None:
    path = f"/inspections/days/{missed.site_id}/{missed.day.isoformat()}"
    Browser(app, "erik").post(path, note="a\x00b")
    fresh()
    assert db.session.scalars(sa.select(DayExplanation)).all() == []


def test_a_month_takes_as_many_queries_for_one_run_as_for_many(app: Flask, world: World) -> None:
    now = utcnow()
    plan = make_plan(world, at=now - timedelta(days=1))
    path = f"/inspections/days?site={plan.site_id}"
    browser = Browser(app, "sam")
    browser.get(path)
    with Queries() as none:
        browser.get(path)
    with unit_of_work():
        plan.scheduled_until = now - timedelta(days=25)
    with unit_of_work():
        open_due_runs(now - timedelta(hours=3))
    fresh()
    with Queries() as many:
        browser.get(path)
    assert many.count == none.count


def test_a_new_plan_offers_the_calendar(app: Flask, world: World) -> None:
    page = Browser(app, "sam").get("/inspections/plans/new").text
    assert 'name="by_calendar"' in page
    assert "checked" in page[page.index('name="by_calendar"') - 80 : page.index('name="by_calendar"') + 80]
