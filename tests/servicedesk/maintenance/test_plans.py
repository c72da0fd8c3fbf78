"""Plans open their tickets once, miss nothing in silence and flood nobody."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.equipment import support
from servicedesk.maintenance import jobs, opening, queries, service
from servicedesk.maintenance.models import MaintenancePlan, MaintenanceTask
from servicedesk.maintenance.opening import working_day_after
from servicedesk.maintenance.service import PlanData
from servicedesk.runbooks.library import library
from servicedesk.runbooks.models import RunbookRun
from servicedesk.sla.policies import office_calendar
from servicedesk.tickets.belongings import checklist_of, devices_of
from servicedesk.tickets.models import Ticket, TimelineEntry
from tests.servicedesk.conftest import Queries
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

DAY = date(2026, 12, 1)


def plan(world: World, site: str = "north-1", **values: Any) -> MaintenancePlan:
    data = {"title": "Clean filters", "scope": "class", "device_class": "switch", "unit": "week"}
    with unit_of_work():
        return service.save_plan(
            None,
            world.sites[site],
            PlanData(**data | {"starts_on": DAY} | values),  # type: ignore[arg-type]  # as named
            actor=world.actor("sam"),
            now=world.now,
        )


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def run(monkeypatch: pytest.MonkeyPatch, day: date) -> int:
    monkeypatch.setattr(jobs, "utcnow", lambda: noon(day))
    fresh()
    count = jobs.open_due()
    fresh()
    return count


def tickets() -> list[Ticket]:
    return list(db.session.scalars(sa.select(Ticket).order_by(Ticket.id)))


def test_a_ticket_is_opened_ahead_with_all_that_belongs_to_it(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("sw2", "sw1"):
        any_world.device(name, device_class="switch")
    any_world.device("old", device_class="switch", state="retired")
    any_world.device("far", "north-2", device_class="switch")
    made = plan(any_world, lead_days=3, checklist="dust\n\nfans\n", description="By hand.")
    assert run(monkeypatch, DAY - timedelta(days=4)) == 0
    assert run(monkeypatch, DAY - timedelta(days=3)) == 1
    assert run(monkeypatch, DAY - timedelta(days=3)) == 0
    (ticket,) = tickets()
    assert (ticket.title, ticket.category, ticket.source) == ("Clean filters", "general", "maintenance")
    assert [device.name for device in devices_of(ticket)] == ["sw1", "sw2"]
    assert [(item.text, item.mandatory) for item in checklist_of(ticket)] == [("dust", True), ("fans", True)]
    assert "Due on 2026-12-01, to be done by 2026-12-07." in ticket.description
    fresh()
    assert db.session.get_one(MaintenancePlan, made.id).next_due == DAY + timedelta(days=7)


def test_one_ticket_each_and_as_a_change(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sw1", "sw2"):
        any_world.device(name, device_class="switch")
    plan(any_world, grouping="each", category="change", title="New firmware")
    assert run(monkeypatch, DAY) == 2
    assert [(t.title, t.category, t.subtype) for t in tickets()] == [
        ("New firmware · sw1", "change", "standard"),
        ("New firmware · sw2", "change", "standard"),
    ]


def test_missed_days_give_one_ticket(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    any_world.device("sw1", device_class="switch")
    made = plan(any_world)
    assert run(monkeypatch, DAY + timedelta(days=30)) == 1
    (task,) = db.session.scalars(sa.select(MaintenanceTask))
    assert (task.due_on, task.missed) == (DAY + timedelta(days=28), 4)
    assert "Earlier due days without a ticket: 4." in tickets()[0].description
    assert db.session.get_one(MaintenancePlan, made.id).next_due == DAY + timedelta(days=35)


def test_while_a_ticket_is_open_the_next_day_is_noted_in_it(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    any_world.device("sw1", device_class="switch")
    made = plan(any_world)
    assert run(monkeypatch, DAY) == 1
    assert run(monkeypatch, DAY + timedelta(days=7)) == 0
    (ticket,) = tickets()
    assert db.session.scalar(sa.select(sa.func.count(MaintenanceTask.id))) == 2
    words = db.session.scalars(sa.select(TimelineEntry.body).where(TimelineEntry.kind == "comment")).all()
    assert words == ["Clean filters is due again on 2026-12-08."]
    with unit_of_work() as session:
        done = session.get_one(Ticket, ticket.id)
        done.phase, done.state, done.resolved_at = "resolved", "resolved", noon(DAY + timedelta(days=9))
    assert run(monkeypatch, DAY + timedelta(days=14)) == 1
    assert len(tickets()) == 2
    rows = db.session.execute(
        queries.plan_rows(any_world.actor("sam"), queries.Chosen(), today=DAY + timedelta(days=60))
    ).all()
    assert [(row.id, row.last_done, row.overdue) for row in rows] == [
        (made.id, noon(DAY + timedelta(days=9)), 1)
    ]


def test_a_crash_leaves_nothing_behind_and_the_next_turn_opens_it_once(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    any_world.device("sw1", device_class="switch")
    made = plan(any_world)

    def crash(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("the power went off")

    with monkeypatch.context() as broken:
        broken.setattr(opening, "_hand_over", crash)
        with pytest.raises(RuntimeError):
            run(monkeypatch, DAY)
    fresh()
    assert tickets() == []
    assert db.session.get_one(MaintenancePlan, made.id).next_due == DAY
    assert run(monkeypatch, DAY) == 1
    assert len(tickets()) == 1


def test_two_schedulers_open_one_ticket(any_app: Flask, any_world: World) -> None:
    any_world.device("sw1", device_class="switch")
    plan_id = plan(any_world).id
    barrier, errors = threading.Barrier(3), []

    def turn() -> None:
        with any_app.app_context():
            barrier.wait()
            try:
                with unit_of_work():
                    opening.open_due(plan_id, actor=SYSTEM, now=noon(DAY))
            except Exception as error:  # noqa: BLE001 -- told below, in the test's own thread
                errors.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=turn) for _unused in range(3)]
    db.session.remove()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert len(tickets()) == 1


def test_the_same_due_day_cannot_be_there_twice(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    any_world.device("sw1", device_class="switch")
    made = plan(any_world)
    run(monkeypatch, DAY)
    ticket_id = tickets()[0].id
    again = MaintenanceTask(plan_id=made.id, due_on=DAY, must_by=DAY, ticket_id=ticket_id)
    with pytest.raises(sa.exc.IntegrityError), unit_of_work() as session:
        session.add(again)


def test_a_plan_without_devices_says_so_and_waits_for_its_next_day(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plan(any_world)
    any_world.device("r1", device_class="router")
    plan(any_world, device_class="router")
    assert run(monkeypatch, DAY + timedelta(days=20)) == 1  # the other one is not kept waiting
    found = db.session.get_one(MaintenancePlan, made.id)
    assert found.problem == "No device of this plan is in use."
    assert found.next_due == DAY + timedelta(days=21)


def test_models_contracts_and_single_devices(any_world: World) -> None:
    first = any_world.device("sw1", device_class="switch")
    any_world.device("sw2", device_class="switch")
    with unit_of_work():
        contract = support.save_contract(
            None,
            first.client_id,
            support.ContractData("maintenance", "Huawei", "M-1", DAY, DAY + timedelta(days=365)),
            actor=SYSTEM,
            now=any_world.now,
        )
        db.session.flush()
        support.cover(contract, [first.id], actor=SYSTEM, now=any_world.now)
    by_contract = plan(any_world, scope="contract", contract_id=contract.id)
    single = plan(any_world, scope="device", device_id=first.id)
    for found in (by_contract, single):
        assert [device.name for device in queries.devices_of(found)] == ["sw1"]
    about = queries.plans_for(first, any_world.actor("emma"))
    assert {one.id for one in about} == {by_contract.id, single.id}


def test_a_runbook_is_begun_with_the_ticket(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    any_world.device("sw1", device_class="switch")
    key = min(library())
    plan(any_world, runbook_key=key)
    assert run(monkeypatch, DAY) == 1
    assert db.session.scalars(sa.select(RunbookRun.key)).all() == [key]


def test_pause_and_resume_catch_nothing_up(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    any_world.device("sw1", device_class="switch")
    made, sam = plan(any_world), any_world.actor("sam")
    with pytest.raises(InvalidError), unit_of_work():
        service.pause(made, " ", actor=sam, now=any_world.now)
    with unit_of_work():
        service.pause(made, "rebuilding", actor=sam, now=any_world.now)
    with pytest.raises(ConflictError), unit_of_work():
        service.pause(made, "again", actor=sam, now=any_world.now)
    assert run(monkeypatch, DAY + timedelta(days=40)) == 0
    with unit_of_work():
        service.resume(made, actor=sam, now=noon(DAY + timedelta(days=40)))
    assert db.session.get_one(MaintenancePlan, made.id).next_due == DAY + timedelta(days=42)
    with pytest.raises(NotAllowedError), unit_of_work():
        service.pause(made, "no", actor=any_world.actor("emma"), now=any_world.now)


def test_working_days_are_those_of_the_calendar() -> None:
    calendar = office_calendar("Asia/Shanghai")
    assert working_day_after(calendar, date(2026, 11, 27), 1) == date(2026, 11, 27)  # a Friday
    assert working_day_after(calendar, date(2026, 11, 28), 2) == date(2026, 12, 1)
    assert working_day_after(calendar, date(2026, 10, 1), 1) > date(2026, 10, 6)  # a week of holidays


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": " "}, "title"),
        ({"unit": "year"}, "every"),
        ({"every": 0}, "every"),
        ({"unit": "dates", "dates": "02-31"}, "dates"),
        ({"lead_days": 91}, "lead_days"),
        ({"window_days": 0}, "window_days"),
        ({"scope": "all"}, "scope"),
        ({"device_class": "toaster"}, "device_class"),
        ({"scope": "device", "device_id": None}, "device_id"),
        ({"scope": "model", "model_id": 99}, "model_id"),
        ({"scope": "contract", "contract_id": 99}, "contract_id"),
        ({"category": "fault"}, "category"),
        ({"grouping": "many"}, "grouping"),
        ({"checklist": "x\n" * 51}, "checklist"),
        ({"team_id": 99}, "team_id"),
        ({"runbook_key": "nope"}, "runbook_key"),
        ({"starts_on": date(9999, 12, 31)}, "starts_on"),
    ],
)
def test_what_cannot_be_is_refused_by_name(world: World, values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        plan(world, **values)
    assert refusal.value.field == field


def test_the_pages(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    device = world.device("sw1", device_class="switch")
    sam = Browser(app, "sam")
    fields: dict[str, Any] = {
        "title": "Dust <b>",
        "site_id": world.sites["north-1"].id,
        "scope": "class",
        "device_class": "switch",
        "unit": "month",
        "every": 1,
        "starts_on": "2026-11-30",
        "lead_days": 0,
        "window_days": 2,
        "category": "general",
        "grouping": "one",
        "runbook_key": "",
    }
    assert sam.post("/maintenance/new", **fields | {"every": "x"}).status_code == 422
    answer = sam.post("/maintenance/new", **fields)
    assert answer.status_code == 302, answer.text
    assert "2027-02-28" in sam.get(answer.location).text
    assert sam.post(f"{answer.location}/edit", **fields | {"title": "Dust <i>"}).status_code == 302
    due = sam.get("/maintenance/due").text
    assert "Dust &lt;i&gt;" in due
    run(monkeypatch, date(2026, 12, 20))
    of_device = f"/equipment/devices/{device.id}?whole=1"
    for path in ("/maintenance/", "/maintenance/due", answer.location, of_device):
        assert "Dust &lt;i&gt;" in sam.get(path).text, path
    assert "Maintenance" in sam.get(f"/tickets/{tickets()[0].id}").text.split("Requester", 1)[1][:80]
    assert tickets()[0].number in sam.get(f"/equipment/devices/{device.id}?whole=1").text
    assert "Dust <i>" in sam.get("/maintenance/due/export.csv").data.decode("utf-8-sig")
    assert sam.post(f"{answer.location}/pause", reason="moving house").status_code == 302
    assert "moving house" in sam.get("/maintenance/?show=paused").text
    emma = Browser(app, "emma")
    assert emma.get(answer.location).status_code == 200
    assert emma.get(f"{answer.location}/edit").status_code == 404
    emma.post(f"{answer.location}/resume")
    fresh()
    assert db.session.get_one(MaintenancePlan, 1).paused_reason == "moving house"
    for who in ("stan", "rita"):
        other = Browser(app, who)
        assert other.get(answer.location).status_code == 404
        assert other.post(f"{answer.location}/resume").status_code == 404
        assert "Dust" not in other.get("/maintenance/?show=all").text


@pytest.mark.parametrize(
    "field", ["title", "every", "starts_on", "lead_days", "device_id", "dates", "team_id"]
)
@pytest.mark.parametrize("value", ["", "x" * 20_000, "-1", "a\x00b", "9999-12-31", "9" * 30])
def test_no_field_breaks_the_page(app: Flask, world: World, field: str, value: str) -> None:
    fields: dict[str, Any] = {"title": "T", "site_id": world.sites["north-1"].id, "starts_on": "2026-11-30"}
    fields |= {"scope": "device", "unit": "dates", "dates": "01-01", "every": 1, "lead_days": 1}
    fields |= {"window_days": 1, "category": "general", "grouping": "one", "runbook_key": "", field: value}
    assert Browser(app, "sam").post("/maintenance/new", **fields).status_code in (302, 404, 422)


def test_lists_ask_as_often_for_many_as_for_few(
    app: Flask, world: World, queries: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = world.device("sw1", device_class="switch")
    plan(world)
    run(monkeypatch, DAY)
    emma = Browser(app, "emma")
    paths = ("/maintenance/", "/maintenance/due", "/maintenance/1", f"/equipment/devices/{device.id}")
    counts = []
    for _unused in range(2):
        for path in paths:
            emma.get(path)
            with queries:
                assert emma.get(path).status_code == 200
            counts.append(queries.count)
            queries.statements.clear()
        for number in range(12):
            plan(world, title=f"Plan {number}")
        run(monkeypatch, DAY + timedelta(days=7))
    assert counts[:4] == counts[4:]
