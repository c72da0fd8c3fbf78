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
