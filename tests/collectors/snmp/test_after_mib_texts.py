"""Definitions compared with the texts of the MIBs: answers written after those, nothing recorded."""

from __future__ import annotations

import pytest

from collectors.model import SensorLimits
from collectors.outcome import Outcome
from tests.support.snmp_answers import limits_of, states, told, under, values

OK, WARNING, CRITICAL, UNSUPPORTED = Outcome.OK, Outcome.WARNING, Outcome.CRITICAL, Outcome.UNSUPPORTED
LIEBERT = "1.3.6.1.4.1.476.1.42"
XCC = "1.3.6.1.4.1.19046.11.1"
IMM = "1.3.6.1.4.1.2.3.51.3"
CPS = "1.3.6.1.4.1.3808.1.1"
NETAPP = "1.3.6.1.4.1.789"


# --- Liebert ----------------------------------------------------------------------------------------


def test_a_cooling_units_temperatures_have_names_tenths_and_the_limits_beside_them() -> None:
    air = "1.3.6.1.4.1.476.1.42.3.4.1.1"
    facts = told(
        f"{LIEBERT}.4.3",
        "Liebert DS",
        *under(
            f"{LIEBERT}.3.4.1.3.3.1",
            f"2.1|6|.{air}.2",
            f"2.2|6|{air}.3",
            "2.3|6|1.3.6.1.4.1.476.1.42.3.4.1.1.99",
            "3.1|2|22",
            "3.2|2|14",
            "3.3|2|30",
            "4.1|2|26",
            "5.1|2|16",
            "6.1|2|21",
            "50.1|2|224",
            "51.1|2|350",
            "52.1|2|100",
            "4.2|2|0",  # none is set
        ),
    )
    assert values(facts) == {
        ("temperature", "Return air"): 22.4,
        ("temperature", "Supply air"): 14.0,
        ("temperature", "Temperature 3"): 30.0,  # an OID that is not known is no name
        ("temperature", "Temperature setpoint 1"): 21.0,
    }
    assert limits_of(facts, "temperature", "Return air") == SensorLimits(
        high_critical=35.0, low_critical=10.0
    )
    assert limits_of(facts, "temperature", "Supply air") == SensorLimits()


def test_whole_degrees_have_the_high_limit_before_the_low_one() -> None:
    table = f"{LIEBERT}.3.4.1.3.3.1"
    facts = told(f"{LIEBERT}.4.3", "Liebert DS", *under(table, "3.1|2|22", "4.1|2|26", "5.1|2|16"))
    assert limits_of(facts, "temperature", "Temperature 1") == SensorLimits(
        high_critical=26.0, low_critical=16.0
    )


def test_a_newer_card_tells_everything_in_one_flexible_table() -> None:
    flexible = f"{LIEBERT}.3.9"
    rows = (
        ("Return Air Temperature", "23.4", 4125),
        ("Return Air Temp Set Point", "24.0", 4125),
        ("System Output Power", "12.5", 4115),
        ("Output Voltage", "229", 4100),
        ("Return Air Humidity", "45", 4132),
        ("Battery Time Remaining", "14", 4098),
        ("Inverter Status", "On", 0),
        ("Fan Speed", "Unavailable", 4124),
    )
    answers = [
        f"{flexible}.{column}.1.2.{at}|{tag}|{value}"
        for at, (label, value, unit) in enumerate(rows)
        for column, tag, value in (("20.1.10", 4, label), ("20.1.20", 4, value), ("30.1.60", 2, unit))
    ]
    assert values(told(f"{LIEBERT}.4.3", "Vertiv Unity", *answers)) == {
        ("temperature", "Return Air Temperature"): 23.4,
        ("power", "System Output Power"): 12500.0,
        ("voltage", "Output Voltage"): 229.0,
        ("humidity", "Return Air Humidity"): 45.0,
        ("runtime", "Battery Time Remaining"): 14.0,
    }


# --- server boards ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("object_id", "platform"), [(XCC, "lenovo-xcc"), (IMM, "ibm-imm")])
def test_boards_of_lenovo_answer_the_same_tables_below_two_roots(object_id: str, platform: str) -> None:
    facts = told(
        object_id,
        "Linux XCC",
        *under(
            f"{object_id}.1",
            "1.2.1.2.1|4|Ambient Temp",
            "1.2.1.3.1|4|23.00",
            "1.2.1.6.1|4|47.00",
            "1.2.1.7.1|4|43.00",
            "1.2.1.9.1|4|N/A",
            "2.2.1.2.1|4|SysBrd 12V",
            "2.2.1.3.1|4|12160",
            "2.2.1.2.2|4|CMOS Battery",
            "2.2.1.3.2|4|3.07",
            "3.2.1.2.1|4|Fan 1A Tach",
            "3.2.1.3.1|4| 34% of maximum",
            "3.2.1.10.1|4|Normal",
            "3.2.1.2.2|4|Fan 1B Tach",
            "3.2.1.3.2|4|Offline",
            "3.2.1.10.2|4|Critical",
            "4.1.0|2|4",
            "10.1.10.0|4|186 W",
            "11.2.1.2.0|4|Power 1",
            "11.2.1.6.0|4|Normal",
            "11.2.1.2.1|4|Power 2",
            "11.2.1.6.1|4|Non-Critical",
            "12.2.1.2.1|4|Disk 0",
            "12.2.1.3.1|4|Unknown",
        ),
    )
    assert facts.identity.platform == platform
    assert values(facts) == {
        ("temperature", "Ambient Temp"): 23.0,
        ("voltage", "SysBrd 12V"): 12.16,
        ("voltage", "CMOS Battery"): 3.07,
        ("percent", "Fan 1A Tach"): 34.0,
        ("power", "Power"): 186.0,
    }
    assert states(facts) == {
        "Fan 1A Tach": OK,
        "Fan 1B Tach": CRITICAL,
        "System health": WARNING,
        "Power 1": OK,
        "Power 2": WARNING,
        "Disk 0": UNSUPPORTED,
    }
    assert limits_of(facts, "temperature", "Ambient Temp") == SensorLimits(
        high_warning=43.0, high_critical=47.0
    )


def test_an_xclarity_controller_tells_processors_memory_and_who_it_is() -> None:
    facts = told(
        XCC,
        "Linux XCC",
        *under(
            f"{XCC}.1.5",
            "2.1.1.0|4|7X06CTO1WW",
            "2.1.3.0|4|J30A1B2C",
            "2.1.5.0|4|ThinkSystem SR650",
            "20.1.2.1|4|CPU 1",
            "20.1.11.1|4|Normal",
            "21.1.2.1|4|DIMM 1",
            "21.1.8.1|4|Failed",
        ),
    )
    assert (facts.identity.model, facts.identity.serial) == ("ThinkSystem SR650", "J30A1B2C")
    assert states(facts) == {"CPU 1": OK, "DIMM 1": CRITICAL}


# --- storage ----------------------------------------------------------------------------------------


def test_each_node_of_a_netapp_cluster_is_told_apart_by_its_name() -> None:
    one, two = "110.49", "110.50"  # n1, n2: IMPLIED
    facts = told(
        f"{NETAPP}.2.5",
        "NetApp Release 9.11.1",
        *under(
            f"{NETAPP}.1",
            f"2.1.14.1.1.{one}|4|n1",
            f"2.1.14.1.4.{one}|2|0",
            f"2.1.14.1.1.{two}|4|n2",
            f"2.1.14.1.4.{two}|2|73",
            "2.1.3.0|2|36",
            f"2.2.36.1.1.{one}|4|n1",
            f"2.2.36.1.2.{one}|2|3",
            f"25.2.1.1.{one}|4|n1",
            f"25.2.1.11.{one}|2|1",
            f"25.2.1.17.{one}|2|9",
            f"25.2.1.18.{one}|2|1",
            f"25.2.1.19.{one}|2|0",
            f"25.2.1.21.{one}|2|0",
            f"25.2.1.1.{two}|4|n2",
            f"25.2.1.11.{two}|2|0",
            f"25.2.1.17.{two}|2|3",
            f"25.2.1.18.{two}|2|2",
            f"25.2.1.19.{two}|2|2",
        ),
    )
    assert [(one.name, one.usage_percent) for one in facts.processors] == [
        ("Node n1", 0.0),
        ("Node n2", 73.0),
    ]
    assert values(facts) == {
        ("count", "Node n1 failed fans"): 0.0,
        ("count", "Node n1 failed power supplies"): 0.0,
        ("count", "Node n2 failed fans"): 2.0,
    }
    told_states = {
        (one.name, one.state_type): one.state_outcome for one in facts.sensors if one.kind == "state"
    }
    assert told_states["Node n2", "nodeHealth"] is CRITICAL
    assert told_states["Node n2 NVRAM battery", "nodeNvramBatteryStatus"] is CRITICAL
    assert told_states["Node n2 overtemperature", "nodeEnvOverTemperature"] is CRITICAL
    assert told_states["Node n1 NVRAM battery", "nodeNvramBatteryStatus"] is OK


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("Ready", OK),
        ("Rebuilding (12.3%)", WARNING),
        ("Rebuilding...", WARNING),
        ("DEGRADED", CRITICAL),
        ("In degraded mode", CRITICAL),
        ("Something else", UNSUPPORTED),
    ],
)
def test_an_array_of_qnap_says_its_state_in_words_with_the_share_that_is_done(
    said: str, outcome: Outcome
) -> None:
    raid = "1.3.6.1.4.1.24681.1.4.1.1.1.2.1.2.1"
    facts = told(
        "1.3.6.1.4.1.24681",
        "Linux TS-853 5.10.60",
        *under(raid, "4.1|70|1998972747776", f"5.1|4|{said}", "7.1|4|RAID 5"),
    )
    assert states(facts) == {"RAID 1 level RAID 5": outcome}


@pytest.mark.parametrize("branch", ["1", "2"])
def test_newer_qnap_firmware_answers_a_mib_of_its_own(branch: str) -> None:
    facts = told(
        "1.3.6.1.4.1.55062.1",
        "Linux nas 5.10.60-qnap",
        *under(
            f"1.3.6.1.4.1.55062.{branch}",
            "12.3.0|4|TVS-h874",
            "12.5.0|4|Q238B00123",
            "12.6.0|4|h5.1.5",
            "12.9.1.2.1|4|System FAN 1",
            "12.9.1.3.1|2|1180",
            "12.10.0|2|47",
            "12.11.0|2|33",
            "12.19.0|2|-1",
            "10.2.1.4.1|4|ST8000NM",
            "10.2.1.7.1|4|Good",
            "10.2.1.8.1|2|36",
            "10.5.1.3.1|4|RAID Group 1",
            "10.5.1.4.1|4|Degraded",
            "10.7.1.5.1|2|0",
        ),
    )
    assert (facts.identity.model, facts.identity.serial, facts.identity.version) == (
        "TVS-h874",
        "Q238B00123",
        "h5.1.5",
    )
    assert values(facts) == {
        ("fan", "System FAN 1"): 1180.0,
        ("temperature", "CPU"): 47.0,
        ("temperature", "System"): 33.0,
        ("temperature", "Disk 1 ST8000NM"): 36.0,
    }
    assert states(facts) == {
        "Power": CRITICAL,
        "Disk 1 health": OK,
        "RAID RAID Group 1": CRITICAL,
        "Pool 1": OK,
    }


def test_disks_of_a_qes_are_in_use_or_free_and_may_keep_silent_about_their_health() -> None:
    disks = "1.3.6.1.4.1.24681.2.2.11.1"
    facts = told(
        "1.3.6.1.4.1.24681.2",
        "FreeBSD ES1640dc",
        *under(
            disks,
            "2.1|4|Slot 1",
            "3.1|4|26 C/78.8 F",
            "4.1|4|in-use",
            "7.1|4|GOOD",
            "2.2|4|Slot 2",
            "4.2|2|-5",
            "7.2|4|--",
        ),
    )
    assert values(facts) == {("temperature", "Slot 1"): 26.0}
    assert states(facts) == {"Slot 1": OK, "Slot 1 health": OK}


def test_a_ups_behind_a_synology_says_its_state_in_words_and_its_numbers_as_opaque_floats() -> None:
    ups = "1.3.6.1.4.1.6574.4"
    facts = told(
        "1.3.6.1.4.1.8072.3.2.10",
        "Linux nas 4.4.302+",
        "1.3.6.1.4.1.6574.1.1.0|2|1",
        *under(
            ups,
            "2.1.0|4|OB DISCHRG",
            "2.12.1.0|68x|9f780441980000",  # 19.0
            "3.1.1.0|68x|9f780442c80000",  # 100.0
            "3.6.1.0|2|1380",
        ),
    )
    assert values(facts) == {
        ("load", "UPS load"): 19.0,
        ("charge", "UPS battery charge"): 100.0,
        ("runtime", "UPS runtime"): 23.0,
    }
    assert states(facts)["UPS"] is CRITICAL


# --- power ------------------------------------------------------------------------------------------


def test_a_cyberpower_rack_pdu_of_the_first_generation_has_limits_of_its_banks() -> None:
    facts = told(
        f"{CPS}.3",
        "PDU SNMP Card",
        *under(
            f"{CPS}.3",
            "1.5.0|4|PDU41004",
            "2.3.1.1.2.1|2|104",
            "2.3.1.1.3.1|2|3",
            "2.3.1.1.5.1|2|1",
            "2.3.1.1.6.1|2|2301",
            "2.3.1.1.8.1|2|240",
            "2.3.1.1.9.1|2|97",
            "2.3.1.1.10.1|2|1234",
            "2.4.1.1.3.1|2|10",
            "2.4.1.1.4.1|2|12",
            "4.1.1.0|2|1",
            "4.1.2.0|2|3",
            "5.8.0|2|500",
        ),
    )
    assert values(facts) == {
        ("current", "Load 1"): 10.4,
        ("voltage", "Input 1"): 230.1,
        ("apparent_power", "Load 1"): 240.0,
        ("power_factor", "Load 1"): 0.97,
        ("energy", "Load 1"): 123400.0,
        ("frequency", "Input"): 50.0,
    }
    assert states(facts) == {"Load 1": WARNING, "Power supply 1": OK}
    assert limits_of(facts, "current", "Load 1") == SensorLimits(high_warning=10.0, high_critical=12.0)


def test_a_cyberpower_rack_pdu_and_a_transfer_switch_of_the_second_generation() -> None:
    facts = told(
        f"{CPS}.6",
        "ePDU",
        *under(
            f"{CPS}.6",
            "3.4.1.3.1|4|Rack 7",
            "3.4.1.4.1|2|1",
            "3.4.1.5.1|66|83",
            "3.4.1.16.1|66|98",
            "3.4.1.18.1|66|1870",
            "3.4.1.13.1|2|2",
            "4.4.1.4.1|2|1",
            "4.4.1.5.1|66|83",
            "4.4.1.6.1|66|2298",
            "4.2.1.6.1|2|12",
            "4.2.1.7.1|2|16",
            "5.4.1.4.2|2|4",
            "5.4.1.5.2|66|165",
            "6.1.4.1.4.9|4|core switch",
            "6.1.4.1.5.9|2|1",
            "9.4.1.3.1|2|2",
            "9.4.1.5.1|2|0",
            "9.4.1.6.1|2|2312",
            "9.4.1.9.1|2|3",
            "9.4.1.16.1|2|1",
        ),
    )
    assert values(facts) == {
        ("current", "Rack 7"): 8.3,
        ("power_factor", "Rack 7"): 0.98,
        ("power", "Rack 7"): 1870.0,
        ("current", "Phase 1"): 8.3,
        ("voltage", "Phase 1"): 229.8,
        ("current", "Bank 2"): 16.5,
        ("voltage", "Source A"): 0.0,
        ("voltage", "Source B"): 231.2,
    }
    assert states(facts) == {
        "Rack 7": OK,
        "PDU 1 power supply 1": CRITICAL,
        "Phase 1": OK,
        "Bank 2": CRITICAL,
        "Outlet 9 core switch": OK,
        "Selected source": OK,
        "Source A voltage": CRITICAL,
        "Redundancy": CRITICAL,
    }
    assert limits_of(facts, "current", "Phase 1") == SensorLimits(high_warning=12.0, high_critical=16.0)


def test_a_cyberpower_probe_counts_fahrenheit_tenths_and_has_limits_in_whole_degrees() -> None:
    facts = told(
        CPS, "UPS SNMP Card", *under(f"{CPS}.4", "2.1.0|2|716", "2.2.0|2|104", "2.3.0|2|50", "3.1.0|2|41")
    )
    assert values(facts) == {("temperature", "Environment"): 22.0, ("humidity", "Environment"): 41.0}
    assert limits_of(facts, "temperature", "Environment") == SensorLimits(low_warning=10.0, high_warning=40.0)


@pytest.mark.parametrize(("unit", "value", "high"), [("1", 24.0, 30.0), ("2", -4.444444444, -1.111111111)])
def test_probes_of_an_ems_count_in_the_unit_of_the_system(unit: str, value: float, high: float) -> None:
    ems = "1.3.6.1.4.1.318.1.1.10.3"
    facts = told(
        "1.3.6.1.4.1.318.1.3.8.6",
        "APC Environmental Manager",
        *under(
            ems,
            f"12.11.0|2|{unit}",
            "13.1.1.2.1|4|Rack 4",
            "13.1.1.3.1|2|24",
            "13.1.1.4.1|2|30",
            "13.1.1.10.1|2|2",
        ),
    )
    assert values(facts) == {("temperature", "Rack 4"): value}
    assert limits_of(facts, "temperature", "Rack 4").high_warning == high


def test_phases_and_banks_of_a_netshelter_pdu() -> None:
    facts = told(
        "1.3.6.1.4.1.318.1.1.32",
        "APC Rack PDU Advanced",
        *under(
            "1.3.6.1.4.1.318.1.1.32",
            "1.2.1.11.1|4|APDU10450SM",
            "1.2.1.12.1|4|XX0000Y00000",
            "1.2.1.14.1|4|3.0.0",
            "2.4.1.2.1|4|mypdu",
            "2.4.1.5.1|2|4605",
            "3.4.1.3.1|2|1",
            "3.4.1.5.1|2|5820",
            "3.4.1.7.1|2|13310",
            "3.2.1.6.1|2|5700",
            "3.2.1.7.1|2|4500",
            "4.4.1.3.1|4|B1",
            "4.4.1.4.1|2|5",
            "4.4.1.5.1|2|231",
            "4.4.1.3.2|4|NA",
            "4.4.1.5.2|2|0",
        ),
    )
    identity = facts.identity
    assert (identity.model, identity.serial, identity.version) == ("APDU10450SM", "XX0000Y00000", "3.0.0")
    assert values(facts) == {
        ("apparent_power", "mypdu"): 4605.0,
        ("current", "Phase 1"): 58.2,
        ("power", "Phase 1"): 13310.0,
        ("current", "Bank B1"): 2.31,
    }
    assert states(facts) == {"Phase 1 load": CRITICAL, "Bank B1 load": OK}
    assert limits_of(facts, "current", "Phase 1") == SensorLimits(high_warning=45.0, high_critical=57.0)
