"""The newest file of a pattern: asked of a real shell and of simulated hosts, and judged by its age."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ssh_helpers import visited_host

from collectors.errors import ParseError
from collectors.model import Finding, Levels, OwnCheck
from collectors.newest import HOSTS, Newest, newest_command, parse_newest
from collectors.outcome import Outcome
from collectors.platforms.file_guard import malformed
from collectors.simulator.linux_host import Answer, SimulatedHost

NOBODY = 65534
PATTERN = "/backup/db/*.dmp"
CHECK = OwnCheck(
    "own:1",
    "Backup of the database",
    "newest",
    PATTERN,
    unit="h",
    levels=Levels(warning_upper=26, critical_upper=50),
)


def told(pattern: str, platform: str = "linux", shell: str = "sh", user: int | None = None) -> Newest:
    done = subprocess.run(
        [*shell.split(" "), "-c", newest_command(pattern, platform)],
        capture_output=True,
        text=True,
        timeout=30,
        user=user if os.geteuid() == 0 else None,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
    )
    return parse_newest(done.stdout)


def put(path: Path, age_s: float, text: str = "x") -> None:
    path.write_text(text)
    os.utime(path, (time.time() - age_s,) * 2)


SHELLS = [one for one in ("dash", "bash", "busybox sh") if shutil.which(one.split()[0])]


@pytest.mark.parametrize("platform", [one for one in HOSTS if one == "linux" or shutil.which("perl")])
@pytest.mark.parametrize("shell", SHELLS)
def test_the_newest_is_found_whatever_its_name(tmp_path: Path, shell: str, platform: str) -> None:
    put(tmp_path / "a.dmp", 7200)
    put(tmp_path / "b new.dmp", 3600, "four")
    put(tmp_path / "z.dmp", 90000)
    put(tmp_path / "newer.txt", 1)
    (tmp_path / "folder.dmp").mkdir()
    found = told(f"{tmp_path}/*.dmp", platform, shell)
    assert (found.word, found.size, found.name) == ("file", 4, f"{tmp_path}/b new.dmp")
    assert found.age_s == pytest.approx(3600, abs=120)
    assert told(f"{tmp_path}/z.dmp", platform, shell).age_s == pytest.approx(90000, abs=120)


def test_a_link_counts_as_what_it_leads_to(tmp_path: Path) -> None:
    put(tmp_path / "real", 7200)
    (tmp_path / "latest.dmp").symlink_to(tmp_path / "real")
    assert told(f"{tmp_path}/latest.dmp").age_s == pytest.approx(7200, abs=120)


@pytest.mark.parametrize("platform", [one for one in HOSTS if one == "linux" or shutil.which("perl")])
def test_why_there_is_none_is_told_apart(tmp_path: Path, platform: str) -> None:
    assert told(f"{tmp_path}/*.dmp", platform).word == "none"
    assert told(f"{tmp_path}/no/such/*.dmp", platform).word == "absent"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become an account that may not look")
def test_a_folder_that_the_account_may_not_see_is_not_called_empty() -> None:
    folder = Path("/tmp") / f"newest-{os.getpid()}"
    (folder / "db").mkdir(parents=True, mode=0o700)
    try:
        put(folder / "db" / "a.dmp", 60)
        assert told(f"{folder}/db/*.dmp", user=NOBODY).word == "denied"
        assert told(f"{folder}/db/below/*.dmp", user=NOBODY).word == "denied"
        folder.chmod(0o755)
        assert told(f"{folder}/other/*.dmp", user=NOBODY).word == "absent"
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    "path",
    [
        "relative/*.dmp",
        "/backup/$(reboot)",
        "/backup/`id`",
        "/backup/a b",
        "/backup/a;b",
        "/backup/*/a",
        "/backup/../etc/x",
        "/backup/'x",
        "/backup/\nx",
        "/",
        "",
        "/backup/备份",
        "/" + "a" * 300,
    ],
)
def test_what_a_shell_would_take_as_its_own_is_refused(path: str) -> None:
    assert malformed(path)


def judged(answer: str, check: OwnCheck = CHECK) -> Finding:
    found = visited_host(SimulatedHost(overrides={"newest_0": Answer(answer)}), check)
    (finding,) = (one for one in found.findings if one.check == check.name)
    return finding


@pytest.mark.parametrize(
    ("text", "outcome", "value", "words"),
    [
        ("1000000\n996400 52428800 /backup/db/a.dmp\n", Outcome.OK, 1.0, "52428800 bytes"),
        ("1000000\n900000 5 /backup/db/a.dmp\n", Outcome.WARNING, 27.78, "27.78 h old: /backup/db/a.dmp"),
        ("1000000\n10000 5 /backup/db/a.dmp\n", Outcome.CRITICAL, 275.0, "275 h old"),
        ("1000000\n996400 0 /backup/db/a.dmp\n", Outcome.CRITICAL, 1.0, "empty"),
        ("1000000\n1000300 5 /backup/db/a.dmp\n", Outcome.OK, 0.0, "0 h old"),  # written while asked
        ("1000000\nnone\n", Outcome.CRITICAL, None, f"There is no file {PATTERN}"),
        ("1000000\nabsent\n", Outcome.CRITICAL, None, "There is no folder"),
        ("1000000\ndenied\n", Outcome.UNSUPPORTED, None, "may not look into the folder"),
        ("stat: not found\n", Outcome.PARSE_FAILED, None, "expected the host's time"),
    ],
)
def test_its_age_is_judged_and_its_absence_is_critical(
    text: str, outcome: Outcome, value: float | None, words: str
) -> None:
    found = judged(text)
    assert (found.outcome, found.value) == (outcome, value)
    assert words in str(found.message.template % found.message.values)
    assert found.evidence is not None


def test_a_simulated_host_writes_one_each_night() -> None:
    found = visited_host(SimulatedHost(), CHECK, replace(CHECK, name="own:2", question="/data/export_?.csv"))
    told = {one.check: one for one in found.findings if one.check.startswith("own:")}
    assert {one.outcome for one in told.values()} == {Outcome.OK}
    assert all(one.value is not None and 0 <= one.value <= 24 for one in told.values())
    assert told["own:2"].message.values["name"] == "/data/export_0.csv"


def test_a_path_that_is_not_permitted_is_never_sent() -> None:
    found = judged("1000000\n996400 5 /x\n", replace(CHECK, question="/x/$(reboot)"))
    assert found.outcome is Outcome.NOT_INSPECTED


@given(st.text(max_size=120))
def test_any_answer_is_read_or_refused(text: str) -> None:
    try:
        found = parse_newest(text)
    except ParseError:
        return
    assert found.word in ("file", "none", "absent", "denied")
