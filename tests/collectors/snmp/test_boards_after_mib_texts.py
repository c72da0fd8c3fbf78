"""Boards of servers and storage compared with the texts of their MIBs: answers written after those."""

from __future__ import annotations

import pytest

from collectors.model import SensorLimits
from collectors.outcome import Outcome
from tests.support.snmp_answers import limits_of, states, told, under, values

OK, WARNING, CRITICAL, UNKNOWN = Outcome.OK, Outcome.WARNING, Outcome.CRITICAL, Outcome.UNSUPPORTED
IDRAC, CPQ = "1.3.6.1.4.1.674.10892.5", "1.3.6.1.4.1.232"


def test_an_idrac_tells_redundancy_the_limits_of_its_probes_and_its_enclosures() -> None:
    rows = under(
        IDRAC,
        *("2.3.0|2|4", "2.4.0|2|3", "4.600.10.1.5.1.1|2|5", "4.600.10.1.7.1.1|4|System Board PS"),
        *("4.700.10.1.5.1.1|2|3", "4.600.30.1.6.1.1|2|8", "4.600.30.1.7.1.1|2|23"),
        *("4.600.30.1.8.1.1|4|PS1 Current 1", "4.600.30.1.10.1.1|2|64", "4.600.30.1.11.1.1|2|0"),
        *("4.600.20.1.6.1.1|2|11980", "4.600.20.1.8.1.1|4|12V", "4.600.20.1.10.1.1|2|13200"),
        *("5.1.20.130.3.1.2.1|4|MD1400", "5.1.20.130.3.1.24.1|2|4", "5.1.20.130.7.1.11.1|2|4980"),
        *("5.1.20.130.11.1.2.1|4|Probe 0", "5.1.20.130.11.1.11.1|2|27", "5.1.20.130.11.1.10.1|2|55"),
    )
    facts = told(IDRAC, "", *rows)
    assert values(facts) == {
        ("current", "PS1 Current 1"): 0.8,
        ("voltage", "12V"): 11.98,
        ("fan", "Enclosure fan 1"): 4980.0,
        ("temperature", "Probe 0"): 27.0,
    }
    assert limits_of(facts, "current", "PS1 Current 1") == SensorLimits(high_critical=6.4)
    assert limits_of(facts, "voltage", "12V") == SensorLimits(high_critical=13.2)
    assert limits_of(facts, "temperature", "Probe 0") == SensorLimits(high_critical=55.0)
    assert states(facts) == {
        "Global storage": WARNING,
        "System power": WARNING,
        "System Board PS redundancy": CRITICAL,
        "Fan redundancy 1": OK,
        "MD1400": WARNING,
    }


def test_an_ilo_tells_why_a_supply_failed_and_what_the_machine_draws() -> None:
    rows = under(
        CPQ,
        *("6.1.3.0|2|3", "6.2.6.1.0|2|2", "6.2.15.3.0|2|214", "6.2.9.3.1.3.0.2|2|3"),
        *("6.2.9.3.1.5.0.1|2|17", "6.2.9.3.1.3.0.1|2|3", "6.2.9.3.1.5.0.3|2|1", "6.2.9.3.1.3.0.3|2|2"),
        *("6.2.6.8.1.3.0.1|2|11", "6.2.6.8.1.4.0.1|2|22", "6.2.6.8.1.5.0.1|2|-99", "6.2.6.8.1.4.0.2|2|-99"),
        *("3.2.5.1.1.6.0.1|2|4", "3.2.5.1.1.64.0.1|4|Port 1I Box 1 Bay 1", "3.2.2.2.1.2.0|2|5"),
        "3.2.2.1.1.32.0|2|48",
    )
    facts = told(f"{CPQ}.9.4.10", "Integrated Lights-Out 5 2.44", *rows)
    assert values(facts) == {
        ("temperature", "ambient 1"): 22.0,
        ("temperature", "Array Controller Slot#0"): 48.0,
        ("power", "Power meter"): 214.0,
    }
    assert limits_of(facts, "temperature", "ambient 1") == SensorLimits()
    assert states(facts) == {
        "System health": WARNING,
        "Thermal condition": OK,
        "PowerSupply status #1": CRITICAL,
        "Disk status #Port 1I Box 1 Bay 1": CRITICAL,
        "Cache Module Board 0": CRITICAL,
    }


def test_a_synology_tells_what_its_ups_says_in_every_order_of_the_flags() -> None:
    nas, ups = "1.3.6.1.4.1.6574.1.1.0|2|1", "1.3.6.1.4.1.6574.4.2.1.0|4|"
    for flags, outcome in (("OL CHRG LB", WARNING), ("OB LB DISCHRG", CRITICAL), ("FSD OB LB", CRITICAL)):
        assert states(told("1.3.6.1.4.1.8072.3.2.10", "Linux", nas, ups + flags))["UPS"] is outcome


def test_a_procurve_tells_the_temperature_of_its_air() -> None:
    rows = under(
        "1.3.6.1.4.1.11.2.14.11.1.2.8.1.1",
        *("2.1|4|Sys-1", "3.1|4|23C", "6.1|2|1", "7.1|4|57C", "3.2|4|not available", "6.2|2|2"),
    )
    facts = told("1.3.6.1.4.1.11.2.3.7.11.160", "HP J9726A 2920-24G Switch", *rows)
    assert values(facts) == {("temperature", "Sys-1"): 23.0}
    assert limits_of(facts, "temperature", "Sys-1").high_critical == 57.0
    assert states(facts) == {"Sys-1 overtemperature": CRITICAL, "System air 2 overtemperature": OK}


@pytest.mark.parametrize("root", ["1.3.6.1.4.1.2.3.51.3.1", "1.3.6.1.4.1.19046.11.1.1"])
def test_boards_of_lenovo_tell_the_product_and_their_firmware(root: str) -> None:
    rows = under(
        root,
        *(
            "5.1.1.2.1|4|IMM",
            "5.1.1.3.1|4|TCOO42A",
            "5.1.1.3.2|4|TCOO40B",
            "5.2.1.1.0|4|8871",
            "5.2.1.2.0|4|AC1",
        ),
        *("5.2.1.3.0|4|S4ABC01", "5.2.1.5.0|4|Lenovo System x3650 M5: -[8871AC1]-"),
    )
    identity = told(root.removesuffix(".1"), "Linux IMM", *rows).identity
    assert (identity.model, identity.version, identity.serial) == (
        "Lenovo System x3650 M5: -[8871AC1]-",
        "TCOO42A",
        "S4ABC01",
    )
