"""Windows with OpenSSH: visited over the real protocol, judged like any host, and nothing but read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import runner
from collectors.errors import ParseError
from collectors.facts.windows import facts_from_windows, network, system
from collectors.facts.windows.rows import parse_number, parse_rows
from collectors.model import Exchange, SshAccess, Target, Visit
from collectors.outcome import Outcome
from collectors.platforms.windows_script import SECTIONS, build_script
from collectors.simulator.linux_host import Answer
from collectors.simulator.ssh_server import Quirks, SshServer
from collectors.simulator.windows_host import FAULTS, SimulatedWindows

Visiting = Callable[..., Visit]


@pytest.fixture
def visit() -> Iterator[Visiting]:
    servers: list[SshServer] = []

    def one(host: SimulatedWindows | None = None, **quirks: object) -> Visit:
        server = SshServer(host=host or SimulatedWindows(), quirks=Quirks(**quirks)).start()  # type: ignore[arg-type]
        servers.append(server)
        access = SshAccess(
            port=server.port, user="inspector", password="inspect-me", host_keys=(server.host_key_line,)
        )
        target = Target("w", "127.0.0.1", (access,), device_class="server", deadline_s=8)
        return runner.visit(target)

    yield one
    for server in servers:
        server.stop()


def outcomes(visit: Visit, check: str) -> list[Outcome]:
    return [finding.outcome for finding in visit.findings if finding.check == check]


def test_a_host_says_who_it_is_and_how_it_is(visit: Visiting) -> None:
    found = visit()
    facts = found.facts
    assert found.transcript.outcome is Outcome.OK, found.transcript.error
    assert found.transcript.platform == "windows"
    assert (facts.identity.name, facts.identity.model, facts.identity.serial) == (
        "WIN-APP01",
        "PowerEdge R650",
        "SV000001",
    )
    assert facts.identity.version == "Microsoft Windows Server 2022 Standard 10.0.20348"
    assert [processor.name for processor in facts.processors] == ["CPU0", "CPU1"]
    assert [pool.name for pool in facts.memory] == ["RAM", "Swap"]
    assert [volume.name for volume in facts.storage] == ["C:", "D:"]
    (adapter,) = facts.interfaces
    assert (adapter.name, adapter.oper_status, adapter.speed_bps) == ("以太网", "up", 10**9)
    assert adapter.mac == "b0:26:28:00:00:05"
    assert adapter.addresses == ("10.20.1.1/24", "fe80::1/64")
    assert facts.errors == ()
    abnormal = [f for f in found.findings if f.outcome in (Outcome.WARNING, Outcome.CRITICAL)]
    assert [f.check for f in abnormal if f.check != "journal_errors"] == []


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("disk_full", "filesystem_used"),
        ("memory_pressure", "memory_used"),
        ("high_load", "cpu_used"),
        ("failed_unit", "failed_units"),
        ("clock_drift", "clock_offset"),
        ("certificate_expiring", "certificate_days"),
        ("link_down", "interface_state"),
    ],
)
def test_each_fault_is_found(visit: Visiting, fault: str, check: str) -> None:
    found = visit(SimulatedWindows(faults={fault}))
    assert set(outcomes(found, check)) & {Outcome.WARNING, Outcome.CRITICAL}, [
        f.check for f in found.findings
    ]


def test_every_fault_of_the_simulator_is_looked_for() -> None:
    assert len(FAULTS) == 7


def test_what_an_account_may_not_read_is_named_and_nothing_else_is_lost(visit: Visiting) -> None:
    refused = Answer("", "1", "Access denied")
    found = visit(SimulatedWindows(overrides={"services": refused, "certificates": refused}))
    errors = {error.fact: error.outcome for error in found.facts.errors}
    assert errors == {"failed_units": Outcome.UNSUPPORTED, "certificates": Outcome.UNSUPPORTED}
    assert len(found.facts.storage) == 2


def test_a_host_without_powershell_is_said(visit: Visiting) -> None:
    found = visit(half_output=True)
    assert found.transcript.outcome is Outcome.PARSE_FAILED
    assert found.facts.errors


def test_a_host_that_hangs_ends_at_the_deadline(visit: Visiting) -> None:
    assert visit(hang=True).transcript.outcome is Outcome.TIMEOUT


def test_a_kept_transcript_is_read_again_as_windows(visit: Visiting) -> None:
    from collectors import transcripts

    found = visit()
    again = transcripts.unpack(transcripts.pack(found.transcript))
    facts, _ = runner.judge_transcript(again, Target("w", "127.0.0.1", ()))
    assert facts.identity == found.facts.identity


def test_the_program_holds_nothing_but_reading_cmdlets() -> None:
    script = build_script("==0==")
    cmdlets = set(re.findall(r"\b([A-Z][a-z]+)-[A-Z]\w+", script))
    assert cmdlets <= {"Get", "Select", "Where", "Test", "New", "ConvertTo", "Out"}
    assert set(re.findall(r"\bOut-\w+", script)) == {"Out-String"}
    assert re.findall(r"New-\w+ \S+", script) == ["New-Object System.Text.UTF8Encoding"]
    assert not re.search(r"(?i)\b(set|remove|start|stop|restart|invoke|add|clear|disable|enable)-", script)
    assert ">" not in re.sub(r"<>", "", script.split("function s")[1].split("}\n", 1)[1])


SERVICE = {"Name": "x", "DisplayName": "X", "State": "Stopped", "ExitCode": 0, "DelayedAutoStart": False}


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        ({}, True),
        ({"ExitCode": 1077}, True),
        ({"DelayedAutoStart": True}, False),
        ({"DelayedAutoStart": True, "ExitCode": 1067}, True),
        ({"DelayedAutoStart": None, "ExitCode": None}, True),
    ],
)
def test_a_delayed_service_that_has_done_its_work_is_no_failure(
    changes: dict[str, object], failed: bool
) -> None:
    assert bool(system.parse_services(json.dumps([SERVICE | changes]))) == failed


def test_one_object_alone_and_none_at_all_are_lists_too() -> None:
    assert [row.text("a") for row in parse_rows('{"A": "x  y"}')] == ["x y"]
    assert parse_rows("[]") == parse_rows("null") == ()
    assert system.parse_cpu('[{"DeviceID":"CPU0","LoadPercentage":null}]') == ()
    assert parse_number("[1795599498000]") == 1795599498000


@pytest.mark.parametrize("text", ["", "Access denied", "[1,2]", '"x"', "[[1]]", "{", "[" * 100_000])
def test_what_is_no_list_of_objects_is_a_parse_error(text: str) -> None:
    with pytest.raises(ParseError):
        parse_rows(text)


def test_fillers_of_makers_are_no_serial_numbers() -> None:
    assert system.parse_bios('[{"SerialNumber":"To be filled by O.E.M."}]') == ("", "")


def test_sizes_that_contradict_each_other_are_no_reading() -> None:
    with pytest.raises(ParseError):
        system.parse_os('[{"TotalVisibleMemorySize":10,"FreePhysicalMemory":20}]')
    assert system.parse_volumes('[{"DeviceID":"E:","Size":null,"FreeSpace":null}]') == ()


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.lists(st.none())
)
NAMES_ = sorted({name for section in SECTIONS for name in re.findall(r"\b[A-Z]\w+", section.command)})
PARSERS = (
    system.parse_os,
    system.parse_computer,
    system.parse_bios,
    system.parse_cpu,
    system.parse_volumes,
    system.parse_disks,
    system.parse_services,
    system.parse_events,
    system.parse_reboot,
    system.parse_hotfixes,
    system.parse_certificates,
    network.parse_counters,
    network.parse_addresses,
)


@given(st.lists(st.dictionaries(st.sampled_from(NAMES_), VALUES, max_size=12), max_size=3))
def test_any_values_are_facts_or_a_parse_error(rows: list[dict[str, object]]) -> None:
    text = json.dumps(rows)
    for parse in PARSERS:
        try:
            parse(text)
        except ParseError:
            continue
    network.build_interfaces(parse_rows(text), {}, {})


@given(st.binary(max_size=200))
def test_any_bytes_never_break_the_assembly(content: bytes) -> None:
    exchanges = [Exchange("ssh", section.command, content) for section in SECTIONS]
    facts_from_windows(exchanges, started_at=datetime.now(UTC))
