"""Answers of generations of FortiOS other than those recorded, after manuals and field reports."""

from __future__ import annotations

from collectors.outcome import Outcome
from tests.support.answers import read, sensors, states

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


FORTIOS_72 = """
HA Health Status: OK
Model: FortiGate-100F
Mode: HA A-P
Configuration Status:
    FG100F0000000000(updated 3 seconds ago): in-sync
    FG100F0000000001(updated 2 seconds ago): out-of-sync
number of member: 2
fw-1            , FG100F0000000000, HA cluster index = 0
fw-2            , FG100F0000000001, HA cluster index = 1
number of vcluster: 1
vcluster 1: work 169.254.0.1
Primary: FG100F0000000000, HA operating index = 0
Secondary: FG100F0000000001, HA operating index = 1
"""


def test_members_of_a_cluster_in_a_list_with_their_roles_below() -> None:
    members = read("fortinet", "get system ha status", FORTIOS_72)
    assert [(one.name, one.role, one.serial, one.outcome) for one in members] == [
        ("fw-1", "Primary", "FG100F0000000000", Outcome.OK),
        ("fw-2", "Secondary", "FG100F0000000001", Outcome.CRITICAL),
    ]
    assert read("fortinet", "get system ha status", "Current HA mode: standalone\n") == []


def test_addresses_of_ports_with_their_prefix_and_of_both_versions() -> None:
    answer = """
== [onboard]
	==[x1]
		mode: static
		ip: 192.0.2.1 255.255.255.252
		ipv6: 2001:db8::1/64
		status: up
		speed: 10000Mbps (Duplex: full)
	==[wan1]
		ip: 0.0.0.0 0.0.0.0
		ipv6: ::/0
		status: down
		speed: n/a
"""
    used, spare = read("fortinet", "get system interface physical", answer)
    assert (used.type, used.addresses) == ("ethernetCsmacd", ("192.0.2.1/30", "2001:db8::1/64"))
    assert (spare.oper_status, spare.addresses) == ("down", ())


def test_a_time_service_that_is_switched_off_is_no_clock_that_lost_it() -> None:
    answer = "synchronized: no, ntpsync: disabled, server-mode: disabled\n"
    (clock,) = read("fortinet", "diagnose sys ntp status", answer)
    assert clock.synchronised is None
    (clock,) = read("fortinet", "diagnose sys ntp status", answer.replace("disabled", "enabled"))
    assert clock.synchronised is False
