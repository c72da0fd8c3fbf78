"""Rooms and racks: the plan, what fits where, who sees the drawing, what cannot be deleted."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, DomainError, InvalidError, NotAllowedError
from servicedesk.equipment import elevation, places
from servicedesk.equipment.device_models import ModelData, remove_model, save_model
from servicedesk.equipment.models import Building, Device, DeviceModel, Rack, Room
from servicedesk.equipment.placing import mounted_rows
from tests.servicedesk.equipment.test_devices import save
from tests.servicedesk.world import SYSTEM, Browser, World, fresh


def room(world: World, site: str = "north-1", **values: Any) -> Room:
    with unit_of_work():
        data = places.RoomData(**{"name": "Main", **values})
        return places.save_room(None, world.sites[site], data, actor=SYSTEM, now=world.now)


def rack(world: World, where: Room, name: str = "A1", **values: Any) -> Rack:
    with unit_of_work():
        data = places.RackData(name, **values)
        return places.save_rack(None, where, data, actor=SYSTEM, now=world.now)


def test_a_room_is_made_with_its_building_and_found_again(app: Flask, world: World) -> None:
    browser = Browser(app, "emma")
    for name in ("Main", "Second"):
        answer = browser.post(
            "/equipment/rooms/new",
            site_id=world.sites["north-1"].id,
            name=name,
            building="Tower",
            floor="3F",
            grid_rows=2,
            grid_columns=3,
        )
        assert answer.status_code == 302
    fresh()
    assert db.session.query(Building).count() == 1
    page = browser.get(answer.location).text
    assert page.count('class="plan-free"') == 6
    assert "Tower" in browser.get("/equipment/rooms").text


def test_a_square_of_the_plan_holds_one_rack(any_world: World) -> None:
    here = room(any_world)
    rack(any_world, here, grid_row=1, grid_column=2)
    with pytest.raises(ConflictError, match="A1 stands on this square already"):
        rack(any_world, here, "A2", grid_row=1, grid_column=2)
    with pytest.raises(InvalidError, match="4 rows and 8 columns"):
        rack(any_world, here, "A2", grid_row=5, grid_column=1)
    with pytest.raises(InvalidError, match="both"):
        rack(any_world, here, "A2", grid_row=1)
    assert rack(any_world, here, "A2", grid_row=1, grid_column=3).id


def test_a_plan_is_not_made_smaller_than_its_racks(world: World) -> None:
    here = room(world)
    rack(world, here, grid_row=4, grid_column=8)
    small = places.RoomData("Main", grid_rows=3, grid_columns=8)
    with pytest.raises(ConflictError, match="A1 would lie outside"), unit_of_work():
        places.save_room(here, world.sites["north-1"], small, actor=SYSTEM, now=world.now)


@pytest.mark.parametrize(
    ("first", "second", "fits"),
    [
        ({"rack_unit": 10, "height_u": 2}, {"rack_unit": 11}, False),
        ({"rack_unit": 10, "height_u": 2}, {"rack_unit": 12}, True),
        ({"rack_unit": 10}, {"rack_unit": 9, "height_u": 3}, False),
        ({"rack_unit": 10}, {"rack_unit": 10, "face": "rear"}, False),
        (
            {"rack_unit": 10, "full_depth": False},
            {"rack_unit": 10, "face": "rear", "full_depth": False},
            True,
        ),
        ({"rack_unit": 10, "full_depth": False}, {"rack_unit": 10, "full_depth": False}, False),
        ({"rack_unit": 10, "state": "disposed"}, {"rack_unit": 10}, True),
    ],
)
def test_two_devices_never_fill_the_same_units(
    any_world: World, first: dict[str, Any], second: dict[str, Any], fits: bool
) -> None:
    inside = rack(any_world, room(any_world))
    save(any_world, name="first", rack_id=inside.id, **first)
    if fits:
        assert save(any_world, name="second", rack_id=inside.id, **second).id
        return
    with pytest.raises(ConflictError, match=r"is not free: first \(U10") as refusal:
        save(any_world, name="second", rack_id=inside.id, **second)
    assert refusal.value.field == "rack_unit"
    assert db.session.query(Device).count() == 1


def test_a_device_may_be_saved_again_where_it_is(world: World) -> None:
    inside = rack(world, room(world))
    device = save(world, rack_id=inside.id, rack_unit=10, height_u=2)
    moved = save(world, device, rack_id=inside.id, rack_unit=11, height_u=2)
    assert moved.rack_unit == 11


def test_a_rack_is_not_cut_below_its_devices(world: World) -> None:
    where = room(world)
    inside = rack(world, where)
    save(world, name="top", rack_id=inside.id, rack_unit=42)
    with pytest.raises(ConflictError, match="top sits higher"), unit_of_work():
        places.save_rack(inside, where, places.RackData("A1", 20), actor=SYSTEM, now=world.now)


def test_what_is_in_use_is_not_deleted_and_the_sentence_says_by_what(world: World) -> None:
    where = room(world)
    inside = rack(world, where)
    device = save(world, room_id=where.id, rack_id=inside.id)
    for remove, record in ((places.remove_room, where), (places.remove_rack, inside)):
        with pytest.raises(ConflictError, match=r"still used by: .*Device \(1\)"), unit_of_work():
            remove(record, actor=SYSTEM, now=world.now)  # type: ignore[operator]  # each takes its own kind
    save(world, device)
    with unit_of_work():
        places.remove_rack(inside, actor=SYSTEM, now=world.now)
        places.remove_room(where, actor=SYSTEM, now=world.now)
    actions = {entry.action for entry in db.session.query(AuditEntry)}
    assert {"room.created", "room.removed", "rack.created", "rack.removed"} <= actions


def test_the_drawing_has_a_box_for_each_face_and_cuts_long_names(world: World) -> None:
    inside = rack(world, room(world))
    save(world, name="deep", rack_id=inside.id, rack_unit=1, height_u=2)
    save(world, name="flat", rack_id=inside.id, rack_unit=42, face="rear", full_depth=False)
    mounted = db.session.execute(mounted_rows(inside.id)).all()
    front, rear = (elevation.draw(42, mounted, face) for face in ("front", "rear"))
    assert [box.name for box in front.boxes] == ["deep"]
    assert [(box.name, box.behind) for box in rear.boxes] == [("flat", False), ("deep", True)]
    assert (front.boxes[0].y, front.boxes[0].height) == (40 * 20 + 1, 40)
    assert elevation.shorten("核心交换机", 20) == "核心交换机"
    assert elevation.shorten("核心交换机" * 5, 11) == "核心交换机…"


def test_the_pages_of_a_rack_name_its_devices_safely(app: Flask, world: World) -> None:
    inside = rack(world, room(world))
    save(world, name="<script>alert(1)</script>", rack_id=inside.id, rack_unit=1)
    browser = Browser(app, "emma")
    assert "Elevation to print" in browser.get(f"/equipment/racks/{inside.id}").text
    for path in (f"/equipment/racks/{inside.id}", f"/equipment/racks/{inside.id}?print=1"):
        page = browser.get(path)
        assert page.status_code == 200
        assert "&lt;script&gt;alert(1)" in page.text
        assert "<script>alert" not in page.text
        assert "style=" not in page.text


def test_nobody_of_another_client_sees_or_changes_a_room_or_rack(app: Flask, world: World) -> None:
    inside = rack(world, where := room(world, "south-1"))
    for who in ("emma", "rita", "erik"):
        browser = Browser(app, who)
        for path in (f"rooms/{where.id}", f"racks/{inside.id}", f"rooms/{where.id}/racks/new"):
            assert browser.get(f"/equipment/{path}").status_code == 404, (who, path)
        assert browser.post(f"/equipment/rooms/{where.id}/remove").status_code == 404
        assert browser.post(f"/equipment/racks/{inside.id}/edit", name="x").status_code == 404
    fresh()
    assert inside.name == "A1"


def test_an_engineer_of_one_site_keeps_only_its_rooms(world: World) -> None:
    erik = world.actor("erik")
    with pytest.raises(NotAllowedError), unit_of_work():
        places.save_room(None, world.sites["north-2"], places.RoomData("x"), actor=erik, now=world.now)


def test_a_model_gives_its_name_to_the_device_and_stays_while_it_is_used(any_world: World) -> None:
    north = any_world.organisations["north"].id
    with unit_of_work():
        model = save_model(None, north, ModelData("Huawei", "S5735"), actor=SYSTEM, now=any_world.now)
    device = save(any_world, model_id=model.id, vendor="typed", model="wrongly")
    assert (device.vendor, device.model) == ("Huawei", "S5735")
    with pytest.raises(DomainError, match="still used by"), unit_of_work():
        remove_model(model, actor=SYSTEM, now=any_world.now)
    with pytest.raises(InvalidError, match="no such model"):
        save(any_world, name="s", site_id=any_world.sites["south-1"].id, model_id=model.id)
    with pytest.raises(InvalidError, match="in the catalogue already"), unit_of_work():
        save_model(None, north, ModelData(" Huawei", "S5735 "), actor=SYSTEM, now=any_world.now)


def test_a_model_is_written_down_in_a_form_and_wrong_days_are_refused(app: Flask, world: World) -> None:
    browser = Browser(app, "emma")
    fields = {"client_id": world.organisations["north"].id, "manufacturer": "Cisco", "name": "C2960"}
    fields |= {"device_class": "switch", "height_u": "1", "port_count": "24"}
    wrong = browser.post(
        "/equipment/models/new", **fields, end_of_sale_on="2030-01-01", end_of_support_on="2029-01-01"
    )
    assert wrong.status_code == 422
    assert "Check the days" in wrong.text
    right = browser.post("/equipment/models/new", **fields, end_of_support_on="2020-01-01")
    assert right.status_code == 302
    page = browser.get("/equipment/models?q=c29").text
    assert "Cisco C2960" in page
    assert "over" in page
    assert "Cisco" not in Browser(app, "stan").get("/equipment/models").text
    fresh()
    assert db.session.query(DeviceModel).count() == 1


@pytest.mark.parametrize("field", ["name", "grid_rows", "grid_columns", "floor", "building"])
@pytest.mark.parametrize("value", ["", "x" * 500, "-1", "999999999999999999", "a\x00b", "²"])
def test_no_field_of_a_room_breaks_the_page(app: Flask, world: World, field: str, value: str) -> None:
    fields: dict[str, Any] = {"site_id": world.sites["north-1"].id, "name": "R", "grid_rows": 2}
    fields |= {"grid_columns": 2, field: value}
    assert Browser(app, "emma").post("/equipment/rooms/new", **fields).status_code in (302, 422)
