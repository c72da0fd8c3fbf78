"""FortiGate and PAN-OS: members, managed devices, dates of content, written after the texts of the MIBs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors.facts.host import SignatureSet
from collectors.model import SensorLimits
from collectors.outcome import Outcome
from tests.support.snmp_answers import limits_of, states, told, under, values

OK, WARNING, CRITICAL = Outcome.OK, Outcome.WARNING, Outcome.CRITICAL
FORTIGATE = ("1.3.6.1.4.1.12356.101.1.1000", "FortiGate")
FG = "1.3.6.1.4.1.12356.101"
PANOS = ("1.3.6.1.4.1.25461.2.3.38", "Palo Alto Networks PA-3220 series firewall")
PAN = "1.3.6.1.4.1.25461.2.1.2"


@pytest.mark.parametrize(("mode", "outcome"), [(1, None), (2, CRITICAL), (3, CRITICAL)])
def test_a_firewall_that_stands_alone_has_nobody_to_agree_with(mode: int, outcome: Outcome | None) -> None:
    rows = under(f"{FG}.13", f"1.1.0|2|{mode}", "2.1.1.11.1|4|fw1", "2.1.1.12.1|2|0")
    assert states(told(*FORTIGATE, *rows)).get("HA sync fw1") is outcome


def test_members_of_a_cluster_tell_their_load() -> None:
    rows = under(f"{FG}.13", "1.1.0|2|3", "2.1.1.11.2|4|fw2", "2.1.1.3.2|66|12", "2.1.1.4.2|66|55")
    assert values(told(*FORTIGATE, *rows)) == {
        ("percent", "HA processor fw2"): 12.0,
        ("percent", "HA memory fw2"): 55.0,
    }


def test_managed_switches_are_up_and_those_only_discovered_are_nobodys() -> None:
    table = f"{FG}.24.1.1.1"
    facts = told(
        *FORTIGATE,
        *under(
            table,
            *("4.1.1|4|SW-A", "6.1.1|2|2", "7.1.1|2|1", "11.1.1|66|7", "12.1.1|66|31"),
            *("4.1.2|4|SW-B", "6.1.2|2|2", "7.1.2|2|0", "11.1.2|66|0", "12.1.2|66|0"),
            *("4.1.3|4|SW-C", "6.1.3|2|0", "7.1.3|2|0"),
        ),
    )
    assert states(facts) == {"Switch SW-A": OK, "Switch SW-B": CRITICAL}
    assert values(facts) == {
        ("percent", "Switch SW-A processor"): 7.0,
        ("percent", "Switch SW-A memory"): 31.0,
    }


def test_access_points_by_their_names_else_by_the_number_in_the_index() -> None:
    wtp = f"{FG}.14.4"
    one, two, three = "1.3.70.80.49", "1.3.70.80.50", "1.3.70.80.51"  # FP1, FP2, FP3 of the first domain
    facts = told(
        *FORTIGATE,
        *under(
            wtp,
            *(f"3.1.2.{one}|2|3", f"3.1.3.{one}|4|Hall", f"4.1.7.{one}|2|2", f"4.1.17.{one}|66|9"),
            *(f"3.1.2.{two}|2|3", f"3.1.3.{two}|4|", f"4.1.7.{two}|2|1"),
            *(f"3.1.2.{three}|2|1", f"4.1.7.{three}|2|1"),
        ),
    )
    assert states(facts) == {"AP Hall": OK, "AP FP2": CRITICAL}
    assert values(facts) == {("count", "AP Hall stations"): 9.0}


def test_content_of_pan_os_has_days_of_its_own() -> None:
    facts = told(
        *PANOS,
        *under(
            f"{PAN}.1",
            "20.0|4|2026/07/20 21:04:15 PDT",
            "21.0|4|2026/07/21 02:00:00 CST",
            "22.0|4|unknown",
            "23.0|4|2026/07/22 08:15:00",
        ),
    )
    assert [(one.name, one.dated) for one in facts.extra["signatures"]] == [
        ("Application content", datetime(2026, 7, 20, 21, 4, 15, tzinfo=UTC)),
        ("Threat content", datetime(2026, 7, 21, 2, 0, tzinfo=UTC)),
        ("WildFire content", datetime(2026, 7, 22, 8, 15, tzinfo=UTC)),
    ]
    assert all(isinstance(one, SignatureSet) for one in facts.extra["signatures"])


def test_power_and_gateway_of_pan_os_have_the_devices_limits() -> None:
    facts = told(
        *PANOS,
        *under("1.3.6.1.4.1.25461.1.1.7.1.1", "1.0|2|2400", "2.0|2|910"),
        *under(f"{PAN}.5.1", "1.0|2|12", "2.0|2|1024", "3.0|2|123"),
    )
    assert values(facts) == {
        ("power", "Chassis power"): 910.0,
        ("load", "GlobalProtect utilization"): 12.0,
        ("count", "GlobalProtect VPN Active Sessions"): 123.0,
    }
    assert limits_of(facts, "power", "Chassis power") == SensorLimits(high_critical=2400.0)
    limits = limits_of(facts, "count", "GlobalProtect VPN Active Sessions")
    assert limits == SensorLimits(high_critical=1024.0)
