"""Power and cooling compared with the texts of their MIBs: answers written after those."""

from __future__ import annotations

from collectors.model import SensorLimits
from collectors.outcome import Outcome
from tests.support.snmp_answers import limits_of, states, told, under, values

OK, WARNING, CRITICAL, UNKNOWN = Outcome.OK, Outcome.WARNING, Outcome.CRITICAL, Outcome.UNSUPPORTED
SITE = "1.3.6.1.4.1.2011.6.164.1"


def test_states_of_site_power_are_those_of_its_mib() -> None:
    rows = under(
        SITE,
        *("1.1.9.0|2|1", "2.2.1.1.11.1|2|1", "2.2.1.1.99.1|2|254", "2.2.1.1.99.2|2|3"),
        *("3.1.7.0|2|3", "3.1.8.0|2|255", "4.2.3.0|2|2"),
    )
    facts = told("1.3.6.1.4.1.8072.3.2.10", "Linux SMU", *rows)
    assert facts.identity.platform == "huawei-smu"
    assert [(one.state_type, one.state_text, one.state_outcome) for one in facts.sensors] == [
        ("hwBattsChargeStatus", "boostCharge", OK),
        ("hwCtrlRectsAllOnOff", "no command", Outcome.NOT_APPLICABLE),
        ("hwMonitorOperStatus", "alarm cleared", OK),
        ("hwMonitorOperStatus", "network failed", CRITICAL),
        ("hwSetMonEquipCtrlState", "manual", OK),
        ("hwSetRectsRedundEnable", "not supported", Outcome.NOT_APPLICABLE),
        ("hwSiteDGWorkStatus", "idle", OK),
    ]


def test_site_power_tells_rectifiers_battery_strings_probes_and_contacts() -> None:
    rows = under(
        SITE,
        *("3.2.1.1.3.1|4|Rect 1", "3.2.2.1.3.1|66|535", "3.2.2.1.99.1|2|4", "3.2.2.1.3.2|66|534"),
        *("4.2.2.0|66|0", "4.4.1.1.3.1|4|Batt 1", "4.4.1.1.4.1|2|50", "4.4.1.1.5.1|2|-10"),
        *("4.4.2.1.6.1|2|253", "4.4.2.1.6.2|2|-99999", "4.4.2.1.99.1|2|4", "6.1.3.0|66|535"),
        *("6.1.7.0|66|580", "6.1.8.0|66|450", "7.2.1.1.3.1|4|Lvd1", "7.2.1.1.99.1|2|2"),
        *("8.2.1.1.4.1|2|24", "8.2.1.1.5.1|2|40", "8.2.1.1.4.2|2|-1024", "8.2.2.1.4.1|2|255"),
        *("8.2.1.1.99.2|2|4", "8.2.3.1.3.1|4|Smoke", "8.2.3.1.99.1|2|2", "5.2.1.1.99.1|2|3"),
    )
    facts = told("1.3.6.1.4.1.8072.3.2.10", "Linux SMU", *rows)
    assert values(facts) == {
        ("voltage", "Rect 1"): 53.5,
        ("voltage", "Rectifier 2"): 53.4,
        ("temperature", "Batt 1"): 25.3,
        ("voltage", "DC Total Voltage"): 53.5,
        ("temperature", "Environment 1"): 24.0,
    }
    assert limits_of(facts, "temperature", "Batt 1") == SensorLimits(high_critical=50.0, low_critical=-10.0)
    assert limits_of(facts, "voltage", "DC Total Voltage") == SensorLimits(
        high_critical=58.0, low_critical=45.0
    )
    assert states(facts) == {
        "Rect 1": CRITICAL,
        "Batt 1": CRITICAL,
        "AC input 1": CRITICAL,
        "Lvd1": CRITICAL,
        "Smoke": CRITICAL,
    }
