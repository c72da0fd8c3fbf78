"""Asks many addresses at a limited rate, and fingerprints those that answer SNMP by a whole visit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from collectors import runner
from collectors.discovery import probes
from collectors.discovery.ranges import Allowed, require_allowed
from collectors.model import DeviceFacts, Neighbour, SnmpAccess, Target
from collectors.outcome import Outcome

METHODS = ("icmp", "tcp", "snmp", "ssh")
THREADS = 16
MAX_NEIGHBOURS = 50


@dataclass(frozen=True, slots=True)
class Plan:
    """How addresses are asked. ``packets_per_s``: questions begun in a second, of all kinds together; the
    walk of a device that answered is not counted."""

    allowed: tuple[Allowed, ...]
    methods: tuple[str, ...] = ("icmp",)
    tcp_ports: tuple[int, ...] = (22, 80, 443)
    ssh_port: int = 22
    snmp: SnmpAccess | None = field(default=None, repr=False)
    packets_per_s: float = 50.0
    timeout_s: float = 1.0
    visit_s: float = 20.0  # of one device's fingerprint


@dataclass(frozen=True, slots=True)
class Host:
    """An address at which somebody answered. ``answered``: icmp, tcp/PORT, ssh, snmp."""

    address: str
    answered: tuple[str, ...]
    banner: str = ""
    name: str = ""
    platform: str = ""
    vendor: str = ""
    model: str = ""
    serial: str = ""
    version: str = ""
    description: str = ""
    interfaces: int = 0
    neighbours: tuple[Neighbour, ...] = ()


class Pacer:
    """Lets so many questions begin in a second, whoever asks."""

    def __init__(self, per_s: float) -> None:
        self._gap_s = 1.0 / per_s
        self._next = time.monotonic()
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Until it is this question's turn."""
        with self._lock:
            turn = max(self._next, time.monotonic())
            self._next = turn + self._gap_s
        time.sleep(max(0.0, turn - time.monotonic()))


def sweep(
    addresses: Sequence[str], plan: Plan, *, stopped: Callable[[], bool] = lambda: False
) -> Iterator[Host]:
    """Ask each address; yields those that answered, as they do.

    Args:
        stopped: asked about once a second; then no further address is begun.
    Raises:
        RangeError: an address lies outside what is allowed. Nothing was sent then.
    """
    require_allowed(addresses, plan.allowed)
    pacer = Pacer(plan.packets_per_s)
    pending = list(addresses)
    running: set[Future[Host | None]] = set()
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="sweep")
    try:
        while pending or running:
            if stopped():
                pending.clear()
            while pending and len(running) < THREADS:
                running.add(pool.submit(_ask, pending.pop(0), plan, pacer))
            done, running = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
            yield from filter(None, (future.result() for future in done))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _ask(address: str, plan: Plan, pacer: Pacer) -> Host | None:
    answered: list[str] = []
    banner, facts = "", DeviceFacts()
    if "icmp" in plan.methods:
        pacer.wait()
        answered += ["icmp"] if probes.ping(address, plan.timeout_s) else []
    if "tcp" in plan.methods:
        for port in plan.tcp_ports:
            pacer.wait()
            answered += [f"tcp/{port}"] if probes.tcp_open(address, port, plan.timeout_s) else []
    if "ssh" in plan.methods:
        pacer.wait()
        banner = probes.ssh_banner(address, plan.ssh_port, plan.timeout_s * 2)
        answered += ["ssh"] if banner else []
    if "snmp" in plan.methods and plan.snmp is not None:
        pacer.wait()
        visit = runner.visit(Target("", address, (plan.snmp,), deadline_s=plan.visit_s))
        if any(exchange.answer for exchange in visit.transcript.exchanges):
            facts = visit.facts
            answered.append("snmp")
        elif visit.transcript.outcome is Outcome.AUTH_FAILED:
            answered.append("snmp refused")
    return _host(address, tuple(answered), banner, facts) if answered else None


def _host(address: str, answered: tuple[str, ...], banner: str, facts: DeviceFacts) -> Host:
    identity = facts.identity

    def clean(text: str, longest: int = 200) -> str:
        return "".join(one if one.isprintable() else " " for one in text[: longest * 2]).strip()[:longest]

    return Host(
        address,
        answered,
        banner,
        clean(identity.name),
        clean(identity.platform, 64),
        clean(identity.vendor, 100),
        clean(identity.model),
        clean(identity.serial, 100),
        clean(identity.version),
        clean(identity.description, 300),
        len(facts.interfaces),
        facts.neighbours[:MAX_NEIGHBOURS],
    )
