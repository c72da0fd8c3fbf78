"""Interfaces and cables: ranges, one cable a port, both histories, and what stays while it is plugged."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.equipment import history, interfaces
from servicedesk.equipment.models import Device
from servicedesk.equipment.network_models import Interface, Link
from servicedesk.equipment.removal import remove_devices
from tests.servicedesk.equipment.test_devices import save
from tests.servicedesk.world import SYSTEM, Browser, World, fresh


def ports(world: World, device: Device, pattern: str = "Gi0/0/1-2") -> list[Interface]:
    with unit_of_work():
        return interfaces.add_interfaces(
            device, pattern, kind="copper", speed_mbps=1000, actor=SYSTEM, now=world.now
        )


def plug(world: World, here: Interface, there: Interface, who: str = "", **values: Any) -> Link:
    with unit_of_work():
        return interfaces.connect(
            here.device,
            here.id,
            there.device,
            there.name,
            actor=world.actor(who) if who else SYSTEM,
            now=world.now,
            **values,
        )


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("Gi0/0/1-3", ["Gi0/0/1", "Gi0/0/2", "Gi0/0/3"]),
        ("ge-0/0/0-1", ["ge-0/0/0", "ge-0/0/1"]),
        ("eth0", ["eth0"]),
        ("1-2", ["1", "2"]),
        ("5-5", ["5"]),
        ("管理口", ["管理口"]),
    ],
)
def test_a_range_counts_its_last_number(pattern: str, names: list[str]) -> None:
    assert interfaces.expand(pattern) == names


@pytest.mark.parametrize("pattern", ["", "  ", "x" * 101, "Gi0/0/24-1", "Gi0/0/1-129", "1-99999"])
def test_a_range_that_cannot_be_is_refused(app: Flask, pattern: str) -> None:
    with app.test_request_context(), pytest.raises(InvalidError):
        interfaces.expand(pattern)


def test_an_interface_has_one_cable_and_the_sentence_says_to_where(any_world: World) -> None:
    one, two, three = (save(any_world, name=name) for name in ("one", "two", "three"))
    first, second, third = (ports(any_world, device)[0] for device in (one, two, three))
    plug(any_world, first, second, label="A-17")
    for here, there in ((third, second), (first, third), (second, third)):
        with pytest.raises(ConflictError, match=r"is connected to .* already"):
            plug(any_world, here, there)
    with pytest.raises(InvalidError, match="two different ends"):
        plug(any_world, third, third)
    with pytest.raises(ConflictError, match=r"to two Gi0/0/1\. Unplug"), unit_of_work():
        interfaces.remove_interface(one, first.id, actor=SYSTEM, now=any_world.now)
    assert db.session.query(Link).count() == 1


def test_a_cable_is_in_the_history_of_both_ends(world: World) -> None:
    one, two = save(world, name="one"), save(world, name="two")
    first, second = ports(world, one)[0], ports(world, two)[0]
    plug(world, first, second, label="A-17")
    with unit_of_work():
        interfaces.disconnect(two, second.id, actor=SYSTEM, now=world.now)
    for device, far in ((one, "two Gi0/0/1"), (two, "one Gi0/0/1")):
        events = history.timeline(device, world.actor("emma")).events
        assert [event.title for event in events][:2] == ["Cable taken out", "Cable put in"]
        assert far in str(events[0].changes)
    assert db.session.query(Link).count() == 0


def test_a_device_with_a_cable_is_not_deleted_and_without_one_its_interfaces_go(any_world: World) -> None:
    one, two = save(any_world, name="one"), save(any_world, name="two")
    first, second = ports(any_world, one)[0], ports(any_world, two)[0]
    plug(any_world, first, second)
    with pytest.raises(ConflictError, match="A cable still leads to two"), unit_of_work():
        remove_devices([two], actor=SYSTEM, now=any_world.now)
    with unit_of_work():
        interfaces.disconnect(one, first.id, actor=SYSTEM, now=any_world.now)
        remove_devices([two], actor=SYSTEM, now=any_world.now)
    assert db.session.query(Interface).count() == 2


def test_interfaces_are_added_connected_and_removed_in_the_page(app: Flask, world: World) -> None:
    one, two = save(world, name="one"), save(world, name="two")
    ports(world, two)
    browser = Browser(app, "emma")
    path = f"/equipment/devices/{one.id}/interfaces"
    assert browser.post(path, name="Gi0/0/1-60", kind="fibre", speed_mbps="10000").status_code == 302
    assert browser.post(path, name="Gi0/0/60-61", kind="fibre").status_code == 422
    fresh()
    first = db.session.query(Interface).filter_by(device_id=one.id).order_by(Interface.id).first()
    assert first is not None
    number = first.id
    browser.post(f"{path}/{number}/connect", other_id=two.id, other_name="Gi9/9/9")
    browser.post(f"{path}/{number}/connect", other_id=two.id, other_name="Gi0/0/2", label="A-17")
    page = browser.get(path).text
    assert "two has no interface" in page
    for text in ("10 Gbit/s", "A-17", "Unplug", 'rel="next"'):
        assert text in page, text
    assert "60 interfaces" in browser.get(f"/equipment/devices/{one.id}?whole=1").text
    browser.post(f"{path}/{number}/disconnect")
    browser.post(f"{path}/{number}/remove")
    fresh()
    assert db.session.query(Interface).filter_by(device_id=one.id).count() == 59


def test_no_cable_leads_to_another_client_or_out_of_ones_reach(app: Flask, world: World) -> None:
    here = save(world, name="here")
    branch = save(world, name="branch", site_id=world.sites["north-2"].id)
    theirs = save(world, name="theirs", site_id=world.sites["south-1"].id)
    mine, far, foreign = (ports(world, device)[0] for device in (here, branch, theirs))
    with pytest.raises(InvalidError, match="has no interface"):
        plug(world, mine, foreign)
    with pytest.raises(NotAllowedError):
        plug(world, mine, far, "erik")
    path = f"/equipment/devices/{here.id}/interfaces/{mine.id}/connect"
    for who in ("stan", "rita"):
        answer = Browser(app, who).post(path, other_id=branch.id, other_name=far.name)
        assert answer.status_code == 404, who
    fresh()
    assert db.session.query(Link).count() == 0


@pytest.mark.parametrize(
    "fields",
    [{"name": "a\x00b"}, {"kind": "magic"}, {"speed_mbps": "0"}, {"speed_mbps": "9" * 30}, {"name": ""}],
)
def test_odd_input_is_refused_beside_its_field(app: Flask, world: World, fields: dict[str, str]) -> None:
    device = save(world)
    answer = Browser(app, "emma").post(
        f"/equipment/devices/{device.id}/interfaces", **{"name": "e1", "kind": "copper"} | fields
    )
    assert answer.status_code == 422
    fresh()
    assert db.session.query(Interface).count() == 0
