"""Answers of generations of Junos other than those recorded, after manuals and field reports."""

from __future__ import annotations

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
