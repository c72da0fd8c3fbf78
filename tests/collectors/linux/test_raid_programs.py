"""How RAID controllers of Linux hosts are asked: with programs that play the makers' own."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from collectors.facts.linux.megacli import parse_megacli
from collectors.facts.linux.megaraid import parse_megaraid
from collectors.facts.linux.smart_array import parse_smart_array
from collectors.platforms.linux_commands import BY_NAME
from collectors.platforms.raid_commands import MEGACLI, MEGARAID, SMART_ARRAY

RECORDINGS = Path(__file__).parents[2] / "recordings/raid"


def run_with(folder: Path, command: str, programs: dict[str, str], *, uid: int = 0) -> tuple[int, str, str]:
    """The command on a host whose only such programs are these shell texts."""
    for name, text in {**programs, "id": f"echo {uid}"}.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", "-c", command.replace("/opt/", f"{folder}/opt/")],
        env={**os.environ, "PATH": f"{folder}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    return done.returncode, done.stdout, done.stderr


def printing(name: str) -> str:
    return f"cat {RECORDINGS / name}.txt"


def test_the_first_program_that_finds_a_controller_is_asked_on_and_writes_no_log(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    program = f'echo "$@" >> {asked}; case "$1 $3" in "/call all") {printing("storcli_one")};; esac'
    status, answer, _ = run_with(
        tmp_path, MEGARAID, {"storcli64": printing("storcli_none"), "perccli64": program}
    )
    assert status == 0
    assert parse_megaraid(answer).arrays[0].name == "c0/v0 system"
    assert asked.read_text().splitlines() == [
        "/call show all J nolog",
        "/call/eall/sall show all J nolog",
    ]


def test_drives_without_enclosure_and_rebuilds_are_asked_for_where_there_are_any(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    program = f'echo "$@" >> {asked}; [ "$1" = /call ] && {printing("storcli_two")}'
    status, _, _ = run_with(tmp_path, MEGARAID, {"storcli": program})
    assert status == 0
    assert [line.split(" ")[0] for line in asked.read_text().splitlines()] == [
        "/call",
        "/call/eall/sall",
        "/call/sall",
        "/call/eall/sall",
    ]


def test_both_generations_of_a_program_are_asked(tmp_path: Path) -> None:
    silent = 'case "$3" in all) case "$1" in /call) '
    programs = {
        "storcli64": f"{silent}{printing('storcli_one')};; esac;; esac",
        "perccli2": f"{silent}{printing('storcli2')};; esac;; esac",
    }
    status, answer, _ = run_with(tmp_path, MEGARAID, programs)
    assert status == 0
    assert len(parse_megaraid(answer).arrays) == 3


def test_a_program_that_prints_nothing_is_a_failure_in_its_words(tmp_path: Path) -> None:
    status, answer, complaint = run_with(tmp_path, MEGARAID, {"storcli": "echo broken >&2; exit 139"})
    assert (status, answer, complaint) == (1, "", "broken\n")


def test_programs_in_their_own_folder_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "opt/MegaRAID/perccli"
    folder.mkdir(parents=True)
    (folder / "perccli64").write_text(f"#!/bin/sh\n{printing('storcli_none')}\n")
    (folder / "perccli64").chmod(0o755)
    status, answer, _ = run_with(tmp_path, MEGARAID, {})
    assert status == 0
    assert json.loads(answer)["Controllers"]
    places = BY_NAME["megaraid"].path.split(" ")
    assert "/opt/MegaRAID/perccli/perccli64" in places
    assert "/usr/sbin/storcli64" in places


@pytest.mark.parametrize(
    ("command", "program"), [(MEGARAID, "storcli64"), (MEGACLI, "MegaCli"), (SMART_ARRAY, "hpssacli")]
)
def test_another_account_than_root_starts_no_program(tmp_path: Path, command: str, program: str) -> None:
    text = f"echo started > {tmp_path / 'started'}"
    status, answer, complaint = run_with(tmp_path, command, {program: text}, uid=1000)
    assert (status, answer, complaint) == (1, "", f"{program}: only root may ask it\n")
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize("command", [MEGARAID, MEGACLI, SMART_ARRAY])
def test_a_host_without_a_program_answers_nothing(tmp_path: Path, command: str) -> None:
    assert run_with(tmp_path, command, {}, uid=1000) == (0, "", "")


def test_megacli_is_asked_where_there_is_none_of_its_successors(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    program = f'echo "$@" >> {asked}; {printing("megacli")}'
    status, answer, _ = run_with(tmp_path, MEGACLI, {"MegaCli64": program})
    assert status == 0
    assert parse_megacli(answer).arrays
    assert asked.read_text().splitlines() == [
        "-AdpAllInfo -aALL -NoLog",
        "-LDInfo -Lall -aALL -NoLog",
        "-PDList -aALL -NoLog",
        "-AdpBbuCmd -GetBbuStatus -aALL -NoLog",
    ]
    assert run_with(tmp_path, MEGACLI, {"MegaCli64": program, "perccli": "exit 1"}) == (0, "", "")
    none = f"echo asked >> {asked}; {printing('megacli_none')}"
    (tmp_path / "perccli").unlink()
    assert run_with(tmp_path, MEGACLI, {"MegaCli64": none})[0] == 0
    assert asked.read_text().count("asked") == 1


def test_hpes_programs_are_asked_in_turn(tmp_path: Path) -> None:
    programs = {"ssacli": printing("ssacli_none"), "hpacucli": printing("hpacucli_p410")}
    status, answer, _ = run_with(tmp_path, SMART_ARRAY, programs)
    assert status == 0
    assert parse_smart_array(answer).arrays
