"""Answers of generations of RGOS other than those recorded, after manuals and field reports."""

from __future__ import annotations

from collectors.model import Identity, Neighbour, Sensor
from collectors.outcome import Outcome
from tests.support.answers import read, sensors, states


def test_memory_of_rgos_10_and_a_slot_without_a_name() -> None:
    answer = """
System Memory Statistic:
  Free pages: 5127
  watermarks : min 379, lower 758, low 1137, high 1516
  System Total Memory : 128MB, Current Free Memory : 21233KB
  Used Rate : 84%
"""
    (pool,) = read("ruijie_os", "show memory", answer)
    assert (pool.used_percent, pool.total_bytes) == (84, 128 * 1024 * 1024)
    figure = "CPU utilization in five minutes:"
    slots = f"[Slot M1]\n{figure} 12%\n[Slot 2: M8600]\n{figure} 3%\n"
    assert [one.name for one in read("ruijie_os", "show cpu", slots)] == ["Slot M1 CPU", "Slot 2 CPU"]


def test_days_before_the_clock_of_an_uptime() -> None:
    ruijie = "System description : Ruijie Switch(S8607E) By Ruijie Networks\nSystem uptime : 31:0:0:5\n"
    (identity,) = [one for one in read("ruijie_os", "show version", ruijie) if isinstance(one, Identity)]
    assert identity.uptime_s == 31 * 86_400 + 5


def test_hardware_of_ruijie_with_limits_before_the_reading() -> None:
    answer = """
Chassis  Slot   Card_type      Warning(Celsius)   Shutdown(Celsius)   Current(Celsius)
1        1      M8600E-48GT    70                 85                  44
1        M1     M8607E-CM      70                 85                  41
"""
    told = [one for one in read("ruijie_os", "show temperature", answer) if isinstance(one, Sensor)]
    assert [(one.name, one.value, one.limits.high_critical) for one in told] == [
        ("Chassis 1 Slot 1 M8600E-48GT", 44, 85),
        ("Chassis 1 Slot M1 M8607E-CM", 41, 85),
    ]
    alone = (
        "Slot  Card_type  Warning(Celsius) Shutdown(Celsius) Current(Celsius)\n1  M8600E-48GT  70  85  44\n"
    )
    assert sensors("ruijie_os", "show temperature", alone) == [("temperature", "Slot 1 M8600E-48GT", 44)]
    supplies = "power-id   power-type   supply(W)   status\n1  RG-M5000E-AC500P  500   ok\n2  N/A  N/A  N/A\n"
    assert states("ruijie_os", "show power", supplies) == {"Power supply 1": Outcome.OK}


RGOS_LLDP = """
----------------------------------------------------------------------------
LLDP neighbor-information of port [GigabitEthernet 0/1]
----------------------------------------------------------------------------
  Neighbor index                    : 1
  Device type                       : LLDP Device
  Update time                       : 1hour 2minutes 3seconds
  Chassis ID type                   : MAC address
  Chassis ID                        : 1414.4b00.0002
  System name                       : access-2
  System description                : Ruijie Switch
  Management address                : 192.0.2.7
  Port ID type                      : Interface name
  Port ID                           : GigabitEthernet 0/24
  Neighbor index                    : 2
  Chassis ID                        : phone-7
  Port ID                           : Port 1
----------------------------------------------------------------------------
Lldp neighbor-information of port [TenGigabitEthernet 0/49]
----------------------------------------------------------------------------
  Neighbor index                    : 1
  Chassis ID                        : 1414.4b00.0003
  Port ID                           : TenGigabitEthernet 0/49
"""


def test_neighbours_of_rgos() -> None:
    found = [
        one
        for one in read("ruijie_os", "show lldp neighbors detail", RGOS_LLDP)
        if isinstance(one, Neighbour)
    ]
    assert [(one.local_interface, one.remote_name, one.remote_interface) for one in found] == [
        ("GigabitEthernet 0/1", "access-2", "GigabitEthernet 0/24"),
        ("GigabitEthernet 0/1", "", "Port 1"),
        ("TenGigabitEthernet 0/49", "", "TenGigabitEthernet 0/49"),
    ]
    assert (found[0].remote_chassis, found[0].remote_address) == ("14:14:4b:00:00:02", "192.0.2.7")
    brief = """
System Name          Local Intf             Port ID           Capability    Aging-time
access-2             Gi0/1                  Gi0/24            B, R          1minute 40seconds
                     TenGigabitEthernet 0/2 1414.4b00.0004                  40seconds
"""
    short = [one for one in read("ruijie_os", "show lldp neighbors", brief) if isinstance(one, Neighbour)]
    assert [(one.local_interface, one.remote_name, one.remote_interface) for one in short] == [
        ("Gi0/1", "access-2", "Gi0/24"),
        ("TenGigabitEthernet 0/2", "", "1414.4b00.0004"),
    ]


def test_boards_below_the_supplies_of_a_ruijie_chassis_are_no_supplies() -> None:
    answer = """
power-id   power-type   supply(W)   status
1          RG-PA600I    600         LinkAndPower
slot  card_type        status     require(W)  allocate(W)
1     M8600E-48GT      power-on   100  100
2     M18000 100 power-on
"""
    assert states("ruijie_os", "show power", answer)["Power supply 1"] is Outcome.OK
    assert "Power supply 2" not in states("ruijie_os", "show power", answer)
