"""A device's past: who changed what and why, what else happened, and the record of an earlier day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.equipment import history
from servicedesk.equipment.models import Device
from servicedesk.equipment.service import DeviceData, remove_access, save_access, save_device
from servicedesk.repairs.service import RepairData, open_repair
from servicedesk.tickets.belongings import add_cost
from tests.servicedesk.belongings import Belongings
from tests.servicedesk.conftest import Queries
from tests.servicedesk.world import SYSTEM, Browser, World, fresh


def keep(world: World, device: Device | None, day: int, reason: str = "", **values: Any) -> Device:
    """Save as it would have been ``day`` days after the world's now."""
    data = DeviceData(**{"name": "sw1", "site_id": world.sites["north-1"].id, **values})
    with unit_of_work():
        now = world.now + timedelta(days=day)
        return save_device(device, data, actor=world.actor("emma"), now=now, reason=reason)


def test_the_record_of_any_day_comes_back(any_world: World) -> None:
    device = keep(any_world, None, 0, notes="first", vendor="Huawei")
    keep(any_world, device, 2, notes="second", vendor="Huawei")
    keep(any_world, device, 4, notes="third", vendor="H3C", site_id=any_world.sites["north-2"].id)
    seen = {day: history.as_of(device, any_world.now + timedelta(days=day)) for day in (-1, 1, 3, 5)}
    assert seen[-1] is None
    notes = {day: then.values["notes"] for day, then in seen.items() if then}
    assert notes == {1: "first", 3: "second", 5: "third"}
    assert seen[3] is not None
    assert (seen[3].values["site_id"], seen[3].values["vendor"]) == ("North site 1", "Huawei")
    assert seen[3].changed == {"notes", "vendor", "site_id"}


def test_the_timeline_joins_changes_moves_tickets_parts_and_findings(app: Flask, world: World) -> None:
    own = Belongings.make(world, "north")
    with unit_of_work():
        open_repair(own.device, RepairData("hums"), actor=SYSTEM, now=world.now)
        add_cost(
            own.ticket,
            kind="part",
            description="Fan",
            quantity="1",
            unit_price="80",
            serial_old="F-1",
            serial_new="F-2",
            actor=SYSTEM,
            now=world.now,
        )
    keep(world, own.device, 1, "the rack was full", name="northbox1", site_id=world.sites["north-2"].id)
    with app.test_request_context():
        found = history.timeline(own.device, world.actor("emma"))
    assert {event.kind for event in found.events} == set(history.KINDS)
    page = Browser(app, "emma").get(f"/equipment/devices/{own.device.id}/history").text
    for text in (
        "the rack was full",
        "North site 2",
        "ticket about northbox1",
        "Fan",
        "F-1 → F-2",
        "Emma",
        "Processor use of northbox1: hot northbox1",
    ):
        assert text in page, text
    only = Browser(app, "emma").get(f"/equipment/devices/{own.device.id}/history?kind=move").text
    assert "the rack was full" in only
    assert "Fan" not in only


def test_a_new_device_does_not_inherit_the_past_of_a_deleted_one_with_its_number(world: World) -> None:
    old = keep(world, None, 0, notes="old secret")
    number = old.id
    with unit_of_work():
        db.session.delete(old)
    new = keep(world, None, 1, notes="new")
    assert new.id == number
    events = history.timeline(new, world.actor("emma")).events
    assert len(events) == 1
    assert "old secret" not in str(events)


def test_a_long_history_is_read_page_by_page_with_the_same_queries(app: Flask, world: World) -> None:
    device = keep(world, None, 0)
    for day in range(1, 4):
        keep(world, device, day, notes=f"change {day}")
    emma = world.actor("emma")
    with Queries() as few:
        history.timeline(device, emma)
    for day in range(4, 80):
        keep(world, device, day, notes=f"change {day}")
    with Queries() as many:
        first = history.timeline(device, emma)
    assert many.count <= few.count  # the few include the registration, whose site is looked up
    assert len(first.events) == history.PAGE
    rest = history.timeline(device, emma, before=first.next_before)
    assert rest.next_before is None
    assert len(first.events) + len(rest.events) == 80
    assert not {event.at for event in first.events} & {event.at for event in rest.events}


def test_events_of_one_moment_are_not_lost_between_two_pages(world: World) -> None:
    device = keep(world, None, 0)
    for number in range(60):
        keep(world, device, 1, notes=f"change {number}")
    first = history.timeline(device, world.actor("emma"))
    rest = history.timeline(device, world.actor("emma"), before=first.next_before)
    assert len(first.events) + len(rest.events) >= history.PAGE + 1


def test_odd_days_and_moments_in_the_address_show_a_page(app: Flask, world: World) -> None:
    device = keep(world, None, 0)
    browser = Browser(app, "emma")
    for query in ("date=", "date=x", "date=0001-01-01", "date=9999-12-31", "date=2026-02-30"):
        assert browser.get(f"/equipment/devices/{device.id}/as-of?{query}").status_code == 200, query
    for query in ("before=x", "before=0001-01-01T00:00:00%2B00:00", "before=2026-01-01", "kind=%3Cscript%3E"):
        answer = browser.get(f"/equipment/devices/{device.id}/history?{query}")
        assert answer.status_code == 200, query
        assert "<script>" not in answer.text.replace("<script src", "").replace('<script type="module"', "")


def test_nobody_of_another_client_reads_the_past(app: Flask, world: World) -> None:
    theirs = Belongings.make(world, "south")
    browser = Browser(app, "emma")
    for page in ("history", "as-of"):
        assert browser.get(f"/equipment/devices/{theirs.device.id}/{page}").status_code == 404
    fresh()


def test_a_way_to_ask_is_told_by_the_credentials_name_and_the_protocols_word(
    app: Flask, world: World
) -> None:
    device = world.device("sw1", protocol="snmp")
    credential = device.accesses[0].credential
    assert credential is not None
    with unit_of_work():
        save_access(device, protocol="snmp", port=1161, credential=credential, actor=SYSTEM, now=world.now)
        remove_access(device.accesses[0], actor=SYSTEM, now=world.now)
    page = Browser(app, "emma").get(f"/equipment/devices/{device.id}/history").text
    assert f'<span class="soft">Credential</span> <del>{credential.name}</del>' in page
    assert '<span class="soft">Protocol</span> <del>SNMP</del>' in page
