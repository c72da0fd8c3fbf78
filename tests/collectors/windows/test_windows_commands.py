"""Commands that people add for Windows hosts: what is let through, and that it is asked and judged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import runner
from collectors.model import Levels, OwnCheck, SshAccess, Target, Visit
from collectors.outcome import Outcome
from collectors.own import command_lines, refuse_command
from collectors.platforms.cli_guard import CommandRefusedError
from collectors.platforms.sections import Section
from collectors.platforms.windows_guard import WINDOWS
from collectors.platforms.windows_script import SECTIONS, build_script
from collectors.simulator.linux_host import Answer
from collectors.simulator.ssh_server import SshServer
from collectors.simulator.windows_host import SimulatedWindows

READS = (
    "Get-Service",
    "Get-Service W32Time",
    "Get-Service -Name MSSQL* | Select-Object Name,Status",
    "get-service -name Spooler | where-object Status -eq 'Running' | measure-object",
    "Get-Process -Name sqlservr | Select-Object Name,Id,WorkingSet64 | ConvertTo-Json -Compress",
    "Get-CimInstance Win32_LogicalDisk -Filter 'DriveType=3' | Select-Object DeviceID,FreeSpace",
    "Get-CimInstance -ClassName Win32_OperatingSystem | Select-Object FreePhysicalMemory",
    r"Get-Counter -Counter '\Processor(_Total)\% Processor Time' -MaxSamples 1",
    "Get-WinEvent -LogName 'Windows PowerShell' -MaxEvents 20 | Select-Object Id,LevelDisplayName",
    "Get-NetTCPConnection -State Listen -LocalPort 443 | Measure-Object",
    r"Get-ChildItem Cert:\LocalMachine\My | Select-Object Subject,NotAfter",
    r"Get-ChildItem -Path 'D:\Backup Sets' -Filter *.bak | Select-Object Name,Length -Last 5",
    r"Get-ScheduledTaskInfo -TaskName Backup -TaskPath \Ops\ | Select-Object LastTaskResult",
    "Get-VMReplication | Select-Object -Property Name,State,Health",
    "Get-Service | Where-Object Status -ne Running | Measure-Object -Property Name",
)
REFUSED = {
    "Stop-Service Spooler": "reading cmdlets",
    "Get-Content C:\\secret.txt": "reading cmdlets",
    "Get-Credential": "reading cmdlets",
    "Get-Process | Stop-Process": "Rows are passed on",
    "Get-Process | ForEach-Object Kill": "Rows are passed on",
    "Get-Process | Out-File C:\\x": "Rows are passed on",
    "Get-Process | Select-Object Name,CommandLine": "secrets",
    "Get-Process | Select-Object *": "Name each property",
    "Get-Process | ConvertTo-Json": "Choose the properties",
    "Get-Process | Select-Object -ExpandProperty Threads | ConvertTo-Json": "Choose the properties",
    "Get-Process | Select-Object -First 5 | ConvertTo-Json": "Choose the properties",
    "Get-Process -ComputerName other": "may not be asked with",
    "Get-Process -Name a -Name b": "may not be asked with",
    "Get-Process -FileVersionInfo x": "may not be asked with",
    "Get-Service -Name": "needs a value",
    "Get-Service -Name -DisplayName": "needs a value",
    "Get-Service a b": "plain words",
    "Get-CimInstance Win32_Process": "This class",
    "Get-CimInstance Win32_Product": "This class",
    "Get-CimInstance": "This class",
    "Get-WinEvent -LogName System": "how many rows",
    "Get-WinEvent -LogName System -MaxEvents 99999": "how many rows",
    "Get-EventLog -LogName System -Newest 0": "how many rows",
    "Get-ChildItem Env:": "whole path",
    "Get-ChildItem HKLM:\\SAM": "whole path",
    "Get-ChildItem": "whole path",
    "Get-ChildItem \\\\other\\share": "plain words",
    "Get-ChildItem '\\\\other\\share'": "secrets",
    "Get-ChildItem C:\\Windows\\..\\x": "go up",
    "Get-ChildItem C:\\Users\\a\\.ssh": "secrets",
    "Get-Counter '\\\\other\\Memory\\Available'": "secrets",
    "Get-Service | Where-Object { $_.Status }": "plain words",
    "Get-Service | Where-Object Status -match 'a.*'": "one comparison",
    "Get-Service | Where-Object Status": "one comparison",
    "Get-Service; Stop-Service x": "plain words",
    "Get-Service & calc": "plain words",
    "Get-Service > C:\\x": "plain words",
    "Get-Service $env:X": "plain words",
    "Get-Service (Stop-Service x)": "plain words",
    'Get-Service "x"': "plain words",
    "Get-Service 'a''; Stop-Service x; ''b'": "plain words",
    "Get-Service `x": "plain words",
    "Get-Service --% x": "plain words",
    "Get-Service x\nStop-Service x": "plain words",
    "Get-Service  x": "plain words",
    "Get-Service |": "plain words",
    "| Get-Service": "plain words",
    "": "plain words",
    "Get-Service \u2018x\u2019; calc": "plain words",
    "Get-Service \uff0dName x": "plain words",
    "gps": "reading cmdlets",
    "Get-Service " + "x" * 200: "longer",
}


@pytest.mark.parametrize("command", READS)
def test_these_are_asked(command: str) -> None:
    assert WINDOWS.refusal(command) == ""
    assert refuse_command(command, ["windows"]) == ""


@pytest.mark.parametrize("command", REFUSED)
def test_these_are_refused_with_the_reason(command: str) -> None:
    assert REFUSED[command] in WINDOWS.refusal(command)
    assert REFUSED[command] in refuse_command(command, ["windows"])
    with pytest.raises(CommandRefusedError):
        WINDOWS.require(command)


def test_windows_is_offered_beside_the_other_kinds() -> None:
    assert {"aix", "linux", "windows"} <= set(command_lines())
    assert refuse_command("Get-Service", ["linux"])


@given(st.text(alphabet=st.sampled_from("GetServicNam -|;&<>$`'\"\\*?[]{}()!~#\n\t=:%@,."), max_size=60))
def test_nothing_that_powershell_takes_as_its_own_is_let_through(text: str) -> None:
    for command in (f"Get-Service {text}", f"Get-Service | Select-Object {text}", text):
        if WINDOWS.permits(command):
            outside = "".join(command.split("'")[::2])
            assert command.count("'") % 2 == 0
            assert not set(command) & set(';&$`"{}\n\t#')
            assert not set(outside) & set("<>()[]!~@%=")


def own(name: str, question: str, pattern: str, **more: object) -> OwnCheck:
    return OwnCheck(name, name, "command", question, ("windows",), pattern=pattern, **more)  # type: ignore[arg-type]  # by name


def visited(host: SimulatedWindows, *checks: OwnCheck, only_own: bool = False) -> Visit:
    with SshServer(host=host) as server:
        access = SshAccess(
            port=server.port, user="inspector", password="inspect-me", host_keys=(server.host_key_line,)
        )
        target = Target("w", "127.0.0.1", (access,), own_checks=checks, only_own=only_own, deadline_s=20)
        return runner.visit(target)


SPOOLER = own(
    "own:1", "Get-Service Spooler | Select-Object Status", r"(?P<value>Running|Stopped)",
    states=(("running", "ok"), ("stopped", "critical")),
)  # fmt: skip
FILES = own(
    "own:2", r"Get-ChildItem D:\Backup | Select-Object Name,Length", r"(?P<item>\S+\.bak)\s+(?P<value>\d+)",
    levels=Levels(critical_lower=10),
)  # fmt: skip
STOP = own("own:3", "Stop-Service Spooler", r"(?P<value>.*)")


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_host_is_asked_in_the_same_program_and_answers_are_judged(encoding: str) -> None:
    table = "\r\nName       Length\r\n----       ------\r\n名称.bak   4096\r\nsmall.bak  3\r\n\r\n"
    answers = {"own_0": Answer("\r\nStatus\r\n------\r\nStopped\r\n"), "own_1": Answer(table)}
    host = SimulatedWindows(overrides=answers)
    host.encoding = encoding
    found = visited(host, SPOOLER, FILES, STOP)
    mine = {(one.check, one.item): one.outcome for one in found.findings if one.check.startswith("own:")}
    assert mine == {
        ("own:1", ""): Outcome.CRITICAL, ("own:2", "名称.bak"): Outcome.OK,
        ("own:2", "small.bak"): Outcome.CRITICAL, ("own:3", ""): Outcome.NOT_INSPECTED,
    }  # fmt: skip
    assert "Stop-Service" not in " ".join(one.question for one in found.transcript.exchanges)
    assert found.facts.identity.name == "WIN-APP01"


def test_a_trial_asks_nothing_else_and_a_complaint_is_said() -> None:
    refused = Answer(status="1", stderr="Cannot find any service with service name 'Spooler'.")
    found = visited(SimulatedWindows(overrides={"own_0": refused}), SPOOLER, only_own=True)
    assert [one.question for one in found.transcript.exchanges][1:] == [SPOOLER.question]
    (mine,) = (one for one in found.findings if one.check == "own:1")
    assert mine.outcome is Outcome.UNSUPPORTED
    assert "Cannot find any service" in str(mine.message)


def test_what_people_added_is_text_that_cannot_break_the_program() -> None:
    added = Section("own_0", "Get-Service 'W32 Time' | Select-Object Status", "Get-Service")
    script = build_script("MARK", [SECTIONS[0], added])
    assert "\ns 'os' {" in script
    assert "\nw 'own_0' 'Get-Service ''W32 Time'' | Select-Object Status'\n" in script
    assert "[scriptblock]::Create($b)" in script
