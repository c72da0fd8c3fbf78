"""What is asked of an agent, apart from how it travels: the system group and walks.

An enquiry says what to ask next and takes the answers; it knows neither sockets nor time. Version 1, 2c
and 3 share it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from collectors.messages import N_
from collectors.outcome import Outcome
from collectors.transports.ber import EXCEPTIONS, NULL, decode_oid, encode_oid, parse_oid, render
from collectors.transports.snmp_message import (
    AUTHORIZATION_ERROR,
    GEN_ERR,
    GET,
    GET_BULK,
    GET_NEXT,
    NO_ACCESS,
    NO_ERROR,
    NO_SUCH_NAME,
    TOO_BIG,
    VERSION_1,
    Pdu,
    error_name,
)

SYSTEM_GROUP = "1.3.6.1.2.1.1"

_AT = N_("The agent answers %(status)s at %(oid)s.")
_AFTER = N_("The agent answers %(status)s at the object after %(oid)s.")
_MAY_READ = N_("Check what the community or user may read.")
_NOTHING = N_("The agent answers a walk with nothing, not even its end.")
_CIRCLES = N_("The agent goes in circles: it gives %(oid)s a second time. The rest was not read.")
_TOO_MUCH = N_("The agent sent more than %(bytes)s bytes; the rest was not read.")


class Request(NamedTuple):
    """PDU kind, names as OID contents, max-repetitions of a GetBulk."""

    kind: int
    names: Sequence[bytes]
    repetitions: int = 0


class Enquiry(Protocol):
    """One exchange in the making. ``outcome`` is None until it has ended."""

    question: str
    lines: list[bytes]
    outcome: Outcome | None
    error: str

    def request(self) -> Request:
        """What to ask next."""

    def take(self, pdu: Pdu) -> None:
        """Use an answer to the last request. Raises ParseError for one that cannot be read."""

    def shrink(self) -> None:
        """Ask for less at once: the last request was not answered."""

    def restore(self) -> None:
        """Undo ``shrink``: the size was not to blame."""

    def finish(self, outcome: Outcome, error: str = "") -> None:
        """End it; what has arrived stays."""


@dataclass(slots=True)
class Pace:
    """How many rows a GetBulk asks for, as the agent and the way to it bear; all walks share it."""

    repetitions: int
    before: int = 0

    def slower(self) -> None:
        self.before = self.before or self.repetitions
        self.repetitions = max(1, self.repetitions // 2)

    def restore(self) -> None:
        self.repetitions, self.before = self.before or self.repetitions, 0

    def settle(self) -> None:
        self.before = 0


class _Base:
    def __init__(self, question: str) -> None:
        self.question = question
        self.lines: list[bytes] = []
        self.outcome: Outcome | None = None
        self.error = ""

    def finish(self, outcome: Outcome, error: str = "") -> None:
        self.outcome, self.error = outcome, error

    def refuse(self, status: int, asked: str, oid: str) -> None:
        """End with an error-status that nothing can be done about; ``asked``: the sentence's template."""
        words = asked % {"status": error_name(status), "oid": oid}
        if status == AUTHORIZATION_ERROR:
            words = f"{words} {_MAY_READ}"
            self.finish(Outcome.AUTH_FAILED, words)
        elif status == NO_ACCESS:
            self.finish(Outcome.UNSUPPORTED, words)
        else:
            self.finish(Outcome.PARSE_FAILED, words)


class SystemGet(_Base):
    """The scalars of SNMPv2-MIB's system group (RFC 3418): sysDescr, sysObjectID, sysUpTime,
    sysContact, sysName, sysLocation, sysServices. Those that the agent does not have are left out."""

    def __init__(self) -> None:
        super().__init__(f"get {SYSTEM_GROUP}")
        self._todo = [encode_oid(parse_oid(f"{SYSTEM_GROUP}.{number}.0")) for number in range(1, 8)]
        self._batch = len(self._todo)

    def request(self) -> Request:
        return Request(GET, self._todo[: self._batch])

    def shrink(self) -> None:
        """A get of seven scalars is small already."""

    def restore(self) -> None:
        """Nothing was shrunk."""

    def take(self, pdu: Pdu) -> None:
        asked = self._todo[: self._batch]
        if pdu.error_status == NO_ERROR:
            for name, tag, content in pdu.varbinds:
                if tag not in EXCEPTIONS and tag != NULL and name in asked:
                    self.lines.append(render(decode_oid(name)[1], tag, content))
            del self._todo[: self._batch]
        elif pdu.error_status == TOO_BIG and self._batch > 1:
            self._batch //= 2
        elif pdu.error_status in (TOO_BIG, NO_SUCH_NAME, GEN_ERR):
            # RFC 1157: one name that is not there spoils the whole get.
            del self._todo[pdu.error_index - 1 if 1 <= pdu.error_index <= len(asked) else 0]
        else:
            self.refuse(pdu.error_status, _AT, decode_oid(asked[0])[1])
            return
        if not self._todo:
            self.finish(Outcome.OK)

    def value(self, number: int) -> bytes:
        """The value's text of one scalar as in its line; hex is undone; b"" when it is not there."""
        head = f"{SYSTEM_GROUP}.{number}.0|".encode()
        for line in self.lines:
            if line.startswith(head):
                _, tag, value = line.split(b"|", 2)
                return bytes.fromhex(value.decode()) if tag.endswith(b"x") else value
        return b""


class Walk(_Base):
    """Everything under a root, by GetBulk, or GetNext in version 1.

    Names out of order are kept, since some agents sort their tables wrongly; a name that comes a second
    time is a loop and ends the walk with PARSE_FAILED.

    Args:
        limit_bytes: of all lines together; more ends the walk with TIMEOUT.
    """

    def __init__(self, root: str, *, version: int, pace: Pace, limit_bytes: int) -> None:
        super().__init__(f"walk {root}")
        self._root = self._name = encode_oid(parse_oid(root))
        self._bulk = version != VERSION_1
        self._pace = pace
        self._at_most = max(1, pace.repetitions)
        self._seen: set[bytes] = {self._root}
        self._room = limit_bytes
        self._limit = limit_bytes

    @property
    def repetitions(self) -> int:
        return max(1, min(self._at_most, self._pace.repetitions))

    def request(self) -> Request:
        if self._bulk:
            return Request(GET_BULK, (self._name,), self.repetitions)
        return Request(GET_NEXT, (self._name,))

    def shrink(self) -> None:
        # A large answer travels in fragments, which some firewalls drop.
        self._pace.slower()

    def restore(self) -> None:
        self._pace.restore()

    def take(self, pdu: Pdu) -> None:
        status = pdu.error_status
        if status == NO_SUCH_NAME:  # version 1: the end of what there is
            self.finish(Outcome.OK)
        elif status == TOO_BIG and self._bulk and self.repetitions > 1:
            self._pace.slower()
            self._pace.settle()
        elif status == GEN_ERR and self._bulk and self.repetitions > 1:
            self._at_most = self.repetitions // 2  # to come as near to the broken object as can be
        elif status != NO_ERROR:
            self.refuse(status, _AFTER, decode_oid(self._name)[1])
        elif not pdu.varbinds and self.repetitions > 1:
            self._at_most = self.repetitions // 2  # some agents say nothing instead of tooBig
        elif not pdu.varbinds:
            self.finish(Outcome.PARSE_FAILED, _NOTHING)
        else:
            self._pace.settle()
            self._take_varbinds(pdu)

    def _take_varbinds(self, pdu: Pdu) -> None:
        root, seen, lines, room = self._root, self._seen, self.lines, self._room
        for name, tag, content in pdu.varbinds:
            if tag in EXCEPTIONS or not name.startswith(root):
                self.finish(Outcome.OK)
                return
            text = decode_oid(name)[1]
            if name in seen:
                words = _CIRCLES % {"oid": text}
                self.finish(Outcome.PARSE_FAILED, words)
                return
            line = render(text, tag, content)
            room -= len(line) + 1
            if room < 0:
                words = _TOO_MUCH % {"bytes": self._limit}
                self.finish(Outcome.TIMEOUT, words)
                return
            seen.add(name)
            lines.append(line)
        self._room = room
        self._name = pdu.varbinds[-1].name
