"""Identity, load, memory, processes and the error log of an AIX host. Pure parsers."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from collectors.errors import ParseError
from collectors.facts.host import JournalErrors, Load, Processes
from collectors.messages import N_
from collectors.model import MemoryPool, Processor

PAGE = 4096  # bytes; vmstat counts in these whatever the page sizes in use
_SAMPLES = 5


def parse_oslevel(output: str) -> str:
    """``oslevel -s``: "7200-05-03-2148" (version, technology level, service pack, week).

    Raises:
        ParseError: no level.
    """
    match = re.search(r"^\s*(\d{4}-\d{2}-\d{2}-\d{4}|\d\.\d\.\d\.\d+)\s*$", output, re.M)
    if match is None:
        raise ParseError(N_("expected a level such as 7200-05-03-2148"))
    return match[1]


def parse_name(output: str) -> str:
    """``hostname``: one word."""
    words = output.split()
    if len(words) != 1:
        raise ParseError(N_("expected one name"))
    return words[0]


def parse_model(output: str) -> tuple[str, str]:
    """``uname -M``: vendor and machine type with model of "IBM,8286-42A"."""
    vendor, comma, model = output.strip().partition(",")
    if not comma or not model or "\n" in output.strip():
        raise ParseError(N_("expected vendor and model"))
    return vendor, model


def parse_serial(output: str) -> str:
    """``uname -u``: the serial number of "IBM,0221A1B2C"; two digits of the plant stand before it."""
    match = re.fullmatch(r"\s*\w+,\d{2}(\w+)\s*", output)
    if match is None:
        raise ParseError(N_("expected vendor and serial number"))
    return match[1]


def parse_uptime(output: str) -> float:
    """``uptime``: seconds of "up 17 days, 2:14" or "up 5 mins" or "up 3 hrs".

    Raises:
        ParseError: no such words.
    """
    match = re.search(r"\bup\s+(?:(\d+)\s+days?,?\s*)?(?:(\d+):(\d{2})|(\d+)\s*mins?|(\d+)\s*hrs?)?", output)
    if match is None or not any(match.groups()):
        raise ParseError(N_("expected 'up' and a time"))
    days, hours, minutes, alone, whole = (int(found or 0) for found in match.groups())
    return float(days * 86400 + (hours + whole) * 3600 + (minutes + alone) * 60)


def parse_load(output: str) -> Load:
    """``uptime``: the three averages at its end."""
    match = re.search(r"load average:\s*([\d.]+),\s*([\d.]+),\s*([\d.]+)", output)
    if match is None:
        raise ParseError(N_("expected load averages"))
    try:
        return Load(float(match[1]), float(match[2]), float(match[3]))
    except ValueError as error:
        raise ParseError(N_("expected load averages")) from error


def parse_vmstat(output: str) -> tuple[Processor, int | None]:
    """``vmstat 1 2``: the second sample's share of user and system time, and the logical processors.

    Time that waits for disks counts as idle. The columns "us sy id wa" are found by their heading, since
    shared partitions have two more (physical processors and share of entitlement).
    Raises:
        ParseError: no heading, or no row below it.
    """
    lines = [line.split() for line in output.splitlines() if line.strip()]
    heads = [number for number, words in enumerate(lines) if {"us", "id", "wa"} <= set(words)]
    rows = [words for words in lines[heads[-1] + 1 :] if len(words) == len(lines[heads[-1]])] if heads else []
    if not rows:
        raise ParseError(N_("expected vmstat's heading and a sample"))
    at = lines[heads[-1]].index("us")
    try:
        user, system = (float(rows[-1][place]) for place in (at, at + 1))
    except ValueError as error:
        raise ParseError(N_("expected numbers")) from error
    if not 0 <= user + system <= 100.5:
        raise ParseError(N_("the shares of processor time are not shares"))
    count = re.search(r"\blcpu=(\d{1,5})\b", output)
    return Processor("CPU", min(100.0, user + system)), int(count[1]) if count else None


def parse_memory(output: str) -> MemoryPool:
    """``vmstat -v``: what programs hold. Pages of files are given back when they are needed.

    Raises:
        ParseError: a count is missing, or they contradict each other.
    """
    pages = {
        name: int(number) for number, name in re.findall(r"^\s*(\d{1,15})\s+([a-z ]+?)\s*$", output, re.M)
    }
    try:
        total, free, files = (pages[name] for name in ("memory pages", "free pages", "file pages"))
    except KeyError as error:
        raise ParseError(N_("expected memory, free and file pages")) from error
    used = total - free - files
    if total <= 0 or used < 0:
        raise ParseError(N_("the page counts contradict each other"))
    return MemoryPool("memory", round(100 * used / total, 1), total * PAGE, used * PAGE)


def parse_paging(output: str) -> MemoryPool:
    """``lsps -s``: "Total Paging Space   Percent Used" and "4096MB  2%".

    Raises:
        ParseError: no such row.
    """
    match = re.search(r"^\s*(\d{1,9})MB\s+(\d{1,3})%", output, re.M)
    if match is None:
        raise ParseError(N_("expected size and share of the paging space"))
    total, percent = int(match[1]) * 1024**2, int(match[2])
    return MemoryPool("swap", float(percent), total, total * percent // 100)


def parse_processes(output: str) -> Processes:
    """``ps -e -o pid,ppid,comm``; a process that ended and was not collected is called "<defunct>".

    Raises:
        ParseError: no heading or no row.
    """
    rows = [line.split(None, 2) for line in output.splitlines()[1:] if line.strip()]
    if not output.lstrip().startswith("PID") or not rows:
        raise ParseError(N_("expected ps' heading and rows"))
    dead = [row for row in rows if len(row) == 3 and row[2].strip() == "<defunct>"]
    return Processes(len(rows), tuple(f"<defunct> (pid {row[0]}, parent {row[1]})" for row in dead))


_ENTRY = re.compile(
    r"(?P<id>[0-9A-F]{8})\s+(?P<at>\d{10})\s+(?P<type>[PTIU])\s+(?P<class>[HSOU])\s+(?P<text>\S.*)"
)


def parse_errors(output: str) -> JournalErrors:
    """The device's time, then ``errpt``: permanent and unknown errors of the last 24 hours.

    Temporary ones were mended by the system itself, and information is none. Times are MMDDhhmmYY.
    Raises:
        ParseError: no time, or a line that is no entry.
    """
    lines = [line for line in output.splitlines() if line.strip()]
    now = _moment(lines[0].strip(), 1) if lines else None
    if now is None:
        raise ParseError(N_("expected the device's time"))
    found: list[str] = []
    entries = 0
    for number, line in enumerate(lines[1:], 2):
        if line.startswith("IDENTIFIER"):
            continue
        match = _ENTRY.match(line)
        if match is None:
            raise ParseError(N_("expected an entry of the error log"), number)
        entries += 1
        if match["type"] in "PU" and _moment(match["at"], number) > now - timedelta(hours=24):
            found.append(f"{match['id']} {match['class']} {' '.join(match['text'].split())}")
    return JournalErrors(len(found), entries >= 499, tuple(found[:_SAMPLES]))


def _moment(text: str, number: int) -> datetime:
    try:
        return datetime.strptime(text, "%m%d%H%M%y")  # noqa: DTZ007 - both are the device's own time
    except ValueError as error:
        raise ParseError(N_("expected a time as MMDDhhmmYY"), number) from error
