"""SSH visits of Linux hosts beside the public tools that ask such hosts, over the same OpenSSH server.

The asked hosts share this machine's cores with whoever asks, so hosts a second are bounded by them; CPU
counts the asking side alone. Figures of the tools include their start; what each asks stands beside it.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import hosts, ssh_tools
from collectors import runner
from collectors.model import SshAccess, Target
from collectors.outcome import Outcome
from collectors.platforms.linux_commands import BY_NAME
from collectors.platforms.sections import Section
from collectors.transports import TransportResult, ssh

HOSTS = 50


def _transport(target: Target) -> TransportResult:
    access = target.accesses[0]
    assert isinstance(access, SshAccess)
    return ssh.visit(target, access, deadline=time.monotonic() + 60)


def _whole(target: Target) -> TransportResult:
    transcript = runner.visit(target).transcript
    return TransportResult(transcript.exchanges, transcript.outcome, transcript.error)


def _median(
    targets: Sequence[Target], visit: Callable[[Target], TransportResult], threads: int = ssh_tools.THREADS
) -> tuple[float, float, list[TransportResult]]:
    """CPU and wall time of the middle one of three times; the answers of all three."""
    times = [_ask(targets, visit, threads) for _ in range(3)]
    cpu_s, wall_s = statistics.median(one[0] for one in times), statistics.median(one[1] for one in times)
    return cpu_s, wall_s, [result for one in times for result in one[2]]


def _ask(
    targets: Sequence[Target], visit: Callable[[Target], TransportResult], threads: int = ssh_tools.THREADS
) -> tuple[float, float, list[TransportResult]]:
    """CPU and wall time of asking all of them, in seconds."""
    cpu, wall = time.process_time(), time.monotonic()
    with ThreadPoolExecutor(threads) as pool:
        results = list(pool.map(visit, targets))
    return time.process_time() - cpu, time.monotonic() - wall, results


def _without_packages() -> ssh.Script:
    """The script without its question for package updates.

    That one simulates an upgrade, which takes a host a second of CPU. All hosts here are this machine,
    and no other tool asks it.
    """
    sections = [section for section in ssh.POSIX.sections if not section.name.endswith("_updates")]
    return replace(ssh.POSIX, sections=sections)


# What Ansible's setup gathers of a host, too; it gathers more of other things (environment, keys, packages).
_AS_SETUP = (
    *("os_release", "hostname", "uname", "uptime", "meminfo", "loadavg", "mounts", "df", "df_inodes"),
    *("sys_net", "ip_addr", "dmi", "device_tree", "lsblk", "date"),
)


def _as_setup() -> ssh.Script:
    """Our questions about what Ansible's setup gathers."""
    return replace(ssh.POSIX, sections=[BY_NAME[name] for name in _AS_SETUP])


def _same_as_theirs() -> ssh.Script:
    """The commands that nornir is given, and no others: as much work for the hosts as theirs."""
    # What only reads /proc gets no time limit, as in our own table.
    sections = [
        Section(f"same_{number}", command, timeout_s=0 if command.startswith("cat ") else 10)
        for number, command in enumerate(ssh_tools.COMMANDS)
    ]
    return replace(ssh.POSIX, sections=sections)


@dataclass(frozen=True, slots=True)
class _Timed:
    """What was asked, and the middle one of three times of all hosts, in seconds."""

    what: str
    cpu_s: float
    wall_s: float

    @property
    def figures(self) -> str:
        return f"{1000 * self.cpu_s / HOSTS:.1f} ms, {HOSTS / self.wall_s:.1f} hosts/s"


def _timed(targets: Sequence[Target], script: ssh.Script, what: str, threads: int) -> _Timed:
    ssh.POSIX = script
    cpu_s, wall_s, _ = _median(targets, _transport, threads)
    return _Timed(what.format(len(script.sections)), cpu_s, wall_s)


def _with_packages(targets: Sequence[Target]) -> Iterator[tuple[str, str, str, str]]:
    cpu_s, wall_s, results = _ask(targets, _transport)
    ours = f"{1000 * cpu_s / len(targets):.1f} ms, {len(targets) / wall_s:.1f} hosts/s"
    asked = f"{len(results[0].exchanges)} commands, package updates included"
    yield f"visit of {len(targets)} hosts, {asked}", ours, "the hosts are the limit", ""


def measure(_arguments: Sequence[str] = ()) -> Iterator[tuple[str, str, str, str]]:
    """Rows of the table."""
    with hosts.running(HOSTS) as found:
        if found is None:
            yield "missing", "", "an OpenSSH server (apt-get install openssh-server)", ""
            return
        targets = found.targets()
        _ask(targets[:2], _whole)  # imports
        everything, ssh.POSIX = ssh.POSIX, _without_packages()
        cpu_s, wall_s, results = _median(targets, _transport)
        failed = [one for one in results if one.outcome is not Outcome.OK]
        if failed:
            raise SystemExit(f"{len(failed)} of {len(results)} visits failed: {failed[0].error}")
        asked = f"{len(results[0].exchanges)} commands"
        ours = f"{1000 * cpu_s / HOSTS:.1f} ms, {HOSTS / wall_s:.1f} hosts/s"
        yield f"visit of {HOSTS} hosts, {asked}: CPU a host", ours, "budget 6 ms", ""
        whole_cpu_s, whole_wall_s, _ = _median(targets, _whole)
        whole = f"{1000 * whole_cpu_s / HOSTS:.1f} ms, {HOSTS / whole_wall_s:.1f} hosts/s"
        yield "the same, parsed and judged", whole, "", ""
        ssh.POSIX = everything
        yield from _with_packages(targets[:10])
        ran = [one.question for one in results[0].exchanges if one.outcome is Outcome.OK]
        for threads in (16, ssh_tools.THREADS, HOSTS):
            yield from _beside_tools(found, threads, ran)


def _beside_tools(
    found: hosts.Hosts, threads: int, ran: Sequence[str]
) -> Iterator[tuple[str, str, str, str]]:
    """Each tool with so many hosts at once: beside our whole visit, and with as little asked as it asks.

    Args:
        ran: what our whole visit ran on such a host; the rest it does not ask, as the host has none of it.
    """
    targets, everything, at_once = found.targets(), ssh.POSIX, f"{threads} at once"
    whole = _timed(targets, _without_packages(), f"our {{}} commands, {len(ran)} of which run here", threads)
    eight = _timed(targets, _same_as_theirs(), "the {} commands that nornir is given", threads)
    setup = _timed(targets, _as_setup(), "our {} questions about what Ansible's setup gathers", threads)
    ssh.POSIX = everything
    for tool in ssh_tools.TOOLS:
        with tempfile.TemporaryDirectory() as name:
            theirs = ssh_tools.measure(tool, found, Path(name), threads, ran)
        if theirs.missing:
            yield f"{tool.name}, {at_once}", "", f"missing: {theirs.missing}", ""
            continue
        beside = f"{tool.asks}: {1000 * theirs.cpu_s / HOSTS:.1f} ms, {HOSTS / theirs.wall_s:.1f} hosts/s"
        little = {"ansible-core": [setup]}.get(tool.name, [eight] if tool.commands else [])
        for ours in (whole, *little):
            ratio = f"CPU {ours.cpu_s / theirs.cpu_s:.2f}, wall {ours.wall_s / theirs.wall_s:.2f}"
            yield f"{tool.name}, {at_once}; {ours.what}", ours.figures, beside, ratio
