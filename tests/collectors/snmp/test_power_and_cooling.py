"""Power distribution, transfer switches, cooling and environment monitors, by answers written after MIBs."""

from __future__ import annotations

import pytest

from collectors.outcome import Outcome
from collectors.platforms.snmp import roots_for
from tests.support.snmp_answers import states, told, under, values

APC = "1.3.6.1.4.1.318.1.1"
CARD = "1.3.6.1.4.1.318.1.3.11"
OK, WARNING, CRITICAL = Outcome.OK, Outcome.WARNING, Outcome.CRITICAL


def test_an_apc_transfer_switch_tells_both_sources_and_its_output() -> None:
    facts = told(
        CARD,
        "APC Web/SNMP Management Card",
        *under(
            f"{APC}.8.5",
            "1.2.0|2|1",
            "1.3.0|2|1",
            "1.10.0|2|2",
            "1.12.0|2|2",
            "1.13.0|2|1",
            "1.14.0|2|1",
            "3.2.1.4.1|2|50",
            "3.3.1.3.1.1.1|2|229",
            "3.3.1.3.2.1.1|2|-1",
            "4.2.1.4.1|2|50",
            "4.3.1.3.1.1.1|2|228",
            "4.3.1.4.1.1.1|66|71",
        ),
        f"{APC}.8.4.16.1.4.1|2|8",
        f"{APC}.8.4.16.1.5.1|2|10",
    )
    assert values(facts) == {
        ("frequency", "Source 1"): 50.0,
        ("voltage", "Source 1 phase 1"): 229.0,
        ("frequency", "Output"): 50.0,
        ("voltage", "Output phase 1"): 228.0,
        ("current", "Output phase 1"): 7.1,
    }
    told_states = states(facts)
    assert told_states["Redundancy State"] is CRITICAL
    assert told_states["Source B"] is CRITICAL
    assert told_states["Source A"] is OK
    limits = next(one.limits for one in facts.sensors if one.kind == "current")
    assert (limits.high_warning, limits.high_critical) == (8.0, 10.0)


def test_rack_pdus_of_three_generations() -> None:
    second = told(
        CARD,
        "APC rack PDU",
        *under(
            f"{APC}.26",
            "4.3.1.4.1|2|2",
            "4.3.1.5.1|2|123",
            "4.3.1.12.1|2|2",
            "4.3.1.16.1|2|130",
            "4.3.1.17.1|2|95",
            "6.3.1.4.1|2|4",
            "9.2.3.1.3.1|4|core switch",
            "9.2.3.1.4.1|2|1",
            "9.2.3.1.5.1|2|1",
        ),
        f"{APC}.12.1.16.0|2|1230",  # the same power, which the newer table tells better
    )
    assert values(second) == {
        ("power", "Total power"): 1230.0,
        ("apparent_power", "Total apparent power"): 1300.0,
        ("power_factor", "Power factor"): 0.95,
    }
    found = states(second)
    assert found["Power supply"] is CRITICAL
    assert found["Phase 1 load"] is CRITICAL
    assert found["Outlet 1 core switch"] is WARNING
    easy = told(CARD, "Easy PDU", *under(f"{APC}.30.4.2.1", "4.1.1|2|2301", "5.1.1|2|512", "6.1.1|2|1150"))
    assert values(easy) == {
        ("voltage", "Phase 1.1"): 230.1,
        ("current", "Phase 1.1"): 5.12,
        ("power", "Phase 1.1"): 1150.0,
    }
    advanced = told(
        CARD,
        "NetShelter PDU",
        *under(
            f"{APC}.32",
            "2.4.1.2.1|4|PDU A",
            "2.4.1.3.1|2|2",
            "2.4.1.4.1|2|840",
            "5.9.1.2.1.1|2|1",
            "5.9.1.3.1.1|4|NAS",
            "5.9.1.5.1.1|2|44",
            "5.9.1.2.1.2|2|0",
            "5.9.1.5.1.2|2|17",
        ),
    )
    assert values(advanced) == {("power", "PDU A"): 840.0, ("current", "Outlet 1 NAS"): 0.44}
    assert states(advanced) == {"PDU A load": WARNING}


def test_units_between_racks_tell_air_in_metric_units_and_absent_parts_are_none() -> None:
    facts = told(
        CARD,
        "InRow RP",
        *under(
            f"{APC}.13.3.3.1.2.2",
            "1.0|2|2",
            "3.0|2|235",
            "5.0|2|182",
            "7.0|2|-1",
            "8.0|2|455",
            "11.0|2|14000",
            "12.0|2|653",
            "14.0|2|86",
            "22.0|2|2",
            "35.0|2|4520",
            "36.0|2|31",
            "50.0|2|2",
        ),
    )
    assert values(facts) == {
        ("temperature", "Rack inlet"): 23.5,
        ("temperature", "Supply air"): 18.2,
        ("humidity", "Supply air"): 45.5,
        ("airflow", "Air flow"): 1400.0,
        ("percent", "Fan speed"): 65.3,
        ("power", "Cooling output"): 8600.0,
        ("frequency", "Compressor drive"): 45.2,
        ("power", "Compressor drive"): 3100.0,
    }
    assert states(facts) == {"Unit status": OK, "Output relay": WARNING, "Leak sensor": CRITICAL}


def test_a_perimeter_unit_says_minus_two_to_the_31st_for_what_it_lacks() -> None:
    facts = told(
        CARD,
        "NetworkAir FM",
        *under(
            f"{APC}.13.1",
            "3.1.0|2|5",
            "4.5.8.0|2|1",
            "4.6.1.0|2|3",
            "5.2.2.1.2.1|2|141",
            "5.2.2.1.5.1|2|-2147483648",
            "5.2.2.1.8.1|2|83000",
            "5.6.2.1.14.1|2|72",
            "6.3.0|2|2",
        ),
    )
    assert values(facts) == {
        ("temperature", "Supply air of module 1"): 14.1,
        ("pressure", "Filter pressure of module 1"): 83.0,
        ("percent", "Blower 1 capacitor life, module 1"): 7.2,
        ("count", "Active alarms"): 2.0,
    }
    assert states(facts) == {"Group status": CRITICAL, "Humidifier": OK}


@pytest.mark.parametrize(("unit", "raw", "expected"), [(1, 24, 24.0), (2, 77, 25.0)])
def test_a_monitor_counts_in_the_unit_that_somebody_chose(unit: int, raw: int, expected: float) -> None:
    facts = told(
        CARD,
        "Environmental Manager",
        *under(
            f"{APC}.10.4.2",
            f"1.0|2|{unit}",
            "3.1.3.0.1|4|Rack 7",
            "3.1.4.0.1|4|front",
            f"3.1.5.0.1|2|{raw}",
            "3.1.6.0.1|2|41",
            "3.1.7.0.1|2|2",
            "3.1.8.0.1|2|3",
        ),
    )
    assert values(facts) == {("temperature", "Rack 7 front"): expected, ("humidity", "Rack 7 front"): 41.0}
    assert states(facts) == {"Rack 7 front connection": OK, "Rack 7 front alarm": CRITICAL}


def test_a_netbotz_of_the_newer_generation() -> None:
    box = "1.3.6.1.4.1.52674.500"
    facts = told(
        box,
        "NetBotz 750",
        *under(
            box,
            "4.1.1.1.4.7|4|Cold aisle",
            "4.1.1.1.8.7|2|23",
            "4.1.1.1.3.7|2|0",
            "4.2.12.1.4.9|4|Ceiling",
            "4.2.12.1.2.9|2|1",
            "100.0|2|4",
        ),
    )
    assert facts.identity.platform == "netbotz"
    assert values(facts) == {("temperature", "Cold aisle"): 23.0}
    assert states(facts) == {"Cold aisle temperature": OK, "Ceiling": CRITICAL, "Appliance": CRITICAL}


def test_eaton_distribution_and_transfer_switches() -> None:
    pdu = "1.3.6.1.4.1.534.6.6.7"
    facts = told(
        pdu,
        "Eaton ePDU",
        *under(
            pdu,
            "3.2.1.3.0.1.1|2|231200",
            "3.2.1.7.0.1.1|2|250000",
            "3.2.1.8.0.1.1|2|-1",
            "3.3.1.4.0.1.1|2|6400",
            "3.3.1.5.0.1.1|2|3",
            "3.5.1.4.0.1|2|1440",
            "3.5.1.7.0.1|2|974",
            "5.1.1.3.0.2|4|Section B",
            "5.1.1.5.0.2|2|2",
            "5.4.1.3.0.2|2|1250",
            "6.1.1.3.0.4|4|Firewall",
            "6.6.1.2.0.4|2|0",
        ),
    )
    found = values(facts)
    assert found["voltage", "Input 1 phase 1"] == 231.2
    assert found["power_factor", "Input 1 total"] == 0.974
    assert found["current", "Section B"] == 1.25
    voltage = next(one for one in facts.sensors if one.kind == "voltage")
    assert (voltage.limits.high_warning, voltage.limits.high_critical) == (250.0, None)
    assert states(facts) == {
        "Input 1 phase 1 current": WARNING,
        "Section B": CRITICAL,
        "Firewall": WARNING,
    }
    switch = "1.3.6.1.4.1.534.10.2"
    facts = told(
        switch,
        "Eaton ATS",
        *under(switch, "1.2.0|4|EATS16N", "2.2.1.2.1|2|2290", "2.4.0|2|4", "3.2.1.5.2|2|4"),
    )
    assert (facts.identity.platform, facts.identity.model) == ("eaton-ats", "EATS16N")
    assert values(facts) == {("voltage", "Source 1"): 229.0}
    assert states(facts) == {"Operation mode": OK, "Source 2 voltage": CRITICAL}


def test_receptacles_and_cooling_of_liebert() -> None:
    box = "1.3.6.1.4.1.476.1.42"
    facts = told(
        box,
        "Liebert",
        *under(
            f"{box}.3",
            "8.50.20.1.10.1.1.3|4|Server 3",
            "8.50.20.1.60.1.1.3|66|14",
            "8.50.20.1.75.1.1.3|2|97",
            "8.50.20.1.95.1.1.3|2|2",
            "5.2.3.1.5.1.2|66|230",
            "5.2.3.1.10.1.2|2|23",
            "5.2.2.1.8.1|66|12",
            "5.2.3.1.6.1.1|66|18",
            "4.3.7.0|2|2",
            "4.3.8.0|2|1",
            "4.3.9.0|66|4294967295",
            "4.3.16.0|66|64",
        ),
    )
    assert values(facts) == {
        ("current", "Receptacle Server 3"): 1.4,
        ("power_factor", "Receptacle Server 3"): 0.97,
        ("voltage", "Point 1 phase 2 L-N"): 230.0,
        ("percent", "Point 1 phase 2 voltage distortion"): 2.3,
        ("power", "Point 1"): 12000.0,
        ("current", "Point 1 phase 1"): 18.0,
        ("percent", "Fan capacity"): 64.0,
    }
    assert states(facts) == {"Receptacle Server 3": OK, "Fan": WARNING, "General alarm": CRITICAL}


def test_breakers_doors_and_water_of_raritan() -> None:
    box = "1.3.6.1.4.1.13742.6"
    facts = told(
        "1.3.6.1.4.1.13742",
        "Raritan PX3",
        *under(
            box,
            "3.4.3.1.3.1.1|4|Circuit 1",
            "3.4.4.1.7.1.1.1|66|3",
            "5.3.3.1.4.1.1.1|66|4321",
            "5.3.3.1.3.1.1.15|2|0",
            "3.6.3.1.2.1.4|2|43",
            "3.6.3.1.4.1.4|4|Front door",
            "5.5.3.1.4.1.4|66|1",
            "3.6.3.1.2.1.5|2|17",
            "3.6.3.1.4.1.5|4|Floor",
            "5.5.3.1.3.1.5|2|11",
        ),
    )
    assert values(facts) == {("current", "Breaker 1 Circuit 1"): 4.321}
    assert states(facts) == {"Breaker 1 Circuit 1": CRITICAL, "Front door": WARNING, "Floor": CRITICAL}


def test_a_cyberpower_pdu_is_told_from_its_upses() -> None:
    pdu = "1.3.6.1.4.1.3808.1.1.3"
    facts = told(
        pdu,
        "CyberPower PDU",
        *under(
            pdu,
            "1.5.0|4|PDU41001",
            "2.3.1.1.2.1|66|32",
            "2.3.1.1.3.1|2|3",
            "2.3.1.1.6.1|66|2304",
            "3.5.1.1.2.2|4|Switch",
            "3.5.1.1.4.2|2|2",
        ),
    )
    assert (facts.identity.platform, facts.identity.model) == ("cyberpower", "PDU41001")
    assert values(facts) == {("current", "Load 1"): 3.2, ("voltage", "Input 1"): 230.4}
    assert states(facts) == {"Load 1": WARNING, "Outlet 2 Switch": WARNING}


def test_a_card_is_asked_for_all_the_groups_its_maker_has() -> None:
    roots = roots_for(CARD, "APC Web/SNMP Management Card")
    for wanted in ("13.3.3.1.2.2", "17", "26", "32.5", "10.4.2"):
        assert any(f"{APC}.{wanted}".startswith(root) for root in roots), wanted
