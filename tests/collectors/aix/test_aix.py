"""AIX over SSH: known by its own words in the session that asked for Linux, read by its own commands."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import runner, transcripts
from collectors.errors import ParseError
from collectors.facts.aix import network, storage, system
from collectors.model import SshAccess, Target, Visit
from collectors.outcome import Outcome
from collectors.platforms.aix_commands import NAMES, SECTIONS
from collectors.platforms.linux_script import build_script
from collectors.simulator.linux_host import Answer, SimulatedHost
from collectors.simulator.ssh_server import SshServer
from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "recordings" / "aix"


def said(name: str) -> str:
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def host(**changes: Answer) -> SimulatedHost:
    """Every command of Linux fails; those of AIX are answered from the recording."""
    found = SimulatedHost(name="erp-db1")
    answers = {name: Answer(status="1", stderr="not found") for name in found.sections()}
    answers |= {path.stem: Answer(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.txt")}
    answers |= {
        "uname": Answer("AIX 2 00F9A1B24C00\n"),
        "time": Answer(f"{int(datetime.now(UTC).timestamp())}\n"),
        "ntpq": Answer(status="missing"),
        "certificates": Answer(""),
        "oracle": Answer(""),
        "who": Answer("root        pts/0       Nov 26 09:58     (10.1.9.9)\n"),
        "sshd": Answer("permitrootlogin yes\npasswordauthentication yes\n"),
    }
    found.overrides = answers | changes
    return found


def visit(one: SimulatedHost, *files: str) -> Visit:
    server = SshServer(host=one).start()
    try:
        access = SshAccess(
            port=server.port, user="inspector", password="inspect-me", host_keys=(server.host_key_line,)
        )
        target = Target("a", "127.0.0.1", (access,), device_class="server", deadline_s=20, files=files)
        return runner.visit(target)
    finally:
        server.stop()


def test_a_host_says_who_it_is_and_how_it_is() -> None:
    found = visit(host())
    assert found.transcript.outcome is Outcome.OK, found.transcript.error
    assert found.transcript.platform == "aix"
    facts = found.facts
    identity = facts.identity
    assert (identity.vendor, identity.platform, identity.name) == ("IBM", "aix", "erp-db1")
    assert (identity.model, identity.serial) == ("8286-42A", "21A1B2C")
    assert identity.version == "AIX 7200-05-03-2148"
    assert identity.uptime_s == 17 * 86400 + 2 * 3600 + 14 * 60
    assert [one.usage_percent for one in facts.processors] == [32.0]  # the second sample, user and system
    memory, swap = facts.memory
    assert (memory.total_bytes, memory.used_percent) == (32 * 1024**3, 70.1)  # pages of files are free
    assert (swap.total_bytes, swap.used_percent) == (8 * 1024**3, 2.0)
    volumes = {one.name: one for one in facts.storage}
    assert sorted(volumes) == ["/", "/backup", "/oracle", "/usr", "/var"]
    assert volumes["/var"].used_percent == 96.0
    assert volumes["/oracle"].read_only
    assert (volumes["/var"].inodes_total, volumes["/var"].inodes_free) == (30201, 22100)
    ports = {one.name: one for one in facts.interfaces}
    assert (ports["en0"].oper_status, ports["en0"].mac) == ("up", "fa:16:3e:8a:0b:0c")
    assert ports["en0"].addresses == ("10.1.2.3/24",)
    assert (ports["en0"].out_errors, ports["en0"].in_packets) == (3, 123456789)
    assert (ports["en1"].admin_status, ports["en1"].oper_status) == ("down", "down")
    assert {error.fact: error.outcome for error in facts.errors} == {}


def test_what_is_wrong_with_it_is_found() -> None:
    found = visit(host())
    wrong = {(f.check, f.item) for f in found.findings if f.outcome in (Outcome.WARNING, Outcome.CRITICAL)}
    assert ("filesystem_used", "/var") in wrong
    assert any(item == "rootvg" for _check, item in wrong)  # a disk does not hold its mirror any more
    assert not any(item == "oravg" for _check, item in wrong)
    (errors,) = [f for f in found.findings if f.check == "journal_errors"]
    assert errors.value == 2
    assert not any(f.outcome is Outcome.PARSE_FAILED for f in found.findings), [
        (f.check, f.message.template) for f in found.findings if f.outcome is Outcome.PARSE_FAILED
    ]


def test_chosen_files_are_read_from_it_and_their_secrets_stay_there() -> None:
    told = (
        "=file /etc/ntp.conf\n=at /etc/ntp.conf\n server 10.0.0.1\n password = planted\n=end /etc/ntp.conf\n"
    )
    found = visit(host(files=Answer(told)), "/etc/ntp.conf")
    files = found.facts.extra["chosen_files"]
    assert [(one.path, one.text) for one in files.files] == [
        ("/etc/ntp.conf", "server 10.0.0.1\npassword = <hidden>\n")
    ]
    assert b"planted" not in b"".join(one.answer for one in found.transcript.exchanges)


def test_a_kept_transcript_is_read_again_as_aix() -> None:
    found = visit(host())
    again = transcripts.unpack(transcripts.pack(found.transcript))
    facts, _findings = runner.judge_transcript(again, Target("a", "127.0.0.1", ()))
    assert facts.identity == found.facts.identity


def test_what_an_account_may_not_read_is_named_and_nothing_else_is_lost() -> None:
    refused = Answer("", "1", "0516-306 lsvg: Permission denied")
    found = visit(host(groups=refused, errors=refused))
    assert {error.fact: error.outcome for error in found.facts.errors} == {
        "raid": Outcome.UNSUPPORTED,
        "journal_errors": Outcome.UNSUPPORTED,
    }
    assert len(found.facts.storage) == 5


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10:10AM up 5 mins, 1 user, load average: 1.00, 1.00, 1.00", 300),
        ("10:10AM up 3 hrs, 1 user, load average: 1.00, 1.00, 1.00", 10800),
        ("10:10AM   up 1 day,  5 mins,  1 user,  load average: 0.00, 0.00, 0.00", 86700),
        ("10:10AM   up 400 days, 23:59,  9 users,  load average: 9.00, 8.00, 7.00", 400 * 86400 + 86340),
    ],
)
def test_uptime_in_all_its_forms(text: str, seconds: int) -> None:
    assert system.parse_uptime(text) == seconds


def test_only_errors_of_a_day_that_nobody_mended_count() -> None:
    found = system.parse_errors(said("errors"))
    assert found.count == 2
    assert found.samples[0].startswith("A924A5FC S SYSPROC")
    assert system.parse_errors("1126101026\n").count == 0  # an empty log prints not even a heading


def test_a_shared_partition_and_a_dedicated_one_have_other_columns() -> None:
    dedicated = "System configuration: lcpu=4 mem=8192MB\n r b us sy id wa\n 1 0 2 1 97 0\n 1 0 60 39 0 1\n"
    assert system.parse_vmstat(dedicated)[0].usage_percent == 99.0
    assert system.parse_vmstat(said("vmstat"))[1] == 16


def test_the_program_only_reads() -> None:
    script = build_script("==0==", SECTIONS)
    assert not re.search(r"\b(rm|mv|cp|chdev|mkdev|rmdev|chfs|varyoffvg|errclear|stopsrc|kill)\b", script)
    assert len(NAMES) == sum(1 + len(section.earlier) for section in SECTIONS)
    assert "-o args" not in script  # arguments of programs may hold passwords


PARSERS: tuple[Callable[[str], object], ...] = (
    system.parse_oslevel,
    system.parse_name,
    system.parse_model,
    system.parse_serial,
    system.parse_uptime,
    system.parse_load,
    system.parse_vmstat,
    system.parse_memory,
    system.parse_paging,
    system.parse_processes,
    system.parse_errors,
    storage.parse_mount,
    storage.parse_df,
    storage.parse_groups,
    network.parse_interfaces,
    network.parse_ifconfig,
    network.parse_listening,
)
LINES = sorted(
    {line for path in FOLDER.glob("*.txt") for line in path.read_text().splitlines() if line.strip()}
)
SOME = st.sampled_from(LINES)
DAMAGED = st.lists(st.one_of(SOME, SOME.map(lambda line: line[:30]), st.text(max_size=60)), max_size=12)


@given(DAMAGED)
def test_damaged_answers_are_facts_or_a_parse_error(lines: list[str]) -> None:
    for parse in PARSERS:
        with contextlib.suppress(ParseError):
            parse("\n".join(lines))
