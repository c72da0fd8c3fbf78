"""UPSes of Delta with its fifth MIB: answers written after the text of that MIB, nothing recorded."""

from __future__ import annotations

from collectors.outcome import Outcome
from tests.support.snmp_answers import states, told, under, values

OK, WARNING, CRITICAL = Outcome.OK, Outcome.WARNING, Outcome.CRITICAL
DELTA = ("1.3.6.1.4.1.2254.2.5", "Delta UPS")
UPS = "1.3.6.1.4.1.2254.2.5"


def test_a_ups_of_the_fifth_generation_is_told_by_its_own_mib() -> None:
    facts = told(
        *DELTA,
        *under(UPS, "1.1.0|4|Delta", "1.2.0|4|Amplon RT-3K", "1.3.0|4|V1.02"),
        *under(UPS, "4.2.0|2|499", "4.3.0|2|2301", "4.4.0|2|-1", "4.5.0|2|41", "4.8.0|2|0", "4.20.0|2|-1"),
        *under(UPS, "5.1.0|2|9", "5.2.0|2|500", "5.4.0|2|2300", "5.7.0|2|905", "5.8.0|2|33"),
        *under(UPS, "5.19.0|2|9", "5.20.0|2|11", "5.21.0|2|82", "5.25.0|2|120", "6.3.0|2|2299"),
        *under(UPS, "7.5.0|2|41", "7.6.0|2|821", "7.7.0|2|0", "7.10.0|2|98", "7.12.0|2|31", "7.16.0|2|-1"),
    )
    identity = facts.identity
    assert (identity.vendor, identity.model, identity.version) == ("Delta", "Amplon RT-3K", "V1.02")
    assert values(facts) == {
        ("frequency", "Input 1"): 49.9,
        ("voltage", "Input 1"): 230.1,
        ("current", "Input 1"): 4.1,
        ("frequency", "Output"): 50.0,
        ("voltage", "Output 1"): 230.0,
        ("power", "Output 1"): 905.0,
        ("load", "Output 1 load"): 33.0,
        ("power", "Output"): 900.0,
        ("apparent_power", "Output"): 1100.0,
        ("power_factor", "Output"): 0.82,
        ("energy", "Output"): 120_000.0,
        ("voltage", "Bypass 1"): 229.9,
        ("runtime", "Runtime"): 41.0,
        ("voltage", "Battery"): 82.1,
        ("charge", "Battery"): 98.0,
        ("temperature", "UPS"): 31.0,
    }
    assert states(facts) == {"Output Source": OK}


def test_alarms_and_breakers_of_the_fifth_generation() -> None:
    facts = told(
        *DELTA,
        *under(UPS, "4.21.0|2|4", "7.1.0|2|3", "7.2.0|2|1", "7.3.0|2|4", "7.15.0|2|1", "8.2.0|2|5"),
        *under(UPS, "9.1.0|2|2", "9.2.0|2|1", "9.4.0|2|1", "9.16.0|2|-1", "9.32.0|2|4", "9.33.0|2|1"),
        *under(UPS, "9.34.0|2|2", "9.38.0|2|2"),
    )
    assert states(facts) == {
        "Input failure": CRITICAL,
        "Battery condition": CRITICAL,
        "Battery Status": OK,
        "Battery charge": CRITICAL,
        "Battery breaker": WARNING,
        "Test Result": CRITICAL,
        "UPS disconnected": OK,
        "Input out of range": CRITICAL,
        "Load on bypass": WARNING,
        "Alarms": CRITICAL,
        "Redundancy lost": WARNING,
        "Phase": OK,
        "Manual bypass breaker": WARNING,
    }


def test_what_the_ups_mib_tells_is_not_told_twice() -> None:
    standard = under("1.3.6.1.2.1.33.1", "2.1.0|2|2", "2.3.0|2|60", "2.4.0|2|99", "4.1.0|2|3")
    own = under(UPS, "5.1.0|2|2", "7.2.0|2|2", "7.5.0|2|41", "7.10.0|2|98", "9.3.0|2|2", "5.19.0|2|9")
    facts = told(*DELTA, *standard, *own)
    kinds = [one.kind for one in facts.sensors if one.kind in ("charge", "runtime")]
    assert sorted(kinds) == ["charge", "runtime"]
    assert states(facts)["Battery low"] is OK
    assert values(facts)["power", "Output"] == 900.0
