"""Answers of generations of VRP other than those recorded, after manuals and field reports."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors.errors import ParseError
from collectors.facts.cli.rows import Alarm, DeviceTime
from collectors.model import Identity, Interface, Sensor
from collectors.outcome import Outcome
from tests.support.answers import read, sensors, states, visit


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


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("display fan", "Info: There is no fan in the device."),
        ("display transceiver verbose", "Info: No transceiver is present."),
    ],
)
def test_a_model_without_such_parts_is_no_failure(command: str, answer: str) -> None:
    assert read("huawei_vrp", command, answer) == []


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


def test_the_version_of_yunshan() -> None:
    answer = """
Huawei YunShan OS
Version 1.22.0.1 (S5700 V600R022C00SPC500)
HUAWEI S5735-L24T4S-A-V2 uptime is 3 days, 2 hours, 1 minute
"""
    (identity,) = [one for one in read("huawei_vrp", "display version", answer) if isinstance(one, Identity)]
    assert (identity.version, identity.model) == ("V600R022C00SPC500", "S5735-L24T4S-A-V2")


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


def test_lanes_of_something_else_are_no_light() -> None:
    answer = (
        "100GE1/0/1 transceiver information:\n  Transceiver Type :X\n  Wavelength :1.0|2.0 (Lane0|Lane1)\n"
    )
    assert sensors("huawei_vrp", "display transceiver verbose", answer) == []
