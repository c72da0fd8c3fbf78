"""Answers of software generations and models other than those recorded, after manuals and field reports."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors.errors import ParseError
from collectors.facts.cli.assembly import facts_from_cli
from collectors.facts.cli.registry import parser_for
from collectors.facts.cli.rows import Alarm, DeviceTime
from collectors.facts.cli.screen import render
from collectors.facts.cli.values import cells, oper_word
from collectors.facts.host import Clock
from collectors.model import (
    Component,
    DeviceFacts,
    Exchange,
    Identity,
    Interface,
    MemoryPool,
    Neighbour,
    Sensor,
)
from collectors.outcome import Outcome

START = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)


def read(platform: str, command: str, text: str) -> list[object]:
    parse = parser_for(platform, command)
    assert parse is not None
    return [fact for row in parse(text) for fact in row.facts]


def sensors(platform: str, command: str, text: str) -> list[tuple[str, str, float]]:
    return [
        (one.kind, one.name, one.value) for one in read(platform, command, text) if isinstance(one, Sensor)
    ]


def states(platform: str, command: str, text: str) -> dict[str, Outcome | None]:
    return {
        one.name: one.state_outcome
        for one in read(platform, command, text)
        if isinstance(one, Sensor) and one.kind == "state"
    }


def visit(platform: str, **answers: str) -> DeviceFacts:
    """Facts of answers by command, blanks as underscores."""
    exchanges = [
        Exchange(
            "ssh",
            question.replace("__", "-").replace("_", " "),
            answer.encode(),
            started_s=1.0,
            duration_s=0.5,
        )
        for question, answer in answers.items()
    ]
    return facts_from_cli(exchanges, platform, started_at=START)


FORTIOS_WITHOUT_DOTS = """
 1 +VCC3             alarm=0  value=3.2896  threshold_status=0
 4 DVDD10            alarm=0  value=1.0114  threshold_status=0
14 RPS 12V alarm=1 value=0 threshold_status=0x7
20 CPU DTS0          alarm=0  value=38  threshold_status=0
21 TD1               alarm=0  value=41  threshold_status=0
24 FAN_TMP_3         alarm=0  value=35  threshold_status=0
25 B50185 Socket     alarm=0  value=44  threshold_status=0
26 Fan 1             alarm=0  value=6600  threshold_status=0
27 Fan 2             alarm=1  value=0  threshold_status=0x4
29 PS1 VIN           alarm=0  value=222  threshold_status=0
31 PS1 Temp 1        alarm=0  value=27  threshold_status=0
34 PS1 Status        alarm=0
35 PS2 VIN           alarm=0  (reading unavailable)
40 PS2 Status        alarm=0  (not detected)
"""


def test_sensors_of_fortios_without_dots_and_of_a_supply_that_is_not_there() -> None:
    told = sensors("fortinet", "execute sensor list", FORTIOS_WITHOUT_DOTS)
    assert [one for one in told if one[0] != "state"] == [
        ("voltage", "+VCC3", 3.2896),
        ("voltage", "DVDD10", 1.0114),
        ("temperature", "CPU DTS0", 38),
        ("temperature", "TD1", 41),
        ("temperature", "FAN_TMP_3", 35),
        ("temperature", "B50185 Socket", 44),
        ("fan", "Fan 1", 6600),
        ("fan", "Fan 2", 0),
        ("voltage", "PS1 VIN", 222),
        ("temperature", "PS1 Temp 1", 27),
    ]
    judged = states("fortinet", "execute sensor list", FORTIOS_WITHOUT_DOTS)
    assert [name for name, outcome in judged.items() if outcome is not Outcome.OK] == [
        "RPS 12V alarm",
        "Fan 2 alarm",
    ]
    assert judged["PS1 Status alarm"] is Outcome.OK
    assert not [name for name in judged if name.startswith("PS2")]


def test_sensors_of_fortios_with_units_and_supplies_as_bits() -> None:
    answer = """
Fan 1            alarm=0 value=8100  rpm
PS1 IOUT1        alarm=0 value=4.5   A
PS1 POUT         alarm=0 value=61
PS1 Status ..... alarm=0 value=1
PS2 Status ..... alarm=0 value=9
"""
    told = sensors("fortinet", "execute sensor list", answer)
    assert [one for one in told if one[0] != "state"] == [
        ("fan", "Fan 1", 8100),
        ("current", "PS1 IOUT1", 4.5),
        ("power", "PS1 POUT", 61),
    ]
    judged = states("fortinet", "execute sensor list", answer)
    assert judged["PS1 Status alarm"] is Outcome.OK
    assert judged["PS2 Status alarm"] is not Outcome.OK


VRP_PORTS = """
10GE1/0/1 current state : UP (ifindex: 6)
Line protocol current state : UP
Description:

100GE1/0/1 current state : DOWN (ifindex: 55)
Line protocol current state : DOWN
Description:
"""
VRP_BRIEF = """
PHY: Physical
Interface                  PHY      Protocol  InUti OutUti   inErrors  outErrors
10GE1/0/1                  up       up        0.01%  0.01%          7          0
100GE1/0/1                 down     down         0%     0%          0          3
"""


def test_ports_whose_names_differ_by_their_speed_alone_keep_their_own_errors() -> None:
    facts = visit("huawei_vrp", display_interface=VRP_PORTS, display_interface_brief=VRP_BRIEF)
    assert [(one.name, one.in_errors, one.out_errors) for one in facts.interfaces] == [
        ("10GE1/0/1", 7, 0),
        ("100GE1/0/1", 0, 3),
    ]


IOS_PORTS = """
TwoGigabitEthernet1/0/1 is up, line protocol is up (connected)
  Hardware is Ethernet, address is 0011.2233.4401
TwentyFiveGigE1/0/1 is up, line protocol is up (connected)
  Hardware is Ethernet, address is 0011.2233.4403
GigabitEthernet1/0/2 is down, line protocol is down (notconnect)
  Hardware is Ethernet, address is 0011.2233.4402
GigabitEthernet1/0/3 is down, line protocol is down (notconnect)
  Hardware is Ethernet, address is 0011.2233.4404
"""
IOS_STATUS = """
Port      Name               Status       Vlan       Duplex  Speed Type
Tw1/0/1   uplink core        connected    trunk        full   1000 10/100/1000BaseTX
Gi1/0/2   desk               notconnect   12           auto   auto 10/100/1000BaseTX
"""


def test_short_names_of_ports_fill_only_the_port_they_can_mean() -> None:
    facts = visit("cisco_ios", show_interfaces=IOS_PORTS, show_interfaces_status=IOS_STATUS)
    assert [(one.name, one.alias) for one in facts.interfaces] == [
        ("TwoGigabitEthernet1/0/1", ""),  # "Tw1/0/1" may be either
        ("TwentyFiveGigE1/0/1", ""),
        ("GigabitEthernet1/0/2", "desk"),
        ("GigabitEthernet1/0/3", ""),
    ]
    alone = visit("cisco_ios", show_interfaces_status=IOS_STATUS)
    assert [one.name for one in alone.interfaces] == ["Tw1/0/1", "Gi1/0/2"]


SYNCHRONISED = """
Clock is synchronized, stratum 3, reference is 192.0.2.1
clock offset is 12.5 msec, root delay is 1.20 msec
"""


def clock_of(facts: DeviceFacts) -> Clock:
    clock = facts.extra["clock"]
    assert isinstance(clock, Clock)
    return clock


@pytest.mark.parametrize(
    ("shown", "offset_s", "synchronised"),
    [
        ("10:00:04.000 UTC Mon Jun 1 2026", 2.5, None),
        (".10:00:04.000 UTC Mon Jun 1 2026", 2.5, False),
        ("10:00:04.000 CST Mon Jun 1 2026", None, None),  # a zone without an offset says too little
    ],
)
def test_a_clock_shown_is_compared_with_ours(
    shown: str, offset_s: float | None, synchronised: bool | None
) -> None:
    clock = clock_of(visit("cisco_ios", show_clock=shown))
    assert (clock.offset_s, clock.synchronised) == (offset_s, synchronised)
    assert clock.uncertainty_s == (1.5 if offset_s is not None else 0)


def test_the_time_service_is_asked_before_the_clock_shown() -> None:
    both = {"show_ntp_status": SYNCHRONISED, "show_clock": "10:00:04.000 UTC Mon Jun 1 2026"}
    clock = clock_of(visit("cisco_ios", **both))
    assert (clock.service, clock.synchronised, clock.offset_s) == ("ntp", True, 0.0125)
    without = {**both, "show_ntp_status": "Clock is unsynchronized, stratum 16, no reference clock"}
    clock = clock_of(visit("cisco_ios", **without))
    assert (clock.service, clock.synchronised, clock.offset_s) == ("ntp", False, 2.5)
    no_service = {**both, "show_ntp_status": "%NTP is not enabled."}
    clock = clock_of(visit("cisco_ios", **no_service))
    assert (clock.service, clock.synchronised, clock.offset_s) == ("ntp", None, 2.5)


def test_without_our_own_time_a_clock_says_only_that_it_is_there() -> None:
    exchange = Exchange("ssh", "show clock", b"10:00:04.000 UTC Mon Jun 1 2026")
    clock = facts_from_cli([exchange], "cisco_ios").extra["clock"]
    assert isinstance(clock, Clock)
    assert clock.offset_s is None


@pytest.mark.parametrize("shown", ["10:00:04.000 UTC Mon Foo 1 2026", "25:00:04.000 UTC Mon Jun 1 2026"])
def test_a_time_that_cannot_be_is_refused(shown: str) -> None:
    with pytest.raises(ParseError):
        read("cisco_ios", "show clock", shown)


def test_a_zone_behind_greenwich_on_vrp() -> None:
    answer = "2026-06-01 05:00:02\nMonday\nTime Zone(Local) : UTC-05:00\n"
    (shown,) = [one for one in read("huawei_vrp", "display clock", answer) if isinstance(one, DeviceTime)]
    assert shown.when.astimezone(UTC) == datetime(2026, 6, 1, 10, 0, 2, tzinfo=UTC)


def test_a_refusal_a_form_not_known_and_a_parser_s_defect_cost_one_fact_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_text: str) -> tuple[()]:
        raise KeyError("secret")

    monkeypatch.setattr(
        "collectors.facts.cli.assembly.parser_for",
        lambda platform, command: broken if command == "show inventory" else parser_for(platform, command),
    )
    exchanges = [
        Exchange("ssh", "show version", b"", Outcome.TIMEOUT, "too slow"),
        Exchange("ssh", "show inventory", b"anything"),
        Exchange("ssh", "show interfaces", b"nothing of that form"),
        Exchange("ssh", "show vrrp brief", b"% Invalid input", Outcome.UNSUPPORTED, "not known there"),
    ]
    facts = facts_from_cli(exchanges, "cisco_ios")
    errors = {one.fact: (one.outcome, one.message) for one in facts.errors}
    assert errors["identity"] == (Outcome.TIMEOUT, "too slow")
    assert errors["inventory"][0] is Outcome.PARSE_FAILED
    assert "secret" not in errors["inventory"][1]
    assert errors["interfaces"][0] is Outcome.PARSE_FAILED
    assert "peers" not in errors  # a model without it


def test_one_that_fails_is_no_failure_while_another_part_is_read() -> None:
    optics = Exchange("ssh", "show interfaces transceiver", b"", Outcome.TIMEOUT, "too slow")
    strange = Exchange("ssh", "show environment all", b"nothing of that form")
    failed = facts_from_cli([strange, optics], "cisco_ios")
    assert {one.outcome for one in failed.errors} == {Outcome.PARSE_FAILED, Outcome.TIMEOUT}
    known = Exchange(
        "ssh",
        "show environment all",
        b"FAN 1 is OK\nTEMPERATURE is OK\nTemperature Value: 30 Degree Celsius\n",
    )
    facts = facts_from_cli([known, optics], "cisco_ios")
    assert facts.sensors
    assert not facts.errors


@pytest.mark.parametrize(
    ("answer", "outcome", "failed"),
    [
        (b"!\nversion 17.9\nhostname SW1\nend\n", Outcome.OK, None),
        (b"!\nversion 17.9\nhostname SW1\ninterface Vl", Outcome.OK, Outcome.PARSE_FAILED),
        (b"", Outcome.AUTH_FAILED, Outcome.AUTH_FAILED),
    ],
)
def test_a_configuration_is_whole_or_told_as_missing(
    answer: bytes, outcome: Outcome, failed: Outcome | None
) -> None:
    facts = facts_from_cli([Exchange("ssh", "show running-config", answer, outcome, "denied")], "cisco_ios")
    assert [one.outcome for one in facts.errors] == ([failed] if failed else [])
    assert ("configuration" in facts.extra) is (failed is None)


def test_an_unknown_platform_keeps_its_answers_as_evidence() -> None:
    facts = facts_from_cli([Exchange("ssh", "show version", b"Something 1.0")], "generic")
    assert [(one.fact, one.outcome) for one in facts.errors] == [("identity", Outcome.UNSUPPORTED)]


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


@pytest.mark.parametrize(
    ("platform", "command", "answer"),
    [
        ("huawei_vrp", "display hrp state", "HRP is not enabled on this device"),
        ("huawei_vrp", "display ntp status", "what is this"),
        ("cisco_ios", "show ntp status", "what is this"),
        ("cisco_nxos", "show ntp peer-status", "what is this"),
        ("juniper_junos", "show ntp status", "what is this"),
    ],
)
def test_a_form_not_known_is_said(platform: str, command: str, answer: str) -> None:
    with pytest.raises(ParseError):
        read(platform, command, answer)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("display fan", "Info: There is no fan in the device."),
        ("display transceiver verbose", "Info: No transceiver is present."),
    ],
)
def test_a_model_without_such_parts_is_no_failure(command: str, answer: str) -> None:
    assert read("huawei_vrp", command, answer) == []


def test_ports_that_feed_nothing_and_a_budget_of_nothing_on_ios() -> None:
    answer = """
Module   Available     Used     Remaining
          (Watts)     (Watts)    (Watts)
------   ---------   --------   ---------
1             0.0        0.0         0.0
2           370.0      297.3        72.7
Interface Admin  Oper       Power   Device              Class Max
                            (Watts)
--------- ------ ---------- ------- ------------------- ----- ----
Gi2/0/1   auto   on         15.4    AIR-CAP3702I        4     30.0
Gi2/0/2   auto   off        0.0     n/a                 n/a   30.0
Gi2/0/3   auto   faulty     0.0     n/a                 n/a   30.0
"""
    assert sensors("cisco_ios", "show power inline", answer) == [
        ("power", "PoE Gi2/0/1", 15.4),
        ("power", "PoE module 2 used", 297.3),
        ("state", "PoE Gi2/0/3", 3.0),
    ]


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("*up", "up"),
        ("standby", "dormant"),
        ("lowerLayerDown", "lowerLayerDown"),
        ("lower layer down", "lowerLayerDown"),
        ("not present", "notPresent"),
        ("sfpAbsent", "notPresent"),
        ("xcvrAbsen", "notPresent"),
        ("xcvrInval", "down"),
        ("linkFlapE", "down"),
        ("mystery", "unknown"),
        ("^down", "down"),
        ("err-disabled", "down"),
        ("testing", "testing"),
    ],
)
def test_words_of_a_port_s_state(word: str, known: str) -> None:
    assert oper_word(word) == known


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"abc\x1b[2Dxy", "axy"),  # left
        (b"ab\x1b[3Cc", "ab   c"),  # right
        (b"abc\x1b[1Gx", "xbc"),  # to a column
        (b"abc\x1b[2Kd", "   d"),  # the whole line erased, the cursor stays
        (b"abc\r\x1b[1Kd", "dbc"),  # what is left of the cursor
        (b"abc\x1bQd", "abcQd"),  # no sequence known
    ],
)
def test_moves_of_the_cursor(raw: bytes, shown: str) -> None:
    assert render(raw) == shown


def test_an_unfinished_echo_is_no_echo() -> None:
    assert render(b"show\nversion of something else entirely\n", "show version") == (
        "show\nversion of something else entirely"
    )
    assert render(b"x" * 400 + b"\nanswer", "show version").endswith("answer")


def test_firewalls_in_pairs_say_whether_the_other_is_there() -> None:
    (member,) = read("huawei_vrp", "display hrp state", "Role: active, peer: unknown\n")
    assert (member.name, member.outcome) == ("HRP", Outcome.CRITICAL)
    (member,) = read("huawei_vrp", "display hrp state", "Role: active, peer: standby\n")
    assert member.outcome is Outcome.OK


def test_time_of_nexus_without_a_peer_chosen() -> None:
    heading = "Total peers : 1\n* - selected for sync\n"
    row = "=192.0.2.9    192.0.2.1    16   64   0   0.00000\n"
    (clock,) = read("cisco_nxos", "show ntp peer-status", heading + row)
    assert (clock.synchronised, clock.stratum) == (False, None)
    (clock,) = read("cisco_nxos", "show ntp peer-status", "Total peers : 0\n")
    assert clock.synchronised is None


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


def test_fans_of_a_large_vrp_switch_begin_their_row() -> None:
    answer = """
FanId   FanNum   Present   Register   Speed       Mode
------------------------------------------------------------
FAN1    [1-2]    YES       YES        55%(5500)   AUTO
FAN2    [1-2]    YES       NO         -           AUTO
FAN3    [1-2]    NO        NO         -           AUTO
"""
    assert states("huawei_vrp", "display fan", answer) == {
        "Fan FAN1": Outcome.OK,
        "Fan FAN2": Outcome.CRITICAL,
    }


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


def test_fans_of_trays_turn_and_supplies_of_slots_give() -> None:
    trays = """
Fan-tray verbose state on chassis 0:
Fan-tray 1:
Software version: 300
Temperature: 28 C
Fan  Status      Speed(%)
---  ----------  ----------
 1   normal      30 %
Fan-tray 2:
Fan  Status      Speed(rpm)
 1   normal      3100 rpm
"""
    assert [one for one in sensors("hp_comware", "display fan verbose", trays) if one[0] != "state"] == [
        ("percent", "Fan 1/1 speed", 30),
        ("fan", "Fan 2/1", 3100),
    ]
    blocks = " Slot 1:\n Fan 1:\n State    : Normal\n Speed    : 3000 rpm\n"
    assert ("fan", "Fan 1/1", 3000) in sensors("hp_comware", "display fan", blocks)
    supplies = """
 Slot 1:
 PowerID State    Mode   Current(A)  Voltage(V)  Power(W)  FanDirection
 1       Normal   AC     4.0         12.0        48        Port-to-Power
 Slot 2:
 PowerID State    Mode   Current(A)  Voltage(V)  Power(W)  FanDirection
 1       Normal   AC     5.0         12.0        60        Port-to-Power
"""
    told = sensors("hp_comware", "display power verbose", supplies)
    assert [one for one in told if one[0] == "power"] == [
        ("power", "Power supply 1/1", 48),
        ("power", "Power supply 2/1", 60),
    ]


def test_memory_of_comware_5_by_slots() -> None:
    one = "System Total Memory(bytes): 431869088\nTotal Used Memory(bytes): 71963156\nUsed Rate: 16%\n"
    names = [pool.name for pool in read("hp_comware", "display memory", f"Slot 1:\n{one}\nSlot 2:\n{one}")]
    assert names == ["Slot 1", "Slot 2"]


def test_memory_of_rgos_10_and_a_slot_without_a_name() -> None:
    answer = """
System Memory Statistic:
  Free pages: 5127
  watermarks : min 379, lower 758, low 1137, high 1516
  System Total Memory : 128MB, Current Free Memory : 21233KB
  Used Rate : 84%
"""
    (pool,) = read("ruijie_os", "show memory", answer)
    assert (pool.used_percent, pool.total_bytes) == (84, 128 * 1024 * 1024)
    figure = "CPU utilization in five minutes:"
    slots = f"[Slot M1]\n{figure} 12%\n[Slot 2: M8600]\n{figure} 3%\n"
    assert [one.name for one in read("ruijie_os", "show cpu", slots)] == ["Slot M1 CPU", "Slot 2 CPU"]


def test_small_switches_of_ios_say_only_whether_all_is_well() -> None:
    answer = "FAN is OK\nTEMPERATURE is OK\nPOWER is FAULTY\nRPS is NOT PRESENT\n"
    assert states("cisco_ios", "show env all", answer) == {
        "Fan": Outcome.OK,
        "Temperature": Outcome.OK,
        "Power": Outcome.CRITICAL,
    }


ISR = """
SYSTEM POWER SUPPLY STATUS
==========================
 Internal Power Supply Type: AC
 Internal Power Supply 12V Output Status: Normal
 Internal Power Supply Fan Status: Normal

SYSTEM FAN STATUS
=================
 Fan 1 OK, Low speed setting
 Fan 3 Failed, Low speed setting

SYSTEM TEMPERATURE STATUS
=========================
 Intake Left temperature: 26 Celsius, Normal
 CPU temperature: 55 Celsius, Normal
 Power Supply Unit 1 temperature: 35 Celsius, Warning

SYSTEM POWER
===============
 Total System Power consumption is: 60.2 W
Environmental information last updated 00:00:06 ago
"""
CATALYST_6500 = """
environmental alarms:
  no alarms
fan-tray 1:
  fan-tray 1 type: WS-C6509-E-FAN
  fan-tray 1 fan-fail: OK
VTT 1:
  VTT 1 OK: OK
  VTT 1 outlet temperature: 30C
power-supply 1:
  power-supply 1 fan-fail: OK
  power-supply 1 power-output-fail: failed
module 1:
  module 1 outlet temperature: 33C
  module 1 inlet temperature: N/O
"""
CATALYST_9400 = """
Sensor List: Environmental Monitoring
 Sensor           Location          State             Reading
 Temp: Coretemp   R0                Normal            40 Celsius
 V1: VX1          R0                Normal            871 mV
Power                                                    Fan States
Supply  Model No              Type  Capacity  Status        1     2
------  --------------------  ----  --------  ------------  -----------
PS0     C9K-PWR-1500WAC-R     AC    1000 W    active        good  N/A
PS1     C9K-PWR-1500WAC-R     AC    1000 W    faulty        fail  N/A
"""


def test_environment_of_routers_of_the_second_generation() -> None:
    told = sensors("cisco_ios", "show environment", ISR)
    assert [one for one in told if one[0] != "state"] == [
        ("temperature", "Intake Left", 26),
        ("temperature", "CPU", 55),
        ("temperature", "Power Supply Unit 1", 35),
        ("power", "System", 60.2),
    ]
    judged = states("cisco_ios", "show environment", ISR)
    assert {name for name, outcome in judged.items() if outcome is not Outcome.OK} == {
        "Fan 3",
        "Power Supply Unit 1 temperature",
    }
    assert judged["Internal Power Supply 12V Output"] is Outcome.OK


def test_environment_of_catalyst_6500() -> None:
    told = sensors("cisco_ios", "show environment", CATALYST_6500)
    assert [one for one in told if one[0] != "state"] == [
        ("temperature", "VTT 1 outlet", 30),
        ("temperature", "module 1 outlet", 33),
    ]
    assert states("cisco_ios", "show environment", CATALYST_6500) == {
        "fan-tray 1 fan": Outcome.OK,
        "VTT 1": Outcome.OK,
        "power-supply 1 fan": Outcome.OK,
        "power-supply 1 output": Outcome.CRITICAL,
    }


def test_the_capacity_of_a_supply_is_no_power_that_flows() -> None:
    told = sensors("cisco_ios", "show environment all", CATALYST_9400)
    assert [one for one in told if one[0] != "state"] == [
        ("temperature", "Temp: Coretemp R0", 40),
        ("voltage", "V1: VX1 R0", 0.871),
    ]
    assert states("cisco_ios", "show environment all", CATALYST_9400) == {
        "Power supply PS0": Outcome.OK,
        "Power supply PS0 fan 1": Outcome.OK,
        "Power supply PS1": Outcome.CRITICAL,
        "Power supply PS1 fan 1": Outcome.CRITICAL,
    }
    supply_fans = "FAN PS-1 is OK\nFAN PS-2 is NOT PRESENT\n"
    assert states("cisco_ios", "show env all", supply_fans) == {"Fan PS-1": Outcome.OK}


def test_memory_and_cores_of_ios_xe_on_catalyst_switches() -> None:
    answer = "System memory  : 1985500K total, 1040220K used, 945280K free, 153192K kernel reserved\n"
    (pool,) = read("cisco_ios", "show processes memory sorted", answer)
    assert (pool.name, pool.total_bytes, pool.used_percent) == ("System", 1985500 * 1024, 52.39)
    line = "Core {}: CPU utilization for five seconds: 7%; one minute: 6%;  five minutes: {}%\n"
    cores = read("cisco_ios", "show processes cpu sorted", line.format(0, 5) + line.format(1, 15))
    assert [(one.name, one.usage_percent) for one in cores] == [("Core 0", 5), ("Core 1", 15)]


def test_members_of_a_cluster_of_fortios_5() -> None:
    answer = """
Model: 311
Mode: a-p
Group: 10
Master:200 fw1 FG100F0000000000 0
Slave :100 fw2 FG100F0000000001 1
"""
    members = read("fortinet", "get system ha status", answer)
    assert [(one.name, one.role, one.serial) for one in members] == [
        ("fw1", "Master", "FG100F0000000000"),
        ("fw2", "Slave", "FG100F0000000001"),
    ]


def test_versions_and_uptimes_of_newer_software() -> None:
    answer = """
Huawei YunShan OS
Version 1.22.0.1 (S5700 V600R022C00SPC500)
HUAWEI S5735-L24T4S-A-V2 uptime is 3 days, 2 hours, 1 minute
"""
    (identity,) = [one for one in read("huawei_vrp", "display version", answer) if isinstance(one, Identity)]
    assert (identity.version, identity.model) == ("V600R022C00SPC500", "S5735-L24T4S-A-V2")
    ruijie = "System description : Ruijie Switch(S8607E) By Ruijie Networks\nSystem uptime : 31:0:0:5\n"
    (identity,) = [one for one in read("ruijie_os", "show version", ruijie) if isinstance(one, Identity)]
    assert identity.uptime_s == 31 * 86_400 + 5


def test_lanes_of_optics_on_ios_xe() -> None:
    answer = """
                                           Optical   Optical
             Temperature  Voltage  Tx Bias  Tx Power  Rx Power
Port   Lane  (Celsius)    (Volts)  (mA)    (dBm)     (dBm)
---------  -----------  -------  --------  --------  --------
Hu1/0/25  N/A 33.0       3.28      6.6      -2.3      -3.1
Hu1/0/26  1   33.0       3.28      6.6      -2.3      -3.1
Hu1/0/26  2   33.0       3.28      6.7      -2.4      -3.2  --
"""
    told = sensors("cisco_ios", "show interfaces transceiver", answer)
    assert [one for one in told if one[0] == "dbm" and one[1].endswith("receive")] == [
        ("dbm", "Hu1/0/25 receive", -3.1),
        ("dbm", "Hu1/0/26 lane 1 receive", -3.1),
        ("dbm", "Hu1/0/26 lane 2 receive", -3.2),
    ]
    assert ("temperature", "Hu1/0/25", 33) in told


def test_lanes_of_optics_on_comware() -> None:
    answer = """
FortyGigE1/0/50 transceiver diagnostic information:
  Current diagnostic parameters:
    [module] Temp.(C)   Voltage(V)
             36          3.31
    [channel] Bias(mA)  RX power(dBm)  TX power(dBm)
     1        6.13      -2.64         -5.19
     2        6.13      -2.74         -5.29
  Alarm thresholds:
          Temp.(C)  Voltage(V)  Bias(mA)  RX power(dBm)  TX power(dBm)
    High  50         3.55        1.44      -1.00         5.00
    Low   30         3.01        1.01      -30.00         -9.00
"""
    told = [
        one
        for one in read("hp_comware", "display transceiver diagnosis interface", answer)
        if isinstance(one, Sensor)
    ]
    assert [(one.kind, one.name, one.value) for one in told if one.kind != "current"] == [
        ("temperature", "FortyGigE1/0/50", 36),
        ("voltage", "FortyGigE1/0/50", 3.31),
        ("dbm", "FortyGigE1/0/50 lane 1 receive", -2.64),
        ("dbm", "FortyGigE1/0/50 lane 1 transmit", -5.19),
        ("dbm", "FortyGigE1/0/50 lane 2 receive", -2.74),
        ("dbm", "FortyGigE1/0/50 lane 2 transmit", -5.29),
    ]
    assert {one.limits.high_critical for one in told if one.name.endswith("receive")} == {-1}


def test_optics_of_vrp_with_lanes_and_with_celsius_in_words() -> None:
    lanes = """
100GE1/0/1 transceiver information:
-------------------------------------------------------------------
   Transceiver Type                      :100GBASE_SR4
   Temperature (Celsius)                 :30.00
   Voltage (V)                           :3.30
   Bias Current (mA)                     :7.10|7.20    (Lane0|Lane1)
                                          7.30|7.40    (Lane2|Lane3)
   Current RX Power (dBm)                :-1.10|-1.20  (Lane0|Lane1)
                                          -1.30|-1.40  (Lane2|Lane3)
   Current TX Power (dBm)                :0.10|0.20    (Lane0|Lane1)
"""
    told = sensors("huawei_vrp", "display transceiver verbose", lanes)
    assert ("temperature", "100GE1/0/1", 30) in told
    assert ("voltage", "100GE1/0/1", 3.3) in told
    assert [one[2] for one in told if one[1].endswith("receive")] == [-1.1, -1.2, -1.3, -1.4]
    assert ("current", "100GE1/0/1 lane 3 bias", 0.0074) in told
    assert ("dbm", "100GE1/0/1 lane 1 transmit", 0.2) in told
    words = """
GigabitEthernet0/0/25 transceiver information:
  Temperature(Celsius)           :34.00
  Temp High Threshold(Celsius)   :85.00
  Temp Low Threshold(Celsius)    :-5.00
"""
    (temperature,) = [
        one for one in read("huawei_vrp", "display transceiver verbose", words) if isinstance(one, Sensor)
    ]
    assert (temperature.value, temperature.limits.high_critical) == (34, 85)


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


def test_environment_of_a_nexus_7000_with_crossbars_and_an_empty_bay() -> None:
    answer = """
Temperature:
Module   Sensor        MajorThresh   MinorThres   CurTemp     Status
1        L2Dev1(s11)     105             95          112        Failed
xbar-1   Intake  (s2)    60              42          21         Ok

Power Supply:
Voltage: 50 Volts
Supply    Model                    Output     Capacity    Status
-------  -------------------  -----------  -----------  --------------
1        N7K-AC-6.0KW               1112 W       6000 W     Ok
2        N7K-AC-6.0KW                  0 W       6000 W     Fail/Shut
3        ------------                  0 W          0 W     Absent
"""
    told = sensors("cisco_nxos", "show environment", answer)
    assert [one for one in told if one[0] != "state"] == [
        ("power", "Power supply 1 output", 1112),
        ("power", "Power supply 2 output", 0),
        ("temperature", "Module 1 L2Dev1(s11)", 112),
        ("temperature", "Module xbar-1 Intake  (s2)", 21),
    ]
    judged = states("cisco_nxos", "show environment", answer)
    assert judged["Power supply 2"] is Outcome.CRITICAL
    assert "Power supply 3" not in judged


def test_supplies_of_a_nexus_5000() -> None:
    answer = """
Power Supply:
Voltage: 12 Volts
-----------------------------------------------------
PS  Model                Power       Power     Status
                         (Watts)     (Amp)
-----------------------------------------------------
1   --                   --          --        fail/shutdown
2   N5K-PAC-1200W        1200.00     100.00    ok

Mod Model                Power       Power     Power       Power       Status
1   N5K-C5020P-BF-SUP    625.20      52.10     625.20      52.10       powered-up
"""
    assert states("cisco_nxos", "show environment", answer) == {
        "Power supply 1": Outcome.CRITICAL,
        "Power supply 2": Outcome.OK,
    }


def test_members_of_a_stack_that_are_not_there() -> None:
    answer = """
                                             H/W   Current
Switch#   Role    Mac Address     Priority Version  State
*1       Active   0011.2233.4455     15     V01     Ready
 3       Member   0000.0000.0000     0              Provisioned
 4       Member   0011.2233.4477     1      0       Removed
 5       Member   0011.2233.4488     1      V01     V-Mismatch
"""
    members = read("cisco_ios", "show switch", answer)
    assert [(one.state, one.outcome) for one in members] == [
        ("Ready", Outcome.OK),
        ("Provisioned", Outcome.WARNING),
        ("Removed", Outcome.CRITICAL),
        ("V-Mismatch", Outcome.CRITICAL),
    ]


def test_logs_of_a_nexus_with_contexts() -> None:
    answer = "2026 Jun  1 10:00:00 n9k %$ VDC-1 %$ %PLATFORM-2-PS_FAIL: Power supply 2 failed\n"
    log = read("cisco_nxos", "show logging last 200", answer)[0]
    assert log.counts == {2: 1}


def test_hardware_of_ruijie_with_limits_before_the_reading() -> None:
    answer = """
Chassis  Slot   Card_type      Warning(Celsius)   Shutdown(Celsius)   Current(Celsius)
1        1      M8600E-48GT    70                 85                  44
1        M1     M8607E-CM      70                 85                  41
"""
    told = [one for one in read("ruijie_os", "show temperature", answer) if isinstance(one, Sensor)]
    assert [(one.name, one.value, one.limits.high_critical) for one in told] == [
        ("Chassis 1 Slot 1 M8600E-48GT", 44, 85),
        ("Chassis 1 Slot M1 M8607E-CM", 41, 85),
    ]
    alone = (
        "Slot  Card_type  Warning(Celsius) Shutdown(Celsius) Current(Celsius)\n1  M8600E-48GT  70  85  44\n"
    )
    assert sensors("ruijie_os", "show temperature", alone) == [("temperature", "Slot 1 M8600E-48GT", 44)]
    supplies = "power-id   power-type   supply(W)   status\n1  RG-M5000E-AC500P  500   ok\n2  N/A  N/A  N/A\n"
    assert states("ruijie_os", "show power", supplies) == {"Power supply 1": Outcome.OK}


RGOS_LLDP = """
----------------------------------------------------------------------------
LLDP neighbor-information of port [GigabitEthernet 0/1]
----------------------------------------------------------------------------
  Neighbor index                    : 1
  Device type                       : LLDP Device
  Update time                       : 1hour 2minutes 3seconds
  Chassis ID type                   : MAC address
  Chassis ID                        : 1414.4b00.0002
  System name                       : access-2
  System description                : Ruijie Switch
  Management address                : 192.0.2.7
  Port ID type                      : Interface name
  Port ID                           : GigabitEthernet 0/24
  Neighbor index                    : 2
  Chassis ID                        : phone-7
  Port ID                           : Port 1
----------------------------------------------------------------------------
Lldp neighbor-information of port [TenGigabitEthernet 0/49]
----------------------------------------------------------------------------
  Neighbor index                    : 1
  Chassis ID                        : 1414.4b00.0003
  Port ID                           : TenGigabitEthernet 0/49
"""


def test_neighbours_of_rgos() -> None:
    found = [
        one
        for one in read("ruijie_os", "show lldp neighbors detail", RGOS_LLDP)
        if isinstance(one, Neighbour)
    ]
    assert [(one.local_interface, one.remote_name, one.remote_interface) for one in found] == [
        ("GigabitEthernet 0/1", "access-2", "GigabitEthernet 0/24"),
        ("GigabitEthernet 0/1", "", "Port 1"),
        ("TenGigabitEthernet 0/49", "", "TenGigabitEthernet 0/49"),
    ]
    assert (found[0].remote_chassis, found[0].remote_address) == ("14:14:4b:00:00:02", "192.0.2.7")
    brief = """
System Name          Local Intf             Port ID           Capability    Aging-time
access-2             Gi0/1                  Gi0/24            B, R          1minute 40seconds
                     TenGigabitEthernet 0/2 1414.4b00.0004                  40seconds
"""
    short = [one for one in read("ruijie_os", "show lldp neighbors", brief) if isinstance(one, Neighbour)]
    assert [(one.local_interface, one.remote_name, one.remote_interface) for one in short] == [
        ("Gi0/1", "access-2", "Gi0/24"),
        ("TenGigabitEthernet 0/2", "", "1414.4b00.0004"),
    ]


CE_POWER = """
Slot  PowerID Online   Mode   State      Current   Voltage   ActualPower RatedPower PowerSupply
                                         (mA)      (mV)      (W)         (W)
1     PWR1    Present  AC     Supply     4500      12000     54          600        --
1     PWR2    Present  AC     NotSupply  --        --        --          600        --
"""


def test_supplies_of_vrp_in_thousandths() -> None:
    told = sensors("huawei_vrp", "display power", CE_POWER)
    assert [one for one in told if one[0] != "state"] == [
        ("current", "Power supply 1/PWR1", 4.5),
        ("voltage", "Power supply 1/PWR1", 12),
        ("power", "Power supply 1/PWR1", 54),
    ]
    assert states("huawei_vrp", "display power", CE_POWER)["Power supply 1/PWR2"] is Outcome.CRITICAL
    milliwatts = CE_POWER.replace("(W)         (W)", "(mW)        (W)").replace(" 54 ", " 54000 ")
    assert ("power", "Power supply 1/PWR1", 54) in sensors("huawei_vrp", "display power", milliwatts)


def test_temperatures_of_vrp_with_numbered_sensors_and_two_limits() -> None:
    answer = """
 Slot  Card  Sensor Status    Current(C) Lower(C) Upper(C)
 0     -     0      NORMAL    45         0        65
 0     -     1      NORMAL    41         0        4      72   69
"""
    told = [one for one in read("huawei_vrp", "display temperature", answer) if isinstance(one, Sensor)]
    assert [(one.name, one.value, one.limits.high_warning) for one in told if one.kind == "temperature"] == [
        ("Slot 0 sensor 0", 45, 65),
        ("Slot 0 sensor 1", 41, 72),
    ]
    boards = """
Slot 1:
PCB        I2C   Addr  Chl   Status   Minor Major Fatal FanTMin FanTMax Temp(C)
CE6850     1     0     0     NORMAL   70    75    80    45      60      42
"""
    assert ("temperature", "Slot 1 CE6850", 42) in sensors("huawei_vrp", "display temperature all", boards)


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


def test_the_same_failure_of_two_commands_is_told_once_and_uptime_counts_as_asked() -> None:
    exchanges = [
        Exchange("ssh", "show version", b"Cisco IOS Software, Version 15.2(2)E\nsw1 uptime is 2 weeks\n"),
        Exchange("ssh", "show environment all", b"", Outcome.TIMEOUT, "too slow"),
        Exchange("ssh", "show interfaces transceiver", b"", Outcome.TIMEOUT, "too slow"),
    ]
    facts = facts_from_cli(exchanges, "cisco_ios")
    assert [one.fact for one in facts.errors] == ["sensors"]
    assert facts.identity.uptime_s == 14 * 86_400
    assert "uptime" in facts.asked


def test_prompts_below_an_answer_and_headings_without_columns_are_left_out() -> None:
    assert render(b"show x\nanswer\n\nSW1#", "show x") == "answer"
    assert render(b"show x\nanswer\n{master:0}\nuser@sw1>", "show x") == "answer"
    assert cells("text", "") == {}


def test_boards_below_the_supplies_of_a_ruijie_chassis_are_no_supplies() -> None:
    answer = """
power-id   power-type   supply(W)   status
1          RG-PA600I    600         LinkAndPower
slot  card_type        status     require(W)  allocate(W)
1     M8600E-48GT      power-on   100  100
2     M18000 100 power-on
"""
    assert states("ruijie_os", "show power", answer)["Power supply 1"] is Outcome.OK
    assert "Power supply 2" not in states("ruijie_os", "show power", answer)


def test_lanes_of_something_else_are_no_light() -> None:
    answer = (
        "100GE1/0/1 transceiver information:\n  Transceiver Type :X\n  Wavelength :1.0|2.0 (Lane0|Lane1)\n"
    )
    assert sensors("huawei_vrp", "display transceiver verbose", answer) == []
