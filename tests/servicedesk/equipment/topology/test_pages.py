"""The map of a site: cables, relations, power, hostile names, who may see it, and as files."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from flask import Flask

from servicedesk.core.db import unit_of_work
from servicedesk.equipment import relations
from servicedesk.equipment.models import Device
from servicedesk.equipment.topology import drawing, graph
from servicedesk.equipment.topology.graph import Tie
from tests.servicedesk.equipment.test_interfaces import plug, ports
from tests.servicedesk.world import SYSTEM, Browser, World

EVIL = "<script>alert(1)</script>&\"'"
SVG = "{http://www.w3.org/2000/svg}"


def related(world: World, device: Device, kind: str, other: Device) -> None:
    with unit_of_work():
        relations.relate(device, other, kind, actor=SYSTEM, now=world.now)


@pytest.fixture
def site(world: World) -> dict[str, Device]:
    """A firewall, a switch with two cables to it, a server on the switch and on one UPS, a PC on nothing."""
    made = {
        name: world.device(name, device_class=kind)
        for name, kind in (
            ("fw", "firewall"),
            ("sw", "switch"),
            (EVIL, "server"),
            ("ups-1", "ups"),
            ("pc-9", "pc"),
        )
    }
    here, there = ports(world, made["fw"]), ports(world, made["sw"], "Te1/0/1-3")
    plug(world, here[0], there[0], label="A-17")
    plug(world, here[1], there[1])
    related(world, made[EVIL], "connected_to", made["sw"])
    related(world, made[EVIL], "powered_by", made["ups-1"])
    return made


def test_the_map_shows_cables_relations_and_who_has_none(
    app: Flask, world: World, site: dict[str, Device]
) -> None:
    page = Browser(app, "emma").get(f"/equipment/topology/?site={site['fw'].site_id}").text
    assert "Gi0/0/1 – Te1/0/1 (A-17), Gi0/0/2 – Te1/0/2" in page
    assert "<script>alert" not in page
    assert f'href="/equipment/devices/{site[EVIL].id}"' in page
    assert "2 devices without a recorded connection" in page  # ups-1 and pc-9
    assert "ups-1</a>, " in page or "pc-9</a>, " in page


def test_power_says_who_has_one_feed_and_who_none(app: Flask, world: World, site: dict[str, Device]) -> None:
    page = Browser(app, "emma").get(f"/equipment/topology/?site={site['fw'].site_id}&map=power").text
    assert "1 device has one power feed recorded" in page
    assert "fed by ups-1" in page
    assert (
        "Of 2 devices it is not recorded where their power comes from." in page
    )  # fw and sw; a PC needs none
    second = world.device("ups-2", device_class="ups")
    related(world, site[EVIL], "powered_by", second)
    page = Browser(app, "emma").get(f"/equipment/topology/?site={site['fw'].site_id}&map=power").text
    assert "one power feed recorded" not in page


def test_a_power_cable_feeds_what_is_no_source(world: World) -> None:
    pdu, server = world.device("pdu", device_class="pdu"), world.device("srv", device_class="server")
    from servicedesk.equipment import interfaces

    with unit_of_work():
        out = interfaces.add_interfaces(
            pdu, "Out1", kind="power", speed_mbps=None, actor=SYSTEM, now=world.now
        )
        into = interfaces.add_interfaces(
            server, "PSU1", kind="power", speed_mbps=None, actor=SYSTEM, now=world.now
        )
    plug(world, out[0], into[0])
    found = graph.power(pdu.site)
    assert list(found.ties) == [(server.id, pdu.id)]
    assert graph.connections(pdu.site).ties == {}


@pytest.fixture
def neighbours(site: dict[str, Device]) -> Iterator[None]:
    a, b = site["sw"].id, site["pc-9"].id
    graph.register_ties("neighbours", lambda devices: [Tie(a, b, "Te1/0/3 – eth0", "neighbours")])
    yield
    graph._sources.pop("neighbours")


def test_what_inspections_saw_is_told_from_what_is_recorded(
    app: Flask, world: World, site: dict[str, Device], neighbours: None
) -> None:
    page = Browser(app, "emma").get(f"/equipment/topology/?site={site['fw'].site_id}").text
    assert "seen, not recorded" in page
    assert "seen by inspections, not recorded" in page


@pytest.mark.parametrize("kind", ["network", "power"])
def test_files_are_what_they_say_and_show_nothing_of_others(
    app: Flask, world: World, site: dict[str, Device], kind: str
) -> None:
    path = f"/equipment/topology/{site['fw'].site_id}/{kind}"
    emma = Browser(app, "emma")
    with unit_of_work():
        site["fw"].site.name = "中心大楼"
    svg = emma.get(f"{path}.svg")
    assert "%E4%B8%AD%E5%BF%83" in svg.headers["Content-Disposition"]
    assert svg.headers["Content-Disposition"].startswith("attachment")
    drawn = ElementTree.fromstring(svg.data)
    assert drawn.tag == f"{SVG}svg"
    assert drawn.findall(f".//{SVG}script") == []
    assert drawn.findall(f".//{SVG}a") == []
    assert any(EVIL[:10] in (text.text or "") for text in drawn.iter(f"{SVG}text"))
    assert emma.get(f"{path}.png").data.startswith(b"\x89PNG")
    assert emma.get(f"{path}.pdf").data.startswith(b"%PDF")
    for who in ("stan", "rita"):  # of another client; one who sees no devices
        assert Browser(app, who).get(f"{path}.svg").status_code == 404


def test_only_those_who_see_devices_see_maps(app: Flask, world: World, site: dict[str, Device]) -> None:
    number = site["fw"].site_id
    assert Browser(app, "stan").get(f"/equipment/topology/?site={number}").status_code == 404
    assert Browser(app, "rita").get("/equipment/topology/").status_code == 404
    for wrong in ("999", "abc", "9" * 400, "-1"):
        assert Browser(app, "emma").get(f"/equipment/topology/?site={wrong}").status_code in (200, 404)


def test_an_empty_site_says_what_to_do(app: Flask, world: World) -> None:
    emma = Browser(app, "emma")
    assert "No connection is recorded here yet." in emma.get("/equipment/topology/").text
    assert "No power feed is recorded here yet." in emma.get("/equipment/topology/?map=power").text
    path = f"/equipment/topology/{world.sites['north-1'].id}/network"
    for picture in ("svg", "png", "pdf"):
        assert emma.get(f"{path}.{picture}").status_code == 200


def test_too_many_devices_leave_the_network_on_the_map(
    app: Flask, world: World, site: dict[str, Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "MAX_DEVICES", 2)
    found = graph.connections(site["fw"].site)
    assert {row.name for row in found.devices.values()} == {"fw", "sw"}
    assert found.cut == 3
    page = Browser(app, "emma").get(f"/equipment/topology/?site={site['fw'].site_id}").text
    assert "3 devices are not on this map" in page


def test_names_of_numbers_stand_in_order(world: World) -> None:
    switch = world.device("sw", device_class="switch")
    for number in (10, 9, 1, 2):
        related(world, world.device(f"SRV-{number}", device_class="server"), "connected_to", switch)
    made = drawing.draw(graph.connections(switch.site), power=False)
    servers = sorted((box.y, box.x, box.label) for box in made.boxes if box.label != "sw")
    assert [label for _y, _x, label in servers] == ["SRV-1", "SRV-2", "SRV-9", "SRV-10"]
