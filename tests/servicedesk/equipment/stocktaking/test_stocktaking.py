"""Stock-taking: what is expected, what is scanned, what is missing, and the record that follows."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, DomainError, InvalidError, NotAllowedError
from servicedesk.equipment import labels
from servicedesk.equipment.models import Device, Room
from servicedesk.equipment.service import DeviceData, save_device
from servicedesk.equipment.stocktaking import service
from servicedesk.equipment.stocktaking.models import StockTaking, StockTakingLine
from tests.servicedesk.conftest import Queries
from tests.servicedesk.equipment.test_devices import room_with_rack
from tests.servicedesk.world import SYSTEM, Browser, World, fresh


def device(world: World, name: str, room: Room | None, site: str = "north-1", **values: str) -> Device:
    with unit_of_work():
        data = DeviceData(name, world.sites[site].id, room_id=room.id if room else None, **values)  # type: ignore[arg-type]  # texts by name
        return save_device(None, data, actor=SYSTEM, now=world.now)


def begun(world: World, room: Room | None, who: str = "emma") -> StockTaking:
    with unit_of_work():
        return service.begin(world.sites["north-1"], room, actor=world.actor(who), now=world.now)


def counted(world: World, taking: StockTaking, text: str) -> tuple[bool, bool]:
    """Whether the device was expected, and was counted before."""
    with unit_of_work():
        found = service.find(taking, text)
        line, again = service.count(taking, found, actor=world.actor("emma"), now=world.now)
        return line.expected, again


@pytest.fixture
def room(any_world: World) -> Room:
    return room_with_rack(any_world, "north-1", "Main")[0]


def test_what_is_recorded_in_the_room_is_expected_and_nothing_else(any_world: World, room: Room) -> None:
    for name, state in (("a", "active"), ("b", "in_stock"), ("c", "planned")):
        device(any_world, name, room, state=state)
    device(any_world, "d", None)
    taking = begun(any_world, room)
    assert service.tally(taking) == {"here": 0, "missing": 2, "surplus": 0}
    names = db.session.scalars(
        sa.select(Device.name).join(StockTakingLine, StockTakingLine.device_id == Device.id)
    )
    assert sorted(names) == ["a", "b"]


def test_a_device_is_found_by_label_tag_serial_and_name_and_counted_once(
    any_world: World, room: Room
) -> None:
    one = device(any_world, "One", room, asset_tag="IT-1", serial="SER1")
    device(any_world, "two", room)
    stray = device(any_world, "stray", None)
    with unit_of_work():
        labels.issue([one], actor=SYSTEM, now=any_world.now)
    token = labels.valid([one.id])[one.id]
    taking = begun(any_world, room)
    assert counted(any_world, taking, f"https://desk.example/r/{token}/") == (True, False)
    for text in ("it-1", "ser1", "ONE", token):
        assert counted(any_world, taking, text) == (True, True)
    assert counted(any_world, taking, stray.name) == (False, False)
    assert service.tally(taking) == {"here": 1, "missing": 1, "surplus": 1}


@pytest.mark.parametrize(
    "text", ["", "nothing", "%", "_", "../../etc/passwd", "'; DROP TABLE devices", "x" * 300]
)
def test_what_nobody_knows_is_said(any_world: World, room: Room, text: str) -> None:
    device(any_world, "a", room)
    taking = begun(any_world, room)
    with pytest.raises(InvalidError, match="No device has"):
        service.find(taking, text)


def test_two_devices_with_one_serial_are_told_apart_by_the_label(any_world: World, room: Room) -> None:
    for name in ("a", "b"):
        device(any_world, name, room, serial="SAME")
    with pytest.raises(InvalidError, match="Several devices"):
        service.find(begun(any_world, room), "SAME")


def test_a_place_is_counted_once_at_a_time(any_world: World, room: Room) -> None:
    device(any_world, "a", room)
    first = begun(any_world, room)
    with pytest.raises(ConflictError):
        begun(any_world, room)
    begun(any_world, None)  # the whole site is another place
    with unit_of_work():
        service.end(first, "", actor=any_world.actor("emma"), now=any_world.now)
    assert begun(any_world, room).id != first.id


def test_after_the_end_the_result_stands(any_world: World, room: Room) -> None:
    device(any_world, "a", room)
    device(any_world, "b", room)
    taking = begun(any_world, room)
    counted(any_world, taking, "a")
    with unit_of_work():
        service.end(taking, " two shelves locked ", actor=any_world.actor("emma"), now=any_world.now)
    fresh()
    taking = db.session.get_one(StockTaking, taking.id)
    assert (taking.note, taking.ended_by) == ("two shelves locked", "Emma")
    with pytest.raises(ConflictError):
        counted(any_world, taking, "b")
    line = db.session.scalars(sa.select(StockTakingLine).where(StockTakingLine.found_at.is_not(None))).one()
    with pytest.raises(ConflictError), unit_of_work():
        service.take_back(line, actor=any_world.actor("emma"))
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "stock_taking.ended")).one()
    assert entry.after == {"here": 1, "missing": 1, "surplus": 0}


def test_what_was_counted_by_mistake_is_taken_back(any_world: World, room: Room) -> None:
    device(any_world, "a", room)
    device(any_world, "stray", None)
    taking = begun(any_world, room)
    for name in ("a", "stray"):
        counted(any_world, taking, name)
    for line in db.session.scalars(sa.select(StockTakingLine)).all():
        with unit_of_work():
            service.take_back(line, actor=any_world.actor("emma"))
    assert service.tally(taking) == {"here": 0, "missing": 1, "surplus": 0}


def test_the_record_follows_what_was_found(any_world: World, room: Room) -> None:
    device(any_world, "a", room)
    other = room_with_rack(any_world, "north-2", "Other")[0]
    stray = device(any_world, "stray", other, site="north-2")
    taking = begun(any_world, room)
    counted(any_world, taking, "stray")
    line = db.session.scalars(sa.select(StockTakingLine).where(~StockTakingLine.expected)).one()
    assert "Other" in line.recorded_at
    with unit_of_work():
        service.record_here(line, actor=any_world.actor("emma"), now=any_world.now)
    assert (stray.site_id, stray.room_id, stray.rack_id) == (room.site_id, room.id, None)
    with pytest.raises(InvalidError), unit_of_work():
        service.record_here(line, actor=any_world.actor("emma"), now=any_world.now)


def test_only_who_changes_devices_of_the_site_counts(any_world: World, room: Room) -> None:
    one = device(any_world, "a", room)
    taking = begun(any_world, room)
    for who in ("rita", "stan"):
        with pytest.raises(NotAllowedError):
            begun(any_world, room, who)
        with pytest.raises(NotAllowedError), unit_of_work():
            service.count(taking, one, actor=any_world.actor(who), now=any_world.now)
    assert service.tally(taking)["here"] == 0


def test_another_client_s_devices_are_not_known(any_world: World, room: Room) -> None:
    device(any_world, "a", room)
    far = device(any_world, "far", None, site="south-1", serial="FAR")
    taking = begun(any_world, room)
    for text in ("far", "FAR"):
        with pytest.raises(InvalidError):
            service.find(taking, text)
    with pytest.raises(DomainError), unit_of_work():
        service.count(taking, far, actor=any_world.actor("emma"), now=any_world.now)


def test_the_pages_from_beginning_to_end(app: Flask, world: World) -> None:
    room = room_with_rack(world, "north-1", "Main")[0]
    one, two = device(world, "one", room, serial="S1"), device(world, "<b>two</b>", room)
    with unit_of_work():
        labels.issue([one, two], actor=SYSTEM, now=world.now)
    tokens = labels.valid([one.id, two.id])
    emma = Browser(app, "emma")
    assert "Nothing was counted yet" in emma.get("/equipment/stock-taking/").text
    answer = emma.post("/equipment/stock-taking/new", site_id=room.site_id, room_id=room.id)
    assert answer.status_code == 302
    page = answer.location
    shown = emma.get(page).text
    assert "0 / 2" in shown
    assert "&lt;b&gt;two" in shown
    assert "<b>two" not in shown
    # The camera opens the label; this browser counts, so it leads to one button.
    scanned = emma.client.get(f"/r/{tokens[one.id]}")
    assert scanned.location.endswith(f"/label/{tokens[one.id]}")
    assert "It is here" in emma.get(scanned.location).text
    assert "one is here." in emma.get(emma.post(f"{page}/count", text=tokens[one.id]).location).text
    assert "Counted" in emma.get(scanned.location).text
    unknown = emma.post(f"{page}/count", text="what?")
    assert unknown.status_code == 422
    assert 'value="what?"' in unknown.text
    assert emma.post(f"{page}/count", text="a\0b").status_code == 422
    emma.post(f"{page}/scanning")
    assert emma.client.get(f"/r/{tokens[one.id]}").location.endswith(f"/equipment/devices/{one.id}")
    file = emma.get(f"{page}/export.csv").text
    assert "S1" in file
    assert "To find" in file
    assert emma.post(f"{page}/end", note="done").status_code == 302
    assert "Missing" in emma.get(page).text
    for path, field in (("count", "text"), ("end", "note")):
        for words in ("", "what?", "one"):
            answer = emma.post(f"{page}/{path}", **{field: words})
            assert answer.status_code == 409
            assert "This stock-taking is over." in answer.text
    assert "Seen at the stock-taking of" in emma.get(f"/equipment/devices/{one.id}/history").text
    assert "Missing at the stock-taking of" in emma.get(f"/equipment/devices/{two.id}/history").text
    assert "1 / 2" in emma.get("/equipment/stock-taking/").text
    assert Browser(app, "rolf").client.get(page).status_code == 404


def test_pages_take_the_same_queries_for_few_and_many(app: Flask, world: World) -> None:
    room = room_with_rack(world, "north-1", "Main")[0]
    emma = Browser(app, "emma")
    counts = []
    for round_ in range(2):
        for number in range(15):
            device(world, f"d-{round_}-{number}", room)
        with unit_of_work():
            taking = service.begin(
                world.sites["north-1"],
                room,
                actor=world.actor("emma"),
                now=world.now + timedelta(days=round_),
            )
        for path in (f"/equipment/stock-taking/{taking.id}", "/equipment/stock-taking/"):
            with Queries() as asked:
                emma.get(path)
            counts.append(asked.count)
        with unit_of_work():
            service.end(taking, "", actor=world.actor("emma"), now=world.now)
    assert counts[:2] == counts[2:]
