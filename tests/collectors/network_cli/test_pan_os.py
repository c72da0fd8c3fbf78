"""PAN-OS on the command line; answers written after the maker's guides."""

from __future__ import annotations

import pytest

from collectors.errors import ParseError
from collectors.facts.cli.paloalto import system
from collectors.facts.cli.rows import Member, Rows
from collectors.facts.host import Clock
from collectors.model import Identity, Interface, MemoryPool, Processor, Sensor
from collectors.outcome import Outcome


def facts(rows: Rows, kind: type) -> list[object]:
    return [fact for row in rows for fact in row.facts if isinstance(fact, kind)]


def test_a_virtual_firewall_without_a_licence_has_no_serial_number() -> None:
    rows = system.parse_info(" hostname: pa1\nmodel: PA-VM\nserial: unknown\nsw-version: 7.0.1\n")
    (identity,) = facts(rows, Identity)
    assert isinstance(identity, Identity)
    assert (identity.name, identity.model, identity.serial, identity.version) == ("pa1", "PA-VM", "", "7.0.1")
    with pytest.raises(ParseError):
        system.parse_info("Unknown command: show system info")


@pytest.mark.parametrize(
    ("output", "busy", "used"),
    [
        (
            "%Cpu(s):  4.0 us,  2.0 sy, 90.0 id\n"
            "KiB Mem :  1000 total,  100 free,  300 used,  600 buff/cache\n"
            "KiB Swap:  0 total,  0 free,  0 used.  600 avail Mem\n",
            10.0,
            40.0,
        ),
        (
            "Cpu(s):  4.6%us,  2.3%sy,  0.1%ni, 92.5%id,  0.3%wa\n"
            "Mem:   1000k total,   900k used,   100k free,    50k buffers\n"
            "Swap:  2000k total,     0k used,  2000k free,   350k cached\n",
            7.5,
            50.0,
        ),
    ],
)
def test_what_the_kernel_can_give_back_is_not_used(output: str, busy: float, used: float) -> None:
    rows = system.parse_resources(output)
    (processor,), (memory,) = facts(rows, Processor), facts(rows, MemoryPool)
    assert isinstance(processor, Processor)
    assert isinstance(memory, MemoryPool)
    assert (processor.usage_percent, memory.used_percent) == (busy, used)
    with pytest.raises(ParseError):
        system.parse_resources("nothing of the kind")


def test_an_alarm_of_the_environment_is_a_state_and_an_empty_bay_none() -> None:
    output = """
----Thermal----
Slot   Description             Alarm     Degrees C   Min C    Max C
S1     Temperature @ Ocelot    True      71.50       2.00     60.00

----Power Supplies----
Slot   Description             Alarm     Inserted
S1     Power Supply #1         False     True
S1     Power Supply #2         True      False
"""
    sensors = [one for one in facts(system.parse_environmentals(output), Sensor) if isinstance(one, Sensor)]
    assert [(one.kind, one.name, one.value) for one in sensors if one.kind != "state"] == [
        ("temperature", "S1 Temperature @ Ocelot", 71.5)
    ]
    assert sensors[0].limits.high_critical == 60
    assert {one.name: one.state_outcome for one in sensors if one.kind == "state"} == {
        "S1 Temperature @ Ocelot alarm": Outcome.CRITICAL,
        "S1 Power Supply #1 alarm": Outcome.OK,
    }


def test_a_port_that_is_powered_down_was_shut() -> None:
    output = """name                    id    speed/duplex/state        mac address
ethernet1/1             64    10000/full/up             02:00:5e:00:31:10
ethernet1/2             65    ukn/ukn/down(autoneg)     02:00:5e:00:31:11
ethernet1/3             66    ukn/ukn/down(power-down)  02:00:5e:00:31:12
"""
    ports = [one for one in facts(system.parse_hardware(output), Interface) if isinstance(one, Interface)]
    assert [(one.name, one.admin_status, one.oper_status, one.speed_bps) for one in ports] == [
        ("ethernet1/1", "up", "up", 10_000_000_000),
        ("ethernet1/2", "up", "down", None),
        ("ethernet1/3", "down", "down", None),
    ]


def test_a_pair_that_is_not_in_step_is_critical() -> None:
    output = """Group 1:
  Local Information:
    State: active (last 45 days)
    State Synchronization: Complete; type: ethernet
  Peer Information:
    Connection status: up
    State: suspended (last 2 hours)
  Configuration Synchronization:
    Running Configuration: not synchronized
"""
    members = [one for one in facts(system.parse_ha(output), Member) if isinstance(one, Member)]
    assert {one.name: one.outcome for one in members} == {
        "Local": Outcome.OK,
        "Peer": Outcome.CRITICAL,
        "State synchronization": Outcome.OK,
        "Configuration": Outcome.CRITICAL,
    }
    lost = [
        one
        for one in facts(system.parse_ha(output.replace("status: up", "status: down")), Member)
        if isinstance(one, Member)
    ]
    assert lost[1].outcome is Outcome.CRITICAL
    assert system.parse_ha("HA not enabled") == ()
    with pytest.raises(ParseError):
        system.parse_ha("something else")


@pytest.mark.parametrize(
    ("line", "synchronised"),
    [
        ("NTP synched to 192.0.2.7", True),
        ("NTP synched to LOCAL", False),
        ("NTP not synched, using local clock", False),
    ],
)
def test_a_clock_that_follows_itself_is_not_synchronised(line: str, synchronised: bool) -> None:
    (clock,) = facts(system.parse_ntp(f"NTP state:\n    {line}\n"), Clock)
    assert isinstance(clock, Clock)
    assert clock.synchronised is synchronised
    with pytest.raises(ParseError):
        system.parse_ntp("")
