"""RouterOS, CyberPower and Delta, by answers written after their MIBs."""

from __future__ import annotations

from collectors.outcome import Outcome
from tests.support.snmp_answers import states, told, values

GAUGES = (
    ("17", "power-consumption", 232, 5),
    ("7001", "cpu-temperature", 47, 1),
    ("7101", "fan1-speed", 3450, 2),
    ("7201", "psu1-voltage", 241, 3),
    ("7301", "psu1-state", 0, 6),
    ("7302", "psu2-state", 1, 6),
    ("7401", "board-temperature1", -273, 1),
)


def test_a_routeros_device_tells_its_gauges_by_their_units() -> None:
    gauge = "1.3.6.1.4.1.14988.1.1.3.100.1"
    rows = [
        f"{gauge}.{column}.{index}|{tag}|{value}"
        for index, name, number, unit in GAUGES
        for column, tag, value in ((2, 4, name), (3, 2, number), (4, 2, unit))
    ]
    facts = told(
        "1.3.6.1.4.1.14988.1",
        "RouterOS CCR2004-1G-12S+2XS",
        *rows,
        "1.3.6.1.4.1.14988.1.1.3.10.0|2|470",  # what the gauges tell better
        "1.3.6.1.4.1.14988.1.1.4.4.0|4|7.15.3",
        "1.3.6.1.4.1.14988.1.1.7.3.0|4|HD9082XXXXX",
        "1.3.6.1.4.1.14988.1.1.19.1.1.2.3|4|sfp1",
        "1.3.6.1.4.1.14988.1.1.19.1.1.10.3|2|-5321",
    )
    identity = facts.identity
    assert (identity.vendor, identity.platform, identity.model) == (
        "MikroTik",
        "routeros",
        "CCR2004-1G-12S+2XS",
    )
    assert (identity.version, identity.serial) == ("7.15.3", "HD9082XXXXX")
    assert values(facts) == {
        ("power", "power-consumption"): 23.2,
        ("temperature", "cpu-temperature"): 47.0,
        ("fan", "fan1-speed"): 3450.0,
        ("voltage", "psu1-voltage"): 24.1,
        ("dbm", "sfp1 Rx power"): -5.321,
    }
    assert states(facts) == {"psu1-state": Outcome.OK, "psu2-state": Outcome.CRITICAL}


def test_an_old_routeros_device_has_single_objects_and_a_hung_one_tells_absolute_zero() -> None:
    health = "1.3.6.1.4.1.14988.1.1.3"
    facts = told(
        "1.3.6.1.4.1.14988.1",
        "RouterOS RB4011iGS+",
        f"{health}.8.0|2|238",
        f"{health}.10.0|2|-2730",
        f"{health}.11.0|2|510",
        f"{health}.15.0|2|0",
    )
    assert values(facts) == {("voltage", "Voltage"): 23.8, ("temperature", "Processor temperature"): 51.0}
    assert states(facts) == {"Power supply": Outcome.CRITICAL}


def test_a_cyberpower_ups_counts_its_minutes_in_hundredths_of_a_second() -> None:
    ups = "1.3.6.1.4.1.3808.1.1.1"
    facts = told(
        ups,
        "UPS SNMP Card",
        f"{ups}.1.1.1.0|4|OLS3000ERT2U",
        f"{ups}.1.2.1.0|4|1.04",
        f"{ups}.1.2.3.0|4|CR7HX2000123",
        f"{ups}.2.1.1.0|2|2",
        f"{ups}.2.2.1.0|66|100",
        f"{ups}.2.2.2.0|66|818",
        f"{ups}.2.2.3.0|66|31",
        f"{ups}.2.2.4.0|67|234000",
        f"{ups}.2.2.5.0|2|2",
        f"{ups}.3.2.1.0|66|2291",
        f"{ups}.3.2.4.0|66|500",
        f"{ups}.4.1.1.0|2|3",
        f"{ups}.4.2.3.0|66|27",
        "1.3.6.1.4.1.3808.1.1.4.2.1.0|2|770",
        "1.3.6.1.4.1.3808.1.1.4.3.1.0|2|44",
    )
    assert (facts.identity.vendor, facts.identity.model) == ("CyberPower", "OLS3000ERT2U")
    assert (facts.identity.version, facts.identity.serial) == ("1.04", "CR7HX2000123")
    found = values(facts)
    assert round(found["runtime", "Runtime"], 3) == 39.0
    assert found["charge", "Battery"] == 100
    assert found["voltage", "Battery"] == 81.8
    assert round(found["temperature", "Environment"], 2) == 25.0
    assert states(facts) == {
        "Battery Status": Outcome.OK,
        "Battery replacement": Outcome.CRITICAL,
        "Output Status": Outcome.CRITICAL,  # on battery
    }


def test_a_delta_ups_of_three_phases_and_one_of_a_single_one() -> None:
    ups = "1.3.6.1.4.1.2254.2.4"
    single = (
        f"{ups}.1.1.0|4|DELTA",
        f"{ups}.1.2.0|4|GES102R202035",
        f"{ups}.4.2.0|2|499",
        f"{ups}.4.3.0|2|2280",
        f"{ups}.4.6.0|2|0",
        f"{ups}.5.1.0|2|1",
        f"{ups}.5.4.0|2|2301",
        f"{ups}.5.7.0|2|38",
        f"{ups}.5.11.0|2|0",
        f"{ups}.7.2.0|2|1",
        f"{ups}.7.5.0|2|17",
        f"{ups}.7.8.0|2|62",
    )
    facts = told(ups, "Delta UPS", *single)
    assert (facts.identity.vendor, facts.identity.model) == ("DELTA", "GES102R202035")
    assert values(facts) == {
        ("frequency", "Input 1"): 49.9,
        ("voltage", "Input 1"): 228.0,
        ("voltage", "Output 1"): 230.1,
        ("load", "Output 1 load"): 38.0,
        ("runtime", "Runtime"): 17.0,
        ("charge", "Battery"): 62.0,
    }
    assert states(facts) == {"Output Source": Outcome.CRITICAL, "Battery Status": Outcome.CRITICAL}
    facts = told(ups, "Delta UPS", *single[:4], f"{ups}.5.8.0|2|2299", f"{ups}.5.15.0|2|41")
    assert values(facts)["voltage", "Output 2"] == 229.9
    assert values(facts)["load", "Output 3 load"] == 41.0
