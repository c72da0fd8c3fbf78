"""Deep inspections: once in each half-year, within its days; no day of the month is due for them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from collectors.checks import catalogue
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError
from servicedesk.inspections.days import judging
from servicedesk.inspections.days.queries import days_of, runs_by_day
from servicedesk.inspections.half_years import DEEP, Window
from servicedesk.inspections.models import InspectionPlan, InspectionRun
from servicedesk.inspections.plans import PlanData, halves_done, next_due, save_plan
from servicedesk.inspections.required import DEEP_REQUIRED, DEFAULT_REQUIRED
from servicedesk.inspections.runs import open_due_runs, start_plan
from tests.servicedesk.conftest import Queries
from tests.servicedesk.inspections.test_plan_pages import form_values
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

SHANGHAI = ZoneInfo("Asia/Shanghai")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def data(world: World, **values: object) -> PlanData:
    given: dict[str, object] = {
        "site_id": world.sites["north-1"].id,
        "name": "Deep",
        "kind": DEEP,
        "opens_on": 150,
        "open_days": 10,
        "required": DEEP_REQUIRED,
    }
    return PlanData(**(given | values))  # type: ignore[arg-type]  # the fields by their names


@pytest.fixture
def plan(any_world: World) -> InspectionPlan:
    """Weekdays 08:30 in Shanghai; the window is 27 November (a Friday) to 6 December."""
    any_world.device(protocol="ssh")
    with unit_of_work():
        return save_plan(None, data(any_world), actor=SYSTEM, now=utc("2026-11-24T01:00"))


def due(at: str) -> list[tuple[str, str, str]]:
    with unit_of_work():
        return [(str(run.day), run.half_year, run.state) for run in open_due_runs(utc(at))]


@pytest.mark.parametrize(
    ("first_month", "day", "half", "opens"),
    [
        (1, "2026-06-30", "2026-H1", "2026-01-01"),
        (1, "2026-07-01", "2026-H2", "2026-07-01"),
        (4, "2026-03-31", "2025-H2", "2025-10-01"),
        (4, "2026-04-01", "2026-H1", "2026-04-01"),
        (6, "2027-01-15", "2026-H2", "2026-12-01"),
    ],
)
def test_half_years_are_those_of_the_contract(first_month: int, day: str, half: str, opens: str) -> None:
    window = Window(first_month, 1, 14)
    assert window.half_of(date.fromisoformat(day)) == half
    assert str(window.bounds(half)[0]) == opens


def test_a_window_never_runs_out_of_its_half_year() -> None:
    for month in range(1, 7):
        window = Window(month, 1, 181)
        for half in ("2026-H1", "2026-H2", "2027-H1", "2028-H2"):
            assert {window.half_of(day) for day in window.bounds(half)} == {half}


def test_it_is_carried_out_once_in_the_half_year(plan: InspectionPlan) -> None:
    assert due("2026-11-26T00:31") == []  # the window is not open
    assert next_due(plan, SHANGHAI, utc("2026-11-26T00:31")) == utc("2026-11-27T00:30")
    assert due("2026-11-27T00:31") == [("2026-11-27", "2026-H2", "running")]
    assert due("2026-11-30T00:31") == []
    assert due("2026-12-20T00:31") == []
    # Day 150 of 2027 is Sunday, 30 May: Monday is the first day it works on.
    done = halves_done([plan.id])[plan.id]
    assert next_due(plan, SHANGHAI, utc("2026-12-20T00:31"), done) == utc("2027-05-31T00:30")
    assert due("2027-05-31T00:31") == [("2027-05-31", "2027-H1", "running")]


def test_a_first_day_slept_over_is_made_good_on_the_next_of_the_window(plan: InspectionPlan) -> None:
    assert due("2026-11-29T10:00") == []  # Sunday; Friday's slot is long past
    assert due("2026-11-30T00:31") == [("2026-11-30", "2026-H2", "running")]


def test_a_window_slept_over_is_one_missed_run(plan: InspectionPlan) -> None:
    assert due("2026-12-05T10:00") == []
    assert due("2026-12-08T10:00") == [("2026-12-04", "2026-H2", "missed")]
    assert due("2026-12-09T10:00") == []


def test_changing_the_window_does_not_bring_a_second_one_in_the_half_year(
    any_world: World, plan: InspectionPlan
) -> None:
    due("2026-11-27T00:31")
    with unit_of_work():
        save_plan(plan, data(any_world, opens_on=160), actor=SYSTEM, now=utc("2026-11-28T00:00"))
    assert due("2026-12-08T00:31") == []
    with pytest.raises(sa.exc.IntegrityError), unit_of_work() as session:
        session.execute(
            sa.insert(InspectionRun).values(
                {
                    column.name: getattr(db.session.scalars(sa.select(InspectionRun)).one(), column.name)
                    for column in InspectionRun.__table__.columns
                    if column.name not in ("id", "slot")
                }
                | {"slot": utc("2026-12-08T00:30")}
            )
        )


def test_no_day_is_due_for_it_and_by_hand_it_may_run_again(any_world: World, plan: InspectionPlan) -> None:
    due("2026-11-27T00:31")
    with unit_of_work():
        again = start_plan(plan, actor=SYSTEM, now=utc("2026-11-27T03:00"))
    assert again.half_year == "2026-H2"
    day, site = date(2026, 11, 27), plan.site
    assert runs_by_day([site], day, day) == {}
    (line,) = days_of(site, day, day, date(2026, 12, 1))
    assert line.state == judging.NONE
    assert {row["check"] for row in again.required} > {item.check for item in DEFAULT_REQUIRED}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "weekly"}, "kind"),
        ({"first_month": 7}, "first_month"),
        ({"opens_on": 0}, "opens_on"),
        ({"opens_on": 182}, "opens_on"),
        ({"opens_on": 180, "open_days": 3}, "open_days"),
        ({"open_days": 10**9}, "open_days"),
    ],
)
def test_a_window_that_cannot_be_is_refused_at_its_field(
    world: World, values: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidError) as refused, unit_of_work():
        save_plan(None, data(world, **values), actor=SYSTEM, now=world.now)
    assert refused.value.field == field


def test_a_plan_keeps_its_kind(any_world: World, plan: InspectionPlan) -> None:
    with pytest.raises(InvalidError), unit_of_work():
        save_plan(plan, data(any_world, kind="daily"), actor=SYSTEM, now=any_world.now)


def test_a_new_deep_plan_offers_its_starter_list_and_is_kept_as_it_is_shown(app: Flask, world: World) -> None:
    browser = Browser(app, "sam")
    values = form_values(browser.get("/inspections/plans/new?kind=deep").text)
    assert set(values["required"]) == {item.check for item in DEEP_REQUIRED}
    values |= {
        "name": ["Twice <b>a</b> year"],
        "site_id": [str(world.sites["north-1"].id)],
        "first_month": ["4"],
        "opens_on": ["20"],
        "open_days": ["5"],
    }
    assert browser.post("/inspections/plans/new?kind=deep", **values).status_code == 302
    fresh()
    plan = db.session.scalars(sa.select(InspectionPlan)).one()
    assert (plan.kind, plan.window) == (DEEP, Window(4, 20, 5))
    page = browser.get("/inspections/plans/").text
    assert "April and October" in page
    assert "<b>a</b>" not in page
    values = form_values(browser.get(f"/inspections/plans/{plan.id}").text)
    assert values["first_month"] == ["4"]
    assert browser.post(f"/inspections/plans/{plan.id}", **values).status_code == 302
    fresh()
    assert db.session.get_one(InspectionPlan, plan.id).window == Window(4, 20, 5)


def test_every_item_of_the_starter_list_is_a_check() -> None:
    assert {item.check for item in DEEP_REQUIRED} <= set(catalogue())


def test_more_deep_plans_are_no_more_queries(app: Flask, world: World) -> None:
    browser = Browser(app, "sam")
    browser.get("/inspections/plans/")  # what is kept for the process is there
    counts = []
    for number in range(2):
        for more in range(1 + 3 * number):
            with unit_of_work():
                save_plan(None, data(world, name=f"Deep {number}.{more}"), actor=SYSTEM, now=world.now)
        fresh()
        with Queries() as queries:
            assert browser.get("/inspections/plans/").status_code == 200
        counts.append(queries.count)
    assert counts[0] == counts[1]
