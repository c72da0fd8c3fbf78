"""Network equipment compared with the texts of the MIBs: answers written after those, nothing recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest.mock import ANY

import pytest

from collectors.facts.host import Licence, SignatureSet
from collectors.model import DeviceFacts, SensorLimits
from collectors.outcome import Outcome
from tests.support.snmp_answers import limits_of, states, told, under, values

OK, WARNING, CRITICAL, UNSUPPORTED = Outcome.OK, Outcome.WARNING, Outcome.CRITICAL, Outcome.UNSUPPORTED
CPS = "1.3.6.1.4.1.3808.1.1"


# --- stacks -----------------------------------------------------------------------------------------


def test_a_stack_of_the_first_vsf_generation_writes_words() -> None:
    vsf = "1.3.6.1.4.1.47196.4.1.1.3.10.0"
    facts = told(
        "1.3.6.1.4.1.47196.4.1.1.1.50",
        "Aruba JL666A 6300F FL.10.10.1020",
        *under(
            vsf,
            "2.1.0|4|No Split",
            "2.2.0|4|ring",
            "3.1.3.1|4|Ready",
            "3.1.7.1|4|SG01",
            "3.1.9.1|2|0",
            "3.1.10.1|2|31",
            "3.1.3.2|4|Not Present",
        ),
    )
    assert states(facts) == {
        "Stack state": OK,
        "Stack topology": OK,
        "Stack member SG01": OK,
        "Stack member 2": CRITICAL,
    }
    assert [(one.name, one.usage_percent) for one in facts.processors] == [("Member 1", 0.0)]
    assert [(one.name, one.used_percent) for one in facts.memory] == [("Member 1", 31.0)]


STACK = "1.3.6.1.4.1.9.9.500.1"


def test_a_single_switch_is_no_broken_stack() -> None:
    rows = under(STACK, "1.3.0|2|2", "2.1.1.3.1001|2|1", "2.1.1.6.1001|2|4", "2.2.1.1.1|2|2")
    single = told("1.3.6.1.4.1.9.1.2494", "Cisco IOS Software [Everest]", *rows)
    assert states(single) == {"Stack Role - Switch 1001": OK, "Stack State - Switch 1001": OK}
    second = under(STACK, "2.1.1.3.2001|2|4", "2.1.1.6.2001|2|4")
    pair = states(told("1.3.6.1.4.1.9.1.2494", "Cisco IOS Software [Everest]", *rows, *second))
    assert pair["Stack Ring - Redundant"] is CRITICAL
    assert pair["Stack Port Status - 1"] is WARNING
    virtual = told(
        "1.3.6.1.4.1.9.1.2494",
        "Cisco IOS Software [Everest]",
        *rows,
        *second,
        "1.3.6.1.2.1.47.1.1.1.1.7.1|4|Virtual Stack",
    )
    assert "Stack Ring - Redundant" not in states(virtual)


def test_ports_of_a_single_huawei_member_are_not_down() -> None:
    stack = "1.3.6.1.4.1.2011.5.25.183.1"
    rows = under(stack, "20.1.3.0|2|1", "21.1.5.0.1|2|2")
    single = told("1.3.6.1.4.1.2011.2.23.339", "Huawei VRP S5720", *rows)
    assert states(single) == {"Unit 0 Status": OK}
    pair = told("1.3.6.1.4.1.2011.2.23.339", "Huawei VRP S5720", *rows, f"{stack}.20.1.3.1|2|2")
    assert states(pair)["Unit 0 stack-port 1 Status"] is CRITICAL


# --- optics -----------------------------------------------------------------------------------------


def test_an_h3c_transceivers_limits_have_units_of_their_own() -> None:
    optics = "1.3.6.1.4.1.25506.2.70.1"
    facts = told(
        "1.3.6.1.4.1.25506.1.1234",
        "H3C Comware Platform Software, Software Version 7.1.070",
        "1.3.6.1.2.1.31.1.1.1.1.49|4|XGE1/0/49",
        "1.3.6.1.2.1.31.1.1.1.1.53|4|FGE1/0/53",
        *under(
            optics,
            "1.1.9.49|2|-245",
            "1.1.30.49|2|10000",
            "1.1.31.49|2|1000",
            "1.1.12.49|2|-361",
            "1.1.15.49|2|31",
            "1.1.18.49|2|78000",
            "1.1.19.49|2|-13000",
            "1.1.16.49|2|331",
            "1.1.22.49|2|37000",
            "1.1.23.49|2|29000",
            "1.1.17.49|2|712",
            "1.1.26.49|2|12000",
            "1.1.9.53|2|2147483647",
            "1.1.34.53|2|17378",
            "2.1.3.53.1|2|-120",
            "2.1.3.53.2|2|-4000",
            "2.1.5.53.1|2|650",
        ),
    )
    assert values(facts) == {
        ("dbm", "XGE1/0/49 Tx"): -2.45,
        ("dbm", "XGE1/0/49 Rx"): -3.61,
        ("temperature", "XGE1/0/49 Module"): 31.0,
        ("voltage", "XGE1/0/49 Module"): 3.31,
        ("current", "XGE1/0/49 Bias"): 0.00712,
        ("dbm", "FGE1/0/53 lane 1 Rx"): -1.2,
        ("current", "FGE1/0/53 lane 1 bias"): 0.0065,
    }
    assert limits_of(facts, "dbm", "XGE1/0/49 Tx") == SensorLimits(high_critical=0.0, low_critical=-10.0)
    assert limits_of(facts, "temperature", "XGE1/0/49 Module") == SensorLimits(
        high_critical=78.0, low_critical=-13.0
    )
    assert limits_of(facts, "voltage", "XGE1/0/49 Module") == SensorLimits(
        high_critical=3.7, low_critical=2.9
    )
    assert limits_of(facts, "current", "XGE1/0/49 Bias") == SensorLimits(high_critical=0.012)
    assert limits_of(facts, "dbm", "FGE1/0/53 lane 1 Rx").high_critical == pytest.approx(2.4, abs=0.01)


@pytest.mark.parametrize(("power", "dbm"), [("575", -2.4033), ("-240", -2.4)])
def test_a_huawei_transceivers_limits_are_dbm_whatever_its_light_is(power: str, dbm: float) -> None:
    optics = "1.3.6.1.4.1.2011.5.25.31.1.1.3.1"
    facts = told(
        "1.3.6.1.4.1.2011.2.23.339",
        "Huawei VRP S5720",
        *under(optics, f"8.7|2|{power}", "13.7|2|-1269", "14.7|2|250", "9.7|2|602", "15.7|2|-1", "16.7|2|-1"),
    )
    assert values(facts)["dbm", "Transceiver 7 Rx"] == pytest.approx(dbm, abs=1e-4)
    assert limits_of(facts, "dbm", "Transceiver 7 Rx") == SensorLimits(low_critical=-12.69, high_critical=2.5)
    assert limits_of(facts, "dbm", "Transceiver 7 Tx") == SensorLimits()


def test_a_comware_boards_critical_temperature_is_not_the_one_at_which_it_shuts_down() -> None:
    board = "1.3.6.1.4.1.25506.2.6.1.1.1.1"
    facts = told(
        "1.3.6.1.4.1.25506.1.1234",
        "H3C Comware Platform Software, Software Version 7.1.070",
        *under(board, "12.8|2|50", "13.8|2|85", "17.8|2|95", "21.8|2|-30", "22.8|2|110", "29.8|2|65535"),
    )
    assert limits_of(facts, "temperature", "Temperature 8") == SensorLimits(
        low_warning=-30.0, high_warning=85.0, high_critical=95.0
    )


def test_coherent_optics_of_junos_without_light_have_no_readings() -> None:
    table = "1.3.6.1.4.1.2636.3.71.1.2.1.1"
    rows = [f"{table}.{column}.512|2|-32768" for column in (1, 5, 6, 7, 8, 35, 39, 43)]
    assert values(told("1.3.6.1.4.1.2636.1.1.1.2.29", "Juniper Networks, Inc. mx480", *rows)) == {}


# --- what is no number ------------------------------------------------------------------------------


def test_what_cannot_be_below_zero_and_is_stands_for_nothing() -> None:
    nas = "1.3.6.1.4.1.24681.1.2.15.1"
    assert values(told("1.3.6.1.4.1.24681", "Linux TS", f"{nas}.3.1|4|-1 RPM", f"{nas}.3.2|4|0 RPM")) == {
        ("fan", "FAN 2"): 0.0
    }
    pdu = f"{CPS}.6.4"
    unset = told(f"{CPS}.6", "ePDU", f"{pdu}.4.1.5.1|66|83", f"{pdu}.2.1.6.1|2|0", f"{pdu}.2.1.7.1|2|-1")
    assert limits_of(unset, "current", "Phase 1").high_warning is None
    sessions = "1.3.6.1.4.1.25461.2.1.2.3"
    firewall = told("1.3.6.1.4.1.25461.2.3.29", "PA-440", f"{sessions}.3.0|2|12", f"{sessions}.2.0|2|-1")
    assert limits_of(firewall, "count", "Active Sessions") == SensorLimits()


# --- licences ---------------------------------------------------------------------------------------


def test_contracts_of_a_fortigate_end_on_days_and_what_has_no_date_has_no_end() -> None:
    rows = under(
        "1.3.6.1.4.1.12356.101.4.6.3.1.2.1",
        *("1.1|4|FortiCare Support", "1.2|4|AntiVirus", "1.3|4|IPS", "1.4|4|Industrial DB"),
        *("2.1|4|Sat Jul 26 01:00:00 2025", "2.2|4|Wed Jan  1 2025", "2.3|4|n/a", "2.4|4|Sun Feb 30 2025"),
    )
    found = told("1.3.6.1.4.1.12356.101.1.1001", "", *rows)
    assert [(one.name, one.ends and one.ends.isoformat()) for one in licences_of(found)] == [
        ("FortiCare Support", "2025-07-26T01:00:00+00:00"),
        ("AntiVirus", "2025-01-01T00:00:00+00:00"),
    ]
    assert not licences_of(told("1.3.6.1.4.1.12356.101.1.1001", ""))


def test_packages_of_a_fortigate_have_a_day_of_update_where_there_is_a_contract() -> None:
    rows = under(
        "1.3.6.1.4.1.12356.101.4.6.3.2.2.1",
        *("1.1|4|Virus Definitions", "1.2|4|Attack Definitions"),
        *("2.1|4|Sat Jul 26 2025", "2.2|4|n/a"),
        *("4.1|4|Mon Jun  2 10:00:00 2025", "4.2|4|Tue Dec  1 02:30:00 2015"),
    )
    found = told("1.3.6.1.4.1.12356.101.1.1001", "", *rows)
    assert [one.name for one in licences_of(found)] == ["Virus Definitions"]
    assert found.extra["signatures"] == (
        SignatureSet("Virus Definitions", datetime(2025, 6, 2, 10, tzinfo=UTC), ANY),
    )


def test_the_database_of_a_palo_alto_firewall_says_its_day_in_its_version() -> None:
    versions = "1.3.6.1.4.1.25461.2.1.2.1"
    rows = (f"{versions}.9.0|4|8500-7083", f"{versions}.10.0|4|20260214.20031")
    found = told("1.3.6.1.4.1.25461.2.3.29", "Palo Alto Networks PA-400 series firewall", *rows)
    assert found.extra["signatures"] == (
        SignatureSet("URL filtering", datetime(2026, 2, 14, tzinfo=UTC), ANY),
    )
    none = told("1.3.6.1.4.1.25461.2.3.29", "PA-440", f"{versions}.10.0|4|0000.00.00.000")
    assert "signatures" not in none.extra


def test_licences_of_comware_end_on_a_day_or_after_days() -> None:
    rows = under(
        "1.3.6.1.4.1.25506.2.145.2.2.1",
        *("2.5.1|4|IPS", "2.5.2|4|AV", "2.5.3|4|ACG", "2.5.4|4|VXLAN"),
        *("5.5.1|2|2", "5.5.2|2|2", "5.5.3|2|5", "5.5.4|2|2"),  # in use, in use, uninstalled, in use
        *("11.5.1|2|5", "11.5.2|2|4", "11.5.3|2|5", "11.5.4|2|2"),  # date, trial days, date, permanent
        *("14.5.1|66|0", "14.5.2|66|12", "14.5.3|66|0", "14.5.4|66|0"),
        *("16.5.1|4x|07EA0501173B3B00", "16.5.2|4x|0000000000000000", "16.5.3|4x|07E80501173B3B00"),
    )
    found = told("1.3.6.1.4.1.25506.1.1234", "H3C Comware Platform Software, Software Version 7.1.070", *rows)
    assert [(one.name, one.ends, one.days_left) for one in licences_of(found)] == [
        ("IPS", datetime(2026, 5, 1, 23, 59, 59, tzinfo=UTC), None),
        ("AV", None, 12.0),
    ]


def licences_of(facts: DeviceFacts) -> list[Licence]:
    told_of = facts.extra.get("licences", ())
    return [one for one in told_of if isinstance(one, Licence)] if isinstance(told_of, tuple) else []
