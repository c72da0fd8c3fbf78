"""Reads and writes ``OID|tag|value`` lines: the form of SNMP answers in transcripts and recordings.

Tags are those of snmpsim's snmprec files: 2 integer, 4 octet string, 5 null, 6 OID, 64 IP address,
65 Counter32, 66 Gauge32, 67 TimeTicks, 68 Opaque, 70 Counter64. ``x`` after a tag means that the value
is written in hexadecimal, ``e`` that it is a Python-style string with backslash escapes.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from collectors.errors import ParseError
from collectors.facts.text import decode
from collectors.messages import N_
from collectors.model import Evidence

TAGS = frozenset({"2", "4", "5", "6", "64", "65", "66", "67", "68", "70"})
_CONTROLS = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")  # what no text of a device needs
_NUMERIC = frozenset({"2", "65", "66", "67", "70"})
# A sub-identifier has 32 bits; twenty digits leave room for agents that count otherwise.
_LINE = re.compile(r"\.?([0-9]{1,20}(?:\.[0-9]{1,20})*)\|([0-9]+)([xe]?)\|(.*)", re.S)
_NUMBER = re.compile(r"\s*([-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)")
# net-snmp's Opaque: a tag of its own, a length, then an IEEE number.
_OPAQUE_NUMBERS = {b"\x9f\x78\x04": ">f", b"\x9f\x79\x08": ">d"}
_MAX_NUMBER_DIGITS = 40


class Varbind(NamedTuple):
    """``oid`` has no leading dot; ``value`` is as it stands in the line, without escapes undone."""

    oid: str
    tag: str
    value: str


def parse_lines(data: bytes | str, bad: list[ParseError] | None = None) -> tuple[Varbind, ...]:
    """Read snmprec lines in the order in which they stand; duplicates are kept.

    Args:
        data: the raw answer. Bytes that are not UTF-8 are read line by line as GB18030 where they can be.
        bad: where given, faulty lines are put here and passed over.
    Raises:
        ParseError: a line is not of the form, and ``bad`` is not given.
    """
    found: list[Varbind] = []
    match = _LINE.fullmatch
    for number, line in enumerate(_lines(data), 1):
        parts = match(line)
        if parts is not None and parts[2] in TAGS:
            found.append(Varbind(parts[1], parts[2] + parts[3], parts[4]))
        elif line.strip("\r \t\x00"):
            error = ParseError(N_("expected OID|tag|value"), number)
            if bad is None:
                raise error
            bad.append(error)
    return tuple(found)


def _lines(data: bytes | str) -> Iterator[str]:
    """Split at line feeds alone: other separators are part of what devices write in their texts."""
    text = data if isinstance(data, str) else ""
    if isinstance(data, bytes):
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            yield from (decode(raw).removesuffix("\r") for raw in data.split(b"\n"))
            return
    yield from (line.removesuffix("\r") for line in text.split("\n"))


def format_line(oid: str, tag: str, value: bytes | str | int) -> str:
    """One line without its line feed. Octet strings that are not plain ASCII are written in hexadecimal.

    Args:
        oid: dotted, with or without a leading dot.
        tag: a plain tag ("4"); bytes under "4" become "4x" where needed.
    """
    oid = oid.removeprefix(".")
    if isinstance(value, bytes):
        printable = all(32 <= byte < 127 for byte in value)
        if tag == "4" and printable:
            return f"{oid}|4|{value.decode('ascii')}"
        return f"{oid}|{tag}x|{value.hex()}"
    text = str(value)
    if tag == "4" and any(ord(character) < 32 for character in text):
        return f"{oid}|4x|{text.encode().hex()}"
    return f"{oid}|{tag}|{text}"


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a walk, with where it was found."""

    oid: str
    tag: str
    raw: str
    exchange: int

    @property
    def octets(self) -> bytes:
        """The bytes of an octet string (of any other value: its text's)."""
        if self.tag.endswith("x"):
            digits = re.sub(r"[^0-9A-Fa-f]", "", self.raw)
            return bytes.fromhex(digits[: len(digits) // 2 * 2])
        if self.tag.endswith("e"):
            return _unescape(self.raw)
        return self.raw.encode("utf-8", errors="surrogatepass")

    @property
    def text(self) -> str:
        """As people read it: decoded, without NULs, control characters and blanks at its ends."""
        if self.tag[-1:] in ("x", "e"):
            text = self.address if self.tag == "64x" else decode(self.octets)
        else:
            text = self.raw
        text = text.replace("\x00", "").strip("\r\n\t ﻿\x7f\ufffd")
        return text if text.isprintable() else _CONTROLS.sub("", text)

    @property
    def number(self) -> float | None:
        """The number, or that at the beginning of a text ("23 C"); None where there is none."""
        if self.tag in _NUMERIC:
            return integer_of(self.raw)
        octets = self.octets if self.tag.endswith("x") else b""
        form = _OPAQUE_NUMBERS.get(octets[:3])
        if form is not None and len(octets) >= 3 + octets[2]:
            value = float(struct.unpack(form, octets[3 : 3 + octets[2]])[0])
            return value if abs(value) < float("inf") else None
        match = _NUMBER.match(self.text.lstrip('"'))
        if match is None or len(match[1]) > _MAX_NUMBER_DIGITS:
            return None
        value = float(match[1])
        return value if abs(value) < float("inf") else None

    @property
    def integer(self) -> int | None:
        number = self.number
        return None if number is None else int(number)

    @property
    def address(self) -> str:
        """The dotted IPv4 address of an IpAddress."""
        if self.tag.endswith("x"):
            return ".".join(str(byte) for byte in self.octets)
        return self.raw.strip()

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.exchange, oid=self.oid)


def integer_of(raw: str) -> int | None:
    """The integer a line holds; None for empty or cut ones."""
    raw = raw.strip()
    digits = raw[1:] if raw[:1] in ("-", "+") else raw
    if not digits.isascii() or not digits.isdigit() or len(digits) > _MAX_NUMBER_DIGITS:
        return None
    return int(raw)


def last_part(oid: str) -> int | None:
    """The last number of an OID that stands as a value."""
    return integer_of(oid.strip().rsplit(".", 1)[-1])


def _unescape(raw: str) -> bytes:
    r"""Undo ``\xhh``, ``\n`` … of a Python string; what is no escape stays as it is."""
    simple = {"n": b"\n", "r": b"\r", "t": b"\t", "\\": b"\\", "'": b"'", '"': b'"', "0": b"\0"}
    out = bytearray()
    for piece in re.finditer(r"\\x([0-9A-Fa-f]{2})|\\([nrt0\\'\"])|(.)", raw, re.S):
        if piece[1]:
            out.append(int(piece[1], 16))
        elif piece[2]:
            out += simple[piece[2]]
        else:
            out += piece[3].encode("utf-8", errors="surrogatepass")
    return bytes(out)


def index_key(index: str) -> tuple[int, ...]:
    """Sorts indexes as agents do: by number, part by part."""
    return tuple(int(part) for part in index.split(".")) if index else ()


class Walk:
    """All values of a visit, found by OID; of duplicates the last line holds.

    Strings are kept sorted as text: all OIDs below a root stand together then, and nothing has to be
    turned into numbers but what is looked at.
    """

    __slots__ = ("_columns", "_oids", "_values")

    def __init__(self, varbinds: Iterable[tuple[int, Varbind]]) -> None:
        """``varbinds``: each with the number of its exchange."""
        self._values: dict[str, tuple[str, str, int]] = {
            oid: (tag, value, exchange) for exchange, (oid, tag, value) in varbinds
        }
        self._oids = sorted(self._values)
        self._columns: dict[str, dict[str, Value]] = {}

    def __len__(self) -> int:
        return len(self._oids)

    def get(self, oid: str) -> Value | None:
        """The value of exactly this OID."""
        found = self._values.get(oid)
        return None if found is None else Value(oid, *found)

    def scalar(self, oid: str) -> Value | None:
        """The value of an object without index: ``oid`` may stand with or without its ``.0``."""
        return self.get(oid) or self.get(f"{oid}.0")

    def text(self, oid: str) -> str:
        """The scalar's text, "" where there is none."""
        value = self.scalar(oid)
        return "" if value is None else value.text

    def has(self, root: str) -> bool:
        """Whether anything stands at or below the root."""
        if root in self._values:
            return True
        at = bisect_left(self._oids, root + ".")
        return at < len(self._oids) and self._oids[at].startswith(root + ".")

    def column(self, root: str) -> dict[str, Value]:
        """Everything below a root by the rest of its OID, in the order of numbers."""
        cached = self._columns.get(root)
        if cached is not None:
            return cached
        start = bisect_left(self._oids, root + ".")
        stop = bisect_left(self._oids, root + "/")  # "/" is the character after "."
        skip = len(root) + 1
        indexes = sorted((oid[skip:] for oid in self._oids[start:stop]), key=index_key)
        found = {index: Value(f"{root}.{index}", *self._values[f"{root}.{index}"]) for index in indexes}
        self._columns[root] = found
        return found
