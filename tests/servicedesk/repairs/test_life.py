"""A repair from its opening to its end: steps, parts, costs, the device's life-cycle."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.approvals import service as approvals
from servicedesk.approvals.models import ApprovalSeat
from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, DomainError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.equipment.models import Device
from servicedesk.equipment.relations import relate
from servicedesk.equipment.service import DeviceData, save_device
from servicedesk.equipment.stock.models import StockItem, StockLevel
from servicedesk.repairs import costs, parts, service
from servicedesk.repairs.costs import Line
from servicedesk.repairs.models import Repair, RepairCost
from servicedesk.repairs.queries import spent_on
from servicedesk.repairs.service import RepairData
from servicedesk.repairs.states import OVER, STATES, STEPS
from servicedesk.tickets import belongings
from servicedesk.tickets.models import Ticket
from tests.servicedesk.equipment.stock.shelf import fill, part, pieces, place
from tests.servicedesk.world import SYSTEM, World, fresh


def opened(world: World, device: Device, who: str = "emma", **values: Any) -> Repair:
    with unit_of_work():
        return service.open_repair(
            device, RepairData("no power"), actor=world.actor(who), now=world.now, **values
        )


def take(world: World, repair: Repair, *keys: str, who: str = "emma", note: str = "so", **more: Any) -> None:
    for key in keys:
        with unit_of_work():
            service.take(repair, key, note, actor=world.actor(who), now=world.now, **more)
    fresh()


def written(world: World, repair: Repair, **values: Any) -> None:
    data = RepairData(**{"symptom": "no power", "diagnosis": "PSU dead", "work_done": "replaced"} | values)
    with unit_of_work():
        service.save_repair(repair, data, actor=world.actor("emma"), now=world.now)


def spend(world: World, repair: Repair, price: str, quantity: str = "1") -> RepairCost:
    with unit_of_work():
        line = Line("supplier", "bill", quantity, price)
        return costs.add_line(service.locked(repair.id), line, actor=world.actor("emma"), now=world.now)


def decide(world: World, repair: Repair, decision: str = "approved") -> None:
    """Sam decides about the repair's costs."""
    chain = costs.costs_of(repair)[-1].approval_id
    seats = db.session.scalars(sa.select(ApprovalSeat).where(ApprovalSeat.state == "open")).all()
    seat = next(s for s in seats if s.user_id == world.users["sam"].id and s.run.chain_id == chain)
    chain_id, seat_id = seat.run.chain_id, seat.id
    with unit_of_work():
        approvals.decide(chain_id, seat_id, decision, "looks right", actor=world.actor("sam"), now=world.now)


def test_a_device_is_repaired_and_serves_again(any_world: World) -> None:
    device = any_world.device()
    repair = opened(any_world, device, out_of_service=True)
    assert repair.number == f"R-{repair.id:06d}"
    assert device.state == "in_repair"
    take(any_world, repair, "start")
    with pytest.raises(InvalidError, match="Diagnosis, What was done"):
        take(any_world, repair, "repair")
    written(any_world, repair)
    take(any_world, repair, "repair", device_too=True)
    assert db.session.get_one(Device, device.id).state == "active"
    take(any_world, repair, "close")
    assert repair.closed_at == any_world.now
    with pytest.raises(ConflictError):
        take(any_world, repair, "rework")
    entries = db.session.scalars(
        sa.select(AuditEntry).where(
            AuditEntry.object_type == "devices", AuditEntry.action == "device.updated"
        )
    ).all()
    assert [entry.after for entry in entries] == [
        {"reason": f"Repair {repair.number}", "state": "in_repair"},
        {"reason": f"Repair {repair.number}", "state": "active"},
    ]


def test_every_arrow_leads_from_a_known_state_to_a_known_state_and_none_out_of_the_end() -> None:
    for step in STEPS:
        assert {*step.sources, step.target} <= set(STATES)
        assert not OVER & set(step.sources)
    assert set(STATES) == {"opened", *(step.target for step in STEPS)}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.key)
@pytest.mark.parametrize("state", STATES)
def test_an_arrow_is_taken_from_its_own_states_alone(world: World, step: Any, state: str) -> None:
    repair = opened(world, world.device())
    written(world, repair)
    with unit_of_work() as session:
        session.get_one(Repair, repair.id).state = state
    if state in step.sources:
        take(world, repair, step.key)
        assert repair.state == step.target
    else:
        with pytest.raises(ConflictError):
            take(world, repair, step.key)


def test_what_an_arrow_asks_for_is_named(world: World) -> None:
    repair = opened(world, world.device())
    with pytest.raises(InvalidError) as refusal:
        take(world, repair, "wait", note=" ")
    assert refusal.value.field == "note"
    with pytest.raises(NotFoundError):
        take(world, repair, "explode")


def test_a_part_of_stock_goes_in_and_the_old_one_is_kept_as_faulty(any_world: World) -> None:
    device, shelf = any_world.device(), place(any_world)
    kind = part(any_world, "PSU", serialised=True)
    (item,) = pieces(any_world, kind, shelf, "NEW-1")
    repair = opened(any_world, device)
    used = parts.Used(kind, item=item, unit_price="1,250.50", serial_old="OLD-1", old_place=shelf)
    with unit_of_work():
        cost = parts.use_part(repair, used, actor=any_world.actor("emma"), now=any_world.now)
    assert (cost.amount, cost.serial_old, cost.serial_new) == (Decimal("1250.50"), "OLD-1", "NEW-1")
    fresh()
    states = {i.serial: (i.state, i.device_id, i.place_id) for i in db.session.scalars(sa.select(StockItem))}
    assert states == {"NEW-1": ("in_use", device.id, None), "OLD-1": ("faulty", None, shelf.id)}
    assert db.session.get_one(StockLevel, (kind.id, shelf.id)).quantity == 0
    with pytest.raises(ConflictError, match="left the stock"), unit_of_work():
        costs.remove_line(repair, cost.id, actor=any_world.actor("emma"), now=any_world.now)
    # The piece that was put in comes out by itself when it fails, too.
    (second,) = pieces(any_world, kind, shelf, "NEW-2")
    again = parts.Used(kind, item=second, serial_old="NEW-1", old_place=shelf)
    with unit_of_work():
        parts.use_part(repair, again, actor=any_world.actor("emma"), now=any_world.now)
    fresh()
    known = db.session.scalars(sa.select(StockItem).where(StockItem.serial == "NEW-1")).one()
    assert (known.state, known.device_id) == ("faulty", None)


def test_a_refused_old_serial_leaves_stock_as_it_was(any_world: World) -> None:
    device, shelf = any_world.device(), place(any_world)
    kind = part(any_world, "PSU", serialised=True)
    item, other = pieces(any_world, kind, shelf, "A", "B")
    repair = opened(any_world, device)
    used = parts.Used(kind, item=item, serial_old=other.serial, old_place=shelf)
    with pytest.raises(ConflictError), unit_of_work():
        parts.use_part(repair, used, actor=any_world.actor("emma"), now=any_world.now)
    fresh()
    assert db.session.get_one(StockLevel, (kind.id, shelf.id)).quantity == 2
    assert costs.costs_of(repair) == []


def test_counted_parts_are_taken_for_a_repair(any_world: World) -> None:
    device, shelf, kind = any_world.device(), place(any_world), part(any_world, "Fan")
    fill(any_world, kind, shelf, 3)
    repair = opened(any_world, device)
    with unit_of_work():
        used = parts.Used(kind, place=shelf, quantity=2, unit_price="12.255")
        cost = parts.use_part(repair, used, actor=any_world.actor("emma"), now=any_world.now)
    assert (cost.quantity, cost.amount) == (Decimal(2), Decimal("24.52"))
    with pytest.raises(ConflictError), unit_of_work():
        parts.use_part(repair, used, actor=any_world.actor("emma"), now=any_world.now)


def test_costs_above_the_limit_are_approved_before_it_is_closed(any_world: World) -> None:
    repair = opened(any_world, any_world.device())
    with unit_of_work():
        costs.set_limit(repair.client_id, "100", actor=any_world.actor("sam"), now=any_world.now)
    written(any_world, repair)
    take(any_world, repair, "start", "repair")
    spend(any_world, repair, "60.00")
    take(any_world, repair, "close")  # within the limit nobody is asked
    other = opened(any_world, any_world.device("sw2"))
    written(any_world, other)
    take(any_world, other, "start", "repair")
    bill = spend(any_world, other, "100.01")
    with pytest.raises(ConflictError, match="limit"):
        take(any_world, other, "close")
    for decision in ("rejected", "approved"):
        with unit_of_work():
            costs.ask(service.locked(other.id), actor=any_world.actor("emma"), now=any_world.now)
        with pytest.raises(ConflictError):
            take(any_world, other, "close")
        with pytest.raises(ConflictError), unit_of_work():
            costs.remove_line(other, bill.id, actor=any_world.actor("emma"), now=any_world.now)
        decide(any_world, other, decision)
        fresh()
    take(any_world, other, "close")
    assert other.state == "closed"


def test_no_cost_is_counted_twice(any_world: World) -> None:
    device = any_world.device()
    ticket = any_world.ticket(device_id=device.id)
    with unit_of_work():
        belongings.add_cost(
            ticket,
            kind="other",
            description="taxi",
            quantity="1",
            unit_price="30",
            actor=any_world.actor("emma"),
            now=any_world.now,
        )
    repair = opened(any_world, device, ticket=ticket)
    spend(any_world, repair, "33.33", "3")
    assert spent_on(device) == (Decimal("99.99"), Decimal("30.00"))
    assert [cost.description for cost in belongings.costs_of(ticket)] == ["taxi"]


def test_of_two_clicks_in_a_ticket_one_opens_a_repair(any_app: Flask, any_world: World) -> None:
    device = any_world.device()
    device_id, ticket_id = device.id, any_world.ticket(device_id=device.id).id
    now, refused = any_world.now, []
    barrier = threading.Barrier(3)

    def click() -> None:
        with any_app.app_context():
            barrier.wait()
            try:
                with unit_of_work() as session:
                    device = session.get_one(Device, device_id)
                    ticket = session.get_one(Ticket, ticket_id)
                    service.open_repair(device, RepairData("x"), ticket=ticket, actor=SYSTEM, now=now)
            except DomainError as error:
                refused.append(type(error).__name__)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=click) for _unused in range(3)]
    db.session.remove()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert refused == ["ConflictError"] * 2
    assert db.session.scalar(sa.select(sa.func.count(Repair.id))) == 1


def test_a_device_that_is_given_up_is_retired_unless_others_need_it(any_world: World) -> None:
    device, other = any_world.device(), any_world.device("needs-it")
    repair = opened(any_world, device)
    with pytest.raises(ConflictError), unit_of_work():
        service.retire_device(repair, actor=any_world.actor("emma"), now=any_world.now)
    written(any_world, repair)
    take(any_world, repair, "start", "give_up")
    with unit_of_work():
        relate(other, device, "depends_on", actor=SYSTEM, now=any_world.now)
    with pytest.raises(ConflictError, match="needs-it"), unit_of_work():
        service.retire_device(repair, actor=any_world.actor("emma"), now=any_world.now)
    with unit_of_work() as session:
        session.execute(sa.text("DELETE FROM device_relations"))
    with unit_of_work():
        service.retire_device(repair, actor=any_world.actor("emma"), now=any_world.now)
    assert db.session.get_one(Device, device.id).state == "retired"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"symptom": " "}, "symptom"),
        ({"diagnosis": "x" * 20_001}, "diagnosis"),
        ({"contract_id": 999}, "contract_id"),
        ({"assignee_id": "rita"}, "assignee_id"),
        ({"assignee_id": "stan"}, "assignee_id"),
        ({"down_until": timedelta(0)}, "down_from"),
        ({"down_from": timedelta(0), "down_until": -timedelta(hours=1)}, "down_until"),
        ({"down_from": timedelta(days=2)}, "down_from"),
    ],
)
def test_what_cannot_be_is_refused_by_name(world: World, values: dict[str, Any], field: str) -> None:
    device = world.device()
    data: dict[str, Any] = {"symptom": "no power"}
    for name, value in values.items():
        data[name] = world.now + value if isinstance(value, timedelta) else value
        if name == "assignee_id":
            data[name] = world.users[value].id
    with pytest.raises(InvalidError) as refusal, unit_of_work():
        service.open_repair(device, RepairData(**data), actor=world.actor("emma"), now=world.now)
    assert refusal.value.field == field


def test_others_may_not(any_world: World) -> None:
    repair = opened(any_world, any_world.device())
    far = any_world.device("far", "north-2")
    for who, device in (
        ("stan", repair.device),
        ("rita", repair.device),
        ("carl", repair.device),
        ("erik", far),
    ):
        with pytest.raises(NotAllowedError):
            opened(any_world, device, who)
    with pytest.raises(NotAllowedError):
        take(any_world, repair, "start", who="carl")
    with pytest.raises(NotAllowedError), unit_of_work():
        costs.set_limit(repair.client_id, "5", actor=any_world.actor("emma"), now=any_world.now)


def test_steps_edits_and_decisions_at_once_do_not_wait_for_each_other(
    any_app: Flask, any_world: World
) -> None:
    device, now = any_world.device(), any_world.now
    ticket = any_world.ticket(device_id=device.id)
    repair = opened(any_world, device)
    numbers = (device.id, ticket.id, repair.id)
    failed: list[str] = []
    barrier = threading.Barrier(3)

    def edit() -> None:
        device = db.session.get_one(Device, numbers[0])
        values = {name: getattr(device, name) for name in service.DEVICE_FIELDS} | {
            "notes": device.notes + "x"
        }
        save_device(device, DeviceData(**values), actor=SYSTEM, now=now)

    def step() -> None:
        repair = db.session.get_one(Repair, numbers[2])
        key = "start" if repair.state == "opened" else "wait" if repair.state == "in_work" else "resume"
        service.take(repair, key, "so", device_too=True, actor=SYSTEM, now=now)

    def open_another() -> None:
        device, ticket = db.session.get_one(Device, numbers[0]), db.session.get_one(Ticket, numbers[1])
        service.open_repair(
            device, RepairData("x"), ticket=ticket, out_of_service=True, actor=SYSTEM, now=now
        )

    def run(work: Callable[[], None]) -> None:
        with any_app.app_context():
            barrier.wait()
            for _unused in range(8):
                try:
                    with unit_of_work():
                        work()
                except DomainError:
                    continue  # one repair of a ticket's device is enough
                except Exception as error:  # noqa: BLE001 -- told below, in the test's own thread
                    failed.append(repr(error)[:200])
            db.session.remove()

    threads = [threading.Thread(target=run, args=(work,)) for work in (edit, step, open_another)]
    db.session.remove()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failed == []
    assert db.session.get_one(Device, numbers[0]).notes == "x" * 8
