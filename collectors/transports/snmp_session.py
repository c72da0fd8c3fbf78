"""Puts enquiries to an agent over one connected UDP socket: time-outs, retries, several at once."""

from __future__ import annotations

import random
import socket
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from collectors.errors import ParseError, VisitError
from collectors.messages import N_
from collectors.model import Exchange, SnmpAccess
from collectors.outcome import Outcome
from collectors.transports.snmp_message import REPORT, RESPONSE, Pdu, decode_message, encode_request
from collectors.transports.snmp_walk import Enquiry

DATAGRAM_BYTES = 65535
_TOGETHER = 3  # walks under way at once, until the agent drops the first request
SILENT_WALKS = 2  # after so many the agent is taken to be gone

TIME_OVER = N_("The visit's time was over before the agent had said everything.")
FELL_SILENT = (Outcome.TIMEOUT, N_("The agent answered at first and then fell silent."))
WENT_BAD = (
    Outcome.PARSE_FAILED,
    N_("The agent answered at first and then gave bad replies: not SNMP."),
)


def connect(address: str, port: int) -> socket.socket:
    """A connected UDP socket, so that a refused port is noticed.

    Raises:
        VisitError: UNREACHABLE.
    """
    try:
        candidates = socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM)
    except (socket.gaierror, UnicodeError) as error:
        raise VisitError(
            Outcome.UNREACHABLE,
            N_("The name %(address)s cannot be resolved: check the address.") % {"address": address},
        ) from error
    family, kind, protocol, _, where = candidates[0]
    connected = socket.socket(family, kind, protocol)
    try:
        connected.connect(where)
    except OSError as error:
        connected.close()
        raise unreachable(address, port, error) from error
    return connected


def receive(connected: socket.socket, until: float) -> bytes | None:
    """The next datagram, or None when none came until a moment of ``time.monotonic()``.

    Raises:
        OSError: the network reports trouble, such as a refused port.
    """
    # Not select(): a worker may have more than 1024 files open.
    connected.settimeout(max(0.001, until - time.monotonic()))
    try:
        return connected.recv(DATAGRAM_BYTES)
    except TimeoutError:
        return None


def unreachable(address: str, port: int, error: OSError) -> VisitError:
    """What the network said of an address, for the person who can act."""
    if isinstance(error, ConnectionRefusedError):
        words = N_("%(address)s refuses UDP port %(port)s: is the SNMP agent running there?")
    else:
        words = N_("%(address)s UDP port %(port)s cannot be reached: %(reason)s.")
    reason = error.strerror or type(error).__name__
    words %= {"address": address, "port": port, "reason": reason}
    return VisitError(Outcome.UNREACHABLE, words)


def silence(address: str, port: int) -> VisitError:
    """Nobody answers the first request. An agent that dislikes the community does the same."""
    return VisitError(
        Outcome.UNREACHABLE,
        N_(
            "%(address)s UDP port %(port)s stays silent: wrong community, version or address. Check them, the"
            " device's list of allowed managers, and the firewall."
        )
        % {"address": address, "port": port},
    )


def unreadable(reason: str) -> str:
    """The sentence for an answer that is SNMP and yet makes no sense."""
    return N_("The agent's answer cannot be read: %(reason)s.") % {"reason": reason}


def give_up(enquiry: Enquiry, tries: int, bad_replies: int) -> None:
    """End an enquiry that was not answered, or by something else than SNMP."""
    enquiry.restore()
    if bad_replies:
        enquiry.finish(Outcome.PARSE_FAILED, N_("The agent gives a bad reply: it is not SNMP."))
    else:
        words = N_("No answer to %(count)s requests: the rest was not read.") % {"count": tries}
        enquiry.finish(Outcome.TIMEOUT, words)


def ended_exchange(enquiry: Enquiry, started_s: float, duration_s: float) -> Exchange:
    """What an enquiry has given, as evidence."""
    return Exchange(
        transport="snmp",
        question=enquiry.question,
        answer=b"".join(line + b"\n" for line in enquiry.lines),
        outcome=enquiry.outcome or Outcome.TIMEOUT,
        error=enquiry.error,
        started_s=started_s,
        duration_s=duration_s,
    )


class Wire(Protocol):
    """How requests of a version look on the way, and how its answers are read."""

    def encode(self, kind: int, number: int, names: Iterable[bytes], repetitions: int) -> bytes:
        """A Get, GetNext or GetBulk datagram that bears a number."""

    def decode(self, data: bytes) -> tuple[int, Pdu]:
        """The number of the request it answers, and the PDU. Raises ParseError: not an answer to us."""

    def ask_again(self, report: Pdu, times: int) -> None:
        """Decide on a report of version 3. Raises VisitError unless the question is to be put again."""


class CommunityWire:
    """Version 1 and 2c."""

    def __init__(self, access: SnmpAccess, version: int) -> None:
        self._version = version
        self._community = access.community.encode("utf-8", "surrogateescape")

    def encode(self, kind: int, number: int, names: Iterable[bytes], repetitions: int) -> bytes:
        return encode_request(self._version, self._community, kind, number, names, repetitions=repetitions)

    def decode(self, data: bytes) -> tuple[int, Pdu]:
        message = decode_message(data)
        if message.pdu.kind != RESPONSE or message.version != self._version:
            raise ParseError(N_("not a response of this version"))
        return message.pdu.request_id, message.pdu

    def ask_again(self, report: Pdu, times: int) -> None:
        """These versions have no reports."""
        raise NotImplementedError  # decode() lets none of them through


@dataclass(slots=True)
class _Flight:
    """An enquiry under way. Late answers to an earlier try are as good as any."""

    enquiry: Enquiry
    started: float
    due: float = 0.0
    tries: int = 0
    sent: dict[int, float] = field(default_factory=dict)  # number → when
    bad_replies: int = 0
    reports: int = 0


class Session:
    """One visit's conversation, in the version that ``wire`` speaks.

    Attributes:
        answered: whether the agent has answered anything yet. bad_replies: datagrams that were not its
            answers. exchanges: ended enquiries, in the order
            they were begun. ended: why no more is asked, or None.
    """

    def __init__(
        self, address: str, access: SnmpAccess, wire: Wire, *, started: float, deadline: float
    ) -> None:
        self._address, self._access, self._wire = address, access, wire
        self._started, self._deadline = started, deadline
        self._socket = connect(address, access.port)
        self._next_id = random.randrange(1, 2**30)  # noqa: S311 - tells answers apart, hides nothing
        self._flights: list[_Flight] = []
        self._together = _TOGETHER
        self._timeout_s = max(0.01, access.timeout_s)
        self._silent = 0
        self._ended: list[tuple[float, Exchange]] = []
        self.answered = False
        self.bad_replies = 0
        self.ended: tuple[Outcome, str] | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        return tuple(exchange for _, exchange in sorted(self._ended, key=lambda pair: pair[0]))

    def run(self, enquiries: Iterable[Enquiry]) -> None:
        """Put enquiries until all have ended or ``ended`` says why not.

        Raises:
            VisitError: UNREACHABLE, when the network refuses before the agent has ever answered;
                AUTH_FAILED, PARSE_FAILED for a report of version 3. What has been answered is kept.
        """
        try:
            self._run(deque(enquiries))
        except VisitError as error:
            if self.answered:
                self._end_all(error.outcome, error.reason)
            raise

    def _run(self, waiting: deque[Enquiry]) -> None:
        while self.ended is None and (waiting or self._flights):
            while waiting and len(self._flights) < self._together:
                flight = _Flight(waiting.popleft(), time.monotonic())
                self._flights.append(flight)
                self._send(flight)
            self._receive()
            self._expire()
        if self.ended is not None:
            self._end_all(*self.ended)

    def _end_all(self, outcome: Outcome, words: str) -> None:
        for flight in list(self._flights):
            flight.enquiry.finish(outcome, words)
            self._close(flight)

    def _send(self, flight: _Flight) -> None:
        self._next_id = self._next_id % (2**31 - 1) + 1
        kind, names, repetitions = flight.enquiry.request()
        data = self._wire.encode(kind, self._next_id, names, repetitions)
        flight.tries += 1
        flight.sent[self._next_id] = time.monotonic()
        flight.due = time.monotonic() + self._timeout_s
        try:
            self._socket.send(data)
        except OSError as error:
            self._refused(error)

    def _receive(self) -> None:
        """Wait for one datagram, at most until something is due."""
        if not self._flights:
            return
        until = min(self._deadline, *(flight.due for flight in self._flights))
        try:
            data = receive(self._socket, until)
        except OSError as error:
            self._refused(error)
            return
        if data is None:
            return
        try:
            number, pdu = self._wire.decode(data)
            if pdu.kind not in (RESPONSE, REPORT):
                raise ParseError(N_("not an answer"))
        except ParseError:
            self.bad_replies += 1
            for flight in self._flights:
                flight.bad_replies += 1
            return
        for flight in self._flights:
            if number in flight.sent:
                if pdu.kind == REPORT:
                    self._wire.ask_again(pdu, flight.reports)
                    flight.reports += 1
                    self._send(flight)
                else:
                    self._answer(flight, number, pdu)
                return

    def _answer(self, flight: _Flight, number: int, pdu: Pdu) -> None:
        self.answered = True
        self._silent = 0
        if number != next(reversed(flight.sent)):
            # An answer to an earlier try: the agent is slow, nothing was lost. Wait longer from now on.
            took_s = time.monotonic() - flight.sent[number]
            self._timeout_s = max(self._timeout_s, 2 * took_s)
            flight.enquiry.restore()
        flight.sent.clear()
        flight.tries = flight.bad_replies = flight.reports = 0
        enquiry = flight.enquiry
        try:
            enquiry.take(pdu)
        except ParseError as error:
            enquiry.finish(Outcome.PARSE_FAILED, unreadable(error.reason))
        if enquiry.outcome is None:
            self._send(flight)
        else:
            self._close(flight)

    def _expire(self) -> None:
        """Ask again, or give up, what was not answered in time."""
        now = time.monotonic()
        if now >= self._deadline:
            self.ended = (Outcome.TIMEOUT, TIME_OVER)
            return
        for flight in [flight for flight in self._flights if flight.due <= now]:
            self._together = 1  # a small agent drops requests that come together
            if flight.tries <= self._access.retries:
                flight.enquiry.shrink()
                self._send(flight)
            else:
                self._give_up(flight)

    def _give_up(self, flight: _Flight) -> None:
        give_up(flight.enquiry, flight.tries, flight.bad_replies)
        self._close(flight)
        self._silent += 1
        if self.answered and self._silent >= SILENT_WALKS:
            self.ended = WENT_BAD if flight.bad_replies else FELL_SILENT

    def _close(self, flight: _Flight) -> None:
        self._flights.remove(flight)
        duration_s = time.monotonic() - flight.started
        exchange = ended_exchange(flight.enquiry, flight.started - self._started, duration_s)
        self._ended.append((flight.started, exchange))

    def _refused(self, error: OSError) -> None:
        """Before the first answer a refusal is final; later the agent may be starting again."""
        if not self.answered:
            raise unreachable(self._address, self._access.port, error) from error
