"""Neighbours that inspections saw stand on the map of a site, apart from what is recorded."""

from __future__ import annotations

from flask import Flask

from servicedesk.core.db import unit_of_work
from servicedesk.equipment import relations
from servicedesk.equipment.topology import graph
from servicedesk.inspections.drift import ties
from tests.servicedesk.inspections.test_composition_drift import facts, hours
from tests.servicedesk.world import SYSTEM, Browser, World


def test_a_seen_neighbour_is_a_line_until_it_is_recorded(any_app: Flask, any_world: World) -> None:
    world = any_world
    switch = world.device("sw1", device_class="switch", protocol="snmp")
    core = world.device("core", device_class="switch", protocol="snmp")
    hours(world, switch, facts(peer="CORE.example.org"))
    hours(world, core, facts("Gi0/48", peer="sw1"))  # the same cable, told by its other end with another port
    found = graph.connections(switch.site)
    assert {tie.source for tie in found.ties[switch.id, core.id]} == {ties.SOURCE}
    assert "Gi0/1 – Gi0/48" in [tie.text for tie in found.ties[switch.id, core.id]]
    page = Browser(any_app, "emma").get(f"/equipment/topology/?site={switch.site_id}").text
    assert "seen, not recorded" in page
    with unit_of_work():
        relations.relate(switch, core, "connected_to", actor=SYSTEM, now=world.now)
    found = graph.connections(switch.site)
    assert [tie.source for tie in found.ties[switch.id, core.id]] == ["relation"]


def test_one_cable_told_by_both_ends_is_one_line(world: World) -> None:
    switch = world.device("sw1", device_class="switch", protocol="snmp")
    core = world.device("core", device_class="switch", protocol="snmp")
    hours(world, switch, facts("Gi0/48", peer="core"))
    hours(world, core, facts("GigabitEthernet0/48", peer="sw1"))
    assert len(ties.neighbours([switch.id, core.id])) == 1
    assert ties.neighbours([switch.id]) == []  # what lies outside of the map is no line


def test_two_devices_that_are_called_alike_are_not_guessed_at(world: World) -> None:
    switch = world.device("sw1", device_class="switch", protocol="snmp")
    one, other = (world.device(name, device_class="switch") for name in ("core.a", "core.b"))
    hours(world, switch, facts(peer="core"))
    assert ties.neighbours([switch.id, one.id, other.id]) == []
