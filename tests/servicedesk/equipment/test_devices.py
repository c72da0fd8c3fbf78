"""Devices: what a person may write down, where, and what is refused with which sentence."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.equipment.models import Device, Rack, Room
from servicedesk.equipment.service import DeviceData, require_address, save_access, save_device
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

FORM = {"name": "sw1", "device_class": "switch", "state": "active", "height_u": "1"}


def room_with_rack(world: World, site: str, name: str) -> tuple[Room, Rack]:
    """A room of this site with one rack of 42 units."""
    place = world.sites[site]
    with unit_of_work() as session:
        room = Room(client_id=place.client_id, site_id=place.id, name=name, created_at=world.now)
        session.add(room)
        session.flush()
        rack = Rack(
            client_id=place.client_id, room_id=room.id, name=f"{name} A", height_u=42, created_at=world.now
        )
        session.add(rack)
    return room, rack


def save(world: World, device: Device | None = None, who: str = "", **values: Any) -> Device:
    """Save through the service, as ``who`` or as the system."""
    data = DeviceData(**{"name": "sw1", "site_id": world.sites["north-1"].id, **values})
    with unit_of_work():
        return save_device(device, data, actor=world.actor(who) if who else SYSTEM, now=world.now)


def test_a_device_is_written_down_and_found(app: Flask, world: World) -> None:
    browser = Browser(app, "emma")
    answer = browser.post(
        "/equipment/devices/new",
        **FORM,
        site_id=world.sites["north-1"].id,
        address="192.0.2.10",
        serial="210235A1",
        warranty_until="2028-02-29",
        responsible_id=world.users["emma"].id,
    )
    assert answer.status_code == 302
    page = browser.get(answer.location).text
    for text in ("192.0.2.10", "210235A1", "2028-02-29", "Emma"):
        assert text in page
    assert "sw1" in browser.get("/equipment/devices?q=210235").text
    assert "No device fits" in browser.get("/equipment/devices?q=nothing-like-it").text


@pytest.mark.parametrize(
    "address",
    [
        "192.0.2.10",
        "2001:db8::1",
        "fe80::1%eth0",
        "sw1.example.org",
        "sw_1",
        "a",
        "sw1.example.org.",
        "",
        "x" * 63,
    ],
)
def test_addresses_that_can_be_reached(address: str) -> None:
    require_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "192.0.2.256",
        "192.0.2",
        "1",
        "http://sw1",
        "sw1:22",
        "a b",
        "-sw1",
        "sw1-",
        "a..b",
        "x" * 64,
        ".".join(["x" * 60] * 5),
        "sw1;reboot",
        "$(reboot)",
        "../etc",
        "sw1\nsw2",
        "交换机",
        "-oProxyCommand=x",
        "2001:db8::g",
    ],
)
def test_addresses_that_are_none(app: Flask, address: str) -> None:
    with app.test_request_context(), pytest.raises(InvalidError, match="Write an IP address") as refusal:
        require_address(address)
    assert refusal.value.field == "address"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "  "}, "name"),
        ({"device_class": "spaceship"}, "device_class"),
        ({"state": "lost"}, "state"),
        ({"address": "a b"}, "address"),
        ({"rack_unit": 3}, "rack_id"),
    ],
)
def test_a_value_out_of_its_list_is_refused_by_name(world: World, values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        save(world, **values)
    assert refusal.value.field == field
    assert db.session.query(Device).count() == 0


def test_a_rack_has_only_so_many_units(world: World) -> None:
    room, rack = room_with_rack(world, "north-1", "Main")
    place: dict[str, Any] = {"room_id": room.id, "rack_id": rack.id}
    assert save(world, **place, rack_unit=41, height_u=2).rack_unit == 41
    for unit, height in ((42, 2), (0, 1), (43, 1), (-1, 1)):
        with pytest.raises(InvalidError, match="units 1 to 42"):
            save(world, name="sw2", **place, rack_unit=unit, height_u=height)


def test_a_room_or_rack_of_another_site_is_refused(world: World) -> None:
    here, _rack = room_with_rack(world, "north-1", "Main")
    other, other_rack = room_with_rack(world, "north-2", "Branch")
    places: list[dict[str, Any]] = [
        {"room_id": other.id},
        {"rack_id": other_rack.id},
        {"room_id": here.id, "rack_id": other_rack.id},
    ]
    for place in places:
        with pytest.raises(InvalidError, match="another"):
            save(world, **place)


def test_two_devices_of_a_client_never_share_a_name_but_two_clients_may(any_world: World) -> None:
    save(any_world)
    with pytest.raises(InvalidError, match="has this name") as refusal:
        save(any_world, name=" sw1 ", site_id=any_world.sites["north-2"].id)
    assert refusal.value.field == "name"
    save(any_world, site_id=any_world.sites["south-1"].id)
    assert db.session.query(Device).count() == 2


def test_an_address_that_another_device_of_the_site_has_is_told(app: Flask, world: World) -> None:
    first, elsewhere = world.device("sw1"), world.device("sw2", "north-2")
    for one in (first, elsewhere):
        with unit_of_work():
            db.session.get_one(Device, one.id).address = "SW.example.org"
    browser = Browser(app, "emma")
    fields = {
        "device_class": "switch",
        "state": "active",
        "site_id": first.site_id,
        "height_u": 1,
        "face": "front",
    }
    answer = browser.post("/equipment/devices/new", name="sw3", address="sw.EXAMPLE.org", **fields)
    page = browser.get(answer.location).text
    assert "This address is also that of: sw1." in page
    assert "sw2" not in page
    other = browser.post("/equipment/devices/new", name="sw4", address="192.0.2.77", **fields)
    assert "is also that of" not in browser.get(other.location).text


def test_all_that_is_wrong_with_a_device_is_said_at_once(app: Flask, world: World) -> None:
    page = Browser(app, "emma").post("/equipment/devices/new", name="", address="999.1.1.1", height_u="").text
    for field in ("name", "address", "height_u"):
        assert f'id="{field}-error"' in page


def test_a_device_keeps_its_name_when_it_is_changed(any_world: World) -> None:
    device = save(any_world)
    changed = save(any_world, device, warranty_until=date(2027, 1, 1), notes="moved")
    assert (changed.id, changed.notes, changed.warranty_until) == (device.id, "moved", date(2027, 1, 1))


def test_a_device_moves_within_its_client_and_never_to_another(app: Flask, world: World) -> None:
    device = save(world)
    assert save(world, device, "sam", site_id=world.sites["north-2"].id).site_id == world.sites["north-2"].id
    with pytest.raises(InvalidError, match="another client"):
        save(world, device, site_id=world.sites["south-1"].id)
    with pytest.raises(NotAllowedError):
        save(world, device, "sam", site_id=world.sites["south-1"].id)
    browser = Browser(app, "admin")  # the operator reaches both, and is refused as well
    path = f"/equipment/devices/{device.id}/edit"
    assert browser.post(path, **FORM, site_id=world.sites["south-1"].id).status_code == 422
    fresh()
    assert device.client_id == world.organisations["north"].id


def test_a_person_or_department_of_another_client_is_refused(app: Flask, world: World) -> None:
    browser = Browser(app, "emma")
    for field in ("responsible_id", "standby_id"):
        for who in ("stan", "rita"):
            fields = {**FORM, "site_id": world.sites["north-1"].id, field: world.users[who].id}
            answer = browser.post("/equipment/devices/new", **fields)
            assert answer.status_code == 422, (field, who)
            assert f'id="{field}-error"' in answer.text


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", "sw'; DROP TABLE devices; --", "核心交换机 1", "😀", "{{7*7}}", "%s"],
)
def test_a_device_may_be_called_anything(app: Flask, world: World, name: str) -> None:
    browser = Browser(app, "emma")
    answer = browser.post(
        "/equipment/devices/new", **FORM | {"name": name}, site_id=world.sites["north-1"].id
    )
    assert answer.status_code == 302
    fresh()
    assert db.session.query(Device).one().name == name
    for path in (answer.location, f"{answer.location}/edit", "/equipment/devices", "/tickets/new/fault"):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert "49" not in page or name != "{{7*7}}"


def test_search_takes_signs_of_patterns_literally(app: Flask, world: World) -> None:
    for name in ("see 100%", "see 1000", "see a_b", "see axb", "see back\\slash"):
        save(world, name=name)
    browser = Browser(app, "emma")
    for text, found, hidden in (
        ("0%", "see 100%", "see 1000"),
        ("a_b", "see a_b", "see axb"),
        ("\\", "see back\\slash", "see a_b"),
    ):
        page = browser.client.get("/equipment/devices", query_string={"q": text}).text
        assert found in page
        assert hidden not in page


def test_what_changed_is_in_the_audit_trail_and_nothing_else(world: World) -> None:
    device = save(world, notes="a")
    save(world, device, notes="b")
    save(world, device, notes="b")
    entries = db.session.query(AuditEntry).filter_by(object_type="devices").order_by(AuditEntry.id).all()
    assert [entry.action for entry in entries] == ["device.created", "device.updated"]
    assert (entries[1].before, entries[1].after) == ({"notes": "a"}, {"notes": "b"})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"protocol": "telnet"}, "protocol"),
        ({"port": 0}, "port"),
        ({"port": 65536}, "port"),
        ({"credential": None}, "credential_id"),
        ({"protocol": "snmp"}, "credential_id"),  # an SSH password
    ],
)
def test_a_way_to_ask_that_cannot_work_is_refused(world: World, change: dict[str, Any], field: str) -> None:
    device = world.device(protocol="ssh")
    given = {"protocol": "ssh", "port": 22, "credential": device.accesses[0].credential, **change}
    with pytest.raises(InvalidError) as refusal, unit_of_work():
        save_access(device, **given, actor=SYSTEM, now=world.now)
    assert refusal.value.field == field


def test_a_credential_of_another_client_is_refused(app: Flask, world: World) -> None:
    theirs = world.device("other", "south-1", protocol="ssh").accesses[0].credential
    device = world.device(protocol="ssh")
    with pytest.raises(InvalidError, match="of the same client"), unit_of_work():
        save_access(device, protocol="ssh", port=22, credential=theirs, actor=SYSTEM, now=world.now)
    browser = Browser(app, "emma")
    assert theirs is not None
    browser.post(f"/equipment/devices/{device.id}/access", protocol="ssh", credential_id=theirs.id)
    fresh()
    assert device.accesses[0].credential_id != theirs.id


def test_nobody_makes_the_server_ask_itself(world: World) -> None:
    device = world.device()
    with pytest.raises(NotAllowedError), unit_of_work():
        save_access(
            device, protocol="local", port=0, credential=None, actor=world.actor("admin"), now=world.now
        )
