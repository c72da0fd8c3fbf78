"""Environment controllers, pieces of ArubaOS-CX, lanes of HP optics: answers written after the MIBs."""

from __future__ import annotations

import pytest

from collectors.model import SensorLimits
from collectors.outcome import Outcome
from tests.support.snmp_answers import limits_of, states, told, under, values

OK, WARNING, CRITICAL, UNSUPPORTED = Outcome.OK, Outcome.WARNING, Outcome.CRITICAL, Outcome.UNSUPPORTED
EMX = ("1.3.6.1.4.1.13742.8", "Raritan EMX2-888 - Firmware Version 030600-44320")
EMD = "1.3.6.1.4.1.13742.8"
CX = ("1.3.6.1.4.1.47196.4.1.1.1.100", "Aruba JL658A FL.10.06.0110")
CHASSIS = "1.3.6.1.4.1.47196.4.1.1.3.11"


def test_probes_of_an_emx_have_digits_units_and_limits_that_are_in_force() -> None:
    facts = told(
        *EMX,
        *under(f"{EMD}.1.1.1", "3.0|4|3.6.0.5-44320", "14.0|4|EMX2-888"),
        *under(
            f"{EMD}.1.2.1.1",
            *("2.1|2|10", "4.1|4|Rack 1 top", "11.1|2|7", "12.1|66|1", "22.1|2|320", "23.1|2|270"),
            *("20.1|2|100", "21.1|2|150", "24.1|4x|30"),  # the upper ones
            *("2.2|2|10", "4.2|4|Rack 2 top", "11.2|2|14", "12.2|66|0"),
            *("2.3|2|11", "4.3|4|Rack 1 humidity", "11.3|2|9", "12.3|66|0"),
            *("2.4|2|12", "4.4|4|Floor", "11.4|2|10", "12.4|66|2"),
            *("2.5|2|13", "4.5|4|Plenum", "11.5|2|11", "12.5|66|0"),
            *("2.6|2|10", "4.6|4|Pulled", "11.6|2|7", "12.6|66|1"),
        ),
        *under(
            f"{EMD}.2.1.1.1",
            *("1.1|2|1", "3.1|2|245", "2.1|2|4", "3.2|2|77", "3.3|2|45", "3.4|2|120", "3.5|2|25"),
            *("1.6|2|2", "3.6|2|0"),
        ),
    )
    identity = facts.identity
    assert (identity.platform, identity.model, identity.version) == (
        "raritan-emx",
        "EMX2-888",
        "3.6.0.5-44320",
    )
    assert values(facts) == {
        ("temperature", "Rack 1 top"): 24.5,
        ("temperature", "Rack 2 top"): 25.0,
        ("humidity", "Rack 1 humidity"): 45.0,
        ("airflow", "Floor"): 1.2,
        ("pressure", "Plenum"): 25.0,
    }
    limits = limits_of(facts, "temperature", "Rack 1 top")
    assert limits == SensorLimits(high_critical=32.0, high_warning=27.0)


def test_contacts_of_an_emx() -> None:
    kinds = under(
        f"{EMD}.1.2.1.1", "2.1|2|17", "4.1|4|Leak", "2.2|2|43", "4.2|4|Door", "2.3|2|18", "2.4|2|10"
    )
    said = under(f"{EMD}.2.1.1.1", "2.1|2|11", "2.2|2|4", "2.3|2|-1", "2.4|2|4")
    assert states(told(*EMX, *kinds, *said)) == {"Leak": CRITICAL, "Door": OK}


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("ok", OK),
        ("fault_input", CRITICAL),
        ("faultInput", CRITICAL),
        ("warning", WARNING),
        ("melted", UNSUPPORTED),
    ],
)
def test_supplies_of_earlier_systems_have_words_alone(word: str, outcome: Outcome) -> None:
    facts = told(*CX, *under(f"{CHASSIS}.2.1.1", "3.1.1|4|1/1", f"4.1.1|4|{word}"))
    assert states(facts) == {"Power supply 1/1": outcome}


def test_where_there_is_a_number_the_word_is_not_told_again() -> None:
    supply = under(f"{CHASSIS}.2.1.1", "3.1.1|4|1/1", "4.1.1|4|ok", "11.1.1|2|1", "9.1.1|2|3")
    fan = under(f"{CHASSIS}.5.1.1", "4.1.1.1|4|1/1/1", "5.1.1.1|4|fault")
    tray = under(f"{CHASSIS}.4.1.1", "3.1.1|4|1/1", "4.1.1|4|ready", "8.1.1|2|5")
    power = under(f"{CHASSIS}.8.1.0.1.1", "4.1.0.1|4|1", "5.1.0.1|4|chassis", "6.1.0.1|2|187")
    facts = told(*CX, *supply, *fan, *tray, *power)
    assert states(facts) == {"Power supply 1/1": OK, "Fan 1/1/1": CRITICAL, "Fan tray 1/1": CRITICAL}
    assert values(facts) == {
        ("count", "Power supply 1/1 failures"): 3.0,
        ("power", "chassis 1 power drawn"): 187.0,
    }


def test_lanes_of_an_hp_transceiver_have_the_transceivers_limits() -> None:
    facts = told(
        "1.3.6.1.4.1.11.2.3.7.11.160",
        "HP J9851A Switch 5406R zl2, revision KB.16.10.0012, ROM KB.16.01.0009",
        *under(
            "1.3.6.1.4.1.11.2.14.11.5.1.82.1.1",
            *("1.1.2.353|4|F1", "1.1.26.353|66|60000", "1.1.27.353|66|2000", "1.1.34.353|66|19953"),
            *("2.1.2.353.1|66|34292", "2.1.3.353.1|2|-250", "2.1.4.353.1|2|-1200"),
            *("2.1.2.353.2|66|0", "2.1.3.353.2|2|-99999999", "2.1.4.353.2|2|-1300"),
        ),
    )
    assert values(facts) == {
        ("current", "F1 Lane 1 Bias Current"): 0.034292,
        ("dbm", "F1 Lane 1 Tx Power"): -0.25,
        ("dbm", "F1 Lane 1 Rx Power"): -1.2,
        ("dbm", "F1 Lane 2 Rx Power"): -1.3,
    }
    bias = limits_of(facts, "current", "F1 Lane 1 Bias Current")
    assert bias == SensorLimits(high_critical=0.06, low_critical=0.002)
    assert limits_of(facts, "dbm", "F1 Lane 2 Rx Power").high_critical == pytest.approx(3.0, abs=1e-3)
