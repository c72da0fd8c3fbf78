"""Units, processes, journal, updates and restarts of a Linux host."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.errors import ParseError
from collectors.facts.host import (
    FailedUnit,
    JournalErrors,
    Processes,
    Quota,
    Reboot,
    Updates,
)
from collectors.messages import N_

_UNIT = re.compile(
    r"[●*×x]?\s*(?P<unit>\S+\.(?:service|socket|mount|automount|timer|target|path|scope|slice|swap|device))"
    r"\s+(?P<load>\S+)\s+(?P<active>\S+)\s+(?P<sub>\S+)(?:\s+(?P<description>.*))?"
)
# pid (name) state parent and numbers to the line's end; the name may hold ") S 1" and ends of lines.
_STAT = re.compile(r"(?ms)^(\d+) \((.{0,80}?)\) ([A-Za-z]) (\d+)(?: -?\d+)* ?$")

_KERNEL = re.compile(r"(?:<\d+>)?\[\s*(\d{1,12}\.\d+)\] ")
_DAY_S = 86400


def parse_failed_units(output: str) -> tuple[FailedUnit, ...]:
    """Parse ``systemctl --failed --plain --no-legend``, or the same with legend and bullets.

    Raises:
        ParseError: a row of another form.
    Source: systemctl(1): unit, load, active, sub, description.
    """
    units: list[FailedUnit] = []
    for number, line in enumerate(output.splitlines(), 1):
        text = line.strip()
        if not text or text.startswith(("UNIT ", "LOAD ", "ACTIVE ", "SUB ", "To show all")):
            continue
        if re.match(r"\d+ loaded units listed", text):
            break
        match = _UNIT.match(text)
        if match is None:
            raise ParseError(N_("expected unit, load, active and sub state"), number)
        if match["active"] == "failed":
            units.append(FailedUnit(match["unit"], (match["description"] or "").strip()))
    return tuple(units)


def parse_processes(output: str) -> Processes:
    """Parse ``/proc/[pid]/stat``, or what ``ps -eo stat=,pid=,ppid=,comm=`` or BusyBox's
    ``ps -o stat,pid,ppid,comm`` made of it.

    Raises:
        ParseError: a row of another form, or no process at all.
    Source: ps(1), proc_pid_stat(5): Z is a zombie, D sleeps uninterruptibly.
    """
    total, blocked = 0, 0
    zombies: list[str] = []
    for state, pid, parent, name in _rows_of_stat(output) or _rows_of_ps(output):
        total += 1
        if state.startswith("Z"):
            zombies.append(f"{name} (pid {pid}, parent {parent})")
        blocked += state.startswith("D")
    if not total:
        raise ParseError(N_("no process at all"))
    return Processes(total, tuple(zombies), blocked)


def _rows_of_stat(output: str) -> list[tuple[str, str, str, str]]:
    """State, pid, parent, name."""
    return [(match[3], match[1], match[4], match[2].replace("\n", " ")) for match in _STAT.finditer(output)]


def _rows_of_ps(output: str) -> Iterator[tuple[str, str, str, str]]:
    for number, line in enumerate(output.splitlines(), 1):
        words = line.split(None, 3)
        if not words or words[0] == "STAT":
            continue
        if len(words) < 3 or not words[1].isdigit() or not words[2].isdigit():
            raise ParseError(N_("expected state, pid, parent and name"), number)
        name = words[3].removesuffix(" <defunct>") if len(words) > 3 else "?"
        yield words[0], words[1], words[2], name


def parse_file_nr(output: str) -> Quota:
    """Allocated minus free handles, and the maximum, of ``/proc/sys/fs/file-nr`` (proc_sys_fs(5))."""
    try:
        allocated, free, maximum = (int(word) for word in output.split())
    except ValueError as error:
        raise ParseError(N_("expected three numbers")) from error
    if maximum <= 0:
        raise ParseError(N_("the maximum is not positive"))
    return Quota(allocated - free, maximum)


def parse_conntrack(output: str) -> Quota:
    """``nf_conntrack_count`` and ``nf_conntrack_max``, a line each (nf_conntrack-sysctl)."""
    try:
        used, maximum = (int(word) for word in output.split())
    except ValueError as error:
        raise ParseError(N_("expected two numbers")) from error
    if maximum <= 0:
        raise ParseError(N_("the maximum is not positive"))
    return Quota(used, maximum)


def parse_journal_errors(output: str, *, limit: int = 300) -> JournalErrors:
    """Parse ``journalctl -p err -o short-iso -n 300``; rows start with an ISO time.

    Continuation lines of one message are not counted.
    """
    rows = [line for line in output.splitlines() if re.match(r"\d{4}-\d\d-\d\dT", line)]
    samples = tuple(line[:200] for line in rows[-5:])
    return JournalErrors(len(rows), len(rows) >= limit, samples)


def parse_dmesg(output: str, uptime_s: float) -> JournalErrors:
    """What the kernel said at error level and above within 24 hours: ``dmesg -l …`` or rows of ``dmesg -r``.

    Source: dmesg(1): rows begin with the seconds since the start, those of ``-r`` with the level before.
    """
    rows = []
    for line in output.splitlines():
        match = _KERNEL.match(line)
        if match is not None and uptime_s - float(match[1]) <= _DAY_S:
            rows.append(line)
    return JournalErrors(len(rows), False, tuple(line[:200] for line in rows[-5:]))


def parse_apt_updates(output: str) -> Updates:
    """Count the ``Inst`` rows of ``apt-get -s upgrade``; the archive's name tells security ones.

    Raises:
        ParseError: the summary line is missing, so the simulation did not finish.
    Source: apt-get(8), "--simulate".
    """
    if not re.search(r"^\d+ upgraded", output, re.M):
        raise ParseError(N_("apt-get's summary line is missing"))
    rows = [line for line in output.splitlines() if line.startswith("Inst ")]
    return Updates(len(rows), sum("security" in line.lower() for line in rows))


def parse_reboot(output: str) -> Reboot:
    """The running release, then the flag files and kernels that exist.

    A restart is due when a flag file of update-notifier (Debian) or zypper (SUSE) is there, or a newer
    kernel of the same flavour is installed than the one running.
    Raises:
        ParseError: no release in the first line.
    """
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if not lines or lines[0].startswith("/"):
        raise ParseError(N_("expected the running kernel's release first"), 1)
    running = lines[0]
    flag = any(line.endswith(("/reboot-required", "/reboot-needed")) for line in lines[1:])
    kernels = [line.rsplit("/", 1)[1] for line in lines[1:] if line.startswith("/lib/modules/")]
    alike = [kernel for kernel in kernels if _flavour(kernel) == _flavour(running)]
    newest = max(alike, key=_version, default="")
    newer = bool(newest) and running in alike and _version(newest) > _version(running)
    return Reboot(flag or newer, running, newest)


def _version(release: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", release.split("-", 1)[0] + "-" + release)[:12])


def _flavour(release: str) -> str:
    """What is left of a release without its numbers: "-generic", ".el.x_", "-amd"."""
    return re.sub(r"[\d.+~-]+", "-", release)
