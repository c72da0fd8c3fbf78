"""Parsers of command lines: recordings of real devices, the simulator's answers, and broken input."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.errors import ParseError
from collectors.facts.cli.registry import PARSERS, Parser, parser_for
from collectors.facts.cli.rows import Row
from collectors.model import Component, Identity, Interface, MemoryPool, Neighbour, Processor, Sensor
from collectors.outcome import Outcome
from collectors.platforms.cli_dialects import GENERIC, dialects
from collectors.score_cli import CliScore, reason_for, same, score_cli, totals
from collectors.simulator.cli_persona import PERSONAS, outputs_of
from tests.conftest import recordings_folder

ALL = sorted({(platform, command) for platform, commands in PARSERS.items() for command in commands})
SAMPLES = [
    (platform, command, text)
    for platform in PERSONAS
    for command, text in outputs_of(platform, "SW01").items()
    if parser_for(platform, command)
]
ASKED = [
    (dialect.name, command)
    for dialect in dialects().values()
    for entry in dialect.commands
    for command in entry.ask
    if dialect.name != GENERIC
]
EQUALS = [
    ("36.0", "36", True),
    ("RGOS", "RGOS 10.4(3)", True),
    ("UP ,", "UP", True),
    ("10", "100", False),
    ("ab", "abc", False),
    ("-", "-", True),
    ("x", "", False),
]


def parser(platform: str, command: str) -> Parser:
    found = parser_for(platform, command)
    assert found is not None
    return found


def facts(platform: str, command: str, text: str, kind: type) -> list[object]:
    return [fact for row in parser(platform, command)(text) for fact in row.facts if isinstance(fact, kind)]


def read_or_refuse(parse: Parser, text: str) -> None:
    """Only ParseError may come of it, and every figure is one that can be."""
    try:
        rows = parse(text)
    except ParseError:
        return
    for row in rows:
        assert isinstance(row, Row)
        for fact in row.facts:
            if isinstance(fact, Processor):
                assert fact.usage_percent >= 0
            if isinstance(fact, MemoryPool):
                assert 0 <= fact.used_percent <= 100


@settings(max_examples=12)
@pytest.mark.parametrize(("platform", "command"), ALL)
@given(text=st.one_of(st.text(max_size=300), st.binary(max_size=300).map(lambda raw: raw.decode("latin-1"))))
def test_any_text_is_read_or_refused(platform: str, command: str, text: str) -> None:
    read_or_refuse(PARSERS[platform][command], text)


@settings(max_examples=15)
@pytest.mark.parametrize(("platform", "command", "text"), SAMPLES)
@given(seed=st.integers(0, 10_000), cut=st.integers(0, 4000))
def test_truncated_and_shuffled_answers_are_read_or_refused(
    platform: str, command: str, text: str, seed: int, cut: int
) -> None:
    parse = parser(platform, command)
    read_or_refuse(parse, text[:cut])
    lines = text.splitlines()
    random.Random(seed).shuffle(lines)
    read_or_refuse(parse, "\n".join(lines))
    read_or_refuse(parse, text.replace("0", "99999999999999999999"))


@pytest.mark.recordings
def test_damaged_recordings_are_read_or_refused() -> None:
    folder = recordings_folder()
    assert folder is not None
    chance = random.Random(1)
    for raw in sorted((folder / "cli").glob("[!l]*/*/*.raw")):
        parse = parser_for(raw.parts[-3], raw.parts[-2].replace("_", " "))
        assert parse is not None, raw
        text = raw.read_text("utf-8", errors="replace")[:20_000]
        lines = text.splitlines()
        chance.shuffle(lines)
        for damaged in (
            text[: len(text) // 2],
            text[len(text) // 3 :],
            "\n".join(lines),
            "\n".join(line[:30] for line in lines),
        ):
            read_or_refuse(parse, damaged)


@pytest.mark.parametrize(("platform", "command"), ASKED)
def test_every_command_that_is_asked_has_a_parser(platform: str, command: str) -> None:
    assert parser_for(platform, command) is not None


@pytest.mark.recordings
def test_at_least_95_percent_of_each_platform_s_fields_are_found_and_the_rest_has_reasons() -> None:
    folder = recordings_folder()
    assert folder is not None
    scores = score_cli(folder / "cli")
    unrecorded = {"paloalto_panos", "cisco_asa", "hillstone_stoneos"}  # nobody recorded one for us
    assert set(PARSERS) - set(scores) <= unrecorded
    for platform, total in totals(scores).items():
        assert (total.share_percent or 0) >= 95, platform
    unexplained = [
        words
        for commands in scores.values()
        for one in commands.values()
        for words in one.missing
        if not words.endswith(")")
    ]
    assert len(unexplained) <= 6, unexplained


def test_a_score_counts_fields_and_says_what_differs(tmp_path: Path) -> None:
    folder = tmp_path / "huawei_vrp" / "display_esn"
    folder.mkdir(parents=True)
    (folder / "one.raw").write_text("ESN of slot 1: 2102300000DM\nESN of slot 2: 2102300000DX\n")
    (folder / "one.yml").write_text('---\nparsed_sample:\n  - role: "slot 1"\n    esn: "something else"\n')
    score: CliScore = score_cli(tmp_path)["huawei_vrp"]["display esn"]
    assert (score.expected, score.found, score.beyond, score.recordings) == (2, 1, 1, 1)
    assert "something else" in score.missing[0]


@pytest.mark.parametrize(("want", "have", "equal"), EQUALS)
def test_values_are_compared_without_punctuation(want: str, have: str, equal: bool) -> None:
    assert same(want, have) is equal


def test_reasons_name_parsers_that_exist() -> None:
    assert reason_for("huawei_vrp", "display version", "model")
    assert reason_for("huawei_vrp", "display version", "uptime") == ""


# --- what the facts say ------------------------------------------------------------------------------------


def test_err_disabled_is_down_though_the_port_is_enabled() -> None:
    text = (
        "Port      Name               Status       Vlan       Duplex  Speed Type\n"
        "Gi1/0/16  Multi Space to the err-disabled 16         a-half   auto 10/100BaseTX\n"
    )
    port = facts("cisco_ios", "show interfaces status", text, Interface)[0]
    assert isinstance(port, Interface)
    assert (port.admin_status, port.oper_status, port.alias) == ("up", "down", "Multi Space to the")


def test_an_administratively_closed_port_is_down_in_both() -> None:
    text = (
        "GigabitEthernet0/0/0 is administratively down, line protocol is down\n"
        "  MTU 1500 bytes, BW 1000000 Kbit/sec, DLY 10 usec,\n"
    )
    port = facts("cisco_ios", "show interfaces", text, Interface)[0]
    assert isinstance(port, Interface)
    assert (port.admin_status, port.oper_status, port.mtu, port.speed_bps) == (
        "down",
        "down",
        1500,
        1_000_000_000,
    )


def test_an_absent_power_supply_is_neither_good_nor_bad() -> None:
    text = (
        "SW  PID                 Serial#     Status           Sys Pwr  PoE Pwr  Watts\n"
        "1A  PWR-C1-715WAC       LIT11111111  OK              Good     Good     715\n"
        "1B  Not Present\n"
        "2B  PWR-C1-715WAC       DCB22222222  No Input Power  Bad      Bad      715\n"
    )
    states = {
        one.name: one.state_outcome
        for one in facts("cisco_ios", "show environment power all", text, Sensor)
        if isinstance(one, Sensor)
    }
    assert states == {"Power supply 1A": Outcome.OK, "Power supply 2B": Outcome.CRITICAL}


def test_a_filler_temperature_is_no_reading() -> None:
    text = outputs_of("hp_comware", "x")["display environment"]
    readings = facts("hp_comware", "display environment", text, Sensor)
    assert [one.value for one in readings if isinstance(one, Sensor)] == [44]


def test_a_dark_port_has_no_light() -> None:
    text = (
        "XGigabitEthernet0/0/1 transceiver information:\nDiagnostic information:\n"
        "  Temperature(\N{DEGREE SIGN}C) :35.10\n"
        "  RX Power(dBM)                 :-40.00\n  TX Power(dBM)                 :-2.27\n"
    )
    light = [
        one
        for one in facts("huawei_vrp", "display transceiver verbose", text, Sensor)
        if isinstance(one, Sensor) and one.kind == "dbm"
    ]
    assert [(one.name, one.value) for one in light] == [("XGigabitEthernet0/0/1 transmit", -2.27)]


def test_a_processor_at_zero_percent_is_a_reading() -> None:
    text = (
        "Slot 1 CPU 1 CPU usage:\n       0% in last 5 seconds\n"
        "       0% in last 1 minute\n       0% in last 5 minutes\n"
    )
    found = facts("hp_comware", "display cpu-usage", text, Processor)
    assert [(one.name, one.usage_percent) for one in found if isinstance(one, Processor)] == [
        ("Slot 1 CPU 1", 0.0)
    ]


def test_no_neighbour_is_an_answer_and_garbage_is_none() -> None:
    assert (
        parser("cisco_ios", "show lldp neighbors")(
            "Device ID  Local Intf  Hold-time  Capability  Port ID\n\nTotal entries displayed: 0\n"
        )
        == ()
    )
    with pytest.raises(ParseError):
        parser("cisco_ios", "show lldp neighbors")("something else")


def test_a_wrapped_name_is_joined() -> None:
    text = (
        "System Name          Local Interface Chassis ID      Port ID\n"
        "SEP0000000000A0.exam GE1/0/24        10.1.2.3        AABBCCDDEEFF:P1\nple.com\n"
    )
    (neighbour,) = facts("hp_comware", "display lldp neighbor-information list", text, Neighbour)
    assert isinstance(neighbour, Neighbour)
    assert neighbour.remote_name == "SEP0000000000A0.example.com"  # others lose the wrapped end


def test_a_stack_shows_the_serial_number_of_each_member() -> None:
    text = (
        "Cisco IOS XE Software, Version 16.09.03\nsw uptime is 1 day, 2 hours, 3 minutes\n"
        "Model Number                       : C9500-40X\nSystem Serial Number               : FCW0000A\n"
        "Model Number                       : C9500-40X\nSystem Serial Number               : FCW0000B\n"
    )
    assert [
        one.serial
        for one in facts("cisco_ios", "show version", text, Component)
        if isinstance(one, Component)
    ] == ["FCW0000A", "FCW0000B"]
    (identity,) = facts("cisco_ios", "show version", text, Identity)
    assert isinstance(identity, Identity)
    assert (identity.model, identity.serial, identity.uptime_s) == ("C9500-40X", "FCW0000A", 93_780)


def test_unknown_words_of_state_are_not_taken_for_good() -> None:
    text = " Index         Status\n PWR1          wobbling\n"
    (sensor,) = facts("hp_comware", "display power", text, Sensor)
    assert isinstance(sensor, Sensor)
    assert sensor.state_outcome is Outcome.UNSUPPORTED


def test_samples_cover_every_platform() -> None:
    assert set(Counter(platform for platform, _, _ in SAMPLES)) == set(PERSONAS)


@pytest.mark.parametrize(
    ("name", "speed_bps"), [("10GE1/0/1", 10_000_000_000), ("GigabitEthernet0/0/1", 10_000_000_000)]
)
def test_vrp_names_may_begin_with_a_number(name: str, speed_bps: int) -> None:
    text = f"{name} current state : UP (ifindex: 5)\nLine protocol current state : UP\nSpeed: 10000, \n"
    (port,) = facts("huawei_vrp", "display interface", text, Interface)
    assert isinstance(port, Interface)
    assert (port.index, port.name, port.speed_bps, port.type) == (5, name, speed_bps, "ethernetCsmacd")


def test_a_port_closed_by_an_administrator_says_so_in_older_nx_os() -> None:
    text = "Ethernet1/5 is down (Administratively down)\n  MTU 1500 bytes, BW 10000000 Kbit, DLY 10 usec\n"
    (port,) = facts("cisco_nxos", "show interface", text, Interface)
    assert isinstance(port, Interface)
    assert (port.admin_status, port.oper_status) == ("down", "down")


@pytest.mark.parametrize(
    ("text", "name", "value", "critical"),
    [
        (
            " R0    Temp: CPU    Normal          46   Celsius\t(80 ,90 ,100,110)(Celsius)\n",
            "R0 Temp: CPU",
            46,
            100,
        ),
        (" Temp: Asic1      0                 Normal            46 Celsius\n", "Temp: Asic1 0", 46, None),
        (
            "SYSTEM Temperature Value: 41 Degree Celsius\nRed Threshold : 100 Degree Celsius\n",
            "system",
            41,
            100,
        ),
    ],
)
def test_temperatures_of_three_generations_of_ios(
    text: str, name: str, value: float, critical: float | None
) -> None:
    (sensor,) = facts("cisco_ios", "show environment all", text, Sensor)
    assert isinstance(sensor, Sensor)
    assert (sensor.name, sensor.value, sensor.limits.high_critical) == (name, value, critical)


def test_a_fan_of_an_access_router_is_read_from_the_older_table() -> None:
    text = " FanId FanNum Present Register Speed Mode\n   8       [1]     YES       YES        40%    AUTO\n"
    names = [one.name for one in facts("huawei_vrp", "display fan", text, Sensor) if isinstance(one, Sensor)]
    assert names == ["Fan 8/1", "Fan 8/1 speed"]


@pytest.mark.parametrize(
    "text", ["CPU utilization for five seconds: 4%/0%; one minute: 6%; five minutes: 999%"]
)
def test_a_processor_beyond_its_whole_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        parser("cisco_ios", "show processes cpu")(text)


def test_a_port_that_is_closed_by_its_own_line_is_down() -> None:
    ports = facts("cisco_nxos", "show interface", outputs_of("cisco_nxos", "x")["show interface"], Interface)
    states = {one.name: (one.admin_status, one.oper_status) for one in ports if isinstance(one, Interface)}
    assert states == {"mgmt0": ("up", "up"), "Ethernet1/1": ("up", "up"), "Ethernet1/2": ("down", "down")}


def test_a_supply_without_capacity_has_no_limit_of_zero() -> None:
    sensors = facts(
        "cisco_nxos", "show environment", outputs_of("cisco_nxos", "x")["show environment"], Sensor
    )
    spare = [one for one in sensors if isinstance(one, Sensor) and one.name.startswith("Power supply 2")]
    assert [(one.kind, one.limits.high_critical, one.state_outcome) for one in spare] == [
        ("state", None, Outcome.CRITICAL),
        ("power", None, None),
    ]
