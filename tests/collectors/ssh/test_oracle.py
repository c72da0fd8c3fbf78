"""Oracle databases: asked over a real OpenSSH server with a program that plays SQL*Plus, and judged.

The program prints recordings that were written after the manuals; no database of this maker was at hand.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ssh_helpers import access_to_sshd

from collectors import runner
from collectors.checks import judge
from collectors.errors import ParseError
from collectors.facts.aix import facts_from_aix
from collectors.facts.database import Database
from collectors.facts.linux.oracle import parse_oracle, words_of
from collectors.model import DeviceFacts, Evidence, Exchange, Finding, Target, Visit
from collectors.outcome import Outcome
from collectors.platforms.aix_commands import SECTIONS as AIX
from collectors.platforms.linux_commands import BY_NAME, NAME_OF
from collectors.platforms.oracle_commands import ORACLE
from collectors.transports import ssh
from tests.support.sshd import Sshd

RECORDINGS = Path(__file__).parents[2] / "recordings" / "oracle"
SID = f"TEST{os.getpid()}"
OK, WARNING, CRITICAL = Outcome.OK, Outcome.WARNING, Outcome.CRITICAL


def recording(name: str) -> str:
    return (RECORDINGS / f"{name}.txt").read_text()


def judged(*databases: Database) -> dict[tuple[str, str], Finding]:
    facts = DeviceFacts(extra={"databases": databases}, asked=frozenset({"databases"}))
    found = judge(facts, Target("1", "h", ()), datetime.now(UTC))
    return {(one.check, one.item): one for one in found if one.check.startswith("database")}


def outcomes(found: dict[tuple[str, str], Finding]) -> dict[tuple[str, str], Outcome]:
    return {(check.removeprefix("database_"), item): one.outcome for (check, item), one in found.items()}


@pytest.fixture
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A process of a program "oracle" that is called as an instance's process monitor is."""
    program = tmp_path_factory.mktemp("oracle") / "oracle"
    shutil.copy(shutil.which("cat") or "/bin/cat", program)
    command = ["bash", "-c", f"exec -a ora_pmon_{SID} {program}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        yield
        process.terminate()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An ORACLE_HOME that the visit's program finds in its own oratab."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "oratab").write_text(f"# comment\nOTHER:/none:N\n{SID}:{tmp_path}:Y\n")
    asked = BY_NAME["oracle"]
    command = asked.command.replace("/etc/oratab", str(tmp_path / "oratab"))
    assert command != asked.command
    sections = (BY_NAME["uname"], BY_NAME["processes"], replace(asked, command=command), BY_NAME["date"])
    monkeypatch.setattr(ssh, "POSIX", replace(ssh.POSIX, sections=sections))
    monkeypatch.setitem(NAME_OF, command, "oracle")
    return tmp_path


def play(home: Path, name: str) -> None:
    """A program that notes how it was called and prints a recording."""
    program = home / "bin" / "sqlplus"
    program.write_text(
        f'#!/bin/sh\n{{ echo "$@"; echo "$ORACLE_SID $ORACLE_HOME $SQLPATH"; cat; }} > {home}/asked\n'
        f"cat {RECORDINGS / name}.txt\n"
    )
    program.chmod(0o755)


def visited(sshd: Sshd) -> Visit:
    return runner.visit(Target("1", "127.0.0.1", (access_to_sshd(sshd),), deadline_s=60))


@pytest.mark.sshd
@pytest.mark.usefixtures("instance")
def test_an_instance_is_found_asked_with_selects_alone_and_judged(sshd: Sshd, home: Path) -> None:
    play(home, "primary_19c")
    found = visited(sshd)
    servers = found.facts.extra["databases"]
    assert isinstance(servers, tuple)
    (server,) = (one for one in servers if one.product == "Oracle")
    assert (server.item, server.version, server.connections) == (f"Oracle {SID}", "19.0.0.0.0", 310)
    called, environment, *asked = (home / "asked").read_text().splitlines()
    assert called.startswith("-S -L -R 3 /")
    assert environment.strip() == f"{SID} {home}"
    statements = [line for line in asked if not line.startswith(("set ", "prompt ", "exit"))]
    assert statements
    assert all(line.startswith("select ") and line.endswith(";") for line in statements)
    assert not any(
        word in line.lower().split()
        for line in asked
        for word in ("update", "delete", "alter", "host", "spool")
    )
    told = {(one.check, one.item): one.outcome for one in found.findings}
    assert told["database_space", f"Oracle {SID} tablespace ORDERS"] is CRITICAL


@pytest.mark.sshd
@pytest.mark.usefixtures("instance")
def test_a_refusal_and_a_missing_program_are_said_in_words(sshd: Sshd, home: Path) -> None:
    play(home, "refused")
    for name, words in (("refused", "does not let the account in"), ("none", "has no sqlplus")):
        if name == "none":
            (home / "bin" / "sqlplus").unlink()
        found = visited(sshd)
        (state,) = (one for one in found.findings if one.item == f"Oracle {SID}")
        assert (state.check, state.outcome) == ("database_state", Outcome.UNSUPPORTED)
        assert words in str(state.message)


def test_a_primary_is_judged_by_room_sessions_backup_and_disks() -> None:
    found = judged(*parse_oracle("server: ORCL\n" + recording("primary_19c")))
    assert outcomes(found) == {
        ("state", "Oracle ORCL"): CRITICAL,  # a disk of FRA is offline
        ("connections", "Oracle ORCL"): OK,
        ("processes", "Oracle ORCL"): WARNING,
        ("space", "Oracle ORCL tablespace SYSTEM"): OK,
        ("space", "Oracle ORCL tablespace USERS"): WARNING,
        ("space", "Oracle ORCL tablespace ORDERS"): CRITICAL,
        ("space", "Oracle ORCL tablespace PDB1.APP_DATA"): OK,
        ("space", "Oracle ORCL recovery area"): OK,
        ("space", "Oracle ORCL ASM DATA"): OK,
        ("space", "Oracle ORCL ASM FRA"): WARNING,
        ("backup", "Oracle ORCL"): OK,
        ("archive", "Oracle ORCL LOG_ARCHIVE_DEST_1"): OK,
        ("archive", "Oracle ORCL LOG_ARCHIVE_DEST_2"): CRITICAL,
    }
    assert "no listener" in str(found["database_archive", "Oracle ORCL LOG_ARCHIVE_DEST_2"].message)
    assert "FRA: 1 disks offline" in str(found["database_state", "Oracle ORCL"].message)
    assert found["database_connections", "Oracle ORCL"].value == 65.7


def test_an_aix_host_is_asked_and_read_alike() -> None:
    answer = f"server: ORCL\n{recording('primary_19c')}".encode()
    facts = facts_from_aix([Exchange("ssh", ORACLE, answer, exit_status=0)])
    servers = facts.extra["databases"]
    assert isinstance(servers, tuple)
    assert [(one.item, one.evidence) for one in servers] == [("Oracle ORCL", Evidence(0))]
    assert any(section.command == ORACLE for section in AIX)


def test_a_mounted_standby_is_judged_by_its_lag_and_not_by_what_it_cannot_tell() -> None:
    found = judged(*parse_oracle("server: STBY\n" + recording("standby_11g")))
    assert outcomes(found) == {
        ("state", "Oracle STBY"): OK,
        ("processes", "Oracle STBY"): OK,
        ("space", "Oracle STBY recovery area"): OK,
        ("backup", "Oracle STBY"): WARNING,
        ("archive", "Oracle STBY LOG_ARCHIVE_DEST_1"): OK,
        ("lag", "Oracle STBY"): CRITICAL,
    }
    assert found["database_lag", "Oracle STBY"].value == 45 * 60 + 10
    assert "FAILED" in str(found["database_backup", "Oracle STBY"].message)


def test_what_the_user_may_not_see_is_said_and_never_normal() -> None:
    found = judged(*parse_oracle("server: ORCL\n" + recording("no_rights_19c")))
    assert outcomes(found) == {
        ("state", "Oracle ORCL"): CRITICAL,  # the archiver
        ("state", "Oracle ORCL statistics"): Outcome.UNSUPPORTED,
    }
    assert "SELECT_CATALOG_ROLE" in str(found["database_state", "Oracle ORCL statistics"].message)


def test_half_an_answer_says_so() -> None:
    half = recording("primary_19c").partition("q|archive")[0]
    found = judged(*parse_oracle("server: ORCL\n" + half))
    assert "ended before" in str(found["database_state", "Oracle ORCL statistics"].message)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ORA-12541: TNS:no listener", "no listener answers"),
        ("ORA-01034: ORACLE not available", "not started"),
        ("ORA-00257: archiver error", "archive area is full"),
        ("ORA-28000: the account is locked", "locked"),
        ("ORA-99999: something new", "ORA-99999: something new"),
        ("x" * 500, "x" * 200),
    ],
)
def test_errors_are_said_in_words(line: str, words: str) -> None:
    assert words in words_of(line)


def test_two_instances_one_of_which_does_not_answer() -> None:
    text = f"server: A\n{recording('refused')}server: B\n{recording('primary_19c')}server: C\n"
    first, second, third = parse_oracle(text)
    assert (first.version, second.version, third.version) == ("", "19.0.0.0.0", "")
    assert first.refused
    assert third.refused == "It told nothing."
    assert parse_oracle("") == ()


@pytest.mark.parametrize(
    "text", ["x\n", "server: A\nl|sessions\n", "server: A\ni|A|1|OPEN|STARTED\nl|sessions|many|5\n"]
)
def test_an_answer_of_another_form_is_no_answer(text: str) -> None:
    with pytest.raises(ParseError):
        parse_oracle(text)


@given(st.text(alphabet=st.sampled_from("idltfbasq|ORA-0123456789 .:+\n"), max_size=200))
def test_whatever_is_said_is_read_or_refused(text: str) -> None:
    try:
        found = parse_oracle(f"server: A\ni|A|19|OPEN|STARTED\n{text}")
    except ParseError:
        return
    assert found[0].product == "Oracle"
