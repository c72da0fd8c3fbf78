"""The form of a device with many racks: it lists those of the chosen room, with script and without."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.equipment.models import Device, Rack, Room
from tests.servicedesk.conftest import Queries
from tests.servicedesk.world import Browser, World, fresh

FORM = {"name": "sw1", "device_class": "switch", "state": "active", "height_u": "1", "face": "front"}


def rooms(world: World, site: str, count: int, racks: int) -> list[Room]:
    """Rooms of a site, each with so many racks."""
    place = world.sites[site]
    made = {"client_id": place.client_id, "created_at": world.now}
    with unit_of_work() as session:
        found = [Room(site_id=place.id, name=f"{site} room {number:03}", **made) for number in range(count)]
        session.add_all(found)
        session.flush()
        session.execute(
            sa.insert(Rack),
            [
                {"room_id": one.id, "name": f"{one.name} rack {number:03}", **made}
                for one in found
                for number in range(racks)
            ],
        )
    return found


def offered(page: str, field: str) -> list[str]:
    """The words of a select, without those that come when one types."""
    select = re.search(rf'<select[^>]* name="{field}".*?</select>', page, re.DOTALL)
    assert select is not None
    return [words for words in re.findall(r"<option[^>]*>([^<]*)</option>", select[0]) if words != "(none)"]


def rack_of(room: Room) -> Rack:
    return db.session.scalars(sa.select(Rack).where(Rack.room_id == room.id).order_by(Rack.name)).first()  # type: ignore[return-value]  # it has some


def test_five_thousand_racks_make_the_form_no_larger(app: Flask, world: World) -> None:
    browser, path = Browser(app, "emma"), "/equipment/devices/new"
    few = rooms(world, "north-2", 2, 2)
    device = world.device("there", "north-2", room_id=few[0].id, rack_id=rack_of(few[0]).id)
    measured = []
    for _turn in range(2):
        sizes = []
        for asked in (path, f"/equipment/devices/{device.id}/edit"):
            browser.get(asked)
            with Queries() as counter:
                page = browser.get(asked).text
            sizes.append((counter.count, len(page)))
        measured.append(sizes)
        if not measured[1:]:
            rooms(world, "north-1", 50, 100)
    (new, edit), (new_after, edit_after) = measured
    assert edit_after == edit, "the device's own room is as large as before"
    assert new_after[0] == new[0]
    assert new_after[1] - new[1] < 6000, "fifty rooms of the first site, and no rack"
    page = browser.get(f"/equipment/devices/{device.id}/edit").text
    assert offered(page, "room_id") == ["north-2 room 000", "north-2 room 001"]
    assert offered(page, "rack_id") == ["north-2 room 000 rack 000", "north-2 room 000 rack 001"]


def test_another_site_or_room_brings_its_own(app: Flask, world: World) -> None:
    here, there = rooms(world, "north-1", 2, 2), rooms(world, "north-2", 1, 1)
    browser = Browser(app, "emma")

    def asked(site: str, room_id: Any) -> tuple[list[str], list[str]]:
        page = browser.get(f"/equipment/place-choice?site_id={world.sites[site].id}&room_id={room_id}").text
        assert "<html" not in page
        return offered(page, "room_id"), offered(page, "rack_id")

    assert asked("north-1", "") == (["north-1 room 000", "north-1 room 001"], [])
    assert asked("north-1", here[1].id)[1] == ["north-1 room 001 rack 000", "north-1 room 001 rack 001"]
    assert asked("north-2", here[1].id) == (["north-2 room 000"], [])
    assert asked("north-2", there[0].id)[1] == ["north-2 room 000 rack 000"]


def test_without_script_a_button_shows_them_and_nothing_typed_is_lost(app: Flask, world: World) -> None:
    (room,) = rooms(world, "north-2", 1, 2)
    browser = Browser(app, "emma")
    fields = {**FORM, "site_id": world.sites["north-2"].id, "room_id": room.id, "notes": "typed already"}
    answer = browser.post("/equipment/devices/new", **fields, choose_place="1")
    assert answer.status_code == 200
    assert "typed already" in answer.text
    assert len(offered(answer.text, "rack_id")) == 2
    assert db.session.scalar(sa.select(sa.func.count(Device.id))) == 0
    answer = browser.post("/equipment/devices/new", **fields, rack_id=rack_of(room).id, rack_unit="3")
    assert answer.status_code == 302
    fresh()
    device = db.session.scalars(sa.select(Device)).one()
    assert (device.room_id, device.rack_id, device.rack_unit) == (room.id, rack_of(room).id, 3)


def test_what_does_not_fit_is_still_refused_beside_its_field(app: Flask, world: World) -> None:
    here, there = rooms(world, "north-1", 2, 1), rooms(world, "north-2", 1, 1)
    browser, site = Browser(app, "emma"), world.sites["north-1"].id
    for place, sentence in (
        ({"room_id": there[0].id}, "The room is at another site."),
        ({"rack_id": rack_of(there[0]).id}, "The rack is in another room or site."),
        ({"room_id": here[0].id, "rack_id": rack_of(here[1]).id}, "The rack is in another room or site."),
        ({"room_id": 10**8}, "Not a valid choice"),
        ({"rack_id": 10**8}, "Not a valid choice"),
    ):
        answer = browser.post("/equipment/devices/new", **FORM, site_id=site, **place)
        assert answer.status_code == 422, place
        assert sentence in answer.text, place


@pytest.mark.parametrize("who", ["emma", "erik"])
def test_places_out_of_reach_are_not_offered(app: Flask, world: World, who: str) -> None:
    theirs, elsewhere = rooms(world, "south-1", 1, 1), rooms(world, "north-2", 1, 1)
    browser = Browser(app, who)
    hidden = theirs if who == "emma" else [*theirs, *elsewhere]
    for room in hidden:
        path = f"/equipment/place-choice?site_id={room.site_id}&room_id={room.id}"
        page = browser.get(path).text
        assert room.name not in page, path
        fields = {**FORM, "site_id": world.sites["north-1"].id, "rack_id": rack_of(room).id}
        assert browser.post("/equipment/devices/new", **fields).status_code == 422
    assert Browser(app, "rita").get("/equipment/place-choice").status_code == 404
