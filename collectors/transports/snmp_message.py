"""SNMP version 1 and 2c messages.

Source: RFC 1157 section 4 (message, PDUs), RFC 1901 (community-based SNMPv2), RFC 3416 (PDUs).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from collectors.errors import ParseError
from collectors.messages import N_
from collectors.transports.ber import (
    INTEGER,
    NULL,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    Varbind,
    decode_integer,
    encode_integer,
    encode_tlv,
    expect,
    read_header,
)

VERSION_1 = 0
VERSION_2C = 1
VERSION_3 = 3

GET = 0xA0
GET_NEXT = 0xA1
RESPONSE = 0xA2
GET_BULK = 0xA5
REPORT = 0xA8

NO_ERROR = 0
TOO_BIG = 1
NO_SUCH_NAME = 2
GEN_ERR = 5
NO_ACCESS = 6
AUTHORIZATION_ERROR = 16

# RFC 3416 section 3: error-status
ERROR_NAMES = (
    "noError",
    "tooBig",
    "noSuchName",
    "badValue",
    "readOnly",
    "genErr",
    "noAccess",
    "wrongType",
    "wrongLength",
    "wrongEncoding",
    "wrongValue",
    "noCreation",
    "inconsistentValue",
    "resourceUnavailable",
    "commitFailed",
    "undoFailed",
    "authorizationError",
    "notWritable",
    "inconsistentName",
)


@dataclass(frozen=True, slots=True)
class Pdu:
    """One protocol data unit. In a GetBulk ``error_status`` is non-repeaters and ``error_index``
    max-repetitions (RFC 3416 section 3)."""

    kind: int
    request_id: int
    error_status: int
    error_index: int
    varbinds: list[Varbind]


@dataclass(frozen=True, slots=True)
class Message:
    """A whole datagram of version 1 or 2c."""

    version: int
    community: bytes
    pdu: Pdu


def error_name(status: int) -> str:
    """The standard's word for an error-status."""
    return ERROR_NAMES[status] if 0 <= status < len(ERROR_NAMES) else f"error {status}"


def encode_request(
    version: int,
    community: bytes,
    kind: int,
    request_id: int,
    names: Iterable[bytes],
    *,
    repetitions: int = 0,
) -> bytes:
    """A Get, GetNext or GetBulk datagram.

    Args:
        names: contents of the object identifiers asked for. repetitions: of a GetBulk.
    """
    if kind not in (GET, GET_NEXT, GET_BULK):
        raise ValueError("this package only reads")
    varbinds = b"".join(encode_varbind(name, NULL, b"") for name in names)
    return encode_message(version, community, encode_pdu(kind, request_id, 0, repetitions, varbinds))


def encode_message(version: int, community: bytes, pdu: bytes) -> bytes:
    head = encode_tlv(INTEGER, encode_integer(version)) + encode_tlv(OCTET_STRING, community)
    return encode_tlv(SEQUENCE, head + pdu)


def encode_pdu(kind: int, request_id: int, error_status: int, error_index: int, varbinds: bytes) -> bytes:
    """A PDU; ``varbinds`` are encoded ones, one behind the other."""
    numbers = (
        encode_tlv(INTEGER, encode_integer(number)) for number in (request_id, error_status, error_index)
    )
    return encode_tlv(kind, b"".join(numbers) + encode_tlv(SEQUENCE, varbinds))


def encode_varbind(name: bytes, tag: int, content: bytes) -> bytes:
    return encode_tlv(SEQUENCE, encode_tlv(OBJECT_IDENTIFIER, name) + encode_tlv(tag, content))


def encode_varbinds(varbinds: Sequence[Varbind]) -> bytes:
    return b"".join(encode_varbind(*varbind) for varbind in varbinds)


def decode_message(data: bytes) -> Message:
    """Read a datagram of version 1 or 2c. Bytes behind the message are left alone, as others do.

    Raises:
        ParseError: anything else.
    """
    at, end = expect(data, 0, len(data), SEQUENCE)
    version, at = read_integer(data, at, end)
    if version not in (VERSION_1, VERSION_2C):
        raise ParseError(N_("neither SNMP version 1 nor 2c"))
    start, stop = expect(data, at, end, OCTET_STRING)
    return Message(version, data[start:stop], decode_pdu(data, stop, end))


def decode_pdu(data: bytes, at: int, end: int) -> Pdu:
    """Read the PDU that begins at ``at``."""
    kind, at, end = read_header(data, at, end)
    if not 0xA0 <= kind <= 0xA8 or kind == 0xA4:  # 0xA4: the trap of version 1, of another form
        raise ParseError(N_("not a protocol data unit"))
    request_id, at = read_integer(data, at, end)
    error_status, at = read_integer(data, at, end)
    error_index, at = read_integer(data, at, end)
    start, stop = expect(data, at, end, SEQUENCE)
    return Pdu(kind, request_id, error_status, error_index, _decode_varbinds(data, start, stop))


def read_integer(data: bytes, at: int, end: int) -> tuple[int, int]:
    """An INTEGER element and where it ends."""
    start, stop = expect(data, at, end, INTEGER)
    return decode_integer(data[start:stop]), stop


def _decode_varbinds(data: bytes, at: int, end: int) -> list[Varbind]:
    varbinds: list[Varbind] = []
    while at < end:
        # The short forms are read in place: this loop runs for every object of every walk.
        if at + 4 <= end and data[at] == SEQUENCE and data[at + 1] < 0x80 and data[at + 3] < 0x80:
            stop, name_at = at + 2 + data[at + 1], at + 4
            name_end = name_at + data[at + 3]
            if stop > end or name_end + 2 > stop or data[at + 2] != OBJECT_IDENTIFIER:
                raise ParseError(N_("not a varbind"))
            tag, value_at, value_end = data[name_end], name_end + 2, name_end + 2 + data[name_end + 1]
            if value_end > stop or data[name_end + 1] >= 0x80:
                tag, value_at, value_end = read_header(data, name_end, stop)
        else:
            start, stop = expect(data, at, end, SEQUENCE)
            name_at, name_end = expect(data, start, stop, OBJECT_IDENTIFIER)
            tag, value_at, value_end = read_header(data, name_end, stop)
        if value_end != stop:
            raise ParseError(N_("a varbind has something behind its value"))
        varbinds.append(Varbind(data[name_at:name_end], tag, data[value_at:value_end]))
        at = stop
    return varbinds
