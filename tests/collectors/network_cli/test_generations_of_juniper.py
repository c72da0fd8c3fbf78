"""Answers of generations of Junos other than those recorded, after manuals and field reports."""

from __future__ import annotations

import pytest

from collectors.errors import ParseError
from collectors.model import Component, MemoryPool
from collectors.outcome import Outcome
from tests.support.answers import read, sensors, states


def test_environment_of_junos_with_words_above_and_empty_bays() -> None:
    answer = """
Class Item                           Status     Measurement
Temp  FPC 0 CPU                      OK         48 degrees C / 118 degrees F
      FPC 0 Exhaust                  OK         36 degrees C / 96 degrees F
Power FPC 0 Power Supply 0           OK
      FPC 0 Power Supply 1           Absent
Fans  FPC 0 Fan Tray 0               Check
      FPC 0 Fan 1                    OK         Spinning at normal speed
"""
    told = sensors("juniper_junos", "show chassis environment", answer)
    assert [(kind, name) for kind, name, _value in told] == [
        ("state", "FPC 0 CPU"),
        ("temperature", "FPC 0 CPU"),
        ("state", "FPC 0 Exhaust"),
        ("temperature", "FPC 0 Exhaust"),
        ("state", "FPC 0 Power Supply 0"),
        ("state", "FPC 0 Fan Tray 0"),
        ("state", "FPC 0 Fan 1"),
    ]
    assert states("juniper_junos", "show chassis environment", answer)["FPC 0 Fan Tray 0"] is Outcome.CRITICAL


def test_pieces_of_junos_are_named_by_what_holds_them() -> None:
    answer = """
Hardware inventory:
Item             Version  Part number  Serial number     Description
Chassis                                JN1200000000      MX240
Routing Engine 0 REV 01   740-051822   9009000000        RE-S-1800x4
FPC 1            REV 14   750-031087   ABBD0000          MPC Type 1 3D
  CPU            REV 06   711-030884   ABBE0000          MPC PMB 2G
  MIC 0          REV 24   750-028387   ABBF0000          3D 4x 10GE  XFP
    PIC 0                 BUILTIN      BUILTIN           2x 10GE  XFP
      Xcvr 0     REV 01   740-014289   T10A00000         XFP-10G-SR
FPC 2            REV 14   750-031087   ABBD0001          MPC Type 1 3D
  CPU            REV 06   711-030884   ABBE0001          MPC PMB 2G
"""
    pieces = read("juniper_junos", "show chassis hardware", answer)
    names = [one.name for one in pieces if isinstance(one, Component)]
    assert names == [
        "Chassis",
        "Routing Engine 0",
        "FPC 1",
        "FPC 1 CPU",
        "FPC 1 MIC 0",
        "FPC 1 MIC 0 PIC 0",
        "FPC 1 MIC 0 PIC 0 Xcvr 0",
        "FPC 2",
        "FPC 2 CPU",
    ]


def test_file_systems_of_the_members_of_a_virtual_chassis_are_several() -> None:
    one = """
Filesystem              Size       Used      Avail  Capacity   Mounted on
/dev/da0s1a             184M       130M        39M       77%  /
"""
    both = f"fpc0:\n-----\n{one}\nfpc1:\n-----\n{one}"
    names = [volume.name for volume in read("juniper_junos", "show system storage", both)]
    assert names == ["fpc0 /", "fpc1 /"]
    names = [volume.name for volume in read("juniper_junos", "show system storage", f"fpc0:\n{one}")]
    assert names == ["/"]


def test_nodes_of_a_junos_cluster_are_two() -> None:
    node = """
Routing Engine status:
    Temperature                 {0} degrees C / 100 degrees F
    Total memory              4096 MB Max  2048 MB used ( 50 percent)
      Control plane memory    2600 MB Max  1000 MB used ( 38 percent)
    CPU utilization:
      User                      10 percent
      Idle                      85 percent
"""
    both = f"node0:\n-----{node.format(38)}\nnode1:\n-----{node.format(40)}"
    assert sensors("juniper_junos", "show chassis routing-engine", both) == [
        ("temperature", "Routing engine node0", 38),
        ("temperature", "Routing engine node1", 40),
    ]
    pools = [
        one
        for one in read("juniper_junos", "show chassis routing-engine", both)
        if isinstance(one, MemoryPool)
    ]
    assert [(one.name, one.used_percent) for one in pools] == [
        ("Routing engine node0", 50),
        ("Routing engine node1", 50),
    ]


def test_words_of_state_that_are_not_in_the_manual_and_frost() -> None:
    answer = """
Class Item                           Status     Measurement
Temp  FPC 0 CPU                      OK        -2 degrees C / 28 degrees F
Power PEM 1                          Fault
      PEM 2                          Input Fail
      PEM 3                          Empty
      PEM 4                          Mystery
"""
    assert ("temperature", "FPC 0 CPU", -2) in sensors("juniper_junos", "show chassis environment", answer)
    assert states("juniper_junos", "show chassis environment", answer) == {
        "FPC 0 CPU": Outcome.OK,
        "PEM 1": Outcome.CRITICAL,
        "PEM 2": Outcome.CRITICAL,
        "PEM 4": Outcome.UNSUPPORTED,
    }


def test_alarms_that_are_announced_and_not_read_are_no_empty_list() -> None:
    nodes = """
node0:
No alarms currently active
node1:
1 alarms currently active
Alarm time               Class  Description
2026-06-01 10:00:00 UTC  Major  PEM 1 Not Powered
"""
    assert len(read("juniper_junos", "show chassis alarms", nodes)) == 1
    with pytest.raises(ParseError):
        read("juniper_junos", "show chassis alarms", nodes.replace("2026-06-01 10:00:00 UTC", "yesterday"))


JUNOS_UNITS = """
Physical interface: ge-0/0/0, Enabled, Physical link is Up
  Link-level type: Ethernet, MTU: 1514, Speed: 1000mbps
  Input errors: 3, Output errors: 4
  Logical interface ge-0/0/0.0 (Index 70) (SNMP ifIndex 504)
    Flags: Up SNMP-Traps 0x0 Encapsulation: ENET2
    Protocol inet, MTU: 1500
      Addresses, Flags: Is-Preferred Is-Primary
        Destination: 192.0.2/24, Local: 192.0.2.1, Broadcast: 192.0.2.255
        Destination: 198.51.100.0/24, Local: 198.51.100.1, Broadcast: 198.51.100.255
    Protocol inet6, MTU: 1500
      Addresses, Flags: Is-Default Is-Preferred Is-Primary
        Destination: 2001:db8::/64, Local: 2001:db8::1
Physical interface: irb, Enabled, Physical link is Up
  Logical interface irb.10 (Index 80) (SNMP ifIndex 550)
    Flags: Up SNMP-Traps
"""


def test_units_of_junos_with_several_addresses_and_ports_with_errors_in_one_line() -> None:
    port, unit, _, routed = read("juniper_junos", "show interfaces", JUNOS_UNITS)
    assert (port.in_errors, port.out_errors) == (3, 4)
    assert unit.addresses == ("192.0.2.1/24", "198.51.100.1/24", "2001:db8::1/64")
    assert (unit.type, routed.type) == ("l2vlan", "l3ipvlan")


def test_hardware_and_members_of_junos_without_fillers() -> None:
    answer = """
Chassis                                CX0200000000      EX4300-48T
FPC 0            REV 10   650-044931   PE3700000000      EX4300-48T
  CPU                     BUILTIN      BUILTIN           FPC CPU
    Xcvr 1                NON-JNPR     AGM0000000        SFP-SX
"""
    pieces = [
        one for one in read("juniper_junos", "show chassis hardware", answer) if isinstance(one, Component)
    ]
    assert [one.model for one in pieces] == ["EX4300-48T", "650-044931", "", ""]
    members = read(
        "juniper_junos",
        "show virtual-chassis",
        "3 (FPC 3)  Inactive PE3700000001 EX4300-48T     0     Linecard     N  VC\n4 (FPC 4)  NotPrsnt\n",
    )
    assert [(one.name, one.state, one.outcome) for one in members] == [
        ("Member 3", "Inactive", Outcome.CRITICAL),
        ("Member 4", "NotPrsnt", Outcome.CRITICAL),
    ]
    empty = "tmpfs                   500M         0B       500M        0%  /.mount/tmp\n"
    (volume,) = read("juniper_junos", "show system storage", empty)
    assert (volume.total_bytes, volume.used_bytes) == (500 * 1024**2, 0)
