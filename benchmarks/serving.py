"""The web server as it is installed, asked over loopback by wrk with the cookie of somebody signed in."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from servicedesk.supervisor.plan import Options, children

SECONDS = 4
AT_ONCE = 8
_START_S = 30


@dataclass(frozen=True, slots=True)
class Served:
    """Of one page: one user's median, requests a second of one user and of several at once."""

    median_s: float
    one_user: float
    at_once: float


def missing() -> str:
    """Why nothing can be measured here; empty: it can."""
    return "" if shutil.which("wrk") else "wrk is not installed here"


@contextmanager
def web_server(data: Path, port: int, environment: Mapping[str, str]) -> Iterator[str]:
    """The child that ``servicedesk run`` starts as web server; its address."""
    address = f"http://127.0.0.1:{port}"
    web = children(Options(data=data, host="127.0.0.1", port=port), {})[0]
    with (data / "served.log").open("wb") as log:
        process = subprocess.Popen(
            web.command,
            env={**os.environ, "SERVICEDESK_DATA": str(data), **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _await(address, process)
            yield address
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)


def _await(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/sign-in", timeout=5):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
    raise SystemExit("The web server did not start; see served.log in its data folder.")


def ask(address: str, cookie: str) -> Served:
    """Ask for a page, by one connection and by several. SystemExit: an answer was no page."""
    _wrk(address, cookie, AT_ONCE, 1)  # every process and thread has compiled its statements
    alone = _wrk(address, cookie, 1, SECONDS)
    many = _wrk(address, cookie, AT_ONCE, SECONDS)
    return Served(alone[0], alone[1], many[1])


def _wrk(address: str, cookie: str, connections: int, seconds: int) -> tuple[float, float]:
    """Median in seconds and requests a second."""
    run = subprocess.run(
        [
            *("wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s"),
            *("--timeout", "10s", "--latency", "--header", f"Cookie: {cookie}", address),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + 30,
    )
    if "Non-2xx" in run.stdout or "Socket errors" in run.stdout:
        raise SystemExit(f"{address}: {run.stdout}")
    median = re.search(r"^\s+50%\s+([\d.]+)(us|ms|s)\s*$", run.stdout, re.MULTILINE)
    rate = re.search(r"^Requests/sec:\s+([\d.]+)$", run.stdout, re.MULTILINE)
    if median is None or rate is None:
        raise SystemExit(f"wrk said: {run.stdout}")
    return float(median[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1.0}[median[2]], float(rate[1])
