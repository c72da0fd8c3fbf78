"""SNMP agents in this process, on loopback addresses: many of them in one thread.

Versions 1 and 2c; version 3 through ``collectors.simulator.snmp_usm``.
"""

from __future__ import annotations

import heapq
import ipaddress
import itertools
import random
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from collectors.errors import ParseError
from collectors.simulator.mib import Mib
from collectors.simulator.snmp_usm import UsmResponder, V3User
from collectors.transports import ber
from collectors.transports.ber import Oid
from collectors.transports.snmp_message import (
    GEN_ERR,
    GET,
    GET_BULK,
    GET_NEXT,
    NO_ERROR,
    NO_SUCH_NAME,
    RESPONSE,
    TOO_BIG,
    VERSION_1,
    VERSION_2C,
    Pdu,
    decode_message,
    encode_message,
    encode_pdu,
    encode_varbind,
)

REFRESH_S = 2.0  # how long an agent keeps its values, as real ones cache theirs
MAX_ANSWER_BYTES = 1400  # fits an Ethernet frame
_MAX_REPETITIONS = 500


@dataclass(frozen=True, slots=True)
class Quirks:
    """How an agent misbehaves; all are off by default.

    ``silent``: answers nothing. ``silent_under``: answers nothing about objects under this OID.
    ``delay_s``: answers late. ``loop``: the walk of this OID comes back to its second object.
    ``endless``: the walk of this OID never ends. ``broken``: genErr under this OID. ``garbage``:
    answers with bytes that are not SNMP. ``stop_after``: falls silent after so many varbinds.
    ``too_big``: tooBig for more varbinds than this. ``wrong_id_first``: an answer to another request
    precedes the right one. ``gbk_name``: sysName as GBK text. ``drop_every``: every nth request is lost.
    """

    silent: bool = False
    silent_under: str = ""
    delay_s: float = 0.0
    loop: str = ""
    endless: str = ""
    broken: str = ""
    garbage: bool = False
    stop_after: int = 0
    too_big: int = 0
    wrong_id_first: bool = False
    gbk_name: str = ""
    drop_every: int = 0


_SYS_NAME: Oid = (1, 3, 6, 1, 2, 1, 1, 5, 0)


class SnmpAgent:
    """One device's agent.

    Args:
        mib: its objects, or a function that gives them as they are now (asked every ``REFRESH_S``).
        community: None to answer version 3 alone. port: 0 picks a free one, see ``port`` after start.
    Attributes:
        requests: datagrams received. pdu_kinds: kinds of PDU that came, for tests that nobody writes.
    """

    def __init__(
        self,
        mib: Mib | Callable[[], Mib],
        community: str | None = "public",
        *,
        v3_users: Sequence[V3User] = (),
        quirks: Quirks = Quirks(),
        address: str = "127.0.0.1",
        port: int = 0,
        versions: Iterable[int] = (VERSION_1, VERSION_2C),
    ) -> None:
        if not ipaddress.ip_address(address).is_loopback:
            raise ValueError("simulated agents listen on loopback addresses only")
        self.address, self.port, self.quirks = address, port, quirks
        self.requests = 0
        self.pdu_kinds: set[int] = set()
        self._source = mib
        self._versions = frozenset(versions)
        self._mib = mib if isinstance(mib, Mib) else Mib(())
        self._fresh_until = 0.0
        self._community = community
        self._usm = UsmResponder(v3_users) if v3_users else None
        self._sent = 0
        self._silent_under = _root(quirks.silent_under)
        self._broken = _root(quirks.broken)
        self._loop = _root(quirks.loop)
        self._endless = _root(quirks.endless)

    def answer(self, data: bytes) -> list[bytes]:
        """The datagrams to send back, in order."""
        self.requests += 1
        quirks = self.quirks
        if quirks.silent or (quirks.drop_every and self.requests % quirks.drop_every == 0):
            return []
        if quirks.garbage:
            return [random.Random(self.requests).randbytes(40)]  # noqa: S311 - noise
        if quirks.stop_after and self._sent >= quirks.stop_after:
            return []
        try:
            message = decode_message(data)
        except ParseError:
            reply = self._usm.answer(data, self._respond_v3) if self._usm is not None else None
            return [] if reply is None else [reply]
        if self._community is None or message.community != self._community.encode():
            return []
        if message.version not in self._versions:
            return []
        reply = self._respond(message.pdu, message.version)
        if reply is None:
            return []
        answers = [encode_message(message.version, message.community, reply)]
        if quirks.wrong_id_first:
            stray = encode_pdu(RESPONSE, message.pdu.request_id ^ 0x55, NO_ERROR, 0, b"")
            answers.insert(0, encode_message(message.version, message.community, stray))
        return answers

    def _respond_v3(self, pdu: Pdu) -> bytes | None:
        return self._respond(pdu, VERSION_2C)

    def _respond(self, pdu: Pdu, version: int) -> bytes | None:
        """The encoded response PDU, or None for silence."""
        self.pdu_kinds.add(pdu.kind)
        try:
            names = [ber.decode_oid(varbind.name)[0] for varbind in pdu.varbinds]
        except ParseError:
            return None
        if self._silent_under and any(
            name[: len(self._silent_under)] == self._silent_under for name in names
        ):
            return None
        mib = self._current()
        echo = b"".join(encode_varbind(*varbind) for varbind in pdu.varbinds)
        try:
            found = self._found(mib, pdu, names, version)
        except _BrokenObjectError:
            return encode_pdu(RESPONSE, pdu.request_id, GEN_ERR, 1, echo)
        if found is None:  # it is for reading only
            return encode_pdu(RESPONSE, pdu.request_id, NO_SUCH_NAME, 1, echo)
        if self.quirks.too_big and len(found) > self.quirks.too_big:
            return encode_pdu(RESPONSE, pdu.request_id, TOO_BIG, 0, b"" if version != VERSION_1 else echo)
        if None in found:
            return encode_pdu(RESPONSE, pdu.request_id, NO_SUCH_NAME, found.index(None) + 1, echo)
        self._sent += len(found)
        return encode_pdu(RESPONSE, pdu.request_id, NO_ERROR, 0, b"".join(filter(None, found)))

    def _found(self, mib: Mib, pdu: Pdu, names: list[Oid], version: int) -> list[bytes | None] | None:
        if pdu.kind == GET:
            return [self._get(mib, name, version) for name in names]
        if pdu.kind == GET_NEXT:
            return [self._next(mib, name, version)[1] for name in names]
        if pdu.kind == GET_BULK and version != VERSION_1:
            return list(self._bulk(mib, names, pdu.error_status, pdu.error_index))
        return None

    def _current(self) -> Mib:
        if not isinstance(self._source, Mib) and time.monotonic() >= self._fresh_until:
            self._mib = self._source()
            self._fresh_until = time.monotonic() + REFRESH_S
        return self._mib

    def _get(self, mib: Mib, name: Oid, version: int) -> bytes | None:
        at = mib.find(name)
        if at is not None:
            return self._object(mib, at)
        if version == VERSION_1:
            return None
        missing = ber.NO_SUCH_INSTANCE if mib.has_below(name[:-1]) else ber.NO_SUCH_OBJECT
        return encode_varbind(ber.encode_oid(name), missing, b"")

    def _object(self, mib: Mib, at: int) -> bytes:
        if self._broken and mib.rows[at][0][: len(self._broken)] == self._broken:
            raise _BrokenObjectError
        if self.quirks.gbk_name and mib.rows[at][0] == _SYS_NAME:
            name = self.quirks.gbk_name.encode("gbk")
            return encode_varbind(ber.encode_oid(_SYS_NAME), ber.OCTET_STRING, name)
        return mib.encoded(at)

    def _next(self, mib: Mib, name: Oid, version: int) -> tuple[Oid, bytes | None]:
        """The next object's name and varbind; without a varbind at the end in version 1."""
        if self._endless and name[: len(self._endless)] == self._endless:
            count = name[-1] + 1 if len(name) > len(self._endless) else 1
            made = (*self._endless, 99, count)
            return made, encode_varbind(ber.encode_oid(made), ber.INTEGER, ber.encode_integer(count))
        at = mib.after(name)
        while version == VERSION_1 and at is not None and mib.rows[at][1] == ber.COUNTER64:
            at = mib.after(mib.rows[at][0])
        if self._loop and at is not None and self._leaves_loop(mib, name, at):
            at = mib.after(mib.rows[mib.after(self._loop) or 0][0])
        if at is None:
            return name, None if version == VERSION_1 else encode_varbind(
                ber.encode_oid(name), ber.END_OF_MIB_VIEW, b""
            )
        return mib.rows[at][0], self._object(mib, at)

    def _leaves_loop(self, mib: Mib, name: Oid, at: int) -> bool:
        depth = len(self._loop)
        return name[:depth] == self._loop and mib.rows[at][0][:depth] != self._loop

    def _bulk(self, mib: Mib, names: list[Oid], non_repeaters: int, repetitions: int) -> Iterator[bytes]:
        """Varbinds of a GetBulk, as many as fit in a frame (RFC 3416 section 4.2.3)."""
        room = MAX_ANSWER_BYTES
        current = list(names)
        once = max(0, min(non_repeaters, len(names)))
        for position in range(once):
            _, varbind = self._next(mib, current[position], VERSION_2C)
            yield varbind or b""
        for _ in range(max(0, min(repetitions, _MAX_REPETITIONS))):
            for position in range(once, len(current)):
                current[position], varbind = self._next(mib, current[position], VERSION_2C)
                room -= len(varbind or b"")
                if room < 0:
                    return
                yield varbind or b""


class _BrokenObjectError(Exception):
    """The quirk ``broken`` struck."""


def _root(text: str) -> Oid:
    return ber.parse_oid(text) if text else ()


class AgentServer:
    """Serves agents, each on its own loopback socket, from one thread."""

    def __init__(self, agents: Iterable[SnmpAgent]) -> None:
        self.agents = list(agents)
        self._selector = selectors.DefaultSelector()
        self._sockets: list[socket.socket] = []
        self._late: list[tuple[float, int, socket.socket, bytes, tuple[str, int]]] = []
        self._count = itertools.count()
        self._thread: threading.Thread | None = None
        self._wake: socket.socket | None = None

    def start(self) -> AgentServer:
        """Open every socket and serve; returns itself. Raises OSError: a port is taken."""
        try:
            for agent in self.agents:
                family = socket.AF_INET6 if ":" in agent.address else socket.AF_INET
                listening = socket.socket(family, socket.SOCK_DGRAM)
                self._sockets.append(listening)
                listening.bind((agent.address, agent.port))
                listening.setblocking(False)
                agent.port = listening.getsockname()[1]
                self._selector.register(listening, selectors.EVENT_READ, agent)
        except OSError:
            self._close()
            raise
        waking, self._wake = socket.socketpair()
        self._sockets += [waking, self._wake]
        self._selector.register(waking, selectors.EVENT_READ, None)
        self._thread = threading.Thread(target=self._serve, name="snmp-agents", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close every socket; returns when the thread has ended."""
        if self._thread is not None and self._wake is not None:
            self._wake.send(b"x")
            self._thread.join(5)
            self._thread = self._wake = None
        self._close()

    def __enter__(self) -> AgentServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _close(self) -> None:
        self._selector.close()
        for opened in self._sockets:
            opened.close()
        self._sockets.clear()

    def _serve(self) -> None:
        while True:
            wait_s = max(0.0, self._late[0][0] - time.monotonic()) if self._late else None
            for key, _ in self._selector.select(wait_s):
                if key.data is None:
                    return
                assert isinstance(key.fileobj, socket.socket)
                self._take(key.data, key.fileobj)
            while self._late and self._late[0][0] <= time.monotonic():
                _, _, listening, answer, peer = heapq.heappop(self._late)
                _send(listening, answer, peer)

    def _take(self, agent: SnmpAgent, listening: socket.socket) -> None:
        try:
            data, peer = listening.recvfrom(65535)
        except OSError:  # an ICMP message about an earlier answer
            return
        for answer in agent.answer(data):
            if agent.quirks.delay_s:
                due = time.monotonic() + agent.quirks.delay_s
                heapq.heappush(self._late, (due, next(self._count), listening, answer, peer))
            else:
                _send(listening, answer, peer)


def _send(listening: socket.socket, answer: bytes, peer: tuple[str, int]) -> None:
    try:
        listening.sendto(answer, peer)
    except OSError:  # the visitor is gone, or its buffer is full: UDP promises nothing
        return
