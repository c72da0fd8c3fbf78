"""Signs, encrypts, checks and decrypts the messages of one SNMP version 3 conversation.

PySNMP localises the keys and runs the ciphers. The frame around them is ours: PySNMP's engine takes
longer to build, and to read one answer object by object, than the whole visit takes this way.
Source: RFC 3414 (user-based security model), RFC 7860 (SHA-2), RFC 3826 (AES).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Iterable

# Neither pyasn1 nor pysnmp ships types, and there are no stubs of them.
from pyasn1.type import univ  # type: ignore[import-untyped]  # no types are published
from pysnmp.proto.error import ProtocolError, StatusInformation  # type: ignore[import-untyped]  # as above
from pysnmp.proto.secmod.rfc3414 import service as usm  # type: ignore[import-untyped]  # as above

from collectors.errors import ParseError, VisitError
from collectors.messages import N_
from collectors.model import SnmpAccess
from collectors.outcome import Outcome
from collectors.transports.ber import NULL, decode_oid
from collectors.transports.snmp_message import RESPONSE, Pdu, encode_pdu, encode_varbind
from collectors.transports.snmp_v3_message import (
    AUTH_FLAG,
    PRIV_FLAG,
    REPORTABLE_FLAG,
    USM_STATS,
    V3Message,
    decode_scoped,
    decode_v3,
    encode_scoped,
    encode_v3,
)

WINDOW_S = 150  # RFC 3414 section 2.2.3
NOT_IN_TIME_WINDOWS = f"{USM_STATS}.2.0"

# name → PySNMP's name of it, the hash, the signature's length in bytes
AUTH_PROTOCOLS = {
    "MD5": (usm.hmacmd5.HmacMd5.SERVICE_ID, "md5", 12),
    "SHA": (usm.hmacsha.HmacSha.SERVICE_ID, "sha1", 12),
    "SHA224": (usm.hmacsha2.HmacSha2.SHA224_SERVICE_ID, "sha224", 16),
    "SHA256": (usm.hmacsha2.HmacSha2.SHA256_SERVICE_ID, "sha256", 24),
    "SHA384": (usm.hmacsha2.HmacSha2.SAH384_SERVICE_ID, "sha384", 32),  # its spelling
    "SHA512": (usm.hmacsha2.HmacSha2.SHA512_SERVICE_ID, "sha512", 48),
}
PRIV_PROTOCOLS = {
    "DES": usm.des.Des,
    "3DES": usm.des3.Des3,
    "AES": usm.aes.Aes,
    "AES192": usm.aes192.Aes192,
    "AES256": usm.aes256.Aes256,
}
_DES_LIKE = frozenset({"DES", "3DES"})  # their salt has 32 bits of ours, AES's has 64

_REFUSALS = {
    f"{USM_STATS}.1.0": N_("the user may not come at this security level"),
    NOT_IN_TIME_WINDOWS: N_("the device's clock of this conversation does not settle"),
    f"{USM_STATS}.3.0": N_("the device does not know the user"),
    f"{USM_STATS}.4.0": N_("the device does not accept its own engine ID"),
    f"{USM_STATS}.5.0": N_("the authentication password or protocol is wrong"),
    f"{USM_STATS}.6.0": N_("the privacy password or protocol is wrong"),
}
_REFUSES = N_(
    "%(address)s refuses the SNMP version 3 access: %(reason)s. Check user, passwords and protocols."
)


def refused(address: str, reason: str) -> VisitError:
    """A credential that a device does not take, for the person who can act."""
    return VisitError(Outcome.AUTH_FAILED, _REFUSES % {"address": address, "reason": reason})


def _hash_password(password: str, hash_name: str) -> bytes:
    """RFC 3414 appendix A.2: the hash of the password repeated up to 1 MiB, in one call."""
    text = password.encode()
    return hashlib.new(hash_name, (text * (2**20 // len(text) + 1))[: 2**20]).digest()


class UsmWire:
    """The wire form of one conversation; see ``snmp_session.Wire``. Its keys end with it.

    Args:
        access: checked already: known protocols, privacy with authentication alone.
        boots, time_s: the engine's clock as the discovery said, which nobody had signed: it serves as a
            first guess and is replaced by the first signed one.
    """

    def __init__(self, address: str, access: SnmpAccess, engine_id: bytes, boots: int, time_s: int) -> None:
        self._address, self.engine_id = address, engine_id
        self._user, self._context = access.user.encode(), access.context.encode()
        self._boots, self._ahead_s = boots, time_s - time.monotonic()
        self._clock_is_signed = False
        self._flags = 0
        self._hash, self._signature_bytes = "", 0
        engine = univ.OctetString(engine_id)
        if access.auth_protocol:
            self._flags |= AUTH_FLAG
            name, self._hash, self._signature_bytes = AUTH_PROTOCOLS[access.auth_protocol]
            service = usm.SnmpUSMSecurityModel.AUTH_SERVICES[name]
            hashed = _hash_password(access.auth_key, self._hash)
            self._auth_key = bytes(service.localize_key(hashed, engine))
        if access.auth_protocol and access.priv_protocol:
            self._flags |= PRIV_FLAG
            self._cipher = PRIV_PROTOCOLS[access.priv_protocol]()
            # One of its own for every conversation: PySNMP counts salts up without a lock.
            self._cipher.local_int = secrets.randbits(32 if access.priv_protocol in _DES_LIKE else 64)
            hashed = _hash_password(access.priv_key, self._hash)
            self._priv_key = self._cipher.localize_key(name, hashed, engine)

    def encode(self, kind: int, number: int, names: Iterable[bytes], repetitions: int) -> bytes:
        """A request, signed and encrypted as the access says."""
        varbinds = b"".join(encode_varbind(name, NULL, b"") for name in names)
        pdu = encode_pdu(kind, number, 0, repetitions, varbinds)
        scoped = encode_scoped(self.engine_id, self._context, pdu)
        boots, time_s = (self._boots, self._time_s()) if self._flags & AUTH_FLAG else (0, 0)
        salt = b""
        if self._flags & PRIV_FLAG:
            encrypted, salted = self._cipher.encrypt_data(self._priv_key, (boots, time_s, None), scoped)
            scoped, salt = bytes(encrypted), bytes(salted)
        message = V3Message(
            number,
            self._flags | REPORTABLE_FLAG,
            self.engine_id,
            boots,
            time_s,
            self._user,
            bytes(self._signature_bytes),
            salt,
            scoped,
        )
        data = encode_v3(message)
        if not self._flags & AUTH_FLAG:
            return data
        at = decode_v3(data).signature_at
        return data[:at] + self._sign(data) + data[at + self._signature_bytes :]

    def decode(self, data: bytes) -> tuple[int, Pdu]:
        """A message's number and its PDU, a response or a report.

        Raises:
            ParseError: not a message of this conversation: another engine, user or security level, a
                wrong signature, an old one played again, or bytes that make no sense.
        """
        message = decode_v3(data)
        level = message.flags & (AUTH_FLAG | PRIV_FLAG)
        if message.engine_id != self.engine_id or level & ~self._flags:
            raise ParseError(N_("not a message of this conversation"))
        if level & AUTH_FLAG:
            self._check(data, message)
        plain = self._decrypt(message) if level & PRIV_FLAG else message.data
        _, pdu = decode_scoped(plain)
        if pdu.kind == RESPONSE and (level != self._flags or message.user != self._user):
            raise ParseError(N_("an answer below the security level that was asked for"))
        if pdu.kind == RESPONSE and pdu.request_id != message.msg_id:
            raise ParseError(N_("not a message of this conversation"))
        if not level & AUTH_FLAG and not self._clock_is_signed:
            self._boots, self._ahead_s = message.boots, message.time_s - time.monotonic()
        return message.msg_id, pdu

    def ask_again(self, report: Pdu, times: int) -> None:
        """Decide on a report: returns when the question may be put again.

        Args:
            times: how often it was put again already.
        Raises:
            VisitError: the device refuses.
        """
        name = decode_oid(report.varbinds[0].name)[1] if report.varbinds else ""
        if name == NOT_IN_TIME_WINDOWS and times < 2:
            return  # its clock has been taken over
        if name in _REFUSALS:
            raise refused(self._address, _REFUSALS[name])
        words = N_("The agent gives a bad reply: %(reason)s.") % {"reason": f"report {name}"}
        raise VisitError(Outcome.PARSE_FAILED, words)

    def _time_s(self) -> int:
        return max(0, int(time.monotonic() + self._ahead_s))

    def _sign(self, data: bytes) -> bytes:
        return hmac.digest(self._auth_key, data, self._hash)[: self._signature_bytes]

    def _check(self, data: bytes, message: V3Message) -> None:
        """RFC 3414 section 3.2, steps 6 and 7b: the signature, then the clock."""
        at, end = message.signature_at, message.signature_at + self._signature_bytes
        signed = data[:at] + bytes(self._signature_bytes) + data[end:]
        if len(message.signature) != self._signature_bytes or not hmac.compare_digest(
            self._sign(signed), message.signature
        ):
            raise ParseError(N_("a signature that is not the device's"))
        ahead_s = message.time_s - time.monotonic()
        if self._clock_is_signed and (
            message.boots < self._boots
            or (message.boots == self._boots and ahead_s < self._ahead_s - WINDOW_S)
        ):
            raise ParseError(N_("an old message played again"))
        self._boots, self._ahead_s, self._clock_is_signed = message.boots, ahead_s, True

    def _decrypt(self, message: V3Message) -> bytes:
        parameters = (message.boots, message.time_s, univ.OctetString(message.salt))
        try:
            return bytes(
                self._cipher.decrypt_data(self._priv_key, parameters, univ.OctetString(message.data))
            )
        except (StatusInformation, ProtocolError, ValueError) as error:
            raise ParseError(N_("it cannot be decrypted")) from error
