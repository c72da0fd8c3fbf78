"""Reads the machine the collector runs on: psutil, and on Linux the same commands as over SSH."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil

from collectors.messages import N_
from collectors.model import Exchange, LocalAccess, Target
from collectors.outcome import Outcome
from collectors.platforms.linux_commands import SECTIONS
from collectors.platforms.linux_script import build_script, new_marker, split_output
from collectors.platforms.sections import Section
from collectors.transports import TransportResult

CPU_SAMPLE_S = 0.5

# What psutil tells already is not asked a second time; the host's clock is the collector's own.
_TOLD_BY_PSUTIL = frozenset(
    ("cpu", "uptime", "meminfo", "loadavg", "df", "net_dev", "ip_addr", "who", "listening", "date", "sys_net")
)
LINUX_SECTIONS: tuple[Section, ...] = tuple(
    section for section in SECTIONS if section.name not in _TOLD_BY_PSUTIL
)


def visit(target: Target, access: LocalAccess, *, deadline: float) -> TransportResult:
    """Read this machine.

    Returns:
        an exchange for each psutil call, its answer as JSON (named tuples as objects); on Linux the
        command table's sections beside them, marked "local" too.
    """
    started = time.monotonic()
    exchanges = [_call(name, call, started) for name, call in _calls()]
    if sys.platform.startswith("linux") and shutil.which("sh"):
        exchanges += _linux(started, deadline)
    return TransportResult(tuple(exchanges), platform=sys.platform)


def _calls() -> Iterator[tuple[str, Callable[[], Any]]]:
    """psutil calls by name; some exist on some systems only."""
    yield "psutil.cpu_percent(percpu=True)", lambda: psutil.cpu_percent(interval=CPU_SAMPLE_S, percpu=True)
    yield "psutil.virtual_memory()", psutil.virtual_memory
    yield "psutil.swap_memory()", psutil.swap_memory
    yield "psutil.getloadavg()", psutil.getloadavg
    yield "psutil.boot_time()", lambda: {"boot_time": psutil.boot_time(), "now": time.time()}
    yield "psutil.disk_usage()", _disks
    yield "psutil.net_if_stats()", psutil.net_if_stats
    yield "psutil.net_if_addrs()", psutil.net_if_addrs
    yield "psutil.net_io_counters(pernic=True)", lambda: psutil.net_io_counters(pernic=True)
    for name in ("sensors_temperatures", "sensors_fans"):
        if hasattr(psutil, name):
            yield f"psutil.{name}()", getattr(psutil, name)
    yield "psutil.users()", psutil.users
    yield "platform", _platform


def _disks() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for partition in psutil.disk_partitions(all=False):
        row: dict[str, Any] = {"device": partition.device, "mount": partition.mountpoint}
        row |= {"kind": partition.fstype, "options": partition.opts}
        try:
            usage = psutil.disk_usage(partition.mountpoint)
        except OSError as error:  # an empty drive, or no permission: say so instead of a size
            row["error"] = error.strerror or type(error).__name__
        else:
            row |= {"total": usage.total, "used": usage.used, "percent": usage.percent}
        rows.append(row)
    return rows


def _platform() -> dict[str, str]:
    import platform

    return {
        "system": platform.system(),
        "release": platform.release(),
        "version": platform.version(),
        "machine": platform.machine(),
        "node": platform.node(),
    }


def _plain(value: Any) -> Any:
    """Named tuples as objects, enumerations as numbers: what json can write."""
    if hasattr(value, "_asdict"):
        return {name: _plain(item) for name, item in value._asdict().items()}
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _call(name: str, call: Callable[[], Any], started: float) -> Exchange:
    begun = time.monotonic()
    try:
        answer = json.dumps(_plain(call()), sort_keys=True).encode()
        outcome, error = Outcome.OK, ""
    except (psutil.Error, OSError, RuntimeError, NotImplementedError) as problem:
        answer, outcome = b"", Outcome.UNSUPPORTED
        error = N_("This machine does not tell: %(error)s.") % {"error": problem or type(problem).__name__}
    ended = time.monotonic()
    return Exchange("local", name, answer, outcome, error, None, b"", begun - started, ended - begun)


def _linux(started: float, deadline: float) -> list[Exchange]:
    marker = new_marker()
    begun = time.monotonic()
    cut_short: tuple[Outcome, str] | None = None
    try:
        done = subprocess.run(
            ["sh", "-c", 'eval "$(cat)"'],  # noqa: S607 - the system's own shell
            input=build_script(marker, LINUX_SECTIONS).encode(),
            capture_output=True,
            timeout=max(1.0, deadline - begun),
            check=False,
        )
        stdout, stderr = done.stdout, done.stderr
    except subprocess.TimeoutExpired:
        stdout, stderr = b"", b""
        cut_short = (Outcome.TIMEOUT, N_("The commands did not end in time."))
    exchanges, _ = split_output(
        stdout,
        stderr,
        marker,
        transport="local",
        cut_short=cut_short,
        duration_s=time.monotonic() - begun,
        started_s=begun - started,
        sections=LINUX_SECTIONS,
    )
    return list(exchanges)
