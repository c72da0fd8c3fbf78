"""From approval to a ticket, from its end to later records that say whether it helped."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from collectors.outcome import Outcome
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError
from servicedesk.equipment.models import Device
from servicedesk.equipment.relations import relate
from servicedesk.equipment.support import ContractData, cover, save_contract
from servicedesk.reports.improvement import service, ticketing, verifying
from servicedesk.reports.improvement.models import Improvement, ImprovementEvent
from servicedesk.tickets import service as tickets
from servicedesk.tickets.belongings import devices_of
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.service import TransitionInput
from tests.servicedesk.inspections.play import inspect, judged
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

DAY = timedelta(days=1)


def item(
    world: World,
    rule: str = "",
    state: str = "approved",
    facts: dict[str, object] | None = None,
    *devices: Device,
) -> Improvement:
    """An item in the middle of its life; what is done was done now."""
    with unit_of_work() as session:
        made = Improvement(
            client_id=world.organisations["north"].id,
            site_id=world.sites["north-1"].id,
            period="2026-H2",
            rule=rule,
            subject="x",
            state=state,
            title="Make it better",
            reason="It is bad",
            facts=facts or {},
            priority=2,
            due_on=date(2027, 1, 31),
            created_by="test",
            created_at=world.now,
            done_at=world.now if state == "done" else None,
        )
        made.devices = [db.session.get_one(Device, device.id) for device in devices]
        session.add(made)
    return made


def settled(made: Improvement, now: datetime) -> str:
    """The state after later records were asked."""
    number = made.id
    with unit_of_work():
        verifying.settle(number, now=now)
    fresh()
    return db.session.get_one(Improvement, number).state


def last_of(made: Improvement) -> ImprovementEvent:
    return db.session.scalars(
        sa.select(ImprovementEvent)
        .where(ImprovementEvent.improvement_id == made.id)
        .order_by(ImprovementEvent.id.desc())
        .limit(1)
    ).one()


def ssh_device(world: World, name: str = "db1") -> Device:
    return world.device(name, protocol="ssh", device_class="server")


def read(device: Device, at: datetime, outcome: Outcome, value: float, check: str, what: str = "/") -> None:
    inspect(device, [judged(outcome, what, value, check)], at)


def test_one_click_makes_a_ticket_with_everything_in_it(any_app: Flask, any_world: World) -> None:
    first, second = any_world.device("a1"), any_world.device("a2")
    made = item(any_world, "", "approved", None, first, second)
    emma = Browser(any_app, "emma")
    answer = emma.post(f"/reports/improvements/{made.id}/ticket", category="change")
    assert "/tickets/" in answer.location, emma.get(f"/reports/improvements/{made.id}").text
    fresh()
    made = db.session.get_one(Improvement, made.id)
    ticket = made.ticket
    assert ticket is not None
    assert (made.state, ticket.category, ticket.priority, ticket.title) == (
        "in_work",
        "change",
        2,
        "Make it better",
    )
    assert "It is bad" in ticket.description
    assert [device.name for device in devices_of(ticket)] == ["a1", "a2"]
    assert f"/reports/improvements/{made.id}" in emma.get(f"/tickets/{ticket.id}/rest").text
    assert ticket.number in emma.get(f"/reports/improvements/{made.id}").text
    emma.post(f"/reports/improvements/{made.id}/ticket", category="change")
    assert db.session.query(Ticket).count() == 1
    assert (
        Browser(any_app, "emma").post(f"/reports/improvements/{made.id}/ticket", category="x").status_code
        == 302
    )


def test_an_item_that_nobody_approved_becomes_no_ticket(world: World) -> None:
    made = item(world, state="accepted")
    with pytest.raises(ConflictError), unit_of_work():
        ticketing.make_ticket(made.id, "change", actor=world.actor("emma"), now=world.now)
    assert db.session.query(Ticket).count() == 0


def begun(world: World) -> tuple[int, Ticket]:
    made = item(world)
    with unit_of_work():
        ticket = ticketing.make_ticket(made.id, "general", actor=world.actor("emma"), now=world.now)
    return made.id, ticket


def follow(now: datetime) -> int:
    with unit_of_work():
        return ticketing.follow(now=now)


def move(world: World, ticket: Ticket, name: str, **given: object) -> None:
    with unit_of_work():
        tickets.transition(
            db.session.get_one(Ticket, ticket.id),
            name,
            TransitionInput(**given),  # type: ignore[arg-type]  # as the table of the step asks
            actor=world.actor("emma"),
            now=world.now + DAY,
        )


def test_the_tickets_end_brings_the_item_to_done_and_its_reopening_back(any_world: World) -> None:
    number, ticket = begun(any_world)
    assert follow(any_world.now) == 0
    move(any_world, ticket, "start")
    move(any_world, ticket, "resolve", resolution="Two disks added")
    assert follow(any_world.now + 2 * DAY) == 1
    made = db.session.get_one(Improvement, number)
    assert (made.state, made.done_at) == ("done", any_world.now + DAY)
    assert follow(any_world.now + 2 * DAY) == 0
    move(any_world, ticket, "reopen", reason="It is not")
    assert follow(any_world.now + 2 * DAY) == 1
    assert db.session.get_one(Improvement, number).state == "in_work"


def test_a_ticket_that_is_given_up_leaves_the_item_approved(world: World) -> None:
    number, ticket = begun(world)
    move(world, ticket, "cancel", reason="No money")
    follow(world.now + DAY)
    assert db.session.get_one(Improvement, number).state == "approved"


FACTS = {"check": "filesystem_used", "item": "/", "now": 78.0, "limit": 90.0, "unit": "%"}


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ((40, 41), "done"),  # too few
        ((40, 41, 42), "verified"),
        ((40, 85, 42), "done"),  # now so, now so
        ((79, 80, 81), "ineffective"),
        ((91, 92, 93), "ineffective"),
        ((79, 40, 41, 42), "verified"),  # the newest count
    ],
)
def test_room_that_was_made_shows_in_later_readings(
    any_world: World, values: tuple[float, ...], state: str
) -> None:
    device = ssh_device(any_world)
    read(device, any_world.now - DAY, Outcome.OK, 20.0, "filesystem_used")  # before: says nothing
    made = item(any_world, "capacity", "done", FACTS, device)
    for number, value in enumerate(values, 1):
        read(device, any_world.now + number * DAY, Outcome.OK, value, "filesystem_used")
        read(device, any_world.now + number * DAY + DAY / 2, Outcome.OK, 99.0, "memory_used")
    assert settled(made, any_world.now + 9 * DAY) == state
    if state != "done":
        assert last_of(made).actor_name == "later records"
        assert last_of(made).data["evidence"][0]["kind"] == "record"


def test_a_baseline_is_verified_when_every_device_keeps_it(any_world: World) -> None:
    one, two = ssh_device(any_world), ssh_device(any_world, "db2")
    made = item(any_world, "baseline", "done", {"check": "root_accounts"}, one, two)

    def runs(device: Device, first: int, *outcomes: Outcome) -> None:
        for number, outcome in enumerate(outcomes, first):
            read(device, any_world.now + number * DAY, outcome, 1.0, "root_accounts", "x")

    runs(one, 1, Outcome.OK, Outcome.OK, Outcome.OK)
    assert settled(made, any_world.now + 5 * DAY) == "done"
    runs(two, 1, Outcome.OK, Outcome.OK, Outcome.WARNING)
    assert settled(made, any_world.now + 5 * DAY) == "ineffective"
    with unit_of_work():
        db.session.get_one(Improvement, made.id).state = "done"
    runs(two, 4, Outcome.OK, Outcome.OK, Outcome.OK)
    assert settled(made, any_world.now + 9 * DAY) == "verified"


def test_a_device_nobody_reaches_any_more_verifies_nothing(world: World) -> None:
    device = ssh_device(world)
    made = item(world, "baseline", "done", {"check": "root_accounts"}, device)
    for number in range(1, 5):
        inspect(device, [], world.now + number * DAY, outcome=Outcome.UNREACHABLE, error="no route")
    assert settled(made, world.now + 40 * DAY) == "done"
    made = item(world, "repeated", "done", {"check": "cpu_used", "item": ""}, device)
    assert settled(made, world.now + 40 * DAY) == "done"


def test_end_of_life_is_over_when_version_or_device_are_others(world: World) -> None:
    device = ssh_device(world)
    facts = {"model": "Acme X1", "versions": {str(device.id): "1.0"}}
    with unit_of_work():
        kept = db.session.get_one(Device, device.id)
        kept.vendor, kept.model, kept.software_version = "Acme", "X1", "1.0"
    made = item(world, "life", "done", facts, device)
    assert settled(made, world.now + DAY) == "done"
    for number in range(1, 4):
        read(device, world.now + number * DAY, Outcome.OK, 1.0, "cpu_used")
    with unit_of_work():
        db.session.get_one(Device, device.id).software_version = "1.0"
    assert settled(made, world.now + 5 * DAY) == "ineffective"
    with unit_of_work():
        db.session.get_one(Improvement, made.id).state = "done"
        db.session.get_one(Device, device.id).software_version = "2.0"
    assert settled(made, world.now + 5 * DAY) == "verified"


def test_a_repeated_finding_is_verified_by_thirty_quiet_days_and_refuted_by_one(world: World) -> None:
    device = ssh_device(world)
    facts = {"check": "cpu_used", "item": ""}
    made = item(world, "repeated", "done", facts, device)
    for number in (1, 10, 20):
        read(device, world.now + number * DAY, Outcome.OK, 1.0, "cpu_used", "")
    assert settled(made, world.now + 29 * DAY) == "done"
    assert settled(made, world.now + 30 * DAY) == "verified"
    again = item(world, "repeated", "done", facts, device)
    read(device, world.now + 31 * DAY, Outcome.CRITICAL, 99.0, "cpu_used", "")
    assert settled(again, world.now + 32 * DAY) == "ineffective"


def test_a_new_fault_speaks_against_the_end_of_faults(world: World) -> None:
    device = world.device("p1")
    made, other = (item(world, "faults", "done", {"faults": 4}, device) for _ in range(2))
    assert settled(made, world.now + 29 * DAY) == "done"
    assert settled(made, world.now + 30 * DAY) == "verified"
    with unit_of_work():
        db.session.get_one(Improvement, other.id).done_at = world.now - DAY
    world.ticket(device_id=device.id)
    assert settled(other, world.now) == "ineffective"


def test_a_new_contract_covers_what_the_old_one_did(world: World) -> None:
    device = world.device("p1")
    north = world.organisations["north"].id

    def contract(number: str, ends: date) -> int:
        data = ContractData("maintenance", "Acme", number, date(2026, 1, 1), ends)
        with unit_of_work():
            saved = save_contract(None, north, data, actor=SYSTEM, now=world.now)
            db.session.flush()
            cover(saved, [device.id], actor=SYSTEM, now=world.now)
            return saved.id

    old = contract("A-1", date(2026, 12, 31))
    made = item(world, "contract", "done", {"contract": old, "ends": "2026-12-31"})
    bare = item(world, "bare", "done", {}, world.device("bare"))
    assert settled(made, world.now) == "done"
    contract("A-2", date(2027, 12, 31))
    assert settled(made, world.now) == "verified"
    assert settled(bare, world.now) == "done"
    with unit_of_work():
        bare = db.session.get_one(Improvement, bare.id)
        bare.devices[0].warranty_until = date(2028, 1, 1)
    assert settled(bare, world.now) == "verified"


def test_a_second_ends_a_single_point(world: World) -> None:
    core = world.device("core")
    for number in range(3):
        leaf = world.device(f"leaf{number}")
        with unit_of_work():
            relate(leaf, core, "depends_on", actor=SYSTEM, now=world.now)
    made = item(world, "single", "done", {"stopped": 3}, core)
    assert settled(made, world.now) == "done"
    spare = world.device("spare")
    with unit_of_work():
        relate(spare, core, "backs_up", actor=SYSTEM, now=world.now)
    assert settled(made, world.now) == "verified"


def test_what_was_retired_fails_no_more(world: World) -> None:
    device = world.device("old")
    with unit_of_work():
        db.session.get_one(Device, device.id).state = "retired"
    for rule, facts in (("capacity", FACTS), ("baseline", {"check": "root_accounts"}), ("single", {})):
        made = item(world, rule, "done", dict(facts), device)
        assert settled(made, world.now + DAY) == "verified", rule


def test_people_verify_with_a_note_and_what_is_not_effective_is_open_again(app: Flask, world: World) -> None:
    made = item(world, "", "done")
    assert settled(made, world.now + 99 * DAY) == "done"  # nothing later can say anything of it
    emma = Browser(app, "emma")
    assert emma.post(f"/reports/improvements/{made.id}/steps/verify", note="").status_code == 422
    assert emma.post(f"/reports/improvements/{made.id}/steps/refute", note="Still slow").status_code == 302
    page = emma.get("/reports/improvements/")
    assert "Make it better" in page.text
    answer = emma.post(f"/reports/improvements/{made.id}/ticket", category="general")
    assert "/tickets/" in answer.location
    fresh()
    assert service.locked(made.id).state == "in_work"
