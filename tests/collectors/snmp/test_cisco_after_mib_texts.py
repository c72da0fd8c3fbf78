"""Cisco's pairs, power groups and tunnels: answers written after the texts of the MIBs, nothing recorded."""

from __future__ import annotations

import pytest

from collectors.model import SensorLimits
from collectors.outcome import Outcome
from collectors.platforms.snmp import roots_for
from tests.support.snmp_answers import limits_of, states, told, under, values

OK, WARNING, CRITICAL = Outcome.OK, Outcome.WARNING, Outcome.CRITICAL
FRU = "1.3.6.1.4.1.9.9.117.1"
VPC = "1.3.6.1.4.1.9.9.807.1"
IOS = ("1.3.6.1.4.1.9.1.896", "Cisco IOS Software, s72033_rp Software, Version 15.1(2)SY")
NXOS = ("1.3.6.1.4.1.9.12.3.1.3.1467", "Cisco NX-OS(tm) n9000, Version 9.3(8)")
ASA = ("1.3.6.1.4.1.9.1.2114", "Cisco Adaptive Security Appliance Version 9.12(4)")


@pytest.mark.parametrize(
    ("wanted", "has", "outcome"),
    [(2, 2, OK), (2, 4, WARNING), (5, 3, WARNING), (6, 6, OK), (3, 4, None), (2, 1, None)],
)
def test_redundancy_of_supplies_is_judged_where_it_is_wanted(
    wanted: int, has: int, outcome: Outcome | None
) -> None:
    facts = told(
        *IOS,
        "1.3.6.1.2.1.47.1.1.1.1.7.9|4|Power group",
        *under(FRU, f"1.1.1.1.9|2|{wanted}", f"1.1.1.5.9|2|{has}"),
    )
    assert states(facts).get("Power group redundancy") is outcome


def test_a_supply_that_failed_its_group_and_one_without_input() -> None:
    facts = told(
        *IOS,
        "1.3.6.1.2.1.47.1.1.1.1.7.11|4|PS 1",
        *under(FRU, "1.1.1.6.9|2|5", "1.1.1.6.10|2|1", "6.1.1.2.11.1|2|3", "6.1.1.2.11.2|2|1"),
    )
    assert states(facts) == {
        "Power supplies 9": CRITICAL,
        "PS 1 input 1": OK,
        "PS 1 input 2": WARNING,
    }


def test_of_pieces_those_that_do_not_belong_here_are_told() -> None:
    facts = told(
        *IOS,
        "1.3.6.1.2.1.47.1.1.1.1.7.4|4|Slot 4",
        *under(f"{FRU}.5.1.1.1", "1|2|2", "2|2|1", "3|2|3", "4|2|4"),
    )
    assert states(facts) == {"Component 3": WARNING, "Slot 4": CRITICAL}


def test_the_chassis_of_a_pair_and_their_link() -> None:
    facts = told(
        *IOS,
        "1.3.6.1.2.1.47.1.1.1.1.7.1001|4|Chassis 1",
        "1.3.6.1.2.1.31.1.1.1.1.701|4|Po10",
        *under("1.3.6.1.4.1.9.9.388.1", "2.2.1.2.1001|2|2", "3.1.1.3.701|2|2"),
    )
    assert states(facts) == {"Chassis 1 role": OK, "Virtual switch link Po10": CRITICAL}


def test_links_of_stackwise_virtual_count_where_there_are_two_switches() -> None:
    stack = "1.3.6.1.4.1.9.9.500.1.2"
    links = under(
        stack,
        *("3.1.2.1001.1|2|1", "3.1.2.2001.1|2|2"),
        *("4.1.1.1001.1.7|4|Te1/0/47", "4.1.2.1001.1.7|2|1", "4.1.2.2001.1.9|2|2"),
    )
    switches = under(stack, "1.1.3.1001|2|1", "1.1.3.2001|2|4")
    iosxe = ("1.3.6.1.4.1.9.1.2494", "Cisco IOS Software [Everest], Catalyst L3 Switch (CAT9K_IOSXE)")
    names = ("1.3.6.1.2.1.47.1.1.1.1.7.1001|4|Switch 1",)
    pair = states(told(*iosxe, *switches, *links, *names))
    assert {name: state for name, state in pair.items() if "link" in name or "Port" in name} == {
        "Stack link 1 - Switch 1": OK,
        "Stack link 1 - Switch 2001": CRITICAL,
        "Stack Port Status - Te1/0/47": OK,
        "Stack Port Status - 2001.1.9": WARNING,
    }
    alone = states(told(*iosxe, switches[0], *links, *names))
    assert set(alone) == {"Stack Role - Switch 1"}


def test_a_vpc_pair_tells_keepalive_roles_and_each_channel() -> None:
    facts = told(
        *NXOS,
        "1.3.6.1.2.1.31.1.1.1.1.369098761|4|port-channel10",
        *under(
            VPC,
            *("1.2.1.2.100|2|3", "2.1.1.2.100|2|3", "2.1.1.3.100|2|1"),
            *("4.2.1.3.100.10|2|369098761", "4.2.1.4.100.10|2|2", "4.2.1.5.100.10|2|2"),
            *("4.2.1.3.100.11|2|0", "4.2.1.4.100.11|2|3", "4.2.1.5.100.11|2|3"),
        ),
    )
    assert states(facts) == {
        "vPC domain 100 keepalive": CRITICAL,
        "vPC domain 100 role": OK,
        "vPC domain 100 pair": CRITICAL,
        "vPC 10 port-channel10": WARNING,
        "vPC 10 port-channel10 consistency": CRITICAL,
        "vPC 11": OK,
    }


def test_tunnels_and_sessions_of_a_firewall_have_the_devices_limit() -> None:
    facts = told(
        *ASA,
        *under("1.3.6.1.4.1.9.9.171.1", "2.1.1.0|66|4", "3.1.1.0|66|7"),
        *under("1.3.6.1.4.1.9.9.392.1", "1.1.0|2|250", "3.1.0|66|31", "3.3.0|66|29"),
    )
    assert values(facts) == {
        ("count", "Active IKE tunnels"): 4.0,
        ("count", "Active IPsec tunnels"): 7.0,
        ("count", "Active remote access sessions"): 31.0,
        ("count", "Remote access users"): 29.0,
    }
    limits = limits_of(facts, "count", "Active remote access sessions")
    assert limits == SensorLimits(high_critical=250.0)


def test_the_table_of_sessions_with_its_users_is_not_asked() -> None:
    session_table = "1.3.6.1.4.1.9.9.392.1.3.21"
    roots = roots_for(*ASA)
    assert "1.3.6.1.4.1.9.9.392.1.3.35" in roots
    assert not [root for root in roots if f"{session_table}.".startswith(f"{root}.")]
