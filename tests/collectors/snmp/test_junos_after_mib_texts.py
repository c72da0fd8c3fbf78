"""Junos' licences, sessions and virtual chassis: answers written after the texts of the MIBs."""

from __future__ import annotations

from datetime import UTC, datetime

from collectors.model import SensorLimits
from collectors.outcome import Outcome
from collectors.platforms.snmp import roots_for
from tests.support.snmp_answers import limits_of, states, told, under, values

OK, WARNING = Outcome.OK, Outcome.WARNING
JUNIPER = "1.3.6.1.4.1.2636.3"
SRX = ("1.3.6.1.4.1.2636.1.1.1.2.135", "Juniper Networks, Inc. srx1500 internet router, kernel JUNOS 20.4R3")
LICENCES = f"{JUNIPER}.63.1.1.1"


def octets(year: int, month: int, day: int) -> str:
    return f"4x|{year:04x}{month:02x}{day:02x}00000000"


def test_licences_are_named_by_their_index_and_end_on_a_day() -> None:
    junos1, junos2, junos3 = "74.85.78.49", "74.85.78.50", "74.85.78.51"
    facts = told(
        *SRX,
        *under(
            f"{LICENCES}.1.1",
            *(f"4.{junos1}|2|2", f"8.{junos1}|{octets(2026, 3, 9)}"),
            *(f"4.{junos2}|2|3", f"8.{junos2}|{octets(2026, 3, 9)}"),
            *(f"4.{junos3}|2|1", f"8.{junos3}|4x|0000000000000000"),
        ),
    )
    (licence,) = facts.extra["licences"]
    assert (licence.name, licence.ends) == ("JUN1", datetime(2026, 3, 9, tzinfo=UTC))


def test_a_feature_that_is_used_without_a_licence_is_a_warning_by_its_limit() -> None:
    facts = told(*SRX, *under(f"{LICENCES}.2.1", "3.5|4|IDP Signature", "7.5|2|1", "7.6|2|0"))
    assert values(facts) == {
        ("count", "IDP Signature licences needed"): 1.0,
        ("count", "Feature 6 licences needed"): 0.0,
    }
    assert limits_of(facts, "count", "IDP Signature licences needed") == SensorLimits(high_warning=1.0)


def test_the_keys_of_licences_are_not_asked() -> None:
    roots = roots_for(*SRX)
    assert f"{LICENCES}.1.1.8" in roots
    assert not [root for root in roots if f"{LICENCES}.1.1.5.".startswith(f"{root}.")]


def test_sessions_of_the_device_and_of_each_node_of_a_cluster() -> None:
    facts = told(
        *SRX,
        *under(
            f"{JUNIPER}.39.1.12.1",
            *("2.0|66|1200", "3.0|66|2000000"),
            *("4.1.2.0|4|node0", "4.1.3.0|66|1100", "4.1.4.0|66|1000000", "4.1.5.0|70|35"),
            *("4.1.2.1|4|node1", "4.1.3.1|66|100", "4.1.4.1|66|1000000"),
        ),
    )
    assert values(facts) == {
        ("count", "Sessions"): 1200.0,
        ("count", "node0 sessions"): 1100.0,
        ("count", "node1 sessions"): 100.0,
        ("count", "node0 new sessions/s"): 35.0,
    }
    assert limits_of(facts, "count", "Sessions") == SensorLimits(high_critical=2_000_000.0)
    assert limits_of(facts, "count", "node1 sessions") == SensorLimits(high_critical=1_000_000.0)


CHASSIS = f"{JUNIPER}.40.1.4.1"
VCP0, VCP1 = "5.118.99.112.45.48", "5.118.99.112.45.49"  # vcp-0, vcp-1 with their length


def test_ports_of_a_virtual_chassis_that_are_to_be_up() -> None:
    ports = [
        *(f"2.1.3.0.{VCP0}|2|1", f"2.1.4.0.{VCP0}|2|1", f"2.1.3.0.{VCP1}|2|1", f"2.1.4.0.{VCP1}|2|2"),
        *(f"2.1.3.1.{VCP1}|2|2", f"2.1.4.1.{VCP1}|2|2"),
    ]
    single = told(*SRX, *under(CHASSIS, "1.1.3.0|2|1", *ports))
    assert states(single) == {"Virtual chassis member 0": OK}
    pair = told(*SRX, *under(CHASSIS, "1.1.3.0|2|1", "1.1.3.1|2|2", *ports))
    assert states(pair) == {
        "Virtual chassis member 0": OK,
        "Virtual chassis member 1": OK,
        "Member 0 vcp-0": OK,
        "Member 0 vcp-1": WARNING,
    }


def test_alarms_are_counted_beside_their_lamps() -> None:
    rows = under(f"{JUNIPER}.4.2", "2.1.0|2|3", "2.2.0|66|2", "3.1.0|2|2", "3.2.0|66|0")
    facts = told(*SRX, *rows)
    assert states(facts) == {"Yellow Alarm": WARNING, "Red Alarm": OK}
    assert values(facts) == {("count", "Yellow alarms"): 2.0, ("count", "Red alarms"): 0.0}
