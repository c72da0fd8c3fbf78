"""Answers of generations of Comware other than those recorded, after manuals and field reports."""

from __future__ import annotations

import pytest

from collectors.errors import ParseError
from collectors.facts.cli.rows import Alarm
from collectors.model import Sensor
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
