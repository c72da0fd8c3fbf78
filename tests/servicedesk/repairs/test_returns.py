"""Returns to suppliers: sent, late, back as what they were or as something else."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.audit.models import AuditEntry
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.equipment.models import Device
from servicedesk.equipment.relations import relate
from servicedesk.equipment.stock import booking
from servicedesk.equipment.stock.models import StockItem, StockLevel, StockPlace
from servicedesk.equipment.stock.words import FAULTY
from servicedesk.notifications.models import Notification, NotificationEvent
from servicedesk.repairs.returns import jobs, service
from servicedesk.repairs.returns.models import SupplierReturn
from servicedesk.repairs.returns.service import Arrival, ReturnData
from tests.servicedesk.conftest import Queries
from tests.servicedesk.equipment.stock.shelf import part, place
from tests.servicedesk.world import SYSTEM, Browser, World, fresh


def faulty(world: World, serial: str = "BAD-1") -> tuple[StockItem, StockPlace]:
    shelf = place(world, f"Shelf {serial}")
    kind = part(world, f"PSU {serial}", serialised=True)
    with unit_of_work():
        (item,) = booking.receive_serials(kind, shelf, [serial], state=FAULTY, actor=SYSTEM, now=world.now)
    return item, shelf


def sent(world: World, subject: StockItem | Device, who: str = "emma", **values: Any) -> SupplierReturn:
    today = world.now.date()
    data = {"supplier": "Acme", "reason": "dead", "sent_on": today, "expected_on": today + timedelta(days=9)}
    with unit_of_work():
        return service.send(subject, ReturnData(**data | values), actor=world.actor(who), now=world.now)


def back(world: World, found: SupplierReturn, outcome: str, **values: Any) -> None:
    arrival = Arrival(outcome, values.pop("received_on", world.now.date()), **values)
    with unit_of_work():
        service.receive(found, arrival, actor=world.actor("emma"), now=world.now)
    fresh()


def state_of(serial: str) -> tuple[str, int | None]:
    item = db.session.scalars(sa.select(StockItem).where(StockItem.serial == serial)).one()
    return item.state, item.place_id


@pytest.mark.parametrize(
    ("outcome", "state", "there", "usable"),
    [
        ("repaired", "in_stock", True, 1),
        ("refused", "faulty", True, 0),
        ("credited", "scrapped", False, 0),
        ("replaced", "scrapped", False, 1),
    ],
)
def test_a_piece_comes_back_as_the_outcome_says(
    any_world: World, outcome: str, state: str, there: bool, usable: int
) -> None:
    item, shelf = faulty(any_world)
    found = sent(any_world, item)
    assert state_of("BAD-1") == ("at_supplier", None)
    back(any_world, found, outcome, place=shelf, new_serial="GOOD-1", credit="120.5")
    assert state_of("BAD-1") == (state, shelf.id if there else None)
    level = db.session.get(StockLevel, (item.part_id, shelf.id))
    assert (level.quantity if level else 0) == usable
    if outcome == "replaced":
        assert state_of("GOOD-1") == ("in_stock", shelf.id)
    assert found.credit == (Decimal("120.50") if outcome == "credited" else Decimal(0))
    with pytest.raises(ConflictError):
        back(any_world, found, outcome, place=shelf, new_serial="GOOD-2")


def test_a_device_comes_back_with_another_serial_and_its_history_says_so(any_world: World) -> None:
    device = any_world.device(serial="D-1")
    found = sent(any_world, device)
    fresh()
    assert device.state == "in_repair"
    with pytest.raises(InvalidError) as refusal:
        back(any_world, found, "replaced")
    assert refusal.value.field == "new_serial"
    back(any_world, found, "replaced", new_serial="D-2", in_service=True)
    assert (device.state, device.serial) == ("active", "D-2")
    entry = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.object_type == "devices").order_by(AuditEntry.id.desc())
    ).first()
    assert entry is not None
    assert entry.before == {"serial": "D-1", "state": "in_repair"}
    assert entry.after == {
        "serial": "D-2",
        "state": "active",
        "reason": f"Return {found.number} to Acme",
    }


def test_a_credited_device_that_others_need_is_not_retired(any_world: World) -> None:
    device, other = any_world.device(), any_world.device("needs-it")
    found = sent(any_world, device)
    with unit_of_work():
        relate(other, device, "depends_on", actor=SYSTEM, now=any_world.now)
    with pytest.raises(ConflictError, match="needs-it"):
        back(any_world, found, "credited", credit="5")
    fresh()
    assert db.session.get_one(SupplierReturn, found.id).outcome == ""


def test_nothing_is_at_two_suppliers(any_world: World) -> None:
    item, _shelf = faulty(any_world)
    device = any_world.device()
    for subject in (item, device):
        sent(any_world, subject)
        with pytest.raises(ConflictError):
            sent(any_world, subject)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"supplier": " "}, "supplier"),
        ({"reason": ""}, "reason"),
        ({"days": -1}, "expected_on"),
        ({"days": 731}, "expected_on"),
        ({"contract_id": 99}, "contract_id"),
    ],
)
def test_what_cannot_be_is_refused_by_name(world: World, values: dict[str, Any], field: str) -> None:
    device = world.device()
    if "days" in values:
        values = {"expected_on": world.now.date() + timedelta(days=values["days"])}
    with pytest.raises(InvalidError) as refusal:
        sent(world, device, **values)
    assert refusal.value.field == field


def test_late_ones_are_told_once_for_each_day_that_was_named(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = any_world.device()
    found = sent(any_world, device)
    day = found.expected_on
    now = any_world.now

    def remind(days: int) -> int:
        monkeypatch.setattr(jobs, "utcnow", lambda: now + timedelta(days=days))
        return jobs.remind()

    assert remind(9) == 0  # its own day is not over yet
    assert remind(10) == 1
    assert remind(10) == 0
    assert remind(20) == 0
    with unit_of_work():
        data = ReturnData("Acme", "dead", found.sent_on, day + timedelta(days=20))
        service.save(found, data, actor=any_world.actor("emma"), now=now)
    assert remind(20) == 0
    assert remind(30) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(NotificationEvent)) == 2
    told = set(db.session.scalars(sa.select(Notification.recipient_id)))
    assert {name for name, user in any_world.users.items() if user.id in told} == {"emma", "sam", "sue"}


def test_others_may_not(any_world: World) -> None:
    item, shelf = faulty(any_world)
    for who in ("stan", "rita", "carl"):
        with pytest.raises(NotAllowedError):
            sent(any_world, item, who)
    found = sent(any_world, item)
    with pytest.raises(NotAllowedError), unit_of_work():
        service.receive(
            found,
            Arrival("repaired", any_world.now.date(), place=shelf),
            actor=any_world.actor("carl"),
            now=any_world.now,
        )


def test_the_pages_from_a_faulty_piece_to_its_replacement(app: Flask, world: World) -> None:
    item, shelf = faulty(world, "B<1>")
    emma = Browser(app, "emma")
    assert f"/repairs/returns/new?item={item.id}" in emma.get(f"/equipment/stock/items/{item.id}").text
    today = utcnow().date()
    fields: dict[str, Any] = {
        "supplier": "Acme",
        "reason": "<i>dead</i>",
        "sent_on": today - timedelta(days=9),
    }
    new = f"/repairs/returns/new?item={item.id}"
    assert emma.post(new, **fields, expected_on="").status_code == 422
    answer = emma.post(new, **fields, expected_on=today - timedelta(days=2), tracking="T-1")
    assert answer.status_code == 302
    page = emma.get(answer.location).text
    assert "&lt;i&gt;dead&lt;/i&gt;" in page
    assert "Overdue" in page
    assert "T-1" in emma.get("/repairs/returns/export.csv?show=overdue").data.decode("utf-8-sig")
    assert "B&lt;1&gt;" in emma.get("/repairs/returns/?show=overdue&q=b<1").text
    assert "B&lt;1&gt;" not in emma.get("/repairs/returns/?show=back").text
    arrival: dict[str, Any] = {"outcome": "replaced", "received_on": today, "new_serial": "G-1"}
    assert emma.post(answer.location, **arrival).status_code == 422  # where it lies is not said
    assert emma.post(answer.location, **arrival, place_id=shelf.id).status_code == 302
    assert "G-1" in emma.get("/repairs/returns/?show=replaced").text
    assert emma.post(answer.location, **arrival, place_id=shelf.id).status_code == 404
    for who in ("stan", "rita"):
        other = Browser(app, who)
        assert other.get(answer.location).status_code == 404
        assert other.get(f"{answer.location}/edit").status_code == 404
        assert other.get(new).status_code == 404
        assert "Acme" not in other.get("/repairs/returns/?show=all").text


def test_the_list_asks_as_often_for_many_as_for_few(app: Flask, world: World, queries: Queries) -> None:
    emma = Browser(app, "emma")
    counts = []
    for turn in range(2):
        for number in range(1 + 20 * turn):
            sent(world, world.device(f"d{turn}-{number}"))
        emma.get("/repairs/returns/")
        with queries:
            assert "Acme" in emma.get("/repairs/returns/").text
        counts.append(queries.count)
        queries.statements.clear()
    assert counts[0] == counts[1]
