"""What generations of VRP say of boards, supplies, fans, temperatures and optics, after manuals."""

from __future__ import annotations

import pytest

from collectors.model import Component, Sensor
from collectors.outcome import Outcome
from tests.support.answers import read, sensors, states


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("display fan", "Info: There is no fan in the device."),
        ("display transceiver verbose", "Info: No transceiver is present."),
    ],
)
def test_a_model_without_such_parts_is_no_failure(command: str, answer: str) -> None:
    assert read("huawei_vrp", command, answer) == []


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


def test_lanes_of_something_else_are_no_light() -> None:
    answer = (
        "100GE1/0/1 transceiver information:\n  Transceiver Type :X\n  Wavelength :1.0|2.0 (Lane0|Lane1)\n"
    )
    assert sensors("huawei_vrp", "display transceiver verbose", answer) == []


def test_boards_that_do_not_register_and_boards_of_newer_routers() -> None:
    switch = """
Slot Sub Type     Online    Power      Register     Status     Role
5    -   ET1D2MPUA000 Present PowerOn  Registered   Normal     Master
PWR2 -   -        Present   -          Unregistered -          NA
"""
    assert states("huawei_vrp", "display device", switch) == {
        "Slot 5 ET1D2MPUA000": Outcome.OK,
        "Slot PWR2": Outcome.CRITICAL,
    }
    router = """
Slot #    Type       Online    Register      Status      Role    LsId    Primary
9         MPU        Present   NA            Normal      MMB     0       Master
13        PWR        Present   Registered    Abnormal    OTHER   0       NA
"""
    assert states("huawei_vrp", "display device", router) == {
        "Slot 9 MPU": Outcome.OK,
        "Slot 13 PWR": Outcome.CRITICAL,
    }


def test_a_degree_sign_of_one_character_and_dashes_for_nothing_in_optics() -> None:
    answer = """
GigabitEthernet0/0/1 transceiver information:
  Temperature(℃)                 :35.00
  Manu. Serial Number            :-
"""
    facts = read("huawei_vrp", "display transceiver verbose", answer)
    assert [(one.kind, one.value) for one in facts if isinstance(one, Sensor)] == [("temperature", 35)]
    assert not [one for one in facts if isinstance(one, Component)]


def test_fans_of_routers_that_are_counted_by_their_slot() -> None:
    answer = """
FanId  FanNum  Present  Register  Speed  Mode
11     [1-3]   YES      YES       50     AUTO
12     [1-3]   YES      NO        -      AUTO
"""
    assert states("huawei_vrp", "display fan", answer) == {"Fan 11": Outcome.OK, "Fan 12": Outcome.CRITICAL}
    assert ("percent", "Fan 11 speed", 50) in sensors("huawei_vrp", "display fan", answer)
