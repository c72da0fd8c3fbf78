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


LIEBERT_POWER = "1.3.6.1.4.1.476.1.42.3.5"


def test_power_of_liebert_is_in_watts_unless_the_current_says_kilowatts() -> None:
    rows = under(
        LIEBERT_POWER,
        *("2.2.1.2.1|6|1.3.6.1.4.1.476.1.42.3.5.2.1.5", "2.2.1.7.1|2|1150", "2.2.1.8.1|2|1020"),
        *("2.3.1.6.1.1|2|5", "2.3.1.3.1.1|6|1.3.6.1.4.1.476.1.42.3.5.2.1.5", "2.3.1.9.1.1|2|1020"),
        *("2.2.1.7.2|2|64", "2.3.1.6.2.1|2|93", "2.3.1.8.2.1|2|21", "2.2.1.8.3|2|400"),
    )
    assert values(told("1.3.6.1.4.1.476.1.42", "Liebert", *rows)) == {
        ("apparent_power", "Output"): 1150.0,
        ("power", "Output"): 1020.0,
        ("current", "Output phase 1"): 5.0,
        ("power", "Output phase 1"): 1020.0,
        ("apparent_power", "Point 2"): 64000.0,
        ("current", "Point 2 phase 1"): 93.0,
        ("apparent_power", "Point 2 phase 1"): 21000.0,
        ("power", "Point 3"): 400.0,
    }


def test_battery_and_sources_of_liebert_are_told_where_the_standard_mib_is_silent() -> None:
    rows = under(
        LIEBERT_POWER,
        *("1.2.0|2|1", "1.8.0|2|3", "1.14.0|2|1", "1.18.0|2|65535", "1.19.0|2|97", "1.26.0|2|3"),
        *("2.4.1.2.1|6|1.3.6.1.4.1.476.1.42.3.5.2.1.6", "2.4.1.4.1|2|272", "2.4.1.5.1|2|-14"),
        *("3.31.0|2|3", "3.33.0|2|2", "3.38.0|2|1"),
    )
    facts = told("1.3.6.1.4.1.476.1.42", "Liebert", *rows)
    assert values(facts) == {
        ("count", "Failed battery modules"): 1.0,
        ("charge", "Battery charge"): 97.0,
        ("voltage", "Battery DC"): 272.0,
        ("current", "Battery DC"): -14.0,
    }
    assert states(facts) == {
        "Battery": CRITICAL,
        "Battery charge": OK,
        "Battery test": CRITICAL,
        "Output source": WARNING,
        "Input quality": WARNING,
        "Inverter quality": CRITICAL,
    }
    standard = under("1.3.6.1.2.1.33.1.2", "1.0|2|2", "4.0|2|97")
    both = told("1.3.6.1.4.1.476.1.42", "Liebert", *rows, *standard)
    assert [one.evidence.oid for one in both.sensors if one.kind == "charge" and one.evidence] == [
        "1.3.6.1.2.1.33.1.2.4.0"
    ]


def test_a_delta_ups_tells_its_alarms_its_test_and_the_other_phases_of_the_bypass() -> None:
    rows = under(
        "1.3.6.1.4.1.2254.2.4",
        *("6.1.0|2|500", "6.6.0|2|2301", "6.9.0|2|0", "7.3.0|2|3", "7.4.0|2|75", "8.2.0|2|4"),
        *("9.2.0|2|1", "9.22.0|2|0", "10.1.0|2|27", "10.3.0|2|35", "10.12.0|2|1"),
    )
    facts = told("1.3.6.1.4.1.2254.2.4", "Delta", *rows)
    assert values(facts) == {
        ("frequency", "Bypass"): 50.0,
        ("voltage", "Bypass 2"): 230.1,
        ("duration", "Time on battery"): 75.0,
        ("temperature", "Environment"): 27.0,
    }
    assert limits_of(facts, "temperature", "Environment").high_warning == 35.0
    assert states(facts) == {
        "Battery charge": CRITICAL,
        "Test Result": CRITICAL,
        "Input power failed": CRITICAL,
        "Charger failed": OK,
        "Environment contact 2": WARNING,
    }


PX3 = "1.3.6.1.4.1.13742.6"


def test_limits_of_a_px3_count_where_they_are_in_force_and_absent_sensors_are_no_reading() -> None:
    def sensor(index: str, value: int, digits: int, enabled: str, *limits: int) -> list[str]:
        config = [f"{21 + at}.{index}|66|{number}" for at, number in enumerate(limits)]
        return [
            *under(f"{PX3}.3.3.4.1", *config, f"7.{index}|66|{digits}", f"25.{index}|4x|{enabled}"),
            f"{PX3}.5.2.3.1.4.{index}|66|{value}",
        ]

    facts = told(
        PX3,
        "PX3",
        *sensor("1.1.1", 9120, 3, "30", 1000, 2000, 16000, 12800),
        *sensor("1.1.4", 231, 0, "00", 194, 200, 254, 247),
        *sensor("1.1.26", 7, 3, "10", 0, 0, 30, 15),
        f"{PX3}.5.2.3.1.4.1.1.5|66|0",
        f"{PX3}.5.2.3.1.2.1.1.5|2|2",
        f"{PX3}.3.3.3.1.3.1.1|4|Feed A",
    )
    assert values(facts) == {
        ("current", "Inlet 1 Feed A"): 9.12,
        ("voltage", "Inlet 1 Feed A"): 231.0,
        ("current", "Inlet 1 Feed A residual current"): 0.007,
    }
    assert limits_of(facts, "current", "Inlet 1 Feed A") == SensorLimits(
        high_critical=16.0, high_warning=12.8
    )
    assert limits_of(facts, "voltage", "Inlet 1 Feed A") == SensorLimits()
    assert limits_of(facts, "current", "Inlet 1 Feed A residual current") == SensorLimits(high_critical=0.03)


def test_a_raritan_transfer_switch_and_a_probe_in_fahrenheit() -> None:
    facts = told(
        PX3,
        "PX3-TS",
        *under(f"{PX3}.5.7.3.1", "3.1.1.40|2|30", "3.1.1.41|2|18", "3.1.1.48|2|23", "4.1.1.38|66|1"),
        *under(f"{PX3}.5.1.3.1", "3.1.46|2|12", "3.1.47|2|26"),
        *under(f"{PX3}.3.6.3.1", "2.1.1|2|10", "4.1.1|4|Rack", "16.1.1|2|14", "17.1.1|66|1"),
        *under(f"{PX3}.3.6.3.1", "33.1.1|2|950", "35.1.1|4x|10", "2.1.2|2|44", "4.1.2|4|Lid"),
        *under(f"{PX3}.5.5.3.1", "4.1.1|2|743", "3.1.1|2|4", "3.1.2|2|11"),
    )
    assert values(facts) == {("temperature", "Rack"): 23.5}
    assert limits_of(facts, "temperature", "Rack").high_critical == 35.0
    assert states(facts) == {
        "Transfer switch 1": WARNING,
        "Transfer switch 1 active inlet": OK,
        "Transfer switch 1 switch": CRITICAL,
        "Controller power supply 1": OK,
        "Controller power supply 2": CRITICAL,
        "Lid": CRITICAL,
    }


def test_an_older_raritan_tells_watts_beside_volt_amperes_and_which_outlets_are_off() -> None:
    px = "1.3.6.1.4.1.13742.4"
    rows = under(
        f"{px}.1",
        *("2.2.1.2.1|4|db-1", "2.2.1.3.1|2|1", "2.2.1.4.1|66|1500", "2.2.1.6.1|66|230000"),
        *("2.2.1.7.1|66|310", "2.2.1.8.1|66|345", "2.2.1.9.1|66|90", "2.2.1.2.2|4|spare", "2.2.1.3.2|2|0"),
        *("20.2.1.9.1|66|580", "20.2.1.11.1|66|83", "21.2.1.4.1.1|66|230500"),
        *("20.2.1.24.1|66|243000", "20.2.1.27.1|66|195000"),
    )
    facts = told(px, "Raritan Dominion PX", *rows)
    assert values(facts) == {
        ("current", "db-1"): 1.5,
        ("voltage", "db-1"): 230.0,
        ("power", "db-1"): 310.0,
        ("apparent_power", "db-1"): 345.0,
        ("power_factor", "db-1"): 0.9,
        ("power", "Inlet 1"): 580.0,
        ("power_factor", "Inlet 1"): 0.83,
        ("voltage", "Inlet L1"): 230.5,
    }
    assert limits_of(facts, "voltage", "Inlet L1") == SensorLimits(high_warning=243.0, low_critical=195.0)
    assert states(facts) == {"db-1": OK, "spare": WARNING}


def test_an_eaton_ups_tells_its_battery_its_source_its_contacts_and_limits_of_its_probe() -> None:
    rows = under(
        "1.3.6.1.4.1.534.1",
        *("2.7.0|2|2", "2.8.0|2|1", "2.9.0|2|1", "3.5.0|2|6", "6.4.0|2|44", "6.5.0|2|31", "6.9.0|2|5"),
        *("6.10.0|2|35", "6.6.0|2|48", "6.11.0|2|0", "6.12.0|2|80"),
        *("6.8.1.2.1|2|2", "6.8.1.3.1|2|3", "6.8.1.4.1|4|Smoke", "6.8.1.2.2|2|4", "6.8.1.3.2|2|1"),
    )
    facts = told("1.3.6.1.4.1.534.1", "Eaton 9PX", *rows)
    assert values(facts) == {
        ("humidity", "Ambient"): 44.0,
        ("humidity", "Remote humidity"): 48.0,
        ("temperature", "Remote temperature"): 31.0,
    }
    assert limits_of(facts, "temperature", "Remote temperature") == SensorLimits(
        high_critical=35.0, low_critical=5.0
    )
    assert limits_of(facts, "humidity", "Remote humidity") == SensorLimits(high_critical=80.0)
    assert states(facts) == {
        "Battery fault": OK,
        "Battery missing": CRITICAL,
        "Battery aged": WARNING,
        "Input source": WARNING,
        "Smoke": WARNING,
    }


def test_a_probe_of_an_eaton_pdu_is_read_in_the_unit_of_its_strip_where_it_is_connected() -> None:
    pdu = "1.3.6.1.4.1.534.6.6.7"
    rows = under(
        pdu,
        *("1.2.1.9.0|2|0", "1.2.1.9.1|2|1", "7.1.1.2.0.1|4|Front", "7.1.1.3.0.1|2|1", "7.1.1.4.0.1|2|235"),
        *("7.1.1.8.0.1|2|300", "7.1.1.9.0.1|2|-1", "7.1.1.2.1.1|4|Rear", "7.1.1.3.1.1|2|1"),
        *("7.1.1.4.1.1|2|743", "7.1.1.9.1.1|2|950", "7.1.1.3.0.2|2|0", "7.1.1.4.0.2|2|250"),
        *("7.2.1.3.0.1|2|-1", "7.2.1.4.0.1|2|455", "6.4.1.3.0.1|2|1200", "6.4.1.7.0.1|2|8000"),
    )
    facts = told(f"{pdu}.1", "Eaton ePDU", *rows)
    assert values(facts) == {
        ("current", "Outlet 0.1"): 1.2,
        ("temperature", "Front"): 23.5,
        ("temperature", "Rear"): 23.5,
    }
    assert limits_of(facts, "temperature", "Front") == SensorLimits(high_warning=30.0)
    assert limits_of(facts, "temperature", "Rear").high_critical == 35.0
    assert limits_of(facts, "current", "Outlet 0.1").high_warning == 8.0


def test_an_old_router_board_has_single_voltages_and_a_modem_its_signal() -> None:
    rows = under(
        "1.3.6.1.4.1.14988.1.1",
        *("3.1.0|2|12", "3.2.0|2|33", "3.3.0|2|0", "3.6.0|2|415", "3.7.0|2|-2730"),
        *("16.1.1.2.7|2|-61", "16.1.1.3.7|2|-9", "16.1.1.4.7|2|-92", "16.1.1.2.8|2|0"),
    )
    facts = told("1.3.6.1.4.1.14988.1", "RouterOS RB800", "1.3.6.1.2.1.31.1.1.1.1.7|4|lte1", *rows)
    assert values(facts) == {
        ("voltage", "Core"): 1.2,
        ("voltage", "3.3 V"): 3.3,
        ("temperature", "CPU temperature"): 41.5,
        ("signal", "lte1 RSSI"): -61.0,
        ("signal", "lte1 RSRQ"): -9.0,
        ("signal", "lte1 RSRP"): -92.0,
    }


def test_phases_of_an_apc_pdu_have_their_own_thresholds_and_a_symmetra_its_phases_power() -> None:
    rows = under(
        "1.3.6.1.4.1.318.1.1",
        *("26.6.3.1.5.1|2|271", "26.6.1.1.6.1|2|26", "26.6.1.1.7.1|2|32", "26.8.3.1.5.1|2|93"),
        *("26.8.1.1.6.1|2|0", "26.8.1.1.7.1|2|16", "1.9.3.3.1.7.1.1.2|2|2300", "1.9.3.3.1.13.1.1.2|2|2100"),
        *(
            "1.9.3.3.1.13.1.1.3|2|-1",
            "1.2.2.9.0|2|0",
            "1.2.3.5.0|2|13",
            "1.4.3.5.0|2|955",
            "1.4.3.6.0|66|1234",
        ),
    )
    facts = told("1.3.6.1.4.1.318.1.3.4.6", "APC Web/SNMP Management Card", *rows)
    assert values(facts) == {
        ("current", "Phase 1"): 27.1,
        ("current", "Bank 1"): 9.3,
        ("apparent_power", "Phase 2 Output"): 2300.0,
        ("power", "Phase 2 Output"): 2100.0,
        ("current", "Battery"): 1.3,
        ("percent", "Efficiency"): 95.5,
        ("energy", "Output"): 12340.0,
    }
    assert limits_of(facts, "current", "Phase 1") == SensorLimits(high_critical=32.0, high_warning=26.0)
    assert limits_of(facts, "current", "Bank 1") == SensorLimits(high_critical=16.0)


def test_an_older_netbotz_has_its_doors_in_the_second_table_and_motion_in_the_third() -> None:
    rows = under(
        "1.3.6.1.4.1.5528.100.4",
        *("1.1.1.2.1|2|243", "1.1.1.3.1|2|4", "1.1.1.4.1|4|Rack 1", "1.3.1.2.1|2|112", "2.2.1.2.1|2|0"),
        *("2.2.1.4.1|4|Front door", "2.2.1.2.2|2|-1", "2.3.1.2.1|2|0", "2.10.1.3.1|2|3", "2.10.1.4.1|4|Leak"),
        *("2.1.1.2.1|2|1", "2.1.1.3.1|2|2", "2.1.1.4.1|4|Contact"),
    )
    facts = told("1.3.6.1.4.1.5528.100.20.10.2013", "NetBotz", *rows)
    assert values(facts) == {("temperature", "Rack 1"): 24.3, ("temperature", "Dew point 1"): 11.2}
    assert states(facts) == {
        "Rack 1 temperature": CRITICAL,
        "Front door": WARNING,
        "Motion 1": OK,
        "Leak": CRITICAL,
        "Contact": OK,
        "Contact alarm": WARNING,
    }


def test_an_eaton_ups_without_a_serial_number_has_it_in_its_name() -> None:
    rows = ("1.3.6.1.4.1.534.1.1.2.0|4|9PX 3000i", "1.3.6.1.2.1.33.1.1.5.0|4|ID: G117E12345 MSN: 1")
    assert told("1.3.6.1.4.1.534.1", "Eaton", *rows).identity.serial == "G117E12345"


def test_a_card_of_generex_is_known_by_the_standard_number_and_tells_the_ups_behind_it() -> None:
    rows = under("1.3.6.1.2.1.33.1", "1.1.0|4|Maker", "1.2.0|4|Model 10", "2.1.0|2|2", "2.4.0|2|98")
    facts = told("1.3.6.1.2.1.33", "CS141 v 1.74", *rows)
    identity = facts.identity
    assert (identity.platform, identity.vendor, identity.model) == ("generex-ups", "Maker", "Model 10")
    assert values(facts) == {("charge", "Battery charge remaining"): 98.0}
    assert told("1.3.6.1.2.1.33", "Something else", *rows).identity.platform == "ups"
