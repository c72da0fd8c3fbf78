"""The frame of SNMP version 3 messages, and the question for an agent's engine ID.

Signing and encrypting are PySNMP's work; here is only what can be read without keys.
Source: RFC 3412 section 6 (message), RFC 3414 section 2.4 (USM parameters) and 4 (discovery).
"""

from __future__ import annotations

from dataclasses import dataclass

from collectors.errors import ParseError
from collectors.messages import N_
from collectors.transports.ber import (
    INTEGER,
    OCTET_STRING,
    SEQUENCE,
    decode_oid,
    encode_integer,
    encode_tlv,
    expect,
    read_header,
)
from collectors.transports.snmp_message import (
    GET,
    REPORT,
    VERSION_3,
    Pdu,
    decode_pdu,
    encode_pdu,
    read_integer,
)

AUTH_FLAG = 0x01
PRIV_FLAG = 0x02
REPORTABLE_FLAG = 0x04
USM = 3
MAX_MESSAGE_BYTES = 65507

USM_STATS = "1.3.6.1.6.3.15.1.1"  # SNMP-USER-BASED-SM-MIB usmStats
UNKNOWN_ENGINE_IDS = f"{USM_STATS}.4.0"


@dataclass(frozen=True, slots=True)
class V3Message:
    """One datagram. ``data`` is the scoped PDU's whole element, or the encrypted octets when the
    privacy flag is set; ``signature_at`` is where ``signature`` stands in the datagram."""

    msg_id: int
    flags: int
    engine_id: bytes
    boots: int
    time_s: int
    user: bytes
    signature: bytes
    salt: bytes
    data: bytes
    signature_at: int = 0


def encode_v3(message: V3Message) -> bytes:
    """The datagram; the signature stands as given."""
    header = _integer(message.msg_id) + _integer(MAX_MESSAGE_BYTES)
    header += encode_tlv(OCTET_STRING, bytes((message.flags,))) + _integer(USM)
    security = encode_tlv(OCTET_STRING, message.engine_id) + _integer(message.boots)
    security += _integer(message.time_s)
    for octets in (message.user, message.signature, message.salt):
        security += encode_tlv(OCTET_STRING, octets)
    data = message.data
    if message.flags & PRIV_FLAG:
        data = encode_tlv(OCTET_STRING, data)
    parts = _integer(VERSION_3) + encode_tlv(SEQUENCE, header)
    parts += encode_tlv(OCTET_STRING, encode_tlv(SEQUENCE, security)) + data
    return encode_tlv(SEQUENCE, parts)


def decode_v3(data: bytes) -> V3Message:
    """Read a datagram's frame.

    Raises:
        ParseError: not version 3 with the user-based security model.
    """
    at, end = expect(data, 0, len(data), SEQUENCE)
    version, at = read_integer(data, at, end)
    if version != VERSION_3:
        raise ParseError(N_("not SNMP version 3"))
    header_at, header_end = expect(data, at, end, SEQUENCE)
    msg_id, header_at = read_integer(data, header_at, header_end)
    _, header_at = read_integer(data, header_at, header_end)
    flags, header_at = _octets(data, header_at, header_end)
    model, _ = read_integer(data, header_at, header_end)
    if model != USM or len(flags) != 1:
        raise ParseError(N_("another security model than the user-based"))
    start, stop = expect(data, header_end, end, OCTET_STRING)
    start, _ = expect(data, start, stop, SEQUENCE)
    engine_id, start = _octets(data, start, stop)
    boots, start = read_integer(data, start, stop)
    time_s, start = read_integer(data, start, stop)
    user, start = _octets(data, start, stop)
    signature, after = _octets(data, start, stop)
    salt, _ = _octets(data, after, stop)
    tag, body, body_end = read_header(data, stop, end)
    encrypted = bool(flags[0] & PRIV_FLAG)
    if tag != (OCTET_STRING if encrypted else SEQUENCE):
        raise ParseError(N_("neither a scoped PDU nor an encrypted one"))
    return V3Message(
        msg_id,
        flags[0],
        engine_id,
        boots,
        time_s,
        user,
        signature,
        salt,
        data[body if encrypted else stop : body_end],
        after - len(signature),
    )


def encode_scoped(engine_id: bytes, context: bytes, pdu: bytes) -> bytes:
    """A scoped PDU (RFC 3412 section 6.8)."""
    return encode_tlv(SEQUENCE, encode_tlv(OCTET_STRING, engine_id) + encode_tlv(OCTET_STRING, context) + pdu)


def decode_scoped(data: bytes) -> tuple[bytes, Pdu]:
    """Context name and PDU. Bytes behind it are padding of a block cipher."""
    at, end = expect(data, 0, len(data), SEQUENCE)
    _, at = _octets(data, at, end)
    context, at = _octets(data, at, end)
    return context, decode_pdu(data, at, end)


def discovery(msg_id: int) -> bytes:
    """The question that every engine answers with a report of its engine ID."""
    scoped = encode_scoped(b"", b"", encode_pdu(GET, msg_id, 0, 0, b""))
    return encode_v3(V3Message(msg_id, REPORTABLE_FLAG, b"", 0, 0, b"", b"", b"", scoped))


def read_discovery(data: bytes, msg_id: int) -> bytes | None:
    """The engine ID out of an answer to ``discovery``; None for an answer to something else.

    Raises:
        ParseError: not SNMP version 3, or a report that does not tell the engine ID.
    """
    message = decode_v3(data)
    if message.msg_id != msg_id:
        return None
    pdu = decode_scoped(message.data)[1]
    names = [decode_oid(varbind.name)[1] for varbind in pdu.varbinds]
    if pdu.kind != REPORT or not message.engine_id or not names:
        raise ParseError(N_("the agent does not tell its engine ID"))
    return message.engine_id


def _integer(value: int) -> bytes:
    return encode_tlv(INTEGER, encode_integer(value))


def _octets(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    start, stop = expect(data, at, end, OCTET_STRING)
    return data[start:stop], stop
