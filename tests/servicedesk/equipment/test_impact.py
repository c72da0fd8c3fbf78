"""What stops if this stops: chains, loops, second feeds, what one may not see, and its price."""

from __future__ import annotations

import pytest
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.equipment.impact import SHOWN, Edge, impact_of, stops
from servicedesk.equipment.models import Device, DeviceRelation
from servicedesk.equipment.relations import relate
from tests.servicedesk.conftest import Queries
from tests.servicedesk.equipment.test_devices import save
from tests.servicedesk.world import SYSTEM, Browser, World, fresh


def need(world: World, device: Device, other: Device, kind: str = "depends_on") -> None:
    with unit_of_work():
        relate(device, other, kind, actor=SYSTEM, now=world.now)


@pytest.mark.parametrize(
    ("edges", "stopped", "weakened"),
    [
        ([(2, 1, "depends_on"), (3, 2, "runs_on")], {2, 3}, set()),
        ([(2, 1, "depends_on"), (1, 2, "depends_on")], {2}, set()),
        ([(2, 1, "powered_by"), (2, 9, "powered_by")], set(), {2}),
        ([(2, 1, "powered_by"), (2, 9, "powered_by"), (3, 2, "depends_on")], set(), {2}),
        ([(2, 1, "powered_by"), (2, 9, "powered_by"), (9, 1, "powered_by")], {2, 9}, set()),
        ([(2, 1, "powered_by"), (2, 9, "powered_by"), (2, 1, "depends_on")], {2}, set()),
        ([(2, 1, "powered_by")], {2}, set()),
        ([], set(), set()),
    ],
)
def test_what_stops_and_what_keeps_another_feed(
    edges: list[Edge], stopped: set[int], weakened: set[int]
) -> None:
    found = stops([1], edges)
    assert {number for number, stop in found.items() if not stop.weakened} == stopped
    assert {number for number, stop in found.items() if stop.weakened} == weakened


def test_a_chain_with_a_loop_is_followed_once(any_world: World) -> None:
    ups, host, guest, app_ = (save(any_world, name=name) for name in ("ups", "host", "guest", "app"))
    need(any_world, host, ups, "powered_by")
    need(any_world, guest, host, "runs_on")
    need(any_world, app_, guest)
    need(any_world, host, app_)  # a loop
    need(any_world, ups, app_, "connected_to")  # no need at all
    impact = impact_of([ups.id], any_world.actor("emma"))
    assert [(hit.name, hit.depth, hit.through) for hit in impact.hits] == [
        ("host", 1, "ups"),
        ("guest", 2, "host"),
        ("app", 3, "guest"),
    ]


def test_devices_that_do_not_run_are_not_counted(world: World) -> None:
    host, old = save(world, name="host"), save(world, name="old", state="retired")
    need(world, old, host, "runs_on")
    assert impact_of([host.id], world.actor("emma")).hits == ()


def test_sites_out_of_reach_are_counted_but_not_named(any_world: World) -> None:
    here = save(any_world, name="here")
    there = save(any_world, name="there", site_id=any_world.sites["north-2"].id)
    need(any_world, there, here)
    impact = impact_of([here.id], any_world.actor("erik"))
    assert (impact.hits, impact.hidden) == ((), 1)


def test_a_large_graph_takes_as_many_queries_as_a_small_one_and_is_cut(world: World) -> None:
    root = save(world, name="root")
    devices = [root]
    with unit_of_work() as session:
        for number in range(300):
            device = Device(
                client_id=root.client_id, site_id=root.site_id, name=f"d{number:03}", created_at=world.now
            )
            session.add(device)
            devices.append(device)
        session.flush()
        for number in range(1, 301):
            for other in {0, number // 2, number - 1}:
                if other != number:
                    session.add(
                        DeviceRelation(
                            device_id=devices[number].id,
                            other_id=devices[other].id,
                            kind="depends_on",
                            created_at=world.now,
                            actor_name="x",
                        )
                    )
    emma = world.actor("emma")
    leaf, _root = devices[299].id, root.id
    with Queries() as few:
        impact_of([leaf], emma)
    with Queries() as many:
        impact = impact_of([_root], emma)
    assert few.count == many.count == 2
    assert len(impact.hits) == SHOWN
    assert impact.found > SHOWN
    assert impact.cut


def test_a_device_that_many_need_shows_the_first_and_the_rest_on_request(app: Flask, world: World) -> None:
    root = save(world, name="root")
    for number in range(SHOWN + 3):
        need(world, save(world, name=f"d{number:03}"), root)
    browser = Browser(app, "emma")
    path = f"/equipment/devices/{root.id}"
    first, whole = browser.get(f"{path}?whole=1").text, browser.get(f"{path}/relations?all=1").text
    assert f"{SHOWN + 3} devices stop" in first
    assert f"Show all {SHOWN + 3}" in first
    assert "Show all" not in whole
    assert (first.count("check-row"), whole.count("check-row")) == (SHOWN, SHOWN + 3)
    assert (first.count("impact-1"), whole.count("impact-1")) == (SHOWN, SHOWN + 3)
    assert browser.get(f"{path}/relations").text.count("impact-1") == SHOWN
    rest = browser.get(f"{path}/rest").text
    assert f'hx-get="{path}/relations"' in rest
    assert "impact-1" not in rest
    assert Browser(app, "rita").get(f"{path}/relations").status_code == 404


def test_relations_are_made_and_removed_on_the_page(app: Flask, world: World) -> None:
    host, guest = save(world, name="host"), save(world, name="guest")
    theirs = save(world, name="theirs", site_id=world.sites["south-1"].id)
    browser = Browser(app, "emma")
    path = f"/equipment/devices/{guest.id}/relations"
    assert browser.post(path, other_id=host.id, kind="runs_on").status_code == 302
    assert browser.post(path, other_id=theirs.id, kind="runs_on").status_code == 404
    assert browser.post(path, other_id="x", kind="runs_on").status_code == 404
    browser.post(path, other_id=host.id, kind="worships")
    page = browser.get(f"/equipment/devices/{host.id}?whole=1").text
    assert "1 device stops" in page
    assert "carries" in page
    fresh()
    number = db.session.query(DeviceRelation).one().id
    host_path = f"/equipment/devices/{host.id}/relations"
    assert f'formaction="{host_path}/{number}/remove"' in page
    assert browser.post(f"{path}/{number}/remove").status_code == 302
    assert "No running device needs" in browser.get(f"/equipment/devices/{host.id}?whole=1").text


def test_a_fault_says_what_stops_with_its_device(app: Flask, world: World) -> None:
    host, guest = save(world, name="host"), save(world, name="guest")
    need(world, guest, host, "runs_on")
    fault = world.ticket("rita", device_id=host.id)
    assert "What stops with it" in Browser(app, "emma").get(f"/tickets/{fault.id}/rest").text
    assert "guest" not in Browser(app, "rita").get(f"/tickets/{fault.id}").text
