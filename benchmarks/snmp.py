"""CPU of one SNMP visit beside one run of Net-SNMP's ``snmpbulkwalk`` over everything the same agent has,
and beside prometheus-snmp-exporter's scrape of the same roots.

One run, since starting a process for every table would flatter us.
"""

from __future__ import annotations

import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks import exporter
from collectors import runner
from collectors.model import Exchange, SnmpAccess, Target
from collectors.transports import snmp

ROUNDS = 15
V3 = {
    "name": "bench",
    "auth_protocol": "SHA",
    "auth_key": "bench-auth-key",
    "priv_protocol": "AES",
    "priv_key": "bench-priv-key",
}

EXPORTER_V3 = {
    "security_level": "authPriv",
    "username": V3["name"],
    "password": V3["auth_key"],
    "auth_protocol": "SHA",
    "priv_protocol": "AES",
    "priv_password": V3["priv_key"],
}


@contextmanager
def agent() -> Iterator[int]:
    """A simulated 48-port switch in a process of its own; yields its port."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site.json"
        site.write_text(json.dumps([{"name": "sw", "kind": "switch-huawei", "seed": 1, "v3": [V3]}]))
        command = [sys.executable, "-m", "collectors.simulator", str(site), "--print-ports"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            port = json.loads(process.stdout.readline())[0]["port"]
            process.stdout.readline()
            try:
                yield port
            finally:
                process.terminate()


def _median_ms(values: list[float]) -> float:
    return 1000 * statistics.median(values)


def _visits(target: Target, access: SnmpAccess) -> tuple[float, list[Exchange]]:
    used: list[float] = []
    exchanges: list[Exchange] = []
    for _ in range(ROUNDS):
        began = time.process_time()
        result = snmp.visit(target, access, deadline=time.monotonic() + 30)
        used.append(time.process_time() - began)
        exchanges = list(result.exchanges)
    return _median_ms(used), exchanges


def _walk(port: int, options: list[str]) -> float:
    used: list[float] = []
    for _ in range(ROUNDS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = ["snmpbulkwalk", *options, "-Cr50", "-On", "-m", "", f"127.0.0.1:{port}", ".1"]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return _median_ms(used)


def _scrapes(process: psutil.Process, url: str) -> tuple[float, int]:
    """CPU of the exporter's process a scrape, as a mean: its clock ticks are too coarse for a median."""
    before = process.cpu_times()
    for _ in range(ROUNDS):
        values = exporter.scrape(url)
    after = process.cpu_times()
    used = after.user + after.system - before.user - before.system
    return 1000 * used / ROUNDS, values


def _beside_exporter(
    label: str, ours: float, port: int, exchanges: list[Exchange], auth: str
) -> Iterator[tuple[str, str, str, str]]:
    roots = [one.question.split()[1] for one in exchanges if one.question.startswith("walk ")]
    what = f"{label}: the same walks by {exporter.NAME}, CPU"
    with exporter.scraping(roots, auth, port) as found:
        if found is None or not found[1]:
            reason = "its package cannot be had" if found is None else "does not read the agent"
            yield what, f"{ours:.1f} ms", f"missing: {reason}", ""
            return
        theirs, values = _scrapes(*found)
        yield what, f"{ours:.1f} ms", f"{theirs:.1f} ms for {values} values", f"{ours / theirs:.2f}"


def measure(_arguments: Sequence[str] = ()) -> Iterator[tuple[str, str, str, str]]:
    """Rows of the table."""
    if shutil.which("snmpbulkwalk") is None:
        yield "missing", "", "snmpbulkwalk (apt-get install snmp)", ""
        return
    with agent() as port:
        target = Target("1", "127.0.0.1", ())
        v2 = SnmpAccess(port=port)
        v3 = SnmpAccess(
            port=port,
            version="3",
            user=V3["name"],
            auth_protocol="SHA",
            auth_key=V3["auth_key"],
            priv_protocol="AES",
            priv_key=V3["priv_key"],
        )
        v3_options = ["-v3", "-l", "authPriv", "-u", V3["name"], "-a", "SHA", "-A", V3["auth_key"]]
        v3_options += ["-x", "AES", "-X", V3["priv_key"]]
        v3_auth = "".join(f", {key}: {value}" for key, value in EXPORTER_V3.items())
        for label, access, options, auth in (
            ("v2c", v2, ["-v2c", "-c", "public"], "  version: 2\n  auth: {community: public}\n"),
            ("v3 authPriv", v3, v3_options, f"  version: 3\n  auth: {{{v3_auth[2:]}}}\n"),
        ):
            ours, exchanges = _visits(target, access)
            theirs = _walk(port, options)
            lines = sum(e.answer.count(b"\n") for e in exchanges)
            what = f"{label}: visit of {len(exchanges)} tables, {lines} values, CPU"
            yield what, f"{ours:.1f} ms", f"snmpbulkwalk {theirs:.1f} ms", f"{ours / theirs:.2f}"
            yield from _beside_exporter(label, ours, port, exchanges, auth)
        began = time.process_time()
        for _ in range(ROUNDS):
            runner.visit(Target("1", "127.0.0.1", (v2,)))
        whole = 1000 * (time.process_time() - began) / ROUNDS
        yield "v2c: visit, parse and judge, CPU", f"{whole:.1f} ms", "", ""
