"""Probes, lanes and a NAS compared with the texts of their MIBs: answers written after those."""

from __future__ import annotations

import pytest

from collectors.model import SensorLimits
from collectors.outcome import Outcome
from collectors.platforms.snmp import roots_for
from tests.support.snmp_answers import limits_of, states, told, under, values

OK, WARNING, CRITICAL = Outcome.OK, Outcome.WARNING, Outcome.CRITICAL
SENSOR = "1.3.6.1.4.1.534.6.8.1"


def test_probes_at_an_mge_card_tell_their_limits_by_states() -> None:
    rows = under(
        "1.3.6.1.4.1.705.1.8.7.1",
        *("2.1|2|2", "3.1|2|312", "4.1|2|2", "5.1|2|1", "6.1|2|455", "7.1|2|2", "8.1|2|2"),
        *("2.2|2|1", "3.2|2|250", "6.2|2|400"),
    )
    facts = told("1.3.6.1.4.1.705.1.2", "Pulsar M 3000", *rows, "1.3.6.1.4.1.705.1.8.1.0|2|199")
    found = values(facts)
    assert {key: value for key, value in found.items() if "nvironment" in key[1] or key[1] == "Ambient"} == {
        ("temperature", "Environment 1"): 31.2,
        ("humidity", "Environment 1"): 45.5,
    }
    told_of = states(facts)
    assert told_of["Environment sensor 2"] is CRITICAL
    assert told_of["Environment temperature 1 high"] is CRITICAL
    assert told_of["Environment humidity 1 low"] is OK


def test_an_older_mge_card_has_one_probe() -> None:
    rows = under("1.3.6.1.4.1.705.1.8", "1.0|2|214", "2.0|2|0")
    assert values(told("1.3.6.1.4.1.705.1.2", "Pulsar M 3000", *rows)) == {("temperature", "Ambient"): 21.4}
    whole = under("1.3.6.1.4.1.705.1.8", "1.0|2|21", "2.0|2|45")
    assert values(told("1.3.6.1.4.1.705.1.2", "Pulsar M 3000", *whole)) == {}


@pytest.mark.parametrize(("unit", "value", "limit"), [(1, 235, 300), (0, 2967, 3031), (2, 743, 860)])
def test_a_probe_of_eaton_is_read_in_the_unit_that_is_set(unit: int, value: int, limit: int) -> None:
    rows = under(
        SENSOR,
        *("1.3.1.1.1|4|EMP", "1.4.1.1.1|2|2", "2.2.1.1.1.1|4|Rack", "2.2.1.2.1.1|2|1"),
        *(f"2.2.1.7.1.1|2|{limit}", f"2.3.1.3.1.1|2|{value}", "2.3.1.4.1.1|2|2", f"2.5.0|2|{unit}"),
    )
    facts = told("1.3.6.1.4.1.534.1", "Eaton 9PX", *rows)
    assert values(facts)["temperature", "EMP Rack"] == pytest.approx(23.5, abs=0.1)
    high = limits_of(facts, "temperature", "EMP Rack").high_warning
    assert high is not None
    assert round(high) == 30
    assert len([one for one in facts.sensors if one.kind == "temperature"]) == 1


def test_a_probe_that_is_lost_or_off_is_no_reading_and_a_contact_has_a_severity() -> None:
    rows = under(
        SENSOR,
        *("1.3.1.1.1|4|EMP", "1.4.1.1.1|2|3", "2.2.1.1.1.1|4|Rack", "2.2.1.2.1.1|2|1", "2.5.0|2|1"),
        *(
            "2.3.1.3.1.1|2|235",
            "2.3.1.4.1.1|2|3",
            "3.2.1.1.1.1|4|Air",
            "3.2.1.2.1.1|2|0",
            "3.3.1.3.1.1|2|455",
        ),
        *("4.2.1.1.1.1|4|Door", "4.2.1.2.1.1|2|1", "4.3.1.1.1.1|2|2"),
        *("4.2.1.1.1.2|4|Smoke", "4.2.1.2.1.2|2|0", "4.3.1.1.1.2|2|3"),
    )
    facts = told("1.3.6.1.4.1.705.1.2", "Eaton 5PX", *rows)
    assert values(facts) == {}
    assert states(facts) == {"EMP": CRITICAL, "EMP Door": WARNING}


def test_lanes_of_junos_have_the_limits_of_their_module() -> None:
    rows = under(
        "1.3.6.1.4.1.2636.3.60.1",
        *("1.1.1.9.514|2|350", "1.1.1.10.514|2|-1300", "1.1.1.11.514|2|250", "1.1.1.12.514|2|-1100"),
        *("1.1.1.25.514|2|3310", "1.1.1.26.514|2|3630", "1.1.1.27.514|2|2970"),
        *("2.1.1.6.514.0|2|-1201", "2.1.1.6.514.1|2|-4000", "2.1.1.9.514.0|2|41", "2.1.1.9.514.1|2|0"),
    )
    facts = told(
        "1.3.6.1.4.1.2636.1.1.1.2.99",
        "Juniper Networks, Inc. qfx5100 Ethernet Switch, kernel JUNOS 20.4R3",
        "1.3.6.1.2.1.31.1.1.1.1.514|4|et-0/0/48",
        *rows,
    )
    assert values(facts) == {
        ("voltage", "et-0/0/48 Module"): 3.31,
        ("dbm", "et-0/0/48 Lane 0 Rx Power"): -12.01,
        ("temperature", "et-0/0/48 Lane 0"): 41.0,
    }
    assert limits_of(facts, "dbm", "et-0/0/48 Lane 0 Rx Power") == SensorLimits(
        high_critical=3.5, high_warning=2.5, low_warning=-11.0, low_critical=-13.0
    )
    assert limits_of(facts, "voltage", "et-0/0/48 Module") == SensorLimits(
        high_critical=3.63, low_critical=2.97
    )


def test_a_qnap_that_answers_as_net_snmp_is_known_by_its_own_tables() -> None:
    net_snmp, nas = "1.3.6.1.4.1.8072.3.2.10", "1.3.6.1.4.1.24681.1.2"
    description = "Linux NAS01 5.10.60-qnap #1 SMP x86_64"
    facts = told(
        net_snmp,
        description,
        *under(nas, "12.0|4|TS-453D", "5.0|4|42 C/108 F", "11.1.2.1|4|HDD1", "11.1.3.1|4|35 C/95 F"),
    )
    assert (facts.identity.platform, facts.identity.vendor, facts.identity.model) == (
        "qnap-net-snmp",
        "QNAP",
        "TS-453D",
    )
    assert 35.0 in values(facts).values()
    assert nas in roots_for(net_snmp, description)
    plain = told(net_snmp, "Linux host 5.10.0 #1 SMP x86_64")
    assert plain.identity.platform == "linux"


def test_adapters_of_esxi_have_a_state_unless_they_are_made_of_software() -> None:
    rows = under(
        "1.3.6.1.4.1.6876.3.5.2.1",
        *(
            "2.1|4|vmhba0",
            "4.1|2|2",
            "5.1|4|PERC H730",
            "2.2|4|vmhba1",
            "4.2|2|5",
            "2.3|4|vmhba64",
            "4.3|2|1",
        ),
    )
    facts = told("1.3.6.1.4.1.6876.4.1", "VMware ESXi 7.0.3 build-19193900", *rows)
    assert states(facts) == {"vmhba0 PERC H730": OK, "vmhba1": CRITICAL}


def test_processors_and_memory_of_an_imm_have_a_health() -> None:
    rows = under(
        "1.3.6.1.4.1.2.3.51.3.1.5",
        *("20.1.2.1|4|CPU 1", "20.1.11.1|4|Normal", "21.1.2.1|4|DIMM 3", "21.1.8.1|4|Critical"),
    )
    facts = told("1.3.6.1.4.1.2.3.51.3", "IMM2", *rows)
    assert states(facts) == {"CPU 1": OK, "DIMM 3": CRITICAL}


def test_an_open_cover_of_a_printer_has_its_name() -> None:
    rows = under(
        "1.3.6.1.2.1.43",
        *("5.1.1.16.1|4|LaserJet", "6.1.1.2.1.1|4|Front door", "6.1.1.3.1.1|2|3"),
        *(
            "6.1.1.2.1.2|4|Duplexer",
            "6.1.1.3.1.2|2|6",
            "6.1.1.2.1.3|4|Tray",
            "6.1.1.3.1.3|2|5",
            "6.1.1.3.1.4|2|1",
        ),
    )
    facts = told("1.3.6.1.4.1.11.2.3.9.1", "HP ETHERNET MULTI-ENVIRONMENT", *rows)
    assert states(facts) == {"Front door": WARNING, "Duplexer": OK, "Tray": CRITICAL}
