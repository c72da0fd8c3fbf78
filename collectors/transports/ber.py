"""SNMP's share of ASN.1 BER: lengths, integers, object identifiers and SMI values.

Written for walks: a varbind stays as it came, as raw bytes, until somebody wants its text, and object
identifiers are turned to text with their prefixes remembered. Bytes of any kind raise ``ParseError``
and nothing else.

Source: ITU-T X.690 (BER), RFC 2578 section 7.1 (SMIv2 types), RFC 3416 section 3 (exceptions).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from collectors.errors import ParseError
from collectors.messages import N_

Oid = tuple[int, ...]

INTEGER = 0x02
OCTET_STRING = 0x04
NULL = 0x05
OBJECT_IDENTIFIER = 0x06
SEQUENCE = 0x30
IP_ADDRESS = 0x40
COUNTER32 = 0x41
GAUGE32 = 0x42
TIME_TICKS = 0x43
OPAQUE = 0x44
NSAP_ADDRESS = 0x45  # RFC 1442, obsolete
COUNTER64 = 0x46
UINTEGER32 = 0x47  # RFC 1442, obsolete: a Gauge32 of older agents
NO_SUCH_OBJECT = 0x80
NO_SUCH_INSTANCE = 0x81
END_OF_MIB_VIEW = 0x82

EXCEPTIONS = frozenset({NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW})
UNSIGNED = frozenset({COUNTER32, GAUGE32, TIME_TICKS, COUNTER64, UINTEGER32})

MAX_SUB_ID = 0xFFFFFFFF
_MAX_INTEGER_BYTES = 9  # an unsigned 64-bit number with its leading zero
_MAX_SUB_IDS = 128  # RFC 2578 section 3.5

_PLAIN_ASCII = re.compile(rb"[ -~]*").fullmatch


class Varbind(NamedTuple):
    """One name and value as they stand on the wire: OID content, type tag, value content."""

    name: bytes
    tag: int
    content: bytes


# --- lengths and frames ----------------------------------------------------------------------------


def encode_tlv(tag: int, content: bytes) -> bytes:
    """Tag, definite length, content."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content


def read_header(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Read a tag and a length.

    Returns:
        the tag, where the content begins and where it ends (never beyond ``end``).
    """
    if at + 2 > end:
        raise ParseError(N_("BER element cut short"))
    tag, length, start = data[at], data[at + 1], at + 2
    if length >= 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or start + count > end:
            raise ParseError(N_("BER length of a form that SNMP does not use"))
        length = int.from_bytes(data[start : start + count], "big")
        start += count
    if start + length > end:
        raise ParseError(N_("BER element longer than its frame"))
    return tag, start, start + length


def expect(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Begin and end of the content of an element that must have this tag."""
    found, start, stop = read_header(data, at, end)
    if found != tag:
        raise ParseError(f"BER tag 0x{tag:02x} expected, 0x{found:02x} found")
    return start, stop


# --- integers --------------------------------------------------------------------------------------


def encode_integer(value: int) -> bytes:
    """Content of an INTEGER: two's complement in as few bytes as it takes."""
    return value.to_bytes((value + (value < 0)).bit_length() // 8 + 1, "big", signed=True)


def decode_integer(content: bytes) -> int:
    """A signed number of at most 9 bytes."""
    if not 1 <= len(content) <= _MAX_INTEGER_BYTES:
        raise ParseError(N_("integer of an impossible size"))
    return int.from_bytes(content, "big", signed=True)


def decode_unsigned(content: bytes) -> int:
    """A number that is never negative: some agents forget the leading zero of 2^31 and more."""
    if not 1 <= len(content) <= _MAX_INTEGER_BYTES:
        raise ParseError(N_("integer of an impossible size"))
    return int.from_bytes(content, "big")


# --- object identifiers ----------------------------------------------------------------------------


def parse_oid(text: str) -> Oid:
    """Read dotted decimal, with or without the leading dot."""
    try:
        oid = tuple(int(part) for part in text.removeprefix(".").split("."))
    except ValueError as error:
        raise ParseError(N_("not a dotted object identifier")) from error
    if len(oid) < 2 or min(oid) < 0 or max(oid) > MAX_SUB_ID or oid[0] > 2 or (oid[0] < 2 and oid[1] > 39):
        raise ParseError(N_("not a valid object identifier"))
    return oid


def encode_oid(oid: Oid) -> bytes:
    """Content of an OBJECT IDENTIFIER; ``oid`` has two sub-identifiers at least."""
    if len(oid) <= 3:
        return _encode_sub_ids(oid)
    last = oid[-1]
    return _encode_prefix(oid[:-1]) + (bytes((last,)) if last < 0x80 else _encode_sub_id(last))


@lru_cache(maxsize=16384)
def _encode_prefix(oid: Oid) -> bytes:
    return _encode_sub_ids(oid)


def _encode_sub_ids(oid: Oid) -> bytes:
    return b"".join([_encode_sub_id(oid[0] * 40 + oid[1]), *map(_encode_sub_id, oid[2:])])


def _encode_sub_id(value: int) -> bytes:
    parts = [value & 0x7F]
    while value := value >> 7:
        parts.append(0x80 | value & 0x7F)
    return bytes(reversed(parts))


def decode_oid(content: bytes) -> tuple[Oid, str]:
    """The identifier as numbers, for comparing, and as dotted text.

    An empty content is 0.0, as other managers read it: some agents have such a sysObjectID.
    """
    length = len(content)
    if length < 2:
        return _decode_prefix(content)
    if content[-1] >= 0x80:
        raise ParseError(N_("object identifier cut short"))
    last, at, shift = content[-1], length - 2, 7
    while at > 0 and content[at] >= 0x80:
        last |= (content[at] & 0x7F) << shift
        at, shift = at - 1, shift + 7
    if at == 0 and content[0] >= 0x80:
        return _decode_prefix(content)
    if last > MAX_SUB_ID:
        raise ParseError(N_("sub-identifier above 2^32 - 1"))
    head, text = _decode_prefix(content[: at + 1])
    if len(head) >= _MAX_SUB_IDS:
        raise ParseError(N_("object identifier of more than 128 sub-identifiers"))
    return (*head, last), f"{text}.{last}"


@lru_cache(maxsize=16384)
def _decode_prefix(content: bytes) -> tuple[Oid, str]:
    if not content:
        return (0, 0), "0.0"
    if content[-1] >= 0x80:
        raise ParseError(N_("object identifier cut short"))
    parts: list[int] = []
    value = 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if value > MAX_SUB_ID + 80:
            raise ParseError(N_("sub-identifier above 2^32 - 1"))
        if byte < 0x80:
            parts.append(value)
            value = 0
    first = min(parts[0] // 40, 2)
    oid = (first, parts[0] - 40 * first, *parts[1:])
    if len(oid) > _MAX_SUB_IDS or max(oid) > MAX_SUB_ID:
        raise ParseError(N_("not a valid object identifier"))
    return oid, ".".join(map(str, oid))


# --- varbinds as text ------------------------------------------------------------------------------


def render(text: str, tag: int, content: bytes) -> bytes:
    """One ``OID|tag|value`` line, without the newline.

    Args:
        text: the name in dotted decimal. tag, content: the value as on the wire.
    Returns:
        Octet strings in tag 4 when every character can be printed, else in hex with tag 4x; what is
        neither number, text, address nor identifier in hex as well. A line never has a newline in it.
    """
    if tag == OCTET_STRING:
        if _PLAIN_ASCII(content):
            return b"%b|4|%b" % (text.encode(), content)
        return b"%b|%b" % (text.encode(), _render_octets(content))
    if tag == INTEGER:
        value = str(decode_integer(content))
    elif tag in UNSIGNED:
        tag = GAUGE32 if tag == UINTEGER32 else tag
        value = str(decode_unsigned(content))
    elif tag == OBJECT_IDENTIFIER:
        value = decode_oid(content)[1]
    elif tag == IP_ADDRESS and len(content) == 4:
        value = ".".join(map(str, content))
    elif tag in EXCEPTIONS or tag == NULL:
        value = ""
    else:
        return f"{text}|{tag}x|{content.hex()}".encode()
    return f"{text}|{tag}|{value}".encode()


def _render_octets(content: bytes) -> bytes:
    try:
        printable = content.decode().isprintable()
    except UnicodeDecodeError:
        printable = False
    return b"4|" + content if printable else b"4x|" + content.hex().encode()
