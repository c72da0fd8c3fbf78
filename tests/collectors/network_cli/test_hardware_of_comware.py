"""What generations of Comware say of boards, supplies, fans, temperatures and optics, after manuals."""

from __future__ import annotations

from collectors.model import Sensor
from collectors.outcome import Outcome
from tests.support.answers import read, sensors, states


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


def test_boards_of_two_chassis_and_of_subslots() -> None:
    fabric = """
Chassis 1
Slot No.  Brd Type        Brd Status  Subslot Num  Sft Ver            Patch Ver
0         LSU1SUPB0       Master      0            S7503E-7536        None
Chassis 2
Slot No.  Brd Type        Brd Status  Subslot Num  Sft Ver            Patch Ver
0         LSU1SUPB0       Fault       0            S7503E-7536        None
"""
    assert states("hp_comware", "display device", fabric) == {
        "Chassis 1 Slot 0 LSU1SUPB0": Outcome.OK,
        "Chassis 2 Slot 0 LSU1SUPB0": Outcome.CRITICAL,
    }
    comware_5 = """
 Slot 1
 SubSNo PortNum PCBVer FPGAVer CPLDVer BootRomVer AddrLM Type     State
 0      28      REV.C  NULL    002     703        IVL    MAIN     Normal
 1      2       REV.A  NULL    NULL    NULL       IVL    2 PORT   Fault
"""
    assert states("hp_comware", "display device", comware_5) == {
        "Slot 1/0 MAIN": Outcome.OK,
        "Slot 1/1 2 PORT": Outcome.CRITICAL,
    }


def test_temperatures_by_slot_and_of_every_kind_of_sensor() -> None:
    by_slot = (
        " SlotNO  Temperature     Lower limit     Upper limit\n 0       35              10              70\n"
    )
    (one,) = read("hp_comware", "display environment", by_slot)
    assert (one.name, one.value, one.limits.low_critical, one.limits.high_warning) == ("Slot 0", 35, 10, 70)
    vents = """
Chassis Slot Sensor    Temperature Lower Warning Alarm Shutdown
1       0    Vent 1    25          0     48      60    NA
"""
    assert sensors("hp_comware", "display environment", vents) == [
        ("temperature", "Chassis 1 Slot 0 Vent 1", 25)
    ]


def test_air_that_flows_the_wrong_way_is_worth_a_word() -> None:
    answer = " Slot 1:\n Fan 1:\n State    : FanDirectionFault\n"
    assert states("hp_comware", "display fan", answer) == {"Fan 1/1": Outcome.WARNING}


def test_warnings_of_optics_are_no_alarms() -> None:
    answer = """
Ten-GigabitEthernet1/0/49 transceiver diagnostic information:
  Current diagnostic parameters:
    Temp.(C)   Voltage(V)  Bias(mA)  RX power(dBm)  TX power(dBm)
    36         3.31        6.13      -5.64         -5.19
  Alarm thresholds:
            Temp.(C)   Voltage(V)  Bias(mA)  RX power(dBm)  TX power(dBm)
    High    50         3.55        1.44      -1.00         5.00
    Low     30         3.01        1.01      -30.00         0.00
  Warning thresholds:
            Temp.(C)   Voltage(V)  Bias(mA)  RX power(dBm)  TX power(dBm)
    High    45         3.50        1.40      -2.00         4.00
    Low     32         3.05        1.02      -28.00         0.10
"""
    temperature = read("hp_comware", "display transceiver diagnosis interface", answer)[0]
    limits = temperature.limits
    assert (limits.low_critical, limits.low_warning, limits.high_warning, limits.high_critical) == (
        30,
        32,
        45,
        50,
    )
