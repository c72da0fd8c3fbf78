"""What generations of IOS say of fans, supplies and temperatures, after manuals and field reports."""

from __future__ import annotations

from collectors.model import Sensor
from collectors.outcome import Outcome
from tests.support.answers import read, sensors, states


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


CATALYST_9300 = """
Switch   FAN     Speed   State   Airflow direction
---------------------------------------------------
  1       1     14240     OK     Front to Back
  1       2         0   FAULTY   Front to Back
  2       1         0   NOT PRESENT
FAN PS-1 is OK
FAN PS-2 is NOT PRESENT
Switch 1: SYSTEM TEMPERATURE is OK
Inlet Temperature Value: 25 Degree Celsius
Temperature State: GREEN
Yellow Threshold : 46 Degree Celsius
Red Threshold    : 56 Degree Celsius
"""


def test_fans_of_catalyst_9300_stand_in_a_table() -> None:
    told = sensors("cisco_ios", "show environment all", CATALYST_9300)
    assert [one for one in told if one[0] == "fan"] == [("fan", "Fan 1 1", 14240), ("fan", "Fan 1 2", 0)]
    assert states("cisco_ios", "show environment all", CATALYST_9300) == {
        "Switch 1 inlet temperature": Outcome.OK,
        "Fan PS-1": Outcome.OK,
        "Fan 1 1": Outcome.OK,
        "Fan 1 2": Outcome.CRITICAL,
    }


CATALYST_4500 = """
no alarm

Chassis Temperature                 = 32 degrees Celsius
Chassis Over Temperature Threshold  = 75 degrees Celsius
Chassis Critical Temp Threshold     = 95 degrees Celsius

Module  Sensor              Temperature                         Status
------+--------------------------+--------------------+------------
  3     XPP                  52C (75C,90C,95C)                  ok
  5     Air inlet            66C (51C,65C,68C)                  critical
Power                                             Fan      Inline
Supply  Model No          Type       Status       Sensor   Status
------  ----------------  ---------  -----------  -------  -------
PS1     PWR-C45-1400AC    AC 1400W   good         bad      n.a.
PS2     none              --         --           --       --

Supervisor Led Color : Green
Fantray : Bad
"""


def test_environment_of_catalyst_4500() -> None:
    told = [
        one for one in read("cisco_ios", "show environment all", CATALYST_4500) if isinstance(one, Sensor)
    ]
    assert [
        (one.name, one.value, one.limits.high_warning, one.limits.high_critical)
        for one in told
        if one.kind == "temperature"
    ] == [("Chassis", 32, 75, 95), ("Module 3 XPP", 52, 75, 95), ("Module 5 Air inlet", 66, 51, 68)]
    assert states("cisco_ios", "show environment all", CATALYST_4500) == {
        "Power supply PS1": Outcome.OK,
        "Power supply PS1 fan": Outcome.CRITICAL,
        "Module 3 XPP temperature": Outcome.OK,
        "Module 5 Air inlet temperature": Outcome.CRITICAL,
        "Fan tray": Outcome.CRITICAL,
    }


def test_a_sensor_of_ios_xe_that_is_not_normal_says_so() -> None:
    by_location = """
Sensor List:  Environmental Monitoring
 Sensor           Location          State             Reading
 Vin              P0                Normal            230 V AC
 Temp: Inlet      R0                Fan Speed 60%     24 Celsius
 PEM Out          P1                Critical          0 V
 Iin              P2                Not Present       0 A
"""
    assert states("cisco_ios", "show environment all", by_location) == {"PEM Out P1 state": Outcome.CRITICAL}
    assert ("current", "Iin P2", 0) not in sensors("cisco_ios", "show environment all", by_location)
    by_slot = """
 Slot        Sensor        Current State   Reading        Threshold(Minor,Major,Critical,Shutdown)
 ----------  ------        -------------   -------        ---------------------------------------
 R0          Temp: Inlet 1 Normal          \t27   Celsius	(na ,na ,na ,na )(Celsius)
 R0          Temp: CPU     Major           \t88   Celsius	(80 ,85 ,90 ,100 )(Celsius)
"""
    assert [one for one in sensors("cisco_ios", "show environment all", by_slot) if one[0] != "state"] == [
        ("temperature", "R0 Temp: Inlet 1", 27),
        ("temperature", "R0 Temp: CPU", 88),
    ]
    assert states("cisco_ios", "show environment all", by_slot) == {"R0 Temp: CPU state": Outcome.CRITICAL}


def test_environment_of_routers_of_the_first_generation_and_of_industrial_switches() -> None:
    router = """
 SYS PS1 is present.

        Fan status: Normal
        Input Voltage status: Normal
        DC Output Voltage status: Failed
        Type: AC

 SYS PS2 is absent.

        Fan 1 OK
        Fan 2 Failed, Low speed

        System Temperature: 29 Celsius (normal)
"""
    assert states("cisco_ios", "show environment", router) == {
        "Fan 1": Outcome.OK,
        "Fan 2": Outcome.CRITICAL,
        "SYS PS1": Outcome.OK,
        "SYS PS1 Fan": Outcome.OK,
        "SYS PS1 Input Voltage": Outcome.OK,
        "SYS PS1 DC Output Voltage": Outcome.CRITICAL,
    }
    assert ("temperature", "System", 29) in sensors("cisco_ios", "show environment", router)
    industrial = "POWER SUPPLY A is DC OK\nPOWER SUPPLY B is DC FAULTY <--\n"
    assert states("cisco_ios", "show env all", industrial) == {
        "Power supply A": Outcome.OK,
        "Power supply B": Outcome.CRITICAL,
    }


def test_inputs_of_a_supply_that_are_off_and_one_that_is_bad_and_off() -> None:
    answer = """
PS1     PWR-C45-9000ACV   AC 9000W   good         good     good
PS1-1                     220V       good
PS1-2                     off        off
PS1-3                     --         off
PS2     C4KX-PWR-750AC-R  AC 750W    bad/off      good     n.a.
"""
    judged = states("cisco_ios", "show power status", answer)
    assert [name for name, outcome in judged.items() if outcome is Outcome.CRITICAL] == [
        "Power supply PS1-2",
        "Power supply PS1-3",
        "Power supply PS2",
    ]


def test_compact_switches_name_their_thresholds_high_and_low() -> None:
    answer = """
SYSTEM Temperature Value: 37 Degree Celsius
SYSTEM Temperature State: GREEN
SYSTEM Low Temperature Alert Threshold: 0 Degree Celsius
SYSTEM High Temperature Alert Threshold: 58 Degree Celsius
SYSTEM High Temperature Shutdown Threshold: 80 Degree Celsius
"""
    temperature = read("cisco_ios", "show environment temperature", answer)[0]
    assert (temperature.value, temperature.limits.high_warning, temperature.limits.high_critical) == (
        37,
        58,
        80,
    )
