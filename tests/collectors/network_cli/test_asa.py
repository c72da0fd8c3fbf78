"""Cisco ASA on the command line; answers written after the command reference."""

from __future__ import annotations

import pytest

from collectors.errors import ParseError
from collectors.facts.cli.cisco import asa
from collectors.facts.cli.rows import Member, Rows
from collectors.facts.host import Licence
from collectors.model import Interface, Sensor
from collectors.outcome import Outcome
from collectors.platforms.cli_dialects import GENERIC, by_answer, complaint, dialects
from collectors.simulator.cli_persona import PERSONAS, outputs_of


def facts(rows: Rows, kind: type) -> list[object]:
    return [fact for row in rows for fact in row.facts if isinstance(fact, kind)]


def test_a_firewall_is_no_router_of_the_same_maker() -> None:
    found = by_answer("show version", outputs_of("cisco_asa", "fw")["show version"])
    assert found is not None
    assert found.name == "cisco_asa"
    assert complaint(dialects()["cisco_asa"], PERSONAS["cisco_asa"].unknown) == complaint(
        dialects()[GENERIC], PERSONAS["cisco_asa"].unknown
    )


def test_only_licences_that_count_days_have_an_end() -> None:
    output = """Cisco Adaptive Security Appliance Software Version 9.1(7)
fw up 1 year 2 days
Hardware:   ASA5515, 8192 MB RAM
Maximum VLANs                     : 100            perpetual
AnyConnect Premium Peers          : 250            12 days
Total UC Proxy Sessions           : 2              perpetual
Botnet Traffic Filter             : Enabled        0 days
"""
    rows = asa.parse_version(output)
    assert facts(rows, Licence) == [
        Licence("AnyConnect Premium Peers", None, days_left=12),
        Licence("Botnet Traffic Filter", None, days_left=0),
    ]
    with pytest.raises(ParseError):
        asa.parse_version("Cisco IOS Software, Version 15.2")


def test_readings_have_their_place_in_the_name_and_an_empty_slot_is_none() -> None:
    rows = asa.parse_environment(outputs_of("cisco_asa", "fw")["show environment"])
    sensors = [one for one in facts(rows, Sensor) if isinstance(one, Sensor)]
    assert {(one.kind, one.name): one.value for one in sensors if one.kind != "state"} == {
        ("fan", "Cooling Fan 1"): 7168,
        ("temperature", "Processor 1 (CPU1 Core Temperature)"): 47,
        ("temperature", "Ambient 1 (Chassis Front Temperature)"): 28,
        ("voltage", "Channel 1 (3.3V (U142 VX1))"): 3.31,
    }
    assert {one.name: one.state_outcome for one in sensors if one.kind == "state"} == {
        "Cooling Fan 1": Outcome.OK,
        "Power Supply Unit Redundancy": Outcome.OK,
        "Right Slot (PS1)": Outcome.OK,
        "Processor 1 (CPU1 Core Temperature)": Outcome.OK,
        "Ambient 1 (Chassis Front Temperature)": Outcome.OK,
    }


def test_a_port_has_the_name_that_policies_use() -> None:
    rows = asa.parse_interfaces(outputs_of("cisco_asa", "fw")["show interface"])
    first, second = facts(rows, Interface)
    assert isinstance(first, Interface)
    assert isinstance(second, Interface)
    assert (first.name, first.alias, first.speed_bps, first.in_octets, first.out_errors, first.mtu) == (
        "GigabitEthernet1/1",
        "outside",
        1_000_000_000,
        987654321,
        0,
        1500,
    )
    assert (first.admin_status, first.oper_status, first.addresses) == ("up", "up", ("192.0.2.32",))
    assert (second.admin_status, second.oper_status, second.mtu) == ("down", "down", None)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("Standby Ready", Outcome.OK),
        ("Failed", Outcome.CRITICAL),
        ("Not Detected", Outcome.CRITICAL),
        ("Bulk Sync", Outcome.WARNING),
    ],
)
def test_the_other_unit_of_a_pair_is_judged(state: str, outcome: Outcome) -> None:
    output = f"Failover On\n  This host: Primary - Active\n  Other host: Secondary - {state}\n"
    members = [one for one in facts(asa.parse_failover(output), Member) if isinstance(one, Member)]
    assert [(one.name, one.outcome) for one in members] == [("Primary", Outcome.OK), ("Secondary", outcome)]
    assert asa.parse_failover("Failover Off \nFailover unit Secondary\n") == ()
    with pytest.raises(ParseError):
        asa.parse_failover("Failover On\n")


def test_figures_that_cannot_be_are_refused() -> None:
    with pytest.raises(ParseError):
        asa.parse_cpu("CPU utilization for 5 seconds = 3%; 1 minute: 4%; 5 minutes: 999%")
    with pytest.raises(ParseError):
        asa.parse_memory("Used memory: 9 bytes (90%)\nTotal memory: 5 bytes (100%)")
