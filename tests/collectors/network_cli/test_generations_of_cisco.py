"""Answers of generations of IOS and IOS-XE other than those recorded, after manuals and field reports."""

from __future__ import annotations

import pytest

from collectors.errors import ParseError
from collectors.facts.cli.registry import parser_for
from collectors.facts.cli.screen import render
from collectors.outcome import Outcome
from tests.support.answers import read, sensors


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


def test_memory_and_cores_of_ios_xe_on_catalyst_switches() -> None:
    answer = "System memory  : 1985500K total, 1040220K used, 945280K free, 153192K kernel reserved\n"
    (pool,) = read("cisco_ios", "show processes memory sorted", answer)
    assert (pool.name, pool.total_bytes, pool.used_percent) == ("System", 1985500 * 1024, 52.39)
    line = "Core {}: CPU utilization for five seconds: 7%; one minute: 6%;  five minutes: {}%\n"
    cores = read("cisco_ios", "show processes cpu sorted", line.format(0, 5) + line.format(1, 15))
    assert [(one.name, one.usage_percent) for one in cores] == [("Core 0", 5), ("Core 1", 15)]


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


def test_small_things_that_ios_writes_in_another_way() -> None:
    (member,) = read(
        "cisco_ios",
        "show switch",
        "*1       Active   00A1.B2C3.D4E5     15     V02     HA sync in progress\n",
    )
    assert (member.serial, member.outcome) == ("00:a1:b2:c3:d4:e5", Outcome.WARNING)
    (pool,) = read(
        "cisco_ios", "show processes memory", "Total: 53820736, Used: 13004508, Free: 40816228\n PID TTY\n"
    )
    assert (pool.total_bytes, pool.used_percent) == (53820736, 24.16)
    router = (
        "IOS (tm) C2600 Software (C2600-IK9O3S3-M), Version 12.3(26), RELEASE SOFTWARE (fc2)\n"
        "cisco 2621XM (MPC860P) processor (revision 0x100) with 127627K/3445K bytes of memory.\n"
        "Processor board ID JAE0000ABCD, with hardware revision 2514\n"
    )
    (identity, _) = read("cisco_ios", "show version", router)
    assert identity.serial == "JAE0000ABCD"
    nobody = "Vl1  1 IPv4 100  0  N   Y  INIT    AF-UNDEFINED no address\n"
    assert read("cisco_ios", "show vrrp brief", nobody) == []
    (peer,) = read("cisco_ios", "show ip ospf interface brief", "Gi0/0  1  0  Unnumbered Lo0  1  P2P   1/1\n")
    assert (peer.name, peer.state) == ("Gi0/0", "P2P")
    (host,) = read(
        "cisco_ios",
        "show ip device tracking all",
        "192.0.2.10     0011.2233.4455  10   GigabitEthernet1/0/1   ACTIVE\n",
    )
    assert (host.name, host.state) == ("192.0.2.10", "ACTIVE")
    fed = "Te1/0/1   static on         60.0    Ieee PD             4,4   60.0\n"
    assert sensors("cisco_ios", "show power inline", fed) == [("power", "PoE Te1/0/1", 60)]


def test_interfaces_of_ios_in_old_and_new_words() -> None:
    answer = """
Vlan10 is up, line protocol is down , Autostate Enabled
  Hardware is Ethernet SVI, address is 00A1.B2C3.D4E5 (bia 00A1.B2C3.D4E5)
Ethernet0 is up, line protocol is up
  Output queue 0/40, 3 drops; input queue 1/75, 4 drops
"""
    vlan, old = read("cisco_ios", "show interfaces", answer)
    assert (vlan.mac, vlan.oper_status) == ("00:a1:b2:c3:d4:e5", "down")
    assert (old.in_discards, old.out_discards) == (4, 3)
    parse = parser_for("cisco_ios", "show interfaces")
    assert parse is not None
    assert parse(answer)[0].details["protocol_status"] == "down"
    unheard = "Gi1/0/9  up to date  mystery      5    auto   auto 10/100/1000BaseTX\n"
    (port,) = read("cisco_ios", "show interfaces status", unheard)
    assert (port.name, port.alias, port.oper_status) == ("Gi1/0/9", "up to date", "unknown")


def test_log_lines_with_every_way_to_write_a_time() -> None:
    answer = """
Log Buffer (4096 bytes):
1w2d: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down
00:00:45: %LINK-5-CHANGED: Interface Vlan1, changed state to up
Jul 10 10:00:00.123 UTC+8: %FAN-2-FAILED: Fan 1 failed
2026 Jul 10 10:00:00.123: %LINK-3-UPDOWN: Interface Gi0/2, changed state to down
*Jul 10 10:00:00: SW-1 %SYS-4-NOTE: A hostname stands before it
"""
    (log,) = read("cisco_ios", "show logging", answer)
    assert log.counts == {2: 1, 3: 2, 4: 1, 5: 1}
    stray = b"show clock\n1w2d: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down\n10:00:00 UTC\n"
    assert render(stray, "show clock") == "10:00:00 UTC"


def test_what_a_neighbour_asks_of_power_over_ethernet() -> None:
    answer = """
------------------------------------------------
Local Intf: Gi1/0/5
Chassis id: 0011.2233.4455
Port id: 1
System Name: ap-5

PoE+ Power-via-MDI TLV:
 Power Pair: Signal
 Power Class: Class 4
 Power Requested: 19000 mW
"""
    parse = parser_for("cisco_ios", "show lldp neighbors detail")
    assert parse is not None
    (row,) = parse(answer)
    assert [row.details[f"power_{name}"] for name in ("pair", "class", "requested")] == [
        "Signal",
        "Class 4",
        "19000 mW",
    ]


def test_readings_beyond_the_bounds_of_a_module_are_not_lost() -> None:
    answer = """
           Temperature  Voltage  Current   Tx Power  Rx Power
Port       (Celsius)    (Volts)  (mA)      (dBm)     (dBm)
---------  -----------  -------  --------  --------  --------
Te1/0/1      31.2       3.29      35.6      -2.1      -40.0  --
Te1/0/2      78.2 ++    3.29 +    35.6 ++   -2.1      -3.0
"""
    told = sensors("cisco_ios", "show interfaces transceiver", answer)
    assert [one for one in told if one[0] == "temperature"] == [
        ("temperature", "Te1/0/1", 31.2),
        ("temperature", "Te1/0/2", 78.2),
    ]
    assert ("dbm", "Te1/0/2 receive", -3.0) in told


@pytest.mark.parametrize("command", ["show interfaces status", "show interfaces status err-disabled"])
def test_a_line_of_blanks_costs_no_more_than_another(command: str) -> None:
    line = f"GigabitEthernet1/0/1 {' ' * 1000}x"
    # Each of these lines once took ten seconds.
    with pytest.raises(ParseError):
        read("cisco_ios", command, "\n".join([line] * 60))


def test_pools_of_memory_whose_names_are_set_to_the_right() -> None:
    answer = """
                Head    Total(b)     Used(b)     Free(b)   Lowest(b)  Largest(b)
Processor   7F1A2B3C   839093060   199107016   639986044   600000000   500000000
      I/O    6C000000    67108864    20000000    47108864    47000000    47000000
 lsmpi_io    6D000000     6295128     6294304         824         824         412
"""
    pools = read("cisco_ios", "show memory statistics", answer)
    assert [(one.name, one.used_percent) for one in pools] == [("Processor", 23.73), ("I/O", 29.8)]


def test_switches_of_a_stack_in_the_inventory_and_modules_nobody_has_named() -> None:
    answer = """
NAME: "1", DESCR: "WS-C2960S-24TS-L"
PID: WS-C2960S-24TS-L  , VID: V03  , SN: FOC0000A000
NAME: "GigabitEthernet1/0/25", DESCR: "1000BaseSX SFP"
PID: Unspecified       , VID:      , SN: AGM0000A000
"""
    pieces = read("cisco_ios", "show inventory", answer)
    assert [(one.kind, one.model) for one in pieces] == [("chassis", "WS-C2960S-24TS-L"), ("port", "")]
