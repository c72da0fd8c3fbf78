"""Identity, uptime, load and processor use of a Linux host."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from collectors.errors import ParseError
from collectors.facts.host import Load
from collectors.messages import N_
from collectors.model import Processor


@dataclass(frozen=True, slots=True)
class OsRelease:
    id: str
    name: str
    version: str
    pretty_name: str


def parse_os_release(output: str) -> OsRelease:
    """Parse ``/etc/os-release``, or the one line of ``/etc/redhat-release`` and its kin.

    Raises:
        ParseError: neither form.
    Source: os-release(5).
    """
    values: dict[str, str] = {}
    for line in output.splitlines():
        name, separator, value = line.strip().partition("=")
        if separator and re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
            try:
                values[name] = " ".join(shlex.split(value))
            except ValueError:  # an unbalanced quote: keep what is there
                values[name] = value.strip("\"'")
    if values.get("NAME") or values.get("PRETTY_NAME"):
        name = values.get("NAME") or values["PRETTY_NAME"]
        version = values.get("VERSION") or values.get("VERSION_ID", "")
        return OsRelease(
            values.get("ID", "linux"), name, version, values.get("PRETTY_NAME") or f"{name} {version}".strip()
        )
    first = next((line.strip() for line in output.splitlines() if line.strip()), "")
    match = re.match(r"(?P<name>[^=]+?)(?: release)? (?P<version>\d[\w.]*)", first)
    if match is None:
        raise ParseError(N_("expected os-release rows or a line like 'CentOS release 6.10 (Final)'"))
    return OsRelease(match["name"].split()[0].lower(), match["name"], match["version"], first)


def parse_hostname(output: str) -> str:
    """The one word of ``/proc/sys/kernel/hostname`` or ``hostname``."""
    words = output.split()
    if len(words) != 1:
        raise ParseError(N_("expected one word"))
    return words[0]


def parse_uname(output: str) -> tuple[str, str, str]:
    """Kernel name, release and machine of ``uname -srm`` or ``uname -a``.

    Raises:
        ParseError: fewer than three words.
    """
    words = output.split()
    if len(words) < 3:
        raise ParseError(N_("expected kernel name, release and machine"))
    if len(words) == 3:
        return words[0], words[1], words[2]
    known = re.compile(
        r"(x86_64|i[3-6]86|aarch64|arm\w+|ppc64\w*|s390x?|mips\w*|riscv64|loongarch64|sw_64)\Z"
    )
    machine = next((word for word in words[3:] if known.match(word)), "")
    return words[0], words[2], machine


def parse_uptime(output: str) -> float:
    """Seconds since boot: the first number of ``/proc/uptime`` (proc_uptime(5))."""
    try:
        seconds = float(output.split()[0])
    except (IndexError, ValueError) as error:
        raise ParseError(N_("expected two numbers of seconds")) from error
    if seconds < 0:
        raise ParseError(N_("negative uptime"))
    return seconds


def parse_loadavg(output: str) -> Load:
    """The three averages of ``/proc/loadavg`` (proc_loadavg(5)); ``cores`` is not in it."""
    try:
        one, five, fifteen = (float(word) for word in output.split()[:3])
    except ValueError as error:
        raise ParseError(N_("expected three averages")) from error
    return Load(one, five, fifteen)


def parse_cpu_samples(output: str) -> tuple[Processor, ...]:
    """Use of each processor between two copies of the ``cpu…`` rows of ``/proc/stat``.

    Returns:
        "total" first, then ``cpu0`` …; percent of the time not idle and not waiting for disks.
        A processor that shows no tick between the copies is left out.
    Raises:
        ParseError: fewer than two copies, or a row that is not numeric.
    Source: proc_stat(5): user nice system idle iowait irq softirq steal guest guest_nice, where
        guest time is contained in user time already.
    """
    samples: dict[str, list[list[int]]] = {}
    for number, line in enumerate(output.splitlines(), 1):
        words = line.split()
        if not words or not re.fullmatch(r"cpu\d*", words[0]):
            continue
        try:
            samples.setdefault(words[0], []).append([int(word) for word in words[1:9]])
        except ValueError as error:
            raise ParseError(N_("a tick count is not a number"), number) from error
    if len(samples.get("cpu", [])) < 2:
        raise ParseError(N_("expected two copies of the cpu rows"))
    processors: list[Processor] = []
    for name, rows in samples.items():
        if len(rows) < 2 or len(rows[0]) < 4 or len(rows[-1]) != len(rows[0]):
            continue
        # iowait may run backwards (proc_stat(5)); a negative step is no time spent.
        steps = [max(0, after - before) for before, after in zip(rows[0], rows[-1], strict=True)]
        total = sum(steps)
        if total:
            idle = steps[3] + (steps[4] if len(steps) > 4 else 0)
            label = "total" if name == "cpu" else name
            processors.append(Processor(label, round(100 * (total - idle) / total, 1), index=name))
    return tuple(processors)


def count_cores(output: str) -> int:
    """How many different ``cpuN`` rows there are."""
    return len(set(re.findall(r"^(cpu\d+) ", output, flags=re.MULTILINE)))
