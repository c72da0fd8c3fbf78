"""Debian's prometheus-snmp-exporter scraping what we visit: installed, or its package unpacked aside."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

NAME = "prometheus-snmp-exporter"
# Columns of ifTable and ifXTable that are counters or gauges: what its usual module keeps.
_COLUMNS = [("1.3.6.1.2.1.2.2.1", n) for n in (5, 7, 8, 10, 11, 13, 14, 16, 17, 19, 20)]
_COLUMNS += [("1.3.6.1.2.1.31.1.1.1", n) for n in (6, 7, 8, 9, 10, 11, 12, 13, 15)]


def free_port() -> int:
    """A TCP port of loopback that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find_exporter(folder: Path) -> str | None:
    """Its path; None when it is neither installed nor to be had from the package archive."""
    installed = shutil.which(NAME)
    if installed or shutil.which("apt-get") is None:
        return installed
    for command in (["apt-get", "download", NAME], ["sh", "-c", "dpkg-deb -x ./*.deb unpacked"]):
        try:
            done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
        if done.returncode:
            return None
    return shutil.which(NAME, path=str(folder / "unpacked/usr/bin"))


def _configuration(roots: Sequence[str], auth: str) -> str:
    """A module named bench; ``auth`` stands in it as YAML's flow form."""
    walks = "".join(f"    - {root}\n" for root in roots)
    metrics = "".join(
        f"    - {{name: c{root.count('.')}n{n}, oid: {root}.{n}, type: gauge, help: of the bench,"
        " indexes: [{labelname: ifIndex, type: gauge}]}\n"
        for root, n in _COLUMNS
    )
    return f"bench:\n  walk:\n{walks}  metrics:\n{metrics}  max_repetitions: 50\n{auth}"


@contextmanager
def scraping(roots: Sequence[str], auth: str, agent_port: int) -> Iterator[tuple[psutil.Process, str] | None]:
    """The running exporter and the address that makes it ask the agent; None when it cannot be had."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        binary = find_exporter(folder)
        if binary is None:
            yield None
            return
        (folder / "snmp.yml").write_text(_configuration(roots, auth))
        port = free_port()
        command = [binary, f"--config.file={folder / 'snmp.yml'}", f"--web.listen-address=127.0.0.1:{port}"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                url = f"http://127.0.0.1:{port}/snmp?module=bench&target=127.0.0.1:{agent_port}"
                yield psutil.Process(process.pid), url if _answers(url) else ""
            finally:
                process.terminate()


def _answers(url: str) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            return bool(scrape(url))
        except urllib.error.HTTPError:
            return False  # it runs and cannot read the agent
        except OSError:
            time.sleep(0.1)
    return False


def scrape(url: str) -> int:
    """One scrape; how many values it gave."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        body: bytes = answer.read()
    return sum(not line.startswith(b"#") for line in body.splitlines())
