"""Answers of generations of VRP other than those recorded, after manuals and field reports."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors.errors import ParseError
from collectors.facts.cli.registry import parser_for
from collectors.facts.cli.rows import Alarm, DeviceTime
from collectors.model import Identity, Interface
from collectors.outcome import Outcome
from tests.support.answers import read, visit


def test_a_zone_behind_greenwich_on_vrp() -> None:
    answer = "2026-06-01 05:00:02\nMonday\nTime Zone(Local) : UTC-05:00\n"
    (shown,) = [one for one in read("huawei_vrp", "display clock", answer) if isinstance(one, DeviceTime)]
    assert shown.when.astimezone(UTC) == datetime(2026, 6, 1, 10, 0, 2, tzinfo=UTC)


def test_nothing_listed_is_an_answer_for_alarms() -> None:
    quiet = visit("huawei_vrp", display_alarm_active="There is no active alarm.\n")
    assert quiet.extra["alarms"] == ()
    with pytest.raises(ParseError):
        read("huawei_vrp", "display alarm active", "something else")
    answer = """
Sequence   AlarmId    Severity Date Time  Description
1          0x1d0000   Critical 2026-06-01 Power supply 2 lost its input
2          0x1d0001   Indeterminate 2026-06-01 09:00:00 A module speaks
"""
    alarms = [one for one in read("huawei_vrp", "display alarm active", answer) if isinstance(one, Alarm)]
    assert [one.outcome for one in alarms] == [Outcome.CRITICAL, Outcome.UNSUPPORTED]


def test_logs_of_vrp_are_counted_and_an_empty_buffer_is_an_answer() -> None:
    answer = (
        "Jun  1 2026 09:00:00 SW1 %%01IFNET/2/linkDown_active(l)[12]:The interface went down.\n"
        "Jun  1 2026 09:01:00 SW1 %%01SSH/5/LOGIN(s)[13]:A user logged in.\n"
    )
    (log,) = read("huawei_vrp", "display logbuffer", f"Logging buffer configuration\n{answer}")
    assert (log.counts, len(log.samples)) == ({2: 1, 5: 1}, 1)
    (log,) = read("huawei_vrp", "display logbuffer", "Logging buffer configuration and contents: enabled\n")
    assert log.counts == {}
    with pytest.raises(ParseError):
        read("huawei_vrp", "display logbuffer", "something else")


def test_firewalls_in_pairs_say_whether_the_other_is_there() -> None:
    (member,) = read("huawei_vrp", "display hrp state", "Role: active, peer: unknown\n")
    assert (member.name, member.outcome) == ("HRP", Outcome.CRITICAL)
    (member,) = read("huawei_vrp", "display hrp state", "Role: active, peer: standby\n")
    assert member.outcome is Outcome.OK


def test_processors_of_vrp_8_are_not_read_from_their_highest_use() -> None:
    answer = """
CPU utilization statistics at 2026-06-01 10:00:00 600 ms
System CPU Using Percentage :   7%
CPU utilization for five seconds:   6%, one minute:   8%, five minutes:   9%.
Max CPU Usage :                99%
"""
    (processor,) = read("huawei_vrp", "display cpu", answer)
    assert processor.usage_percent == 9
    (processor,) = read(
        "huawei_vrp", "display cpu", "System CPU Using Percentage :  7%\nMax CPU Usage :  99%\n"
    )
    assert processor.usage_percent == 7


def test_the_version_of_yunshan() -> None:
    answer = """
Huawei YunShan OS
Version 1.22.0.1 (S5700 V600R022C00SPC500)
HUAWEI S5735-L24T4S-A-V2 uptime is 3 days, 2 hours, 1 minute
"""
    (identity,) = [one for one in read("huawei_vrp", "display version", answer) if isinstance(one, Identity)]
    assert (identity.version, identity.model) == ("V600R022C00SPC500", "S5735-L24T4S-A-V2")


def test_counters_of_vrp_that_stand_below_their_heading() -> None:
    answer = """
Eth-Trunk1 current state : UP (ifindex: 100)
Line protocol current state : UP
Description: to core
    Input:
      1000 packets, 64000 bytes
      3 errors, 5 drops
    Output:
      2000 packets, 128000 bytes
      4 errors, 7 drops
"""
    (port,) = [one for one in read("huawei_vrp", "display interface", answer) if isinstance(one, Interface)]
    assert (port.in_octets, port.in_errors, port.in_discards) == (64000, 3, 5)
    assert (port.out_octets, port.out_errors, port.out_discards) == (128000, 4, 7)


S_ALARMS = """
A/B/C/D/E/F/G/H/I/J
A=Sequence, B=RootKindFlag(Independent|RootCause|nonRootCause)
E=ID, F=Name, G=Level, H=State
J=RootCause alarm sequence(Only for nonRootCause alarm)

  1/Independent/2026-06-01 10:00:00+08:00/-/0x40812005/hwFanInvalid/Major/Start/Fan is invalid. (Slot=0)/-
"""


BY_LEVEL = """
----------------------------------------------------------
AlarmID    Level     Date        Time      Info
----------------------------------------------------------
0x40812005 Warning   2026-06-01  10:00:00  Fan invalid. (Slot=0)
"""


WITHOUT_NUMBER = """
Level     Date        Time      Info
----------------------------------------------------------
Critical  2026-06-01  10:00:00  Power supply 2 lost its input.
"""


WRAPPED = """
Sequence   AlarmId    Severity Date Time  Description
10         0x8130059  Critical 2026-06-01 The physical state of interface is down.
                               10:00:00   (EntPhysicalIndex=16)
"""


@pytest.mark.parametrize(
    ("answer", "name", "since", "outcome"),
    [
        (
            S_ALARMS,
            "hwFanInvalid: Fan is invalid. (Slot=0)",
            "2026-06-01 10:00:00+08:00",
            Outcome.CRITICAL,
        ),
        (BY_LEVEL, "Fan invalid. (Slot=0)", "2026-06-01  10:00:00", Outcome.WARNING),
        (WITHOUT_NUMBER, "Power supply 2 lost its input.", "2026-06-01  10:00:00", Outcome.CRITICAL),
        (
            WRAPPED,
            "The physical state of interface is down. (EntPhysicalIndex=16)",
            "2026-06-01 10:00:00",
            Outcome.CRITICAL,
        ),
    ],
)
def test_alarms_of_every_series(answer: str, name: str, since: str, outcome: Outcome) -> None:
    (alarm,) = read("huawei_vrp", "display alarm active", answer)
    assert (alarm.name, alarm.since, alarm.outcome) == (name, since, outcome)


def test_an_alarm_in_a_form_not_known_is_no_empty_list() -> None:
    heading = "----------------\nAlarmID Level\n----------------\n"
    assert read("huawei_vrp", "display alarm active", heading) == []
    for row in ("0x40812005 | Fan invalid", "Critical 1st of June: Fan invalid"):
        with pytest.raises(ParseError):
            read("huawei_vrp", "display alarm active", heading + row + "\n")


def test_processors_of_slots_and_tenths_of_access_points() -> None:
    slot = "Slot {0}:\nCPU Usage : {1}% Max: 36%\nfive seconds: 5%: one minute: 5%: five minutes: {1}%.\n"
    processors = read("huawei_vrp", "display cpu-usage", slot.format(1, 6) + slot.format(2, 16))
    assert [(one.name, one.usage_percent) for one in processors] == [("Slot 1 CPU", 6), ("Slot 2 CPU", 16)]
    (processor,) = read("huawei_vrp", "display cpu-usage", "CPU Usage: 2.4% Max: 90.2%\n")
    assert (processor.name, processor.usage_percent) == ("CPU", 2.4)


VRP_ADDRESSES = """
Vlanif10 current state : UP
Line protocol current state : UP
Description: 192.0.2.99/24 was here before
Route Port,The Maximum Transmit Unit is 1500
Internet Address is 192.0.2.1/24
Internet Address is 192.0.2.65/26 Sub
Eth-Trunk1 current state : OFFLINE
Line protocol current state : DOWN
Switch Port, Link-type : trunk(configured), PVID :    1, TPID : 8100(Hex), The Maximum Frame Length is 9216
    Input: 1000 bits/sec, 1 packets/sec
    Output: 2000 bits/sec, 1 packets/sec
    Input:
      1000 packets,64000 bytes
      3 errors, 5 drops
    Output:
      2000 packets,128000 bytes
      4 errors, 6 drops
PortName                      Status      Weight
10GE1/0/1                     UP          1
GigabitEthernet0/0/2          DOWN        1
"""


def test_interfaces_of_vrp_with_further_addresses_members_and_rates() -> None:
    vlan, trunk = read("huawei_vrp", "display interface", VRP_ADDRESSES)
    assert vlan.addresses == ("192.0.2.1/24", "192.0.2.65/26")
    assert (trunk.oper_status, trunk.in_errors, trunk.in_discards) == ("down", 3, 5)
    assert (trunk.out_errors, trunk.out_discards) == (4, 6)
    parse = parser_for("huawei_vrp", "display interface")
    assert parse is not None
    details = parse(VRP_ADDRESSES)[1].details
    assert details["aggregated_interfaces"] == "10GE1/0/1\nGigabitEthernet0/0/2"
    assert (details["link_type"], details["tpid"]) == ("trunk", "8100")
    brief = "10GE1/0/2         #down    down         0%     0%          7          0\n"
    (port,) = read("huawei_vrp", "display interface brief", brief)
    assert (port.name, port.oper_status, port.in_errors) == ("10GE1/0/2", "down", 7)


def test_a_firewall_of_the_third_generation_tells_its_own_side() -> None:
    answer = "The firewall's config state is: ACTIVE\n\n GigabitEthernet1/0/1    vrid   1 : active\n"
    (member,) = read("huawei_vrp", "display hrp state", answer)
    assert (member.role, member.outcome) == ("active", Outcome.OK)
    (member,) = read("huawei_vrp", "display hrp state", answer.replace(": active", ": down"))
    assert member.outcome is Outcome.CRITICAL


def test_summer_time_without_an_offset_says_too_little() -> None:
    answer = "2026-06-01 10:00:00 DST\nMonday\nTime Zone(BJ) : UTC+08:00\n"
    (shown,) = [one for one in read("huawei_vrp", "display clock", answer) if isinstance(one, DeviceTime)]
    assert shown.when.tzinfo is None


def test_how_an_address_was_had_stands_beside_it() -> None:
    answer = """
GigabitEthernet0/0/0 current state : UP
Line protocol current state : UP
Internet Address is allocated by DHCP, 192.0.2.10/24
GigabitEthernet0/0/1 current state : DOWN
Line protocol current state : DOWN
Internet protocol processing : disabled
"""
    parse = parser_for("huawei_vrp", "display interface")
    assert parse is not None
    had, none = (row.details for row in parse(answer))
    assert (had["internet_address"], had["ip_status"]) == ("192.0.2.10/24", "allocated by DHCP")
    assert (none["ip_address"], none["ip_status"]) == ("", "disabled")


def test_names_of_a_neighbour_s_power_and_inventory_are_those_of_other_makers_too() -> None:
    answer = """
GigabitEthernet0/0/14 has 1 neighbor(s):

Neighbor index :1
Chassis ID     :00e0-fc00-0001
Port ID        :MultiGE0/0/0
HardwareRev    :VER.A
PD requested power value    :71.3(w)
"""
    parse = parser_for("huawei_vrp", "display lldp neighbor")
    assert parse is not None
    (row,) = parse(answer)
    assert (row.details["hardware_revision"], row.details["pd_requested_power"]) == ("VER.A", "71.3(w)")


def test_ports_whose_names_begin_with_their_speed_are_ports_of_a_trunk_too() -> None:
    answer = """
Eth-Trunk2's state information is:
WorkingMode: NORMAL         Hash arithmetic: According to SIP-XOR-DIP
Operate status: up          Number Of Up Port In Trunk: 1
PortName                      Status      Weight
10GE1/0/1                     Up          1
50|100GE1/0/2                 Down        1
"""
    peers = read("huawei_vrp", "display eth-trunk", answer)
    assert [(one.interface, one.state) for one in peers] == [
        ("", "up"),
        ("10GE1/0/1", "bundled"),
        ("50|100GE1/0/2", "down"),
    ]
