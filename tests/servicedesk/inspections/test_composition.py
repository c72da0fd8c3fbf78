"""What lasts of a device's parts, ports and neighbours, and what is said of a difference."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from collectors.facts.snmp.assembly import facts_from_recording
from collectors.model import Component, DeviceFacts, FactError, Interface, Neighbour
from collectors.outcome import Outcome
from servicedesk.inspections.drift.comparing import compared
from servicedesk.inspections.drift.composition import (
    Composition,
    Module,
    Peer,
    Port,
    host_key,
    observed,
    port_key,
)
from tests.conftest import recordings_folder

NOTHING = Composition()
ASKED = frozenset({"inventory", "interfaces", "neighbours"})


def port(name: str, *, kind: str = "ethernetCsmacd", **values: object) -> Interface:
    told = {"admin_status": "up", "oper_status": "up", "speed_bps": 10**9} | values
    return Interface(1, name, type=kind, **told)  # type: ignore[arg-type]  # as named


def peer(local: str, name: str, remote: str = "Gi0/48", platform: str = "") -> Neighbour:
    return Neighbour("lldp", local, name, remote, platform)


def seen(facts: DeviceFacts, before: Composition = NOTHING) -> Composition:
    return observed(replace(facts, asked=facts.asked or ASKED), before)[0]


def said(before: Composition, after: Composition) -> list[str]:
    return [str(one.message) for one in compared(before, after)]


@pytest.mark.parametrize(
    "name",
    """
    veth1a2b3c docker0 br-0123abcd virbr0 vnet3 tap0 tun0 cali0123 cni0 flannel.1 lo lo0 dummy0 wg0 tailscale0
    Vlan10 Vlanif210 Vlan-interface1 NULL0 InLoopBack0 LoopBack1 Loopback0 Nu0 Virtual-Template0 vif8.0 xenbr0
    Tunnel1 lsi gr-0/0/0 pimd vtep ssl.root sit0 ovs-system Console9/0/0 br0
    """.split(),  # noqa: SIM905 - thirty words in quotes say no more
)
def test_what_comes_and_goes_by_itself_is_left_out(name: str) -> None:
    assert seen(DeviceFacts(interfaces=(port("eth0"), port(name)))).interfaces == (Port("eth0", "up"),)


@pytest.mark.parametrize(
    "name",
    """
    Gi1/0/1 GigabitEthernet0/0/1 ge-0/0/1 Te1/1/4 xe-0/1/0 eth0 ens192 eno1 enp3s0f1 bond0 Eth-Trunk1 Po1 ae0
    Bridge-Aggregation10 port-channel10 1 A1 mgmt0 MEth0/0/1 40GE0/3/0 wan1 vmnic0 Ethernet1/49 fxp0
    """.split(),  # noqa: SIM905 - as above
)
def test_what_has_a_socket_stays(name: str) -> None:
    assert [one.name for one in seen(DeviceFacts(interfaces=(port(name),))).interfaces or ()] == [name]


def test_virtual_types_subinterfaces_and_layers_of_windows_are_left_out() -> None:
    facts = DeviceFacts(
        interfaces=(
            port("Gi0/1"),
            port("Gi0/1.100"),
            port("DEFAULT_VLAN", kind="propVirtual"),
            port("ethernet_0", alias="Ethernet0-WFP 802.3 MAC Layer LightWeight Filter-0000"),
        )
    )
    assert [one.name for one in seen(facts).interfaces or ()] == ["Gi0/1"]


def test_counters_states_and_the_speed_of_a_desk_make_no_difference() -> None:
    first = seen(DeviceFacts(interfaces=(port("Gi0/1"), port("Gi0/2"))))
    quiet = port("Gi0/1", oper_status="down", speed_bps=10_000_000, in_octets=7, last_change_s=5.0)
    assert seen(DeviceFacts(interfaces=(quiet, port("Gi0/2"))), first) == first


def test_the_speed_of_a_cable_between_devices_is_kept_while_it_is_down() -> None:
    neighbours = (peer("GigabitEthernet0/1", "core"),)
    first = seen(DeviceFacts(interfaces=(port("Gi0/1"),), neighbours=neighbours))
    assert (first.interfaces or ())[0].speed_mbps == 1000
    down = seen(DeviceFacts(interfaces=(port("Gi0/1", oper_status="down", speed_bps=0),)), first)
    assert down.interfaces == first.interfaces
    slow = seen(DeviceFacts(interfaces=(port("Gi0/1", speed_bps=10**8),), neighbours=neighbours), first)
    assert said(first, slow) == ["Interface Gi0/1 runs at 100 Mbit/s, was 1000"]


def test_another_way_of_asking_is_no_change() -> None:
    """Long names and no descriptions over the command line, short names and descriptions over SNMP."""
    first = seen(DeviceFacts(interfaces=(port("Gi0/1", alias="uplink"), port("Gi0/2", alias="wifi"))))
    cli = tuple(
        port(f"GigabitEthernet0/{number}", admin_status="unknown", speed_bps=None) for number in (1, 2)
    )
    assert seen(DeviceFacts(interfaces=cli), first) == first


def test_differences_of_interfaces_are_told_in_words() -> None:
    first = seen(DeviceFacts(interfaces=(port("Gi0/1", alias="uplink"), port("Gi0/2"), port("Gi0/3"))))
    second = seen(
        DeviceFacts(
            interfaces=(port("Gi0/1", alias="to core"), port("Gi0/2", admin_status="down"), port("Gi0/7"))
        ),
        first,
    )
    assert said(first, second) == [
        "Interface Gi0/1: description “uplink” → “to core”",
        "Interface Gi0/2 was disabled",
        "Interface Gi0/7 new",
        "Interface Gi0/3 gone",
    ]


def test_hardware_is_told_by_place_and_serial_number() -> None:
    first = Composition(modules=(Module("PSU 1", "power", "AC", "P1"), Module("slot 2", "module", "LC", "A")))
    second = Composition(
        modules=(Module("PSU 2", "power", "AC", "P1"), Module("slot 2", "module", "LC", "B"))
    )
    assert said(first, second) == [
        "AC P1 moved from PSU 1 to PSU 2",
        "slot 2 replaced: serial number A → B",
    ]
    third = Composition(
        modules=(Module("slot 2", "module", "LC", "A"), Module("slot 3", "module", "LC", "C"))
    )
    assert said(first, third) == ["slot 3 is new: LC C", "PSU 1 removed: AC P1"]


def test_disks_that_change_their_names_at_a_start_are_the_same() -> None:
    def disk(name: str, serial: str) -> Component:
        return Component(name, "disk", model="MZ7", serial=serial)

    first = seen(DeviceFacts(inventory=(disk("sda", "S1"), disk("sdb", "S2"))))
    assert seen(DeviceFacts(inventory=(disk("sda", "S2"), disk("sdb", "S1"))), first) == first
    replaced = seen(DeviceFacts(inventory=(disk("sda", "S2"), disk("sdb", "S3"))), first)
    assert said(first, replaced) == ["MZ7 S3 is new: MZ7 S3", "MZ7 S1 removed: MZ7 S1"]


def test_what_nobody_could_pull_out_is_no_hardware() -> None:
    parts = (
        Component("sensor 1", "sensor", serial="X"),
        Component("BIOS", "module", firmware="1.2"),
        Component("slot 9", "module", serial="N/A"),
        Component("Fan 1", "fan", model="F"),
        Component("Gi0/1", "port"),
    )
    assert observed(DeviceFacts(inventory=parts, asked=ASKED), NOTHING) == (NOTHING, frozenset())


def test_telephones_workstations_and_nameless_things_are_no_neighbours() -> None:
    facts = DeviceFacts(
        neighbours=(
            peer("Gi0/1", "SEP001122334455"),
            peer("Gi0/2", "00:11:22:33:44:55"),
            peer("Gi0/3", "desk", platform="Yealink IP Phone T46"),
            peer("Gi0/4", "LAPTOP-7KQ"),
            peer("Gi0/5", "core.example.net"),
        )
    )
    assert [one.name for one in seen(facts).neighbours or ()] == ["core.example.net"]


def test_differences_of_neighbours_are_told_in_words() -> None:
    first = Composition(
        neighbours=(Peer("Gi0/1", "a", "1"), Peer("Gi0/2", "b", "1"), Peer("Gi0/3", "c", "1"))
    )
    second = Composition(
        neighbours=(Peer("GigabitEthernet0/1", "x", "9"), Peer("Gi0/2", "B.example.net", "2"))
    )
    assert said(first, second) == [
        "Neighbour on Gi0/1 is now x 9, was a 1",
        "Gi0/2 is now plugged into 2 of B.example.net, was 1",
        "Neighbour on Gi0/3 gone: c 1",
    ]


def test_what_was_not_told_goes_on_as_it_was() -> None:
    first = seen(
        DeviceFacts(
            interfaces=(port("Gi0/1"),),
            inventory=(Component("c", "chassis", serial="S"),),
            neighbours=(peer("Gi0/1", "core"),),
        )
    )
    failed = tuple(FactError(fact, Outcome.TIMEOUT, "no answer") for fact in sorted(ASKED))
    assert observed(DeviceFacts(errors=failed, asked=ASKED), first) == (first, frozenset())
    assert observed(DeviceFacts(asked=frozenset({"identity"})), first) == (first, frozenset())
    found, told = observed(DeviceFacts(asked=ASKED), first)
    assert told == {"neighbours"}  # no neighbour is an answer; no interface is none
    assert (found.interfaces, found.neighbours) == (first.interfaces, ())


def test_hostile_names_are_cut_and_cleaned() -> None:
    facts = DeviceFacts(
        interfaces=(port("x" * 10_000), port("\x00\x1b[31m<script>", alias="a\nb\x07")),
        inventory=tuple(Component("same", "module", model="m", serial=str(n)) for n in range(5000)),
    )
    found = seen(facts)
    assert all(len(one.name) <= 100 and one.name.isprintable() for one in found.interfaces or ())
    assert len(found.modules or ()) == 4000
    assert Composition.unpacked(found.packed()[1]) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [("GigabitEthernet1/0/1", "Gi1/0/1"), ("ge-0/0/1", "ge-0/0/1.0"), ("TenGigabitEthernet1/1", "Te 1/1")],
)
def test_a_port_is_the_same_by_its_long_and_short_name(one: str, other: str) -> None:
    assert port_key(one) == port_key(other)


def test_names_of_hosts_are_compared_without_domain_and_serial_number() -> None:
    assert host_key("Core-1.example.net") == host_key("core-1") == host_key("CORE-1(FOC123)")
    assert host_key("10.0.0.1") != host_key("10.0.0.2")


FOLDER = recordings_folder()
RECORDINGS = sorted((FOLDER / "snmp").glob("*.snmprec")) if FOLDER else [Path("none")]


@pytest.mark.recordings
@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_a_recorded_device_seen_twice_did_not_change(recording: Path) -> None:
    facts = facts_from_recording(recording.read_bytes())
    first, told = observed(facts, NOTHING)
    again, _told = observed(facts, first)
    assert again == first
    assert Composition.unpacked(first.packed()[1]) == first
    assert len(first.packed()[1]) < 4096
    names = {one.name for one in first.interfaces or ()}
    assert not [
        one for one in names if one.casefold().startswith(("vlan", "loopback", "null", "veth", "lo0"))
    ]
    assert told <= facts.asked | {"modules"}
