"""Days that were missed are asked for once, explained by an engineer, approved by a supervisor."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.inspections.days import jobs, service
from servicedesk.inspections.days.models import DayExplanation
from servicedesk.inspections.days.queries import days_of
from servicedesk.inspections.models import InspectionPlan
from servicedesk.inspections.plans import PlanData, next_due, save_plan, works_of
from servicedesk.inspections.runs import open_due_runs
from servicedesk.inspections.slots import parse_times, slots_between
from servicedesk.notifications.models import Notification, NotificationEvent
from servicedesk.sla.policies import place_calendar
from tests.servicedesk.inspections.test_schedule import SHANGHAI, utc
from tests.servicedesk.world import SYSTEM, World, fresh

MISSED_DAY = date(2026, 11, 23)  # a Monday


def make_plan(world: World, *, site: str = "north-1", at: datetime | None = None) -> InspectionPlan:
    data = PlanData(site_id=world.sites[site].id, name="Day", by_calendar=True)
    with unit_of_work():
        return save_plan(None, data, actor=SYSTEM, now=at or world.now - timedelta(days=2))


@pytest.fixture
def missed(any_world: World) -> World:
    """The plan's run of Monday never began; it is Tuesday, 09:00 at the site."""
    make_plan(any_world)
    with unit_of_work():
        open_due_runs(any_world.now - timedelta(minutes=31))
    fresh()
    return any_world


def ask(world: World) -> list[DayExplanation]:
    with unit_of_work():
        return service.ask(world.now)


def write(world: World, who: str = "erik", reason: str = "Power was off.") -> DayExplanation:
    with unit_of_work():
        row = service.write(world.sites["north-1"], MISSED_DAY, reason, actor=world.actor(who), now=world.now)
    fresh()
    return row


def decide(
    world: World, row: DayExplanation, who: str = "sam", *, accept: bool = True, note: str = ""
) -> None:
    with unit_of_work():
        service.decide(row, accept=accept, note=note, actor=world.actor(who), now=world.now)
    fresh()


def test_a_plan_by_the_calendar_keeps_holidays_and_make_up_days(any_world: World) -> None:
    plan = make_plan(any_world)
    calendar = place_calendar(plan.client_id, plan.site_id)
    works = works_of(plan)
    assert works is not None
    holiday, make_up = date(2026, 10, 1), date(2026, 10, 10)  # a Thursday off, a Saturday worked
    assert (bool(calendar.hours_on(holiday)), bool(calendar.hours_on(make_up))) == (False, True)
    assert (works(holiday), works(make_up)) == (False, True)
    slots = list(
        slots_between(
            parse_times("08:30"), "", SHANGHAI, utc("2026-09-30T12:00"), utc("2026-10-11T12:00"), works
        )
    )
    assert [slot.astimezone(SHANGHAI).day for slot in slots] == [8, 9, 10]
    assert next_due(plan, SHANGHAI, utc("2026-09-30T12:00")) == slots[0]


def test_a_plan_by_weekdays_stays_as_it_was(any_world: World) -> None:
    data = PlanData(site_id=any_world.sites["north-1"].id, name="Weekdays")
    with unit_of_work():
        plan = save_plan(None, data, actor=SYSTEM, now=any_world.now)
    assert works_of(plan) is None


def test_the_missed_day_is_asked_for_once_and_its_people_are_told(missed: World) -> None:
    (row,) = ask(missed)
    assert (row.day, row.kind, row.state) == (MISSED_DAY, "missed", "asked")
    assert ask(missed) == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(DayExplanation)) == 1


def test_the_job_tells_supervisors_and_engineers_of_the_place_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_plan(world)
    with unit_of_work():
        open_due_runs(world.now - timedelta(minutes=31))
    monkeypatch.setattr(jobs, "utcnow", lambda: world.now)
    assert (jobs.ask(), jobs.ask()) == (1, 0)
    told = db.session.scalars(
        sa.select(Notification.recipient_id)
        .join(NotificationEvent, NotificationEvent.id == Notification.event_id)
        .where(NotificationEvent.name == "inspection.unexplained")
    ).all()
    names = {name for name, user in world.users.items() if user.id in told}
    assert {"sam", "sue", "erik", "emma"} <= names
    assert names.isdisjoint({"rita", "stan", "admin", "rolf"})


def test_an_engineer_explains_and_a_supervisor_accepts(missed: World) -> None:
    ask(missed)
    row = write(missed)
    decide(missed, row)
    site, today = missed.sites["north-1"], date(2026, 11, 24)
    (line,) = days_of(site, MISSED_DAY, MISSED_DAY, today)
    assert (line.state, line.explained, row.written_by, row.decided_by) == (
        "missed",
        "accepted",
        "Erik",
        "Sam",
    )
    with pytest.raises(ConflictError):
        write(missed)
    fresh()
    actions = set(db.session.scalars(sa.select(AuditEntry.action)))
    assert {"inspection_day.explained", "inspection_day.accepted"} <= actions


def test_it_may_be_explained_before_anybody_asks(missed: World) -> None:
    write(missed)
    assert ask(missed) == []


def test_what_was_refused_is_written_again_and_the_first_words_stay_in_the_trail(missed: World) -> None:
    row = write(missed, reason="Forgot.")
    with pytest.raises(InvalidError) as refused:
        decide(missed, row, accept=False)
    assert refused.value.field == "note"
    fresh()
    decide(missed, row, accept=False, note="Why?")
    assert (row.state, row.note) == ("refused", "Why?")
    write(missed, reason="The key was with the guard.")
    assert (row.state, row.note) == ("written", "")
    entries = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "inspection_day.explained").order_by(AuditEntry.id)
    ).all()
    assert [entry.after["reason"] for entry in entries] == ["Forgot.", "The key was with the guard."]


def test_nobody_approves_their_own_words_nor_what_is_not_there(missed: World) -> None:
    (asked,) = ask(missed)
    with pytest.raises(ConflictError):
        decide(missed, asked)
    fresh()
    row = write(missed, "sue")
    with pytest.raises(InvalidError):
        decide(missed, row, "sue")


@pytest.mark.parametrize("who", ["rita", "sam", "stan", "admin"])
def test_only_inspectors_of_the_site_explain(missed: World, who: str) -> None:
    with pytest.raises(NotAllowedError):
        write(missed, who)
    fresh()


@pytest.mark.parametrize("who", ["rita", "emma", "stan", "admin"])
def test_only_supervisors_of_the_site_decide(missed: World, who: str) -> None:
    row = write(missed)
    with pytest.raises(NotAllowedError):
        decide(missed, row, who)
    fresh()


@pytest.mark.parametrize("reason", ["  ", "y" * 2001])
def test_an_explanation_is_words(missed: World, reason: str) -> None:
    with pytest.raises(InvalidError):
        write(missed, reason=reason)
    fresh()


def test_a_day_that_was_not_missed_needs_no_explanation(any_world: World) -> None:
    with pytest.raises(ConflictError):
        write(any_world)
    fresh()


def test_days_of_long_ago_are_not_asked_for(any_world: World) -> None:
    make_plan(any_world, at=any_world.now - timedelta(days=40))
    with unit_of_work():
        open_due_runs(any_world.now - timedelta(days=35))
    fresh()
    assert ask(any_world) == []
