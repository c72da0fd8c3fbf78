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


def test_memory_of_rgos_12_in_two_units_and_by_slots() -> None:
    line = "System Memory: 1031800KB(1007MB) total, {0}KB(470MB) used, 449988KB(440MB) free, {1}% used rate\n"
    (pool,) = read("ruijie_os", "show memory", line.format(481812, 46.7))
    assert (pool.name, pool.total_bytes, pool.used_percent) == ("Memory", 1031800 * 1024, 46.7)
    both = f"[Slot 1/0:S6120]\n{line.format(481812, 46.7)}[Slot 2/0:S6120]\n{line.format(581812, 56.4)}"
    pools = read("ruijie_os", "show memory", both)
    assert [(one.name, one.used_percent) for one in pools] == [("Slot 1/0", 46.7), ("Slot 2/0", 56.4)]


def test_supplies_of_two_chassis_and_one_that_gives_nothing() -> None:
    answer = """
Chassis-id : 1
power-id   power-type   supply(W)   status
1          RG-PA600I    600         LinkAndPower
2          RG-PA600I    600         LinkAndNoPower
Chassis-id : 2
power-id   power-type   supply(W)   status
1          RG-PA600I    600         LinkAndPower
2          RG-PA600I    600         noLink
"""
    assert states("ruijie_os", "show power", answer) == {
        "Power supply 1/1": Outcome.OK,
        "Power supply 1/2": Outcome.CRITICAL,
        "Power supply 2/1": Outcome.OK,
    }


def test_fans_of_slots_turn_and_a_level_is_no_speed() -> None:
    slots = "Slot   Fan-id   Status   Speed(RPM)   Mode\n1/0    1        ok       3500         auto\n"
    assert sensors("ruijie_os", "show fan", slots) == [("state", "Fan 1/0/1", 1), ("fan", "Fan 1/0/1", 3500)]
    levels = "fan-id   status   speed-level\n1        ok       2\n2        fail     0\n"
    assert sensors("ruijie_os", "show fan", levels) == [("state", "Fan 1", 1), ("state", "Fan 2", 3)]


def test_a_module_that_was_pulled_and_one_that_does_not_start() -> None:
    answer = """
Dev Slot Port Configured Module         Online Module          Software Status
1   3    48   M18000_48XS               none                   uninstall
1   4    48   M18000_48XS               M18000_48XS            cannot startup
"""
    assert states("ruijie_os", "show version slots", answer) == {
        "Slot 3 none": Outcome.WARNING,
        "Slot 4 M18000_48XS": Outcome.CRITICAL,
    }


RGOS_PORTS = """
Index(dec):4096 (hex):1000
VLAN 1 is UP  , line protocol is DOWN
  Hardware is VLAN, address is 1414.4b11.2234 (bia 1414.4b11.2234)
  Interface address is: 192.0.2.1/24
  Secondary address is: 192.0.2.65/26
  Interface IPv6 address is:
    2001:DB8::1/64
    FE80::1614:4BFF:FE11:2234
  MTU 1500 bytes, BW 1000000 Kbit
    1000 packets input, 64000 bytes, 0 no buffer, 5 dropped
    2000 packets output, 128000 bytes, 0 underruns , 6 dropped
GigabitEthernet 0/2 is DOWN  , line protocol is DOWN
  Interface IPv6 address is:
    No IPv6 address
"""


def test_addresses_and_drops_of_interfaces_of_rgos() -> None:
    vlan, port = read("ruijie_os", "show interfaces", RGOS_PORTS)
    assert vlan.addresses == (
        "192.0.2.1/24",
        "192.0.2.65/26",
        "2001:DB8::1/64",
        "FE80::1614:4BFF:FE11:2234",
    )
    assert (vlan.in_discards, vlan.out_discards) == (5, 6)
    assert port.addresses == ()


def test_short_lists_of_interfaces_of_rgos() -> None:
    answer = """
Interface                                Status    Vlan       Duplex   Speed     Type
---------------------------------------- --------  ---------- -------- --------- ------
GigabitEthernet 0/2                      down      1          Unknown  Unknown   copper
TenGigabitEthernet 0/49                  up        routed     Full     10G       fiber
"""
    ports = read("ruijie_os", "show interfaces status", answer)
    assert [(one.name, one.oper_status, one.speed_bps) for one in ports] == [
        ("GigabitEthernet 0/2", "down", None),
        ("TenGigabitEthernet 0/49", "up", 10_000_000_000),
    ]
    as_ios = "Gi0/1     uplink             connected    trunk        full   1000 10/100/1000BaseTX\n"
    (port,) = read("ruijie_os", "show interfaces status", as_ios)
    assert (port.name, port.alias) == ("Gi0/1", "uplink")
    addresses = """
Interface              IP-Address(Pri)      IP-Address(Sec)      Status                 Protocol
VLAN 10                192.0.2.1/24         192.0.2.65/26        up                     up
Mgmt 0                 no address           no address           administratively down  down
"""
    vlan, management = read("ruijie_os", "show ip interface brief", addresses)
    assert vlan.addresses == ("192.0.2.1/24", "192.0.2.65/26")
    assert (management.name, management.admin_status) == ("Mgmt 0", "down")
