"""Answers of generations of NX-OS other than those recorded, after manuals and field reports."""

from __future__ import annotations

import pytest

from collectors.errors import ParseError
from collectors.outcome import Outcome
from tests.support.answers import read, sensors, states


def test_time_of_nexus_without_a_peer_chosen() -> None:
    heading = "Total peers : 1\n* - selected for sync\n"
    row = "=192.0.2.9    192.0.2.1    16   64   0   0.00000\n"
    (clock,) = read("cisco_nxos", "show ntp peer-status", heading + row)
    assert (clock.synchronised, clock.stratum) == (False, None)
    (clock,) = read("cisco_nxos", "show ntp peer-status", "Total peers : 0\n")
    assert clock.synchronised is None


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


def test_logs_of_a_nexus_with_contexts() -> None:
    answer = "2026 Jun  1 10:00:00 n9k %$ VDC-1 %$ %PLATFORM-2-PS_FAIL: Power supply 2 failed\n"
    log = read("cisco_nxos", "show logging last 200", answer)[0]
    assert log.counts == {2: 1}


NEXUS_PORT = """
Ethernet1/1 is up
admin state is up, Dedicated Interface
  Hardware: 1000/10000/25000 Ethernet, address: 00a1.b2c3.d401 (bia 00a1.b2c3.d401)
  MTU 9216 bytes, BW 25000000 Kbit , DLY 10 usec
  full-duplex, 25 Gb/s, media type is 25G
  RX
    1234582 input packets  987654321 bytes
    4 input error  0 short frame  0 overrun   0 underrun  0 ignored
    0 input with dribble  17 input discard
  TX
    2234582 output packets  1987654321 bytes
    6 output error  0 collision  0 deferred  0 late collision
    0 lost carrier  0 no carrier  0 babble  19 output discard
Vlan10 is up, line protocol is up, autostate enabled
  Hardware is EtherSVI, address is  00a1.b2c3.d4ff
"""


def test_counters_of_a_nexus_that_no_comma_parts() -> None:
    port, vlan = read("cisco_nxos", "show interface", NEXUS_PORT)
    assert (port.in_octets, port.out_octets) == (987654321, 1987654321)
    assert (port.in_discards, port.out_discards, port.in_errors, port.out_errors) == (17, 19, 4, 6)
    assert (vlan.mac, vlan.oper_status) == ("00:a1:b2:c3:d4:ff", "up")


def test_ports_of_a_nexus_that_are_shut_in_short_lists() -> None:
    listed = "Eth1/49      192.0.2.1       protocol-down/link-down/admin-down\n"
    (port,) = read("cisco_nxos", "show ip interface brief", listed)
    assert (port.admin_status, port.oper_status) == ("down", "down")
    listed = "Eth1/49      2001:db8::1        down/down/down\n"
    (port,) = read("cisco_nxos", "show ipv6 interface brief", listed)
    assert (port.admin_status, port.oper_status) == ("down", "down")
    kinds = """
Ethernet      VLAN   Type Mode   Status  Reason                   Speed     Port
Interface                                                                   Ch #
Eth1/1        1      eth  trunk  up      none                        25G(D) 1
Interface                Status     Description
Lo0                      up         router id
Port           Status Reason          MTU
nve1           down   other           9216
Interface  Vsan   Admin  Admin   Status          SFP    Oper  Oper   Port
fc2/1      100    auto   on      up               swl    F       8    --
"""
    ports = read("cisco_nxos", "show interface brief", kinds)
    assert [(one.name, one.alias, one.speed_bps) for one in ports] == [
        ("Eth1/1", "", 25_000_000_000),
        ("Lo0", "router id", None),
        ("nve1", "", None),
        ("fc2/1", "", 8_000_000_000),
    ]


def test_a_nexus_tells_its_processor_below_the_list_and_a_neighbour_without_words() -> None:
    (processor,) = read(
        "cisco_nxos",
        "show processes cpu",
        "PID    Runtime(ms)  Invoked   uSecs  1Sec    Process\n"
        "    1       104750    100000   1047   0.00%   init\n"
        "CPU util  :   12.50% user,    3.20% kernel,   84.30% idle\n",
    )
    assert processor.usage_percent == 15.7
    with pytest.raises(ParseError):
        read("cisco_nxos", "show processes cpu", "CPU util  : 12% user, 3% kernel, 684.30% idle\n")
    (neighbour,) = read(
        "cisco_nxos",
        "show lldp neighbors detail",
        "Chassis id: 0011.2233.4466\nPort id: 1\nLocal Port id: mgmt0\n"
        "System Name: null\nSystem Description: null\n",
    )
    assert (neighbour.remote_name, neighbour.remote_platform) == ("", "")


def test_an_empty_fan_bay_of_a_nexus_is_no_fault() -> None:
    answer = """
Fan             Model                Hw     Direction       Status
Fan2(sys_fan2)  NXA-FAN-30CFM-F      --     front-to-back   Failed
Fan3(sys_fan3)                              --              Absent
"""
    assert states("cisco_nxos", "show environment", answer) == {"Fan Fan2(sys_fan2)": Outcome.CRITICAL}


def test_a_neighbour_over_cdp_has_its_name_without_its_serial_number() -> None:
    answer = """
Device ID:n5k-2(FOC0000AAAA)
System Name: n5k-2

Platform: N5K-C5548UP, Capabilities: Switch IGMP Filtering
Interface: Ethernet1/1, Port ID (outgoing port): Ethernet1/2
"""
    (neighbour,) = read("cisco_nxos", "show cdp neighbors detail", answer)
    assert (neighbour.remote_name, neighbour.remote_interface) == ("n5k-2", "Ethernet1/2")
