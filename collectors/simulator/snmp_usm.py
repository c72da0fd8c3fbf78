"""The agent's side of SNMP version 3: discovery, signatures and AES or DES, for simulated agents.

Source: RFC 3414 (USM), RFC 7860 (SHA-2), RFC 3826 (AES-128). Not for production: it keeps no boots
counter over restarts.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.modes import ECB

from collectors.errors import ParseError
from collectors.transports import ber
from collectors.transports.snmp_message import REPORT, Pdu, encode_pdu, encode_varbind
from collectors.transports.snmp_v3_message import (
    AUTH_FLAG,
    PRIV_FLAG,
    REPORTABLE_FLAG,
    UNKNOWN_ENGINE_IDS,
    USM_STATS,
    V3Message,
    decode_scoped,
    decode_v3,
    encode_scoped,
    encode_v3,
)

_UNSUPPORTED_LEVELS = f"{USM_STATS}.1.0"
_NOT_IN_TIME_WINDOWS = f"{USM_STATS}.2.0"
_UNKNOWN_USERS = f"{USM_STATS}.3.0"
_WRONG_DIGESTS = f"{USM_STATS}.5.0"
_DECRYPTION_ERRORS = f"{USM_STATS}.6.0"

# name → (hash, length of the signature in bytes)
_AUTH = {
    "MD5": ("md5", 12),
    "SHA": ("sha1", 12),
    "SHA224": ("sha224", 16),
    "SHA256": ("sha256", 24),
    "SHA384": ("sha384", 32),
    "SHA512": ("sha512", 48),
}


@dataclass(frozen=True, slots=True)
class V3User:
    """A user; ``auth_protocol`` as in ``SnmpAccess``, ``priv_protocol`` "" or AES."""

    name: str
    auth_protocol: str = ""
    auth_key: str = field(default="", repr=False)
    priv_protocol: str = ""
    priv_key: str = field(default="", repr=False)


_WINDOW_S = 150


class UsmResponder:
    """Answers version 3 datagrams for one engine.

    Attributes:
        boots: how often the engine has started. hides_clock: tells its clock in signed messages alone.
    """

    def __init__(self, users: Sequence[V3User]) -> None:
        self._users = {user.name.encode(): user for user in users}
        for user in users:
            if user.auth_protocol not in ("", *_AUTH) or user.priv_protocol not in ("", "AES"):
                raise ValueError(f"the simulated agent cannot do {user.auth_protocol}/{user.priv_protocol}")
        self.engine_id = bytes.fromhex("8000000005") + os.urandom(8)
        self._started = time.monotonic()
        self.boots = 1
        self.hides_clock = False
        self._keys: dict[tuple[str, str], bytes] = {}

    def answer(self, data: bytes, respond: Callable[[Pdu], bytes | None]) -> bytes | None:
        """The datagram to send back, or None.

        Args:
            respond: makes the encoded response PDU.
        """
        try:
            message = decode_v3(data)
            return self._answer(message, data, respond)
        except ParseError:
            return None

    def _answer(
        self, message: V3Message, data: bytes, respond: Callable[[Pdu], bytes | None]
    ) -> bytes | None:
        if message.engine_id != self.engine_id:
            return self._report(message, UNKNOWN_ENGINE_IDS)
        user = self._users.get(message.user)
        if user is None:
            return self._report(message, _UNKNOWN_USERS)
        wanted = (AUTH_FLAG if user.auth_protocol else 0) | (PRIV_FLAG if user.priv_protocol else 0)
        if message.flags & (AUTH_FLAG | PRIV_FLAG) != wanted:
            return self._report(message, _UNSUPPORTED_LEVELS)
        if wanted & AUTH_FLAG and not hmac.compare_digest(self._sign(user, data, message), message.signature):
            return self._report(message, _WRONG_DIGESTS)
        late_s = abs(message.time_s - self._time_s())
        if wanted & AUTH_FLAG and (message.boots != self.boots or late_s > _WINDOW_S):
            report = self._report_pdu(_NOT_IN_TIME_WINDOWS)
            return self._secure(user, message, encode_scoped(self.engine_id, b"", report), AUTH_FLAG)
        plain = message.data
        if wanted & PRIV_FLAG:
            plain = self._crypt(user, message, plain, decrypt=True)
        try:
            context, pdu = decode_scoped(plain)
        except ParseError:
            if wanted & PRIV_FLAG:
                return self._report(message, _DECRYPTION_ERRORS)
            raise
        response = respond(pdu)
        if response is None:
            return None
        return self._secure(user, message, encode_scoped(self.engine_id, context, response), wanted)

    def _secure(self, user: V3User, asked: V3Message, scoped: bytes, flags: int) -> bytes:
        salt = os.urandom(8) if flags & PRIV_FLAG else b""
        length = _AUTH[user.auth_protocol][1] if flags & AUTH_FLAG else 0
        answer = V3Message(
            asked.msg_id,
            flags,
            self.engine_id,
            self.boots,
            self._time_s(),
            asked.user,
            bytes(length),
            salt,
            scoped,
        )
        if flags & PRIV_FLAG:
            answer = replace(answer, data=self._crypt(user, answer, scoped, decrypt=False))
        data = encode_v3(answer)
        if not length:
            return data
        placed = decode_v3(data)
        signature = self._sign(user, data, placed)
        return data[: placed.signature_at] + signature + data[placed.signature_at + length :]

    def _report(self, asked: V3Message, counter: str) -> bytes | None:
        """RFC 3412 section 7.1, step 3: reports are not signed."""
        if not asked.flags & REPORTABLE_FLAG:
            return None
        scoped = encode_scoped(self.engine_id, b"", self._report_pdu(counter))
        boots, time_s = (0, 0) if self.hides_clock else (self.boots, self._time_s())
        return encode_v3(
            V3Message(asked.msg_id, 0, self.engine_id, boots, time_s, asked.user, b"", b"", scoped)
        )

    @staticmethod
    def _report_pdu(counter: str) -> bytes:
        name = ber.encode_oid(ber.parse_oid(counter))
        varbind = encode_varbind(name, ber.COUNTER32, ber.encode_integer(1))
        return encode_pdu(REPORT, 0, 0, 0, varbind)

    def _time_s(self) -> int:
        return int(time.monotonic() - self._started)

    def _sign(self, user: V3User, data: bytes, message: V3Message) -> bytes:
        name, length = _AUTH[user.auth_protocol]
        at, end = message.signature_at, message.signature_at + len(message.signature)
        unsigned = data[:at] + bytes(end - at) + data[end:]
        return hmac.digest(self._key(user, user.auth_key), unsigned, name)[:length]

    def _crypt(self, user: V3User, message: V3Message, data: bytes, *, decrypt: bool) -> bytes:
        """AES-128-CFB (RFC 3826 section 3.1)."""
        key = self._key(user, user.priv_key)[:16]
        start = message.boots.to_bytes(4, "big") + message.time_s.to_bytes(4, "big") + message.salt
        if len(start) != 16:
            raise ParseError("the privacy parameters are not 8 bytes")
        return _cfb(key, start, data, decrypt=decrypt)

    def _key(self, user: V3User, password: str) -> bytes:
        """RFC 3414 section 2.6 and appendix A.2: a key localised for this engine."""
        known = self._keys.get((user.auth_protocol, password))
        if known is None:
            name = _AUTH[user.auth_protocol][0]
            text = password.encode()
            digest = hashlib.new(name, (text * (1048576 // len(text) + 1))[:1048576]).digest()
            known = hashlib.new(name, digest + self.engine_id + digest).digest()
            self._keys[(user.auth_protocol, password)] = known
        return known


def _cfb(key: bytes, start: bytes, data: bytes, *, decrypt: bool) -> bytes:
    """Cipher feedback by hand: the library is moving its own from module to module."""
    engine = Cipher(algorithms.AES(key), ECB()).encryptor()  # noqa: S305 - a block at a time, chained here
    blocks: list[bytes] = []
    previous = start
    for at in range(0, len(data), 16):
        block = data[at : at + 16]
        pad = engine.update(previous)[: len(block)]
        done = bytes(left ^ right for left, right in zip(block, pad, strict=True))
        blocks.append(done)
        previous = block if decrypt else done
    return b"".join(blocks)
