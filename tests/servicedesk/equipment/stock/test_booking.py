"""Stock is never below zero, whoever books at once, and every level is explained by its movements."""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, DomainError, InvalidError, NotAllowedError
from servicedesk.equipment.models import Device
from servicedesk.equipment.stock import booking, catalogue
from servicedesk.equipment.stock.booking import Papers
from servicedesk.equipment.stock.items import change_item
from servicedesk.equipment.stock.models import Part, StockItem, StockLevel, StockMovement, StockPlace
from servicedesk.equipment.stock.queries import total_of
from servicedesk.equipment.stock.words import STATES, STEPS
from servicedesk.notifications.models import Notification, NotificationEvent
from tests.servicedesk.equipment.stock.shelf import fill, part, pieces, place
from tests.servicedesk.world import SYSTEM, World, fresh

WHY = Papers("because", "D-1")


def lying(kind: Part, where: StockPlace) -> int:
    fresh()
    level = db.session.get(StockLevel, (kind.id, where.id))
    return level.quantity if level is not None else 0


def test_pieces_come_in_go_out_and_move(any_world: World) -> None:
    kind, shelf, store = part(any_world), place(any_world), place(any_world, "Store", "north-2")
    device = any_world.device()
    fill(any_world, kind, shelf, 10)
    emma = any_world.actor("emma")
    with unit_of_work():
        booking.issue(kind, shelf, 3, device=device, actor=emma, now=any_world.now)
        booking.move(kind, shelf, store, 4, papers=WHY, actor=emma, now=any_world.now)
    assert (lying(kind, shelf), lying(kind, store), total_of(kind)) == (3, 4, 7)
    rows = db.session.scalars(sa.select(StockMovement).order_by(StockMovement.id)).all()
    assert [(row.kind, row.quantity, row.actor_name) for row in rows] == [
        ("in", 10, "test"),
        ("out", -3, "Emma"),
        ("move", -4, "Emma"),
    ]
    assert (rows[0].document, rows[1].device_id, rows[2].reason) == ("DN-1", device.id, "because")


def test_more_than_lies_there_does_not_go_out(any_world: World) -> None:
    kind, shelf = part(any_world), place(any_world)
    fill(any_world, kind, shelf, 2)
    with pytest.raises(ConflictError, match="Only 2"), unit_of_work():
        booking.issue(kind, shelf, 3, papers=WHY, actor=SYSTEM, now=any_world.now)
    assert lying(kind, shelf) == 2


def test_the_database_itself_refuses_less_than_nothing(any_world: World) -> None:
    kind, shelf = part(any_world), place(any_world)
    fill(any_world, kind, shelf, 1)
    with pytest.raises(sa.exc.IntegrityError), unit_of_work() as session:
        session.execute(sa.update(StockLevel).values(quantity=-1))


def at_once(app: Flask, works: list[Callable[[], object]]) -> list[str]:
    """All at the same time; the names of what was raised."""
    barrier, refused = threading.Barrier(len(works)), []

    def run(work: Callable[[], object]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                with unit_of_work():
                    work()
            except Exception as error:  # noqa: BLE001 -- compared below, in the test's own thread
                refused.append(type(error).__name__)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    db.session.remove()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return refused


def test_of_many_who_take_the_last_ones_at_once_only_so_many_get_them(
    any_app: Flask, any_world: World
) -> None:
    kind, shelf = part(any_world), place(any_world)
    fill(any_world, kind, shelf, 3)
    part_id, place_id, now = kind.id, shelf.id, any_world.now

    def take() -> None:
        kind, shelf = db.session.get_one(Part, part_id), db.session.get_one(StockPlace, place_id)
        booking.issue(kind, shelf, 1, papers=WHY, actor=SYSTEM, now=now)

    assert at_once(any_app, [take] * 5) == ["ConflictError"] * 2
    assert db.session.get_one(StockLevel, (part_id, place_id)).quantity == 0
    taken = sa.select(sa.func.count()).where(StockMovement.kind == "out")
    assert db.session.scalar(taken) == 3


def test_one_piece_goes_into_one_device_only(any_app: Flask, any_world: World) -> None:
    kind, shelf = part(any_world, serialised=True), place(any_world)
    (item,) = pieces(any_world, kind, shelf, "S-1")
    item_id, now = item.id, any_world.now
    devices = [any_world.device(name).id for name in ("a", "b")]

    def put_into(number: int) -> Callable[[], object]:
        def work() -> None:
            item, device = db.session.get_one(StockItem, item_id), db.session.get_one(Device, number)
            change_item(item, "in_use", device=device, actor=SYSTEM, now=now)

        return work

    assert len(at_once(any_app, [put_into(number) for number in devices])) == 1
    assert db.session.get_one(StockItem, item_id).device_id in devices
    assert total_of(db.session.get_one(StockItem, item_id).part) == 0


def test_first_pieces_at_a_new_place_booked_at_once_are_all_there(any_app: Flask, any_world: World) -> None:
    kind, shelf = part(any_world), place(any_world)
    part_id, place_id, now = kind.id, shelf.id, any_world.now

    def bring() -> None:
        kind, shelf = db.session.get_one(Part, part_id), db.session.get_one(StockPlace, place_id)
        booking.receive(kind, shelf, 2, actor=SYSTEM, now=now)

    assert at_once(any_app, [bring] * 4) == []
    assert db.session.get_one(StockLevel, (part_id, place_id)).quantity == 8


@pytest.mark.parametrize("seed", range(3))
def test_levels_are_what_movements_and_pieces_say(any_world: World, seed: int) -> None:
    random = Random(seed)
    kind, shelf, store = part(any_world, serialised=True), place(any_world), place(any_world, "Store")
    device = any_world.device()
    items = pieces(any_world, kind, shelf, *(f"S-{n}" for n in range(6)))
    done = 0
    for _unused in range(60):
        item, target = random.choice(items), random.choice(list(STATES))
        try:
            with unit_of_work():
                change_item(
                    item,
                    target,
                    place=random.choice((shelf, store, None)),
                    device=random.choice((device, None)),
                    papers=random.choice((WHY, booking.NO_PAPERS)),
                    actor=SYSTEM,
                    now=any_world.now,
                )
                done += 1
        except DomainError:
            continue
    assert done > 5
    fresh()
    movement = StockMovement
    for where in (shelf, store):
        there = sa.select(sa.func.count()).where(
            StockItem.place_id == where.id, StockItem.state == "in_stock"
        )
        came = sa.select(sa.func.coalesce(sa.func.sum(movement.quantity), 0)).where(
            movement.place_id == where.id
        )
        moved = sa.select(sa.func.coalesce(sa.func.sum(-movement.quantity), 0)).where(
            movement.to_place_id == where.id
        )
        explained = (db.session.scalar(came) or 0) + (db.session.scalar(moved) or 0)
        assert lying(kind, where) == db.session.scalar(there) == explained


def test_every_step_of_a_piece_asks_for_what_it_needs(world: World) -> None:
    kind, shelf, other = part(world, serialised=True), place(world), place(world, "Other")
    device = world.device()
    for number, step in enumerate(STEPS):
        (item,) = pieces(world, kind, shelf, f"S-{number}")
        with unit_of_work() as session:
            session.execute(
                sa.update(StockItem)
                .where(StockItem.id == item.id)
                .values(state=step.source, place_id=shelf.id if step.source == "in_stock" else None)
            )
        bare: dict[str, Any] = {"actor": SYSTEM, "now": world.now}
        needs = step.place or step.device or step.reason
        if needs:
            with pytest.raises(InvalidError), unit_of_work():
                change_item(item, step.target, **bare)
        given = bare | {"papers": WHY}
        given |= {"place": other} if step.place else {}
        given |= {"device": device} if step.device else {}
        with unit_of_work():
            movement = change_item(item, step.target, **given)
        assert (movement.kind, movement.state) == (step.kind, step.target)
        fresh()
        item = db.session.get_one(StockItem, item.id)
        assert item.place_id == (other.id if step.place else None)
        assert item.device_id == (device.id if step.device else None)


def test_counting_sets_the_books_right_with_a_reason(any_world: World) -> None:
    kind, shelf = part(any_world), place(any_world)
    fill(any_world, kind, shelf, 5)
    sam = any_world.actor("sam")
    with pytest.raises(NotAllowedError), unit_of_work():
        booking.correct(kind, shelf, 4, papers=WHY, actor=any_world.actor("emma"), now=any_world.now)
    with pytest.raises(InvalidError) as refusal, unit_of_work():
        booking.correct(kind, shelf, 4, papers=booking.NO_PAPERS, actor=sam, now=any_world.now)
    assert refusal.value.field == "reason"
    with unit_of_work():
        assert booking.correct(kind, shelf, 5, papers=WHY, actor=sam, now=any_world.now) is None
        movement = booking.correct(kind, shelf, 3, papers=WHY, actor=sam, now=any_world.now)
        assert movement is not None
        assert movement.quantity == -2
    assert lying(kind, shelf) == 3


def test_who_orders_is_told_once_when_stock_falls_below_the_minimum(any_world: World) -> None:
    kind, shelf = part(any_world, minimum=3), place(any_world)
    fill(any_world, kind, shelf, 4)
    emma = any_world.actor("emma")
    for _unused in range(3):
        with unit_of_work():
            booking.issue(kind, shelf, 1, papers=WHY, actor=emma, now=any_world.now)
    events = db.session.scalars(
        sa.select(NotificationEvent).where(NotificationEvent.name == "stock.low")
    ).all()
    assert len(events) == 1
    assert events[0].values["count"] == 2
    told = set(db.session.scalars(sa.select(Notification.recipient_id)))
    names = {name for name, user in any_world.users.items() if user.id in told}
    assert names == {"sam", "sue"}


@pytest.mark.parametrize("quantity", [None, 0, -1, booking.MAX_QUANTITY + 1])
def test_numbers_that_are_no_quantity_are_refused(world: World, quantity: int | None) -> None:
    kind, shelf = part(world), place(world)
    with pytest.raises(InvalidError) as refusal, unit_of_work():
        booking.receive(kind, shelf, quantity, actor=SYSTEM, now=world.now)
    assert refusal.value.field == "quantity"


@pytest.mark.parametrize(
    "serials", [[], [" "], ["A", "A"], ["x" * 101], ["known"], [str(n) for n in range(201)]]
)
def test_serials_are_new_and_few_enough(any_world: World, serials: list[str]) -> None:
    kind, shelf = part(any_world, serialised=True), place(any_world)
    pieces(any_world, kind, shelf, "known")
    with pytest.raises(InvalidError) as refusal, unit_of_work():
        booking.receive_serials(kind, shelf, serials, actor=SYSTEM, now=any_world.now)
    assert refusal.value.field == "serials"


def test_another_clients_places_and_devices_are_not_there(any_world: World) -> None:
    kind, shelf = part(any_world), place(any_world)
    theirs = place(any_world, site="south-1")
    fill(any_world, kind, shelf, 2)
    device = any_world.device(site="south-1")
    with pytest.raises(InvalidError), unit_of_work():
        booking.receive(kind, theirs, 1, actor=SYSTEM, now=any_world.now)
    with pytest.raises(InvalidError), unit_of_work():
        booking.issue(kind, shelf, 1, device=device, actor=SYSTEM, now=any_world.now)
    with pytest.raises(NotAllowedError), unit_of_work():
        booking.issue(kind, shelf, 1, papers=WHY, actor=any_world.actor("stan"), now=any_world.now)
    far = place(any_world, "Far", "north-2")
    with pytest.raises(NotAllowedError), unit_of_work():
        booking.move(kind, shelf, far, 1, papers=WHY, actor=any_world.actor("erik"), now=any_world.now)


def test_a_place_with_parts_stays_in_use_and_a_booked_part_keeps_its_way(any_world: World) -> None:
    kind, shelf = part(any_world), place(any_world)
    fill(any_world, kind, shelf, 2)
    gone = catalogue.PlaceData(shelf.name, active=False)
    with pytest.raises(ConflictError), unit_of_work():
        catalogue.save_place(shelf, any_world.sites["north-1"], gone, actor=SYSTEM, now=any_world.now)
    other = catalogue.PartData(kind.name, serialised=True)
    with pytest.raises(ConflictError), unit_of_work():
        catalogue.save_part(kind, kind.client_id, other, actor=SYSTEM, now=any_world.now)
