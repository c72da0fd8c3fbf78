"""When plans are due, in the site's wall-clock time; nothing twice, nothing made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.inspections.models import InspectionPlan, InspectionRun
from servicedesk.inspections.plans import PlanData, next_due, save_plan
from servicedesk.inspections.runs import MAX_MISSED, open_due_runs
from servicedesk.inspections.slots import next_slot, parse_times, slots_between
from tests.servicedesk.world import SYSTEM, World, fresh

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["8:30", "25:00", "", "08:30;nine", "08:60", "0830"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_times(text)


def test_times_are_sorted_and_chinese_commas_are_commas() -> None:
    assert [str(at) for at in parse_times("14:00，08:30、08:30")] == ["08:30:00", "14:00:00"]


def test_weekdays_are_those_of_the_site_not_of_utc() -> None:
    # Monday 07:00 in Shanghai is still Sunday in UTC.
    found = list(
        slots_between(parse_times("07:00"), "1", SHANGHAI, utc("2026-11-20T00:00"), utc("2026-11-24T00:00"))
    )
    assert found == [utc("2026-11-22T23:00")]


def test_a_time_the_clocks_skip_comes_once_and_a_repeated_one_once() -> None:
    spring = list(
        slots_between(
            parse_times("02:30"), "1234567", BERLIN, utc("2026-03-28T12:00"), utc("2026-03-29T12:00")
        )
    )
    autumn = list(
        slots_between(
            parse_times("02:30"), "1234567", BERLIN, utc("2026-10-24T12:00"), utc("2026-10-25T12:00")
        )
    )
    assert (len(spring), len(autumn)) == (1, 1)


def test_no_weekday_is_never_due() -> None:
    assert next_slot(parse_times("08:30"), "", SHANGHAI, utc("2026-11-20T00:00")) is None


@pytest.fixture
def plan(any_world: World) -> InspectionPlan:
    """Every working day 08:30 in Shanghai, which is 00:30 UTC; made on Tuesday 09:00."""
    any_world.device(protocol="ssh")
    with unit_of_work():
        return save_plan(
            None,
            PlanData(site_id=any_world.sites["north-1"].id, name="Daily"),
            actor=SYSTEM,
            now=utc("2026-11-24T01:00"),
        )


def due(at: str) -> list[InspectionRun]:
    with unit_of_work():
        return open_due_runs(utc(at))


def test_a_new_plan_does_not_make_up_for_the_morning(plan: InspectionPlan) -> None:
    assert due("2026-11-24T01:30") == []
    assert next_due(plan, SHANGHAI, utc("2026-11-24T01:30")) == utc("2026-11-25T00:30")


def test_a_due_run_is_opened_once(plan: InspectionPlan) -> None:
    opened = due("2026-11-25T00:30")
    assert [(run.slot, str(run.day), run.state) for run in opened] == [
        (utc("2026-11-25T00:30"), "2026-11-25", "running")
    ]
    assert due("2026-11-25T00:31") == []


def test_a_second_scheduler_with_an_old_view_cannot_open_it_again(plan: InspectionPlan) -> None:
    due("2026-11-25T00:30")
    with unit_of_work() as session:
        session.execute(sa.update(InspectionPlan).values(scheduled_until=utc("2026-11-24T01:00")))
    with pytest.raises(sa.exc.IntegrityError):
        due("2026-11-25T00:31")


def test_a_run_within_its_window_is_begun_late_and_one_beyond_is_missed(plan: InspectionPlan) -> None:
    opened = due("2026-11-26T02:00")
    assert [(str(run.day), run.state) for run in opened] == [
        ("2026-11-25", "missed"),
        ("2026-11-26", "running"),
    ]
    assert "not running" in opened[0].note


def test_months_of_standstill_are_not_thousands_of_rows(plan: InspectionPlan) -> None:
    assert len(due("2027-11-24T02:00")) == MAX_MISSED


def test_a_plan_switched_off_and_on_again_starts_from_now(plan: InspectionPlan) -> None:
    data = PlanData(site_id=plan.site_id, name="Daily", active=False)
    with unit_of_work():
        save_plan(plan, data, actor=SYSTEM, now=utc("2026-11-24T02:00"))
    assert due("2026-11-25T00:31") == []
    with unit_of_work():
        data = PlanData(site_id=plan.site_id, name="Daily", active=True)
        save_plan(plan, data, actor=SYSTEM, now=utc("2026-11-25T05:00"))
    assert due("2026-11-25T05:01") == []
    fresh()
    assert db.session.scalar(sa.select(sa.func.count(InspectionRun.id))) == 0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"times": "soon"}, "times"),
        ({"weekdays": "89"}, "weekdays"),
        ({"window_minutes": 0}, "window_minutes"),
        ({"retries": 99}, "retries"),
        ({"all_devices": False}, "device_ids"),
        ({"required": ()}, "required"),
    ],
)
def test_a_plan_that_cannot_work_is_refused_at_its_field(
    world: World, values: dict[str, object], field: str
) -> None:
    data = {"site_id": world.sites["north-1"].id, "name": "Daily", **values}
    with pytest.raises(InvalidError) as refused, unit_of_work():
        save_plan(None, PlanData(**data), actor=SYSTEM, now=world.now)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_devices_of_another_site_cannot_be_planned(world: World) -> None:
    other = world.device("other", "south-1")
    data = PlanData(site_id=world.sites["north-1"].id, name="Daily", all_devices=False, device_ids=[other.id])
    with pytest.raises(InvalidError), unit_of_work():
        save_plan(None, data, actor=SYSTEM, now=world.now)


def test_an_engineer_does_not_change_plans_and_a_stranger_sees_none(world: World) -> None:
    data = PlanData(site_id=world.sites["north-1"].id, name="Daily")
    for name in ("erik", "stan", "rita"):
        with pytest.raises(NotAllowedError), unit_of_work():
            save_plan(None, data, actor=world.actor(name), now=world.now)


def test_the_next_run_after_a_day_is_that_of_the_next_day(world: World) -> None:
    after = utc("2026-11-24T00:30")
    assert next_slot(parse_times("08:30"), "12345", SHANGHAI, after) == after + timedelta(days=1)
