"""Answers of generations of IOS and NX-OS other than those recorded, after manuals and field reports."""

from __future__ import annotations

from collectors.outcome import Outcome
from tests.support.answers import read, sensors, states


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


def test_time_of_nexus_without_a_peer_chosen() -> None:
    heading = "Total peers : 1\n* - selected for sync\n"
    row = "=192.0.2.9    192.0.2.1    16   64   0   0.00000\n"
    (clock,) = read("cisco_nxos", "show ntp peer-status", heading + row)
    assert (clock.synchronised, clock.stratum) == (False, None)
    (clock,) = read("cisco_nxos", "show ntp peer-status", "Total peers : 0\n")
    assert clock.synchronised is None


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
