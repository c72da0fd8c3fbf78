"""Answers of generations of Comware other than those recorded, after manuals and field reports."""

from __future__ import annotations

import pytest

from collectors.errors import ParseError
from collectors.facts.cli.rows import Alarm
from collectors.outcome import Outcome
from tests.support.answers import read, sensors, states, visit

COMWARE_FABRIC = {
    "display memory": """
Memory statistics are measured in KB:
Chassis 1 Slot 0:
             Total      Used      Free    Shared   Buffers    Cached   FreeRatio
Mem:        984560    456128    528432         0       984    131404       53.7%
Chassis 2 Slot 0 CPU 1:
             Total      Used      Free    Shared   Buffers    Cached   FreeRatio
Mem:        984560    456128    528432         0       984    131404       50.0%
""",
    "display environment": """
System temperature information (degree centigrade):
-------------------------------------------------------------------------------
Chassis Slot Sensor    Temperature Lower Warning-Upper Alarm-Upper Shutdown-Upper
1       0    hotspot 1 40          0     80            97          NA
2       0    hotspot 1 44          0     80            97          NA
""",
    "display fan": """
Fan-tray state on chassis 1:
Fan-tray 1    state: Normal
Fan-tray 2    state: Absent

Fan-tray state on chassis 2:
Fan-tray 1    state: Fault
""",
    "display power": """
 Chassis 1:
 Power 1 State: Normal
 Chassis 2:
 Power 1 State: Fault
""",
}


def test_slots_of_two_chassis_are_two() -> None:
    pools = [one.name for one in read("hp_comware", "display memory", COMWARE_FABRIC["display memory"])]
    assert pools == ["Chassis 1 Slot 0", "Chassis 2 Slot 0 CPU 1"]
    assert sensors("hp_comware", "display environment", COMWARE_FABRIC["display environment"]) == [
        ("temperature", "Chassis 1 Slot 0 hotspot 1", 40),
        ("temperature", "Chassis 2 Slot 0 hotspot 1", 44),
    ]
    assert states("hp_comware", "display fan", COMWARE_FABRIC["display fan"]) == {
        "Fan 1/1": Outcome.OK,
        "Fan 2/1": Outcome.CRITICAL,
    }
    assert states("hp_comware", "display power", COMWARE_FABRIC["display power"]) == {
        "Power supply 1/1": Outcome.OK,
        "Power supply 2/1": Outcome.CRITICAL,
    }


def test_memory_of_comware_5_by_slots() -> None:
    one = "System Total Memory(bytes): 431869088\nTotal Used Memory(bytes): 71963156\nUsed Rate: 16%\n"
    names = [pool.name for pool in read("hp_comware", "display memory", f"Slot 1:\n{one}\nSlot 2:\n{one}")]
    assert names == ["Slot 1", "Slot 2"]


def test_alarms_of_large_comware_switches() -> None:
    fabric = """
Chassis Slot  Level    Info
1       6     ERROR    Fan 2 is absent.
2       -     WARNING  The temperature of sensor 3 exceeds the lower limit.
"""
    alarms = [one for one in read("hp_comware", "display alarm", fabric) if isinstance(one, Alarm)]
    assert [(one.name, one.outcome) for one in alarms] == [
        ("Chassis 1 slot 6: Fan 2 is absent.", Outcome.CRITICAL),
        ("Chassis 2: The temperature of sensor 3 exceeds the lower limit.", Outcome.WARNING),
    ]
    alone = "Slot Level Info\n-    NOTICE  Something to be known.\n10   ERROR  Board is faulty.\n"
    alarms = [one for one in read("hp_comware", "display alarm", alone) if isinstance(one, Alarm)]
    assert [one.name for one in alarms] == [
        "Something to be known.",
        "Slot 10: Board is faulty.",
    ]
    assert visit("hp_comware", display_alarm="Slot Level Info\n").extra["alarms"] == ()
    with pytest.raises(ParseError):
        read("hp_comware", "display alarm", "something else")


def test_counts_of_a_comware_log_without_slots() -> None:
    heading = "  EMERG ALERT  CRIT ERROR  WARN NOTIF  INFO DEBUG\n"
    (log,) = read(
        "hp_comware",
        "display logbuffer summary",
        f"{heading}      0     0     2     5    22     0     1     0\n",
    )
    assert (log.slot, log.counts[2], log.counts[3]) == ("", 2, 5)
    (log,) = read("hp_comware", "display logbuffer summary", f" Slot{heading} 1 0 0 2 5 22 0 1 0\n")
    assert (log.slot, log.counts[2]) == ("Slot 1", 2)


def test_a_member_whose_mac_address_is_in_capitals() -> None:
    members = read("hp_comware", "display irf", " *+1      0     Master  32        00E0-FC0A-15E0  ---\n")
    assert [(one.name, one.role) for one in members] == [("Member 1", "Master")]


def test_switches_of_comware_3() -> None:
    (processor,) = read(
        "hp_comware",
        "display cpu-usage",
        "Unit 1\nBoard 0 CPU busy status:\n     15% in last 5 seconds\n"
        "     15% in last 1 minute\n     16% in last 5 minutes\n",
    )
    assert (processor.name, processor.usage_percent) == ("Board 0 CPU", 16)
    (pool,) = read(
        "hp_comware",
        "display memory",
        "Unit 1\n System Available Memory(bytes): 97412096\n"
        " System Used Memory(bytes): 25345678\n Used Rate: 26%\n",
    )
    assert (pool.total_bytes, pool.used_bytes) == (97412096, 25345678)
    ports = read(
        "hp_comware",
        "display interface brief",
        "Eth1/0/1    UP      100M(a) F(a)   access 1\nEth1/0/2    ADM DOWN auto    auto   access 1\n",
    )
    assert [(one.name, one.admin_status) for one in ports] == [("Eth1/0/1", "up"), ("Eth1/0/2", "down")]


def test_versions_of_comware_end_before_the_comma_and_3com_has_its_own() -> None:
    old = "Comware Software, Version 5.20, Release 2202P21, Standard\nH3C S5120-28C-EI uptime is 1 week\n"
    (identity,) = read("hp_comware", "display version", old)
    assert identity.version == "5.20 Release 2202P21"
    older = "Switch 4500 PWR 26-Port Software Version 3Com OS V3.03.02s168p20\n"
    (identity,) = read("hp_comware", "display version", older)
    assert identity.version == "V3.03.02s168p20"


LLDP = """
LLDP neighbor-information of port 1[GigabitEthernet1/0/1]:
LLDP agent nearest-bridge:
 LLDP neighbor index : 1
 Chassis ID          : 3c8c-4000-0002
 Port ID             : GigabitEthernet1/0/24
 System name         : access-2
 LLDP neighbor index : 2
 Chassis ID          : 0011-2233-4455
 Port ID             : port-001
 System name         : phone-7
LLDP neighbor-information of port 2[GigabitEthernet1/0/2]:
 Neighbor index   : 1
 ChassisID/subtype   : 3c8c-4000-0009/MAC address
 PortID/subtype      : GigabitEthernet1/0/9/Interface name
"""


def test_several_neighbours_of_a_port_and_those_of_comware_5() -> None:
    found = read("hp_comware", "display lldp neighbor-information verbose", LLDP)
    assert [(one.local_interface, one.remote_chassis, one.remote_interface) for one in found] == [
        ("GigabitEthernet1/0/1", "3c:8c:40:00:00:02", "GigabitEthernet1/0/24"),
        ("GigabitEthernet1/0/1", "00:11:22:33:44:55", "port-001"),
        ("GigabitEthernet1/0/2", "3c:8c:40:00:00:09", "GigabitEthernet1/0/9"),
    ]
    listed = (
        "Local Interface Chassis ID      Port ID                    System Name\n"
        "XGE1/0/49       *3c8c-4000-0003 Ten-GigabitEthernet1/0/49  core-1\n"
    )
    (one,) = read("hp_comware", "display lldp neighbor-information list", listed)
    assert one.remote_chassis == "3c:8c:40:00:00:03"


def test_peers_with_signs_before_and_words_behind() -> None:
    bgp = "  *192.0.2.3            65003        0        0    0        0 00:00:12 Idle(Admin)\n"
    (peer,) = read("hp_comware", "display bgp peer ipv4", bgp)
    assert (peer.name, peer.state) == ("192.0.2.3", "Idle(Admin)")
    ospf = " 192.0.2.3        192.0.2.9        1   40         2-Way/ -          GE1/0/1\n"
    (peer,) = read("hp_comware", "display ospf peer", ospf)
    assert (peer.name, peer.state) == ("192.0.2.3", "2-Way/ -")


def test_a_port_of_a_static_aggregation_is_not_said_to_be_unselected() -> None:
    static = "GigabitEthernet1/0/2:\nAggregate Interface: Bridge-Aggregation2\nPort Number: 2\nOper-Key: 2\n"
    assert read("hp_comware", "display link-aggregation member-port", static) == []


def test_interfaces_of_comware_that_a_protocol_has_shut_and_masks_in_short_lists() -> None:
    shut = "GigabitEthernet1/0/4\nCurrent state: STP DOWN\nLine protocol state: DOWN\n"
    (port,) = read("hp_comware", "display interface", shut)
    assert (port.admin_status, port.oper_status) == ("up", "down")
    listed = "GE0/0/1             up       up       192.0.2.1/24        --           uplink\n"
    (port,) = read("hp_comware", "display ip interface brief", listed)
    assert port.addresses == ("192.0.2.1/24",)
    brief = "HGE1/0/53            UP   100G(a) F(a)   T    1    --\n"
    (port,) = read("hp_comware", "display interface brief", brief)
    assert (port.type, port.alias, port.speed_bps) == ("ethernetCsmacd", "", 100_000_000_000)
