"""Platform definitions: nothing dangles, detection, and the fillers of vendors' tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

import pytest

from collectors.facts.snmp import facts_from_recording, facts_from_snmp
from collectors.model import Exchange, Sensor, SensorLimits
from collectors.outcome import Outcome
from collectors.platforms.definitions import Definition, Source, Table, definitions, state_map
from collectors.platforms.snmp import STANDARD_ROOTS, detect, outermost, parts_of, roots_for, walk_roots

LISTS = ("processors", "memory", "storage", "sensors")


def tables() -> Iterator[tuple[Definition, Table]]:
    for definition in definitions().values():
        for name in LISTS:
            for table in getattr(definition, name):
                yield definition, table


def _oids(table: Table) -> Iterator[str]:
    yield from (
        oid for oid in (table.value, table.total, table.used, table.free, table.percent, table.unless) if oid
    )
    yield from (place.partition("@")[0] for place in table.columns.values())


def _roots(definition: Definition) -> set[str]:
    """What is walked wherever this definition's tables are read."""
    users = [definition]
    users += [one for one in definitions().values() if definition.name in one.includes]
    own = {root for user in users for part in parts_of(user) for root in part.roots}
    return own | set(STANDARD_ROOTS)


@pytest.mark.parametrize("name", sorted(definitions()))
def test_everything_a_definition_reads_is_walked(name: str) -> None:
    definition = definitions()[name]
    roots = _roots(definition)
    wanted = {oid for table_of, table in tables() if table_of.name == name for oid in _oids(table)}
    wanted |= {
        source.oid
        for sources in definition.identity.values()
        for source in sources
        if source.oid and source.oid != "object_id"
    }
    missing = {
        oid
        for oid in wanted
        if not any(oid == root or oid.startswith(root + ".") or root.startswith(oid + ".") for root in roots)
    }
    assert not missing


def test_templates_use_only_what_there_is() -> None:
    known = re.compile(r"index|i-?\d|t-?\d|s\d|text|raw|entity|parent|port")
    for definition, table in tables():
        for template in table.names:
            for part in re.findall(r"\{([^{}]*)\}", template):
                part = part.removesuffix("~").split("?")[0]
                assert known.fullmatch(part) or part in table.columns, (definition.name, table.value, part)
        for column in (*table.skip, *table.require, *filter(None, (table.kind_column, table.scale_column))):
            assert known.fullmatch(column) or column in table.columns, (definition.name, table.value, column)
        for place in table.limits.values():
            assert place in table.columns or re.fullmatch(r"-?\d+(\.\d+)?", place), (definition.name, place)


def test_limits_are_those_of_the_model_and_states_have_maps() -> None:
    names = {one.name for one in fields(SensorLimits)}
    for definition, table in tables():
        assert set(table.limits) <= names
        if table.kind == "state":
            assert table.states, (definition.name, table.value)
            assert table.type, (definition.name, table.value)


def test_includes_and_additions_point_to_something() -> None:
    known = definitions()
    for definition in known.values():
        assert {*definition.includes, *definition.without, *filter(None, definition.on)} <= set(known)
        assert not definition.refines or definition.refines in known
        assert not definition.addition or definition.present


def test_a_mistyped_key_is_an_error() -> None:
    from collectors.platforms import definitions as module

    with pytest.raises(ValueError, match="unknown key vlaue"):
        module._table({"vlaue": "1.2"}, {}, "test")


def test_states_may_have_a_number_of_their_own() -> None:
    assert state_map({"up": ["up", "ok", 2]}) == {"up": ("up", Outcome.OK, 2.0)}
    assert Source().values == {}


@pytest.mark.parametrize(
    ("object_id", "description", "platform"),
    [
        (".1.3.6.1.4.1.9.1.1208", "Cisco IOS Software, C2960X Software, Version 15.0(2a)EX5", "ios"),
        ("1.3.6.1.4.1.9.1.2494", "Cisco IOS Software [Everest], Catalyst L3 Switch (CAT9K_IOSXE)", "iosxe"),
        ("1.3.6.1.4.1.9.12.3.1.3.1163", "Cisco NX-OS(tm) nxos.7.0.3.I7.8.bin", "nxos"),
        ("1.3.6.1.4.1.9.1.2404", "Cisco Adaptive Security Appliance Version 9.12(2)", "asa"),
        ("1.3.6.1.4.1.9.1.639", "Cisco IOS XR Software (Cisco 12404/PRP), Version 3.6.0[00]", "iosxr"),
        ("1.3.6.1.4.1.2011.2.23.291", "S5720\r\nHuawei Versatile Routing Platform Software", "vrp"),
        ("1.3.6.1.4.1.2011.2.321.1", "Huawei USG6300", "huawei"),
        ("1.3.6.1.4.1.25506.1.1", "H3C Comware Platform Software", "comware"),
        ("1.3.6.1.4.1.4881.1.1.10.1.150", "Ruijie 10G Routing Switch(S6220)", "ruijie"),
        ("1.3.6.1.4.1.2636.1.1.1.2.39", "Juniper SRX240B", "junos"),
        ("1.3.6.1.4.1.12356.101.1.1041", "", "fortigate"),
        ("1.3.6.1.4.1.25461.2.3.29", "Palo Alto Networks VM-Series firewall", "panos"),
        ("1.3.6.1.4.1.11.2.3.7.11.9", "HP J8697A Switch 5406zl", "procurve"),
        ("1.3.6.1.4.1.8072.3.2.10", "Linux host 6.1.0", "linux"),
        ("1.3.6.1.4.1.311.1.1.3.1.2", "Hardware: Intel64", "windows"),
        ("1.3.6.1.4.1.6876.4.1", "VMware ESXi 7.0.0", "vmware-esxi"),
        ("1.3.6.1.4.1.318.1.3.27", "APC Web/SNMP Management Card", "apc"),
        ("1.3.6.1.4.1.534.1", "ConnectUPS", "eatonups"),
        ("1.3.6.1.4.1.99999", "anything", ""),
        ("", "", ""),
    ],
)
def test_platforms_are_told_by_sys_object_id_and_sys_descr(
    object_id: str, description: str, platform: str
) -> None:
    assert detect(object_id, description) == platform


def test_a_nas_is_told_from_a_linux_host_by_what_it_answers() -> None:
    system = "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.8072.3.2.10\n1.3.6.1.2.1.1.1.0|4|Linux nas 3.10\n"
    assert facts_from_recording(system).identity.platform == "linux"
    facts = facts_from_recording(system + "1.3.6.1.4.1.6574.1.5.1.0|4|RS2212RP+\n")
    assert (facts.identity.platform, facts.identity.model) == ("dsm", "RS2212RP+")
    assert "1.3.6.1.4.1.6574.1" in roots_for("1.3.6.1.4.1.8072.3.2.10", "Linux")


def test_a_ups_of_any_maker_is_told_by_answering_the_ups_mib() -> None:
    ups = "1.3.6.1.2.1.33.1"
    facts = facts_from_recording(
        f"1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999\n{ups}.1.1.0|4|Maker\n{ups}.1.2.0|4|Model 9\n"
        f"{ups}.2.1.0|2|3\n{ups}.2.2.0|2|0\n{ups}.2.3.0|2|4294967295\n{ups}.2.4.0|2|99\n{ups}.4.1.0|2|5\n"
    )
    assert (facts.identity.platform, facts.identity.vendor, facts.identity.model) == (
        "ups",
        "Maker",
        "Model 9",
    )
    found = {sensor.name: sensor for sensor in facts.sensors}
    assert found["Battery charge remaining"].value == 99
    # 0 seconds on battery is not 0 minutes left, and 2³²−1 minutes is no reading at all
    assert found["Time on battery"].kind == "duration"
    assert "Estimated battery time remaining" not in found
    assert found["Output Source"].state_outcome is Outcome.CRITICAL
    assert (found["Battery Status"].state_text, found["Battery Status"].state_type) == (
        "low",
        "upsBatteryStatusState",
    )


def test_roots_never_lie_inside_each_other() -> None:
    assert outermost(["1.2.3", "1.2", "1.2", "1.20", "4"]) == ("1.2", "1.20", "4")
    for definition in definitions().values():
        for object_id in definition.object_ids:
            roots = roots_for(object_id, "")
            assert set(outermost(list(roots))) == set(roots)
            assert walk_roots(object_id, "") == roots


def test_an_unknown_device_is_asked_what_printers_upses_and_net_snmp_answer() -> None:
    roots = roots_for("1.3.6.1.4.1.99999", "?")
    assert {"1.3.6.1.2.1.43", "1.3.6.1.2.1.33.1", "1.3.6.1.4.1.2021", "1.3.6.1.2.1.1"} <= set(roots)


# --- fillers and other traps of vendors' tables ------------------------------------------------------

VRP = "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.2011.2.23.291\n1.3.6.1.2.1.1.1.0|4|Huawei VRP\n"
HW = "1.3.6.1.4.1.2011.5.25.31.1.1"


def sensors(text: str) -> dict[tuple[str, str], Sensor]:
    return {(one.kind, one.name): one for one in facts_from_recording(text).sensors}


def test_a_huawei_board_whose_processor_is_idle_is_kept_and_its_ports_are_no_boards() -> None:
    facts = facts_from_recording(
        VRP
        + f"{HW}.1.1.5.9|2|0\n{HW}.1.1.7.9|2|36\n{HW}.1.1.9.9|2|-1535721472\n"
        + f"{HW}.1.1.5.10|2|0\n{HW}.1.1.7.10|2|0\n{HW}.1.1.9.10|2|0\n"
        + "1.3.6.1.2.1.47.1.1.1.1.7.9|4|MPU Board 0\n"
    )
    assert [(one.name, one.usage_percent) for one in facts.processors] == [("MPU Board 0 Processor", 0)]
    (pool,) = facts.memory
    assert (pool.used_percent, pool.total_bytes) == (36, 2759245824)


def test_huawei_fillers_are_no_readings() -> None:
    found = sensors(
        VRP
        + f"{HW}.1.1.11.1|2|2147483647\n{HW}.1.1.11.2|2|0\n{HW}.1.1.11.3|2|41\n{HW}.1.1.12.3|2|57\n"
        + f"{HW}.3.1.5.4|2|-255\n{HW}.3.1.6.4|2|-1\n{HW}.3.1.7.4|2|-1\n{HW}.3.1.8.4|2|-1\n"
        + f"{HW}.3.1.8.5|2|536\n{HW}.3.1.9.5|2|-241\n"
    )
    assert {key: one.value for key, one in found.items()} == {
        ("temperature", "Temperature 3"): 41,
        ("dbm", "Transceiver 5 Rx"): pytest.approx(-2.708, abs=0.001),  # microwatts
        ("dbm", "Transceiver 5 Tx"): -2.41,  # hundredths of dBm
    }
    assert found["temperature", "Temperature 3"].limits == SensorLimits(high_critical=57)


def test_h3c_says_65535_degrees_where_there_is_no_sensor() -> None:
    table = "1.3.6.1.4.1.25506.2.6.1.1.1.1"
    text = (
        "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.25506.1.1\n"
        f"{table}.12.1|2|65535\n{table}.12.2|2|34\n{table}.19.2|2|41\n{table}.19.3|2|2\n"
        "1.3.6.1.4.1.25506.8.35.9.1.2.1.2.1|2|3\n"
    )
    found = sensors(text)
    assert found["temperature", "Temperature 2"].value == 34
    assert ("temperature", "Temperature 1") not in found
    fault = found["state", "Error Status 2"]
    assert (fault.state_text, fault.state_outcome) == ("fan error", Outcome.CRITICAL)
    assert found["state", "Power Supply 1"].state_outcome is Outcome.NOT_APPLICABLE


def test_a_state_the_map_does_not_know_is_unsupported_and_never_ok() -> None:
    text = "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.25506.1.1\n1.3.6.1.4.1.25506.8.35.9.1.1.1.2.1|2|77\n"
    state = sensors(text)["state", "Fan 1"]
    assert (state.value, state.state_text, state.state_outcome) == (77, "", Outcome.UNSUPPORTED)


def test_states_in_words_keep_their_words_and_numbers() -> None:
    base = "1.3.6.1.4.1.25461.2.1.2.1"
    found = sensors(
        f"1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.25461.2.3.29\n{base}.11.0|4|ACTIVE\n{base}.12.0|4|odd\n"
    )
    local, peer = (
        found["state", "High Availability Local Status"],
        found["state", "High Availability Peer Status"],
    )
    assert (local.value, local.state_text, local.state_outcome) == (5, "active", Outcome.OK)
    assert (peer.value, peer.state_text, peer.state_outcome) == (-1, "odd", Outcome.UNSUPPORTED)


def test_a_dark_port_of_a_procurve_has_no_optical_power() -> None:
    table = "1.3.6.1.4.1.11.2.14.11.5.1.82.1.1.1.1"
    found = sensors(
        "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.11.2.3.7.11.9\n"
        f"{table}.2.1|4|A1\n{table}.14.1|2|-6020\n{table}.15.1|2|-99999999\n"
    )
    assert {key: one.value for key, one in found.items()} == {("dbm", "A1 Tx Power"): -6.02}


def test_high_precision_of_apc_is_preferred_and_minus_one_bad_battery_is_none() -> None:
    ups = "1.3.6.1.4.1.318.1.1.1"
    found = sensors(
        "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.318.1.3.27\n"
        f"{ups}.2.2.1.0|66|99\n{ups}.2.3.1.0|66|995\n{ups}.2.2.6.0|2|-1\n{ups}.2.2.3.0|67|456000\n"
        f"{ups}.3.2.1.0|66|230\n{ups}.4.1.1.0|2|3\n"
    )
    assert found["charge", "Battery Charge"].value == 99.5
    assert found["runtime", "Runtime"].value == 76
    assert found["voltage", "Input"].value == 230
    assert found["state", "Output Status"].state_outcome is Outcome.CRITICAL
    assert ("count", "Bad batteries") not in found


def test_cooling_powers_are_in_watts_and_fahrenheit_is_not_shown_twice() -> None:
    table = "1.3.6.1.4.1.318.1.1.27.1.4.1.2.1"
    lines = ["1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.318.1.3.14.23"]
    for index, (name, value, unit, divisor) in enumerate(
        [("Supply", 194, "C", 10), ("Supply", 669, "F", 10), ("Cool Output", 108, "kW", 10)], 1
    ):
        lines += [
            f"{table}.2.1.{index}|4|{name}",
            f"{table}.3.1.{index}|2|{value}",
            f"{table}.4.1.{index}|4|{unit}",
            f"{table}.5.1.{index}|2|{divisor}",
        ]
    found = sensors("\n".join(lines))
    assert {key: one.value for key, one in found.items()} == {
        ("temperature", "Supply"): 19.4,
        ("power", "Cool Output"): 10800,
    }


def test_errors_of_a_printer_are_bits() -> None:
    text = "1.3.6.1.2.1.43.5.1.1.17.1|4|SN1\n1.3.6.1.2.1.25.3.5.1.2.1|4x|2400\n"
    state = sensors(text)["state", "Printer Error Status"]
    assert (state.state_text, state.state_outcome) == ("lowToner, jammed", Outcome.CRITICAL)
    assert state.value == 0x2400
    idle = sensors(text.replace("4x|2400", "4x|00"))["state", "Printer Error Status"]
    assert (idle.state_text, idle.state_outcome, idle.value) == ("no error", Outcome.OK, 0)


def test_windows_servers_and_desktops_of_one_build_are_told_apart() -> None:
    line = (
        "1.3.6.1.2.1.1.1.0|4|Hardware: Intel64 - Software: Windows Version 6.3 (Build 17763 Multiprocessor)"
    )
    for last, version in ((1, "10 (1809)"), (2, "Server 2019 (1809)")):
        text = f"1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.311.1.1.3.1.{last}\n{line}"
        assert facts_from_recording(text).identity.version == version
    unknown = f"1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.311.1.1.3.1.2\n{line.replace('17763', '99999')}"
    assert facts_from_recording(unknown).identity.version == "6.3 (Build 99999)"


def test_a_failed_walk_of_a_vendors_table_is_an_error_of_its_facts() -> None:
    exchanges = (
        Exchange("snmp", "get 1.3.6.1.2.1.1", VRP.encode()),
        Exchange("snmp", f"walk {HW}.1.1", b"", Outcome.TIMEOUT, "No answer within 2 s."),
    )
    facts = facts_from_snmp(exchanges)
    assert {(error.fact, error.outcome) for error in facts.errors} == {
        ("processors", Outcome.TIMEOUT),
        ("memory", Outcome.TIMEOUT),
        ("sensors", Outcome.TIMEOUT),
    }


def test_cisco_pools_are_named_with_the_board_they_are_on() -> None:
    pool = "1.3.6.1.4.1.9.9.221.1.1.1.1"
    facts = facts_from_recording(
        "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9.1.1\n1.3.6.1.2.1.1.1.0|4|Cisco IOS Software\n"
        f"{pool}.3.7.1|4|Processor\n{pool}.18.7.1|70|300\n{pool}.20.7.1|70|700\n"
        f"{pool}.7.7.1|66|1\n{pool}.8.7.1|66|2\n"
        "1.3.6.1.2.1.47.1.1.1.1.7.7|4|Slot 2\n"
        "1.3.6.1.4.1.9.9.48.1.1.1.2.1|4|Processor\n1.3.6.1.4.1.9.9.48.1.1.1.5.1|66|1\n"
        "1.3.6.1.4.1.9.9.48.1.1.1.6.1|66|1\n"
    )
    assert [(one.name, one.used_percent, one.total_bytes) for one in facts.memory] == [
        ("Slot 2 - Processor", 30, 1000)
    ]


def test_an_eaton_card_that_answers_the_standard_mib_alone_is_still_read() -> None:
    system = "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.534.1\n"
    standard, own = "1.3.6.1.2.1.33.1.2.4.0|2|77\n", "1.3.6.1.4.1.534.1.2.4.0|2|78\n"
    assert [one.value for one in facts_from_recording(system + standard).sensors] == [77]
    assert [one.value for one in facts_from_recording(system + standard + own).sensors] == [78]


@pytest.mark.parametrize(
    ("description", "model"),
    [
        ("H3C Comware Platform Software, Software Version 7.1.070, Release 6616P01\r\nH3C S6520X-54QC-EI\r\n"
         "Copyright (c) 2004-2019 New H3C Technologies Co., Ltd.", "S6520X-54QC-EI"),
        ("H3C Switch S5500-28C-EI Software Version 5.20, Release 2215\nCopyright (c)", "S5500-28C-EI"),
        ("HPE Comware Platform Software, Software Version 7.1.070, Release 3507P09\nHPE 5130 48G EI Switch\n"
         "Copyright", "5130 48G EI"),
    ],
)  # fmt: skip
def test_models_of_comware_stand_in_different_places(description: str, model: str) -> None:
    text = f"1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.25506.1.1\n1.3.6.1.2.1.1.1.0|4x|{description.encode().hex()}"
    assert facts_from_recording(text).identity.model == model


def test_a_ruijie_switch() -> None:
    own = "1.3.6.1.4.1.4881.1.1.10.2"
    facts = facts_from_recording(
        "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.4881.1.1.10.1.150\n"
        "1.3.6.1.2.1.1.1.0|4|Ruijie 10G Routing Switch(S6220-48XS4QXS) By Ruijie Networks\n"
        f"{own}.36.1.1.3.0|66|0\n{own}.35.1.1.1.3.1|66|41\n{own}.35.1.1.1.2.1|4|Processor\n"
        f"{own}.1.1.16.0|2|0\n{own}.1.1.44.1.5.1.0.1|2|45\n{own}.1.1.44.1.4.1.0.1|4|Inlet\n"
        f"{own}.21.1.5.1.3.1.1|2|1\n{own}.21.1.5.1.3.1.2|2|2\n{own}.21.1.6.1.3.1.1|2|1\n"
    )
    assert facts.identity.model == "S6220-48XS4QXS"
    assert [one.usage_percent for one in facts.processors] == [0]
    assert [(one.name, one.used_percent) for one in facts.memory] == [("Processor", 41)]
    assert [(one.kind, one.name, one.value, one.state_outcome) for one in facts.sensors] == [
        ("temperature", "Inlet", 45, None),
        ("state", "Power supply 1.2", 2, Outcome.CRITICAL),
        ("state", "Fan 1.1", 1, Outcome.OK),
    ]


def test_a_raritan_px3_says_its_decimals_beside_its_values() -> None:
    own = "1.3.6.1.4.1.13742.6"
    found = sensors(
        "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.13742.6\n"
        f"{own}.5.2.3.1.4.1.1.1|66|1234\n{own}.3.3.4.1.7.1.1.1|2|3\n"
        f"{own}.5.4.3.1.4.1.7.5|66|42\n{own}.3.5.4.1.7.1.7.5|2|0\n{own}.3.5.3.1.3.1.7|4|db-1\n"
        f"{own}.5.5.3.1.4.1.2|66|235\n{own}.3.6.3.1.17.1.2|2|1\n{own}.3.6.3.1.2.1.2|2|10\n"
        f"{own}.3.6.3.1.4.1.2|4|Cold aisle\n{own}.3.6.3.1.33.1.2|2|320\n"
    )
    assert {key: one.value for key, one in found.items()} == {
        ("current", "Inlet 1"): 1.234,
        ("power", "Outlet 7 db-1"): 42,
        ("temperature", "Cold aisle"): 23.5,
    }
    assert found["temperature", "Cold aisle"].limits == SensorLimits(high_critical=32)


def test_sizes_are_completed_from_whatever_two_a_device_has_and_nonsense_is_dropped() -> None:
    pool = "1.3.6.1.4.1.11.2.14.11.5.1.1.2.2.1.1"
    switch = "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.11.2.3.7.11.9\n"
    lines = "".join(
        f"{pool}.5.{index}|2|{total}\n{pool}.7.{index}|2|{used}\n"
        for index, (total, used) in enumerate([(100, 25), (100, 101), (0, 0)], 1)
    )
    pools = facts_from_recording(switch + lines).memory
    assert [(one.name, one.total_bytes, one.used_percent) for one in pools] == [("Global Memory 1", 100, 25)]
    board = "1.3.6.1.4.1.232"
    facts = facts_from_recording(
        f"1.3.6.1.2.1.1.2.0|6|{board}.9.4.10\n{board}.11.2.13.1.0|2|1000\n{board}.11.2.13.2.0|2|400\n"
        f"{board}.11.2.4.1.1.3.0|2|10\n{board}.11.2.4.1.1.4.0|2|11\n"
    )
    assert [(one.total_bytes, one.used_bytes) for one in facts.memory] == [(1000 * 2**20, 600 * 2**20)]
    assert facts.storage == ()


def test_a_percentage_beyond_a_hundred_is_no_reading() -> None:
    fortigate = "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.12356.101.1.1041\n"
    system = "1.3.6.1.4.1.12356.101.4.1"
    facts = facts_from_recording(
        f"{fortigate}{system}.3.0|66|250\n{system}.4.0|66|101\n{system}.5.0|66|1000\n"
    )
    assert (facts.processors, facts.memory) == ((), ())


def test_sensors_whose_type_the_table_does_not_name_are_left_out() -> None:
    own = "1.3.6.1.4.1.13742.6"
    assert sensors(f"1.3.6.1.2.1.1.2.0|6|{own}\n{own}.5.2.3.1.4.1.1.99|66|1234\n") == {}


def test_limits_that_contradict_each_other_are_none() -> None:
    probe = "1.3.6.1.4.1.318.1.1.25.1"
    text = (
        "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.318.1.3.27\n"
        f"{probe}.2.1.6.1.1|2|21\n{probe}.4.1.6.1.1|2|40\n{probe}.4.1.7.1.1|2|10\n"
    )
    assert sensors(text)["temperature", "Probe 1.1"].limits == SensorLimits()


def test_an_agent_that_writes_no_error_as_a_digit() -> None:
    text = "1.3.6.1.2.1.43.5.1.1.17.1|4|SN1\n1.3.6.1.2.1.25.3.5.1.2.1|4|0\n"
    assert sensors(text)["state", "Printer Error Status"].state_outcome is Outcome.OK


def test_sensors_that_share_a_name_are_told_apart() -> None:
    drive = "1.3.6.1.4.1.232.3.2.3.1.1"
    entity = "1.3.6.1.2.1.47.1.1.1.1.7"
    facts = facts_from_recording(
        "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.232.9.4.10\n1.3.6.1.4.1.232.6.2.1.0|2|1\n"
        f"{drive}.11.0.1|2|2\n{drive}.11.2.1|2|3\n"
    )
    assert [one.name for one in facts.sensors] == ["Logical Drive #1 (0.1)", "Logical Drive #1 (2.1)"]
    cisco = (
        "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9.1.1\n1.3.6.1.2.1.1.1.0|4|Cisco IOS Software\n"
        f"{entity}.5|4|Module 1\n1.3.6.1.4.1.9.9.117.1.1.2.1.2.5|2|2\n1.3.6.1.4.1.9.9.117.1.2.1.1.2.5|2|2\n"
    )
    names = [one.name for one in facts_from_recording(cisco).sensors]
    assert names == ["Module 1 (cefcFRUPowerOperStatus)", "Module 1 (cefcModuleOperStatus)"]
