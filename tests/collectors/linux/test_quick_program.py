"""The quick part of a host's program: what it prints is what each question's own command prints.

Everything runs in the machine's own shell, with programs put before its own where one must fail.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from collectors.model import Exchange
from collectors.outcome import Outcome
from collectors.platforms import linux_script
from collectors.platforms.linux_commands import BY_NAME, SECTIONS
from collectors.platforms.linux_quick import prints, told_apart
from collectors.platforms.sections import Section

DATE = BY_NAME["date"]
SHELLS = [
    "dash",
    "bash",
    # Debian always has the two above; a machine without BusyBox cannot say how its shell reads.
    pytest.param(
        "busybox ash",
        marks=pytest.mark.skipif(
            shutil.which("busybox") is None, reason="the package busybox is not installed"
        ),
    ),
]


def run(sections: Sequence[Section], before: Path | None = None) -> dict[str, Exchange]:
    """Each section's exchange; programs in ``before`` come before the machine's own."""
    marker = linux_script.new_marker()
    script = linux_script.build_script(marker, sections)
    if before is not None:
        script = script.replace("PATH=", f"PATH={before}:", 1)
    done = subprocess.run(
        ["sh", "-c", 'eval "$(cat)"'], input=script.encode(), capture_output=True, timeout=120
    )
    exchanges, complete = linux_script.split_output(
        done.stdout, done.stderr, marker, transport="ssh", sections=sections
    )
    assert complete, done.stderr
    return {section.name: one for section, one in zip(sections, exchanges, strict=True)}


def put(folder: Path, name: str, text: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)


def printing(command: str, name: str = "some") -> Section:
    section = Section(name, command, quick=True)
    assert prints(section)
    return section


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    (folder / "if0").mkdir(parents=True)
    (folder / "if1").mkdir()
    (folder / "one").write_bytes(b"a: b\n\n  two:three \n\xff\xfe\n")
    (folder / "unended").write_bytes(b"no end")
    (folder / "empty").write_bytes(b"")
    (folder / "if0" / "mtu").write_bytes(b"1500\n\n")
    (folder / "if1" / "mtu").write_bytes(b"9000\n")
    (folder / "if1" / "a b;c$(d)").write_bytes(b"strange: name\n")
    return folder


@pytest.mark.parametrize(
    "command",
    [
        "cat {0}/one",
        "cat {0}/one {0}/if1/mtu",
        "cat {0}/unended",
        "cat {0}/empty",
        "cat {0}/none || cat {0}/if0/mtu || cat {0}/one",
        "grep -sH . {0}/if*/mtu {0}/if*/none",
        "grep -H . {0}/if*/*",
    ],
)
def test_a_file_is_printed_line_for_line_as_by_the_questions_own_command(files: Path, command: str) -> None:
    asked = command.format(files)
    own = subprocess.run(
        ["sh", "-c", asked], capture_output=True, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    )
    given = run([BY_NAME["uname"], printing(asked), DATE])["some"]
    assert given.answer.split(b"\n") == [*own.stdout.removesuffix(b"\n").split(b"\n")] + (
        [b""] if own.stdout else []
    )
    assert (given.outcome, given.exit_status) == (Outcome.OK, 0)


def test_files_that_cat_prints_by_a_pattern_are_printed_by_cat(files: Path) -> None:
    section = Section("some", f"cat {files}/if*/mtu", quick=True)
    assert not prints(section)
    assert run([BY_NAME["uname"], section, DATE])["some"].answer == b"1500\n\n9000\n"


def test_the_marker_is_put_in_no_commands_text(tmp_path: Path) -> None:
    (tmp_path / "@marker@").write_text("here\n")
    section = Section("some", f"cat {tmp_path}/@marker@")
    assert run([section, DATE])["some"].answer == b"here\n"


def test_what_cannot_be_read_is_said_of_the_question_that_asked(files: Path) -> None:
    there, gone = printing(f"cat {files}/one", "there"), printing(f"cat {files}/gone", "gone")
    found = run([BY_NAME["uname"], there, gone, DATE])
    assert (found["there"].exit_status, found["there"].stderr) == (0, b"")
    assert (found["gone"].exit_status, found["gone"].answer) == (1, b"")
    assert b"No such file" in found["gone"].stderr


def test_a_line_with_the_name_of_another_file_stays_in_its_own() -> None:
    one, other = printing("cat /proc/uptime", "one"), printing("grep -H . /sys/class/net/*/mtu", "other")
    text = b"/proc/uptime:/sys/class/net/lo/mtu:1\n/sys/class/net/lo/mtu:/proc/uptime:2\n"
    found = {name: answer for name, _status, answer, _said in told_apart([one, other], text, b"")}
    assert found == {
        "one": b"/sys/class/net/lo/mtu:1\n",
        "other": b"/sys/class/net/lo/mtu:/proc/uptime:2\n",
    }


def test_every_question_is_answered_as_when_each_is_asked_alone() -> None:
    moving = {"cpu", "uptime", "meminfo", "loadavg", "net_dev", "processes", "file_nr", "df", "df_inodes"}
    quick = [one for one in SECTIONS if one.quick and one.name not in moving | {"listening", "last", "who"}]
    together = run([*quick, DATE])
    alone = run([replace(one, quick=False) for one in (*quick, DATE)])
    for one in quick:
        ours, theirs = together[one.name], alone[one.name]
        assert (ours.outcome, ours.answer) == (theirs.outcome, theirs.answer), one.name
    assert any(exchange.answer for exchange in together.values())


@pytest.mark.parametrize("processors", [2, 17])
@pytest.mark.parametrize("shell", SHELLS)
def test_processors_are_told_twice_by_every_shell_however_many(
    tmp_path: Path, shell: str, processors: int
) -> None:
    for number in range(processors):
        (tmp_path / f"cpu{number}").mkdir()
    put(tmp_path, "grep", f'echo "$@" >> {tmp_path}/asked; exec /bin/grep "$@"')
    command = BY_NAME["cpu"].command.replace("/sys/devices/system/cpu", str(tmp_path))
    done = subprocess.run(
        [*shell.split(), "-c", f"PATH={tmp_path}:$PATH\n{command}"],
        capture_output=True,
        text=True,
        timeout=20,
    )
    told = [line.split()[0] for line in done.stdout.splitlines()]
    here = [line.split()[0] for line in Path("/proc/stat").read_text().splitlines() if line.startswith("cpu")]
    assert told == here * 2
    assert (tmp_path / "asked").exists() is (processors > 16)


@pytest.mark.parametrize("broken", ["grep", "sh", "timeout"])
def test_without_the_quick_part_each_is_asked_alone(tmp_path: Path, broken: str) -> None:
    """A system whose program of this name is of no use to it."""
    put(tmp_path, broken, "exit 127")
    sections = [BY_NAME[name] for name in ("uname", "uptime", "mounts", "df", "date")]
    found = run(sections, tmp_path)
    assert all(one.answer and one.exit_status == 0 for name, one in found.items() if name != "df")
    assert found["df"].answer or broken == "sh"  # its second form needs a shell


def test_a_question_that_hangs_costs_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linux_script, "QUICK_S", 1)
    put(tmp_path, "df", "echo half; exec sleep 300")
    hanging = replace(BY_NAME["df"], timeout_s=1)
    sections = [BY_NAME["uname"], BY_NAME["uptime"], hanging, BY_NAME["passwd"], DATE]
    began = time.monotonic()
    found = run(sections, tmp_path)
    assert time.monotonic() - began < 60  # not the 300 s of the program
    assert found["df"].outcome is Outcome.TIMEOUT
    assert found["df"].answer.count(b"half") == 1
    for name in ("uname", "uptime", "passwd", "date"):
        assert found[name].outcome is Outcome.OK, name
        assert found[name].answer, name
    assert b"half" not in found["passwd"].answer


def test_an_old_busybox_is_asked_alone_with_its_own_kind_of_limit(tmp_path: Path) -> None:
    """Before 1.30 its ``timeout`` took the seconds behind -t."""
    put(tmp_path, "timeout", f'[ "$1" = -t ] || exit 1; shift 2; echo "$*" >> {tmp_path}/asked; exec "$@"')
    found = run([BY_NAME["uname"], BY_NAME["uptime"], BY_NAME["who"], BY_NAME["ip_addr"], DATE], tmp_path)
    assert found["uptime"].answer
    assert found["who"].outcome is Outcome.OK
    assert "who" in (tmp_path / "asked").read_text().splitlines()


def test_a_server_that_nobody_runs_is_not_asked_for(tmp_path: Path) -> None:
    put(tmp_path, "ask", f"echo x >> {tmp_path}/asked")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        section = Section("redis", "ask", "ask", told=(f":{port} ",))
        sections = [BY_NAME["uname"], BY_NAME["listening"], section, DATE]
        assert run(sections, tmp_path)["redis"].outcome is Outcome.OK
    found = run(sections, tmp_path)["redis"]
    assert (found.outcome, found.error) == (Outcome.NOT_APPLICABLE, "Nothing of this runs on the host.")
    assert (tmp_path / "asked").read_text() == "x\n"
    put(tmp_path, "ss", "exit 1")
    put(tmp_path, "netstat", "exit 1")
    put(tmp_path, "sh", "exit 127")  # no quick answers: everything is asked for
    assert run(sections, tmp_path)["redis"].outcome is Outcome.OK


def test_of_several_places_one_is_enough(tmp_path: Path) -> None:
    section = Section("some", "echo asked", path=f"{tmp_path}/none {tmp_path}/*.sock")
    found = run([section, DATE])["some"]
    assert (found.outcome, found.error) == (Outcome.NOT_APPLICABLE, f"The host has no {tmp_path}/none.")
    (tmp_path / "a.sock").touch()
    (tmp_path / "b.sock").touch()
    assert run([section, DATE])["some"].answer == b"asked\n"


def test_included_settings_of_sshd_come_first_and_their_match_ends_with_their_file(tmp_path: Path) -> None:
    from collectors.facts.linux.security import parse_sshd

    folder = tmp_path / "ssh"
    (folder / "sshd_config.d").mkdir(parents=True)
    (folder / "sshd_config.d" / "10-x.conf").write_text(
        "PermitRootLogin yes\nMatch User a\nX11Forwarding yes"
    )
    (folder / "sshd_config.d" / "20-y.conf").write_text("MaxAuthTries 3\n")
    configuration = folder / "sshd_config"
    configuration.write_text("Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\nX11Forwarding no\n")
    put(tmp_path, "sshd", "exit 1")
    asked = replace(BY_NAME["sshd"], command=BY_NAME["sshd"].command.replace("/etc/ssh", str(folder)))
    settings = parse_sshd(run([asked, DATE], tmp_path)["sshd"].answer.decode())
    assert (settings.values["permitrootlogin"], settings.values["x11forwarding"]) == ("yes", "no")
    assert settings.values["maxauthtries"] == "3"
    configuration.write_text("PermitRootLogin no\n")  # includes nothing
    settings = parse_sshd(run([asked, DATE], tmp_path)["sshd"].answer.decode())
    assert settings.values == {"permitrootlogin": "no"}


def test_the_first_certificate_of_each_file_and_no_key(tmp_path: Path) -> None:
    def block(kind: str, text: str) -> str:
        return f"-----BEGIN {kind}-----\n{text}\n-----END {kind}-----\n"

    (tmp_path / "a.pem").write_text(block("PRIVATE KEY", "secret") + block("CERTIFICATE", "one"))
    (tmp_path / "b.pem").write_text(block("CERTIFICATE", "two") + block("CERTIFICATE", "chain"))
    (tmp_path / "c.pem").write_text("nothing\n")
    (tmp_path / "d.pem").mkdir()
    section = BY_NAME["certificates"]
    asked = replace(section, command=section.command.replace("/etc/ssl/*.pem", f"{tmp_path}/*.pem"))
    text = run([asked, DATE])["certificates"].answer.decode()
    assert f"file: {tmp_path}/a.pem\n" + block("CERTIFICATE", "one") in text
    assert f"file: {tmp_path}/b.pem\n" + block("CERTIFICATE", "two") + f"file: {tmp_path}/c.pem\n" in text
    assert "secret" not in text
    assert "chain" not in text


def test_colours_that_an_account_wants_of_grep_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before 3.6 grep took options from the environment, and some accounts still set colours there."""
    monkeypatch.setenv("GREP_OPTIONS", "--color=always")
    monkeypatch.setenv("GREP_COLORS", "fn=31")
    found = run([BY_NAME["uname"], BY_NAME["uptime"], DATE])
    assert (found["uptime"].stderr, b"\x1b" in found["uptime"].answer) == (b"", False)
    program = linux_script.build_script("==x==", [Section("all", "env")])
    done = subprocess.run(["sh", "-c", program], capture_output=True, text=True)
    assert "PATH=" in done.stdout
    assert "GREP" not in done.stdout
