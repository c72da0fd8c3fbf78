"""Who is at the gate: how many at once, from where, who was refused too often. No clock, no network."""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network
from operator import itemgetter

_MOST_SOURCES = 4096  # with refusals that are remembered; the oldest go first
FULL, FULL_FROM_THERE, REFUSED_TOO_OFTEN = "no room", "no room for this address", "refused too often"


@dataclass(frozen=True, slots=True)
class Bounds:
    """A worker keeps about five connections. Two files each stay below the usual limit of 1,024."""

    connections: int = 400
    of_source: int = 100
    waiting: int = 100  # not logged in yet
    waiting_of_source: int = 16
    failures: int = 30  # of one source within ``failures_s``; then it is refused for that long
    failures_s: float = 60.0
    login_s: float = 10.0  # from the connection to the answer of Redis
    idle_s: float = 900.0  # without a byte either way; RQ's worker is silent for seven minutes at most
    stalled_s: float = 60.0  # the other side takes nothing


@dataclass(slots=True)
class Crowd:
    """Counts; every ``enter`` that was not refused is followed by one ``leave``."""

    bounds: Bounds = field(default_factory=Bounds)
    _inside: Counter[str] = field(default_factory=Counter)
    _waiting: Counter[str] = field(default_factory=Counter)
    _failures: OrderedDict[str, tuple[int, float]] = field(default_factory=OrderedDict)

    def enter(self, source: str, now: float) -> str:
        """Count a connection without a login yet; returns why it is refused and not counted, or nothing."""
        count, since = self._failures.get(source, (0, now))
        if now - since >= self.bounds.failures_s:
            self._failures.pop(source, None)
        elif count >= self.bounds.failures:
            return REFUSED_TOO_OFTEN
        if self._waiting.total() >= self.bounds.waiting or self._inside.total() >= self.bounds.connections:
            return FULL
        if (
            self._waiting[source] >= self.bounds.waiting_of_source
            or self._inside[source] >= self.bounds.of_source
        ):
            return FULL_FROM_THERE
        self._inside[source] += 1
        self._waiting[source] += 1
        return ""

    def gives_way(self, source: str) -> str:
        """Where places to wait are what is missing: whose connection goes for one of ``source``, or nobody's.

        It is the source with most of them, if it has more than ``source``: those who are few always come to
        log in, however many wait elsewhere.
        """
        if self._waiting.total() < self.bounds.waiting or self._inside.total() >= self.bounds.connections:
            return ""
        busiest, count = max(self._waiting.items(), key=itemgetter(1))
        return busiest if count > self._waiting[source] else ""

    def waits_no_more(self, source: str) -> None:
        """It has logged in, or it gives way."""
        _less(self._waiting, source)

    def leave(self, source: str, *, waiting: bool) -> None:
        """It is gone; ``waiting``: without having logged in."""
        _less(self._inside, source)
        if waiting:
            _less(self._waiting, source)

    def failed(self, source: str, now: float) -> None:
        """One more refusal; the one that fills the number begins the time it is refused for."""
        count, since = self._failures.pop(source, (0, now))
        if now - since >= self.bounds.failures_s:
            count, since = 0, now
        count += 1
        self._failures[source] = count, now if count == self.bounds.failures else since
        while len(self._failures) > _MOST_SOURCES:
            self._failures.popitem(last=False)

    @property
    def sizes(self) -> tuple[int, int]:
        """Connections, and those of them that wait."""
        return self._inside.total(), self._waiting.total()


def _less(counter: Counter[str], source: str) -> None:
    counter[source] -= 1
    if counter[source] <= 0:
        del counter[source]


def source_of(host: str) -> str:
    """Whom connections are counted for: an IPv4 address, or the 64-bit network of an IPv6 one."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(ip_network((address, 64), strict=False))
        address = address.ipv4_mapped
    return str(address)
