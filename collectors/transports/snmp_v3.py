"""Visits an agent in SNMP version 3, with PySNMP's user-based security model.

One event loop and one engine a visit. Silence, a refused port and replies that are not SNMP are told
apart beforehand, by asking for the engine ID over a socket of our own: PySNMP reports all three alike.
"""

from __future__ import annotations

import asyncio
import random
import socket
import time
from collections.abc import Iterable
from typing import Any

# Neither pyasn1 nor pysnmp ships types, and there are no stubs of them.
from pyasn1.type import univ  # type: ignore[import-untyped]
from pysnmp.error import PySnmpError  # type: ignore[import-untyped]
from pysnmp.hlapi.v3arch.asyncio import (  # type: ignore[import-untyped]
    USM_AUTH_HMAC96_MD5,
    USM_AUTH_HMAC96_SHA,
    USM_AUTH_HMAC128_SHA224,
    USM_AUTH_HMAC192_SHA256,
    USM_AUTH_HMAC256_SHA384,
    USM_AUTH_HMAC384_SHA512,
    USM_PRIV_CBC56_DES,
    USM_PRIV_CBC168_3DES,
    USM_PRIV_CFB128_AES,
    USM_PRIV_CFB192_AES,
    USM_PRIV_CFB256_AES,
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    Udp6TransportTarget,
    UdpTransportTarget,
    UsmUserData,
    bulk_cmd,
    get_cmd,
)
from pysnmp.proto import errind  # type: ignore[import-untyped]

from collectors.errors import ParseError, VisitError
from collectors.messages import N_
from collectors.model import Exchange, SnmpAccess, Target
from collectors.outcome import Outcome
from collectors.transports import TransportResult
from collectors.transports.ber import Varbind, decode_oid, encode_integer, encode_oid
from collectors.transports.snmp_message import GET, RESPONSE, VERSION_3, Pdu
from collectors.transports.snmp_roots import roots_of
from collectors.transports.snmp_session import (
    FELL_SILENT,
    SILENT_WALKS,
    TIME_OVER,
    WENT_BAD,
    connect,
    ended_exchange,
    give_up,
    receive,
    unreachable,
    unreadable,
)
from collectors.transports.snmp_v3_message import discovery, read_discovery
from collectors.transports.snmp_walk import Enquiry, Pace, SystemGet, Walk

AUTH_PROTOCOLS = {
    "MD5": USM_AUTH_HMAC96_MD5,
    "SHA": USM_AUTH_HMAC96_SHA,
    "SHA224": USM_AUTH_HMAC128_SHA224,
    "SHA256": USM_AUTH_HMAC192_SHA256,
    "SHA384": USM_AUTH_HMAC256_SHA384,
    "SHA512": USM_AUTH_HMAC384_SHA512,
}
PRIV_PROTOCOLS = {
    "DES": USM_PRIV_CBC56_DES,
    "3DES": USM_PRIV_CBC168_3DES,
    "AES": USM_PRIV_CFB128_AES,
    "AES192": USM_PRIV_CFB192_AES,
    "AES256": USM_PRIV_CFB256_AES,
}

_SHORT_AUTH = N_(
    "The authentication password has fewer than 8 characters, which SNMP version 3 does not allow."
)
_SHORT_PRIV = N_("The privacy password has fewer than 8 characters, which SNMP version 3 does not allow.")
_REFUSALS = (
    (errind.UnknownUserName, N_("the device does not know the user")),
    (errind.WrongDigest, N_("the authentication password or protocol is wrong")),
    (errind.AuthenticationError, N_("the authentication password or protocol is wrong")),
    (errind.AuthenticationFailure, N_("the authentication password or protocol is wrong")),
    (errind.DecryptionError, N_("the privacy password or protocol is wrong")),
    (errind.EncryptionError, N_("the privacy protocol cannot be used")),
    (errind.UnsupportedSecurityLevel, N_("the user may not come at this security level")),
    (errind.UnsupportedAuthProtocol, N_("the authentication protocol is not supported")),
    (errind.UnsupportedPrivProtocol, N_("the privacy protocol is not supported")),
    (errind.UnknownEngineID, N_("the device does not accept its own engine ID")),
    (errind.NotInTimeWindow, N_("the device's clock of this conversation does not settle")),
)


def visit(target: Target, access: SnmpAccess, *, deadline: float) -> TransportResult:
    """Like ``snmp.visit``, in version 3.

    Raises:
        VisitError: the agent was not reached or the credential was refused.
    """
    user = _user(access)
    started = time.monotonic()
    engine_id, where, family = _discover(target.address, access, deadline)
    session = {
        "snmp.version": "3",
        "snmp.user": access.user,
        "snmp.security_level": security_level(access),
        "snmp.auth_protocol": access.auth_protocol,
        "snmp.priv_protocol": access.priv_protocol,
        "snmp.engine_id": engine_id.hex(),
    }
    conversation = _Conversation(target, access, user, started, deadline)
    try:
        return asyncio.run(conversation.run(where, family, session))
    except VisitError as error:
        return TransportResult(tuple(conversation.exchanges), error.outcome, error.reason, session)


def security_level(access: SnmpAccess) -> str:
    """RFC 3411's word for what the access asks for."""
    if not access.auth_protocol:
        return "noAuthNoPriv"
    return "authPriv" if access.priv_protocol else "authNoPriv"


def _user(access: SnmpAccess) -> UsmUserData:
    """What PySNMP needs to know of the user.

    Raises:
        VisitError: AUTH_FAILED for an access that no device could accept.
    """
    auth, priv = access.auth_protocol, access.priv_protocol
    if not access.user:
        words = N_("SNMP version 3 needs a user name: add it to the access.")
        raise VisitError(Outcome.AUTH_FAILED, words)
    if auth not in ("", *AUTH_PROTOCOLS) or priv not in ("", *PRIV_PROTOCOLS):
        words = N_("The protocols %(auth)s and %(priv)s are not known: choose others.")
        raise VisitError(Outcome.AUTH_FAILED, words % {"auth": auth, "priv": priv})
    if priv and not auth:
        words = N_("Privacy needs authentication: choose its protocol as well.")
        raise VisitError(Outcome.AUTH_FAILED, words)
    for protocol, key, words in ((auth, access.auth_key, _SHORT_AUTH), (priv, access.priv_key, _SHORT_PRIV)):
        if protocol and len(key) < 8:
            raise VisitError(Outcome.AUTH_FAILED, words)
    return UsmUserData(
        access.user,
        authKey=access.auth_key if auth else None,
        privKey=access.priv_key if priv else None,
        authProtocol=AUTH_PROTOCOLS[auth] if auth else None,
        privProtocol=PRIV_PROTOCOLS[priv] if priv else None,
    )


def _discover(address: str, access: SnmpAccess, deadline: float) -> tuple[bytes, tuple[Any, ...], int]:
    """Ask for the engine ID.

    Returns:
        the ID, the socket address that answered, and its family.
    Raises:
        VisitError: UNREACHABLE, or PARSE_FAILED for what is not SNMP version 3.
    """
    msg_id = random.randrange(1, 2**30)  # noqa: S311 - tells answers apart, hides nothing
    bad_replies = 0
    with connect(address, access.port) as connected:
        try:
            for _ in range(access.retries + 1):
                connected.send(discovery(msg_id))
                due = min(deadline, time.monotonic() + max(0.01, access.timeout_s))
                while (data := receive(connected, due)) is not None:
                    try:
                        engine_id = read_discovery(data, msg_id)
                    except ParseError:
                        bad_replies += 1
                        continue
                    if engine_id is not None:
                        return engine_id, connected.getpeername(), connected.family
        except OSError as error:
            raise unreachable(address, access.port, error) from error
    if bad_replies:
        words = N_("%(address)s UDP port %(port)s gives a bad reply: not SNMP version 3.")
        raise VisitError(Outcome.PARSE_FAILED, words % {"address": address, "port": access.port})
    raise VisitError(
        Outcome.UNREACHABLE,
        N_(
            "%(address)s UDP port %(port)s stays silent: wrong address, or SNMP version 3 is off. Check the"
            " device's list of allowed managers, and the firewall."
        )
        % {"address": address, "port": access.port},
    )


class _Conversation:
    def __init__(
        self, target: Target, access: SnmpAccess, user: UsmUserData, started: float, deadline: float
    ) -> None:
        self._target, self._access, self._user = target, access, user
        self._started, self._deadline = started, deadline
        self.exchanges: list[Exchange] = []
        self._answered = False
        self._unanswered = 0
        self._bad_replies = 0

    async def run(self, where: tuple[Any, ...], family: int, session: dict[str, str]) -> TransportResult:
        # PySNMP's receiver raises on some bytes that are not SNMP; asyncio brings that here.
        asyncio.get_running_loop().set_exception_handler(self._bad_reply)
        self._engine = SnmpEngine()
        kind = Udp6TransportTarget if family == socket.AF_INET6 else UdpTransportTarget
        # Retries are ours: PySNMP would repeat a refused credential too.
        self._transport = await kind.create(where[:2], timeout=max(0.1, self._access.timeout_s), retries=0)
        try:
            system = SystemGet()
            await self._put(system)
            if not self._answered:
                words = N_("the user %(user)s gets no answer, though the device is there")
                raise self._refused(words % {"user": self._access.user})
            if system.outcome is Outcome.AUTH_FAILED:
                raise VisitError(Outcome.AUTH_FAILED, system.error)
            platform, roots = roots_of(system, self._target)
            outcome, words = await self._walk(roots)
            return TransportResult(tuple(self.exchanges), outcome, words, session, platform)
        finally:
            self._engine.close_dispatcher()
            await asyncio.sleep(0)  # the loop closes the socket in its next turn

    async def _walk(self, roots: Iterable[str]) -> tuple[Outcome, str]:
        silent = 0
        pace = Pace(self._access.max_repetitions)
        for root in roots:
            walk = Walk(root, version=VERSION_3, pace=pace, limit_bytes=self._target.max_output_bytes)
            gave_up = await self._put(walk)
            if time.monotonic() >= self._deadline:
                return Outcome.TIMEOUT, TIME_OVER
            silent = silent + 1 if gave_up else 0
            if silent >= SILENT_WALKS:
                return WENT_BAD if self._bad_replies else FELL_SILENT
        return Outcome.OK, ""

    async def _put(self, enquiry: Enquiry) -> bool:
        """Put one enquiry to its end; whether it ended for want of an answer.

        Raises:
            VisitError: AUTH_FAILED, PARSE_FAILED; what the enquiry has is kept.
        """
        begun = time.monotonic()
        try:
            await self._converse(enquiry)
        except VisitError as error:
            enquiry.finish(error.outcome, error.reason)
            raise
        finally:
            if self._answered:
                duration_s = time.monotonic() - begun
                self.exchanges.append(ended_exchange(enquiry, begun - self._started, duration_s))
        return self._unanswered > self._access.retries

    async def _converse(self, enquiry: Enquiry) -> None:
        self._unanswered = self._bad_replies = 0
        while enquiry.outcome is None:
            try:
                pdu = await self._ask(enquiry)
            except TimeoutError:
                enquiry.finish(Outcome.TIMEOUT, TIME_OVER)
                return
            if pdu is not None:
                self._answered, self._unanswered = True, 0
                try:
                    enquiry.take(pdu)
                except ParseError as error:
                    enquiry.finish(Outcome.PARSE_FAILED, unreadable(error.reason))
                continue
            self._unanswered += 1
            enquiry.shrink()
            if self._unanswered > self._access.retries:
                give_up(enquiry, self._unanswered, self._bad_replies)

    def _bad_reply(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self._bad_replies += 1

    async def _ask(self, enquiry: Enquiry) -> Pdu | None:
        """One request; None when nobody answered in time.

        Raises:
            VisitError: AUTH_FAILED, PARSE_FAILED. TimeoutError: the visit's deadline.
        """
        kind, names, repetitions = enquiry.request()
        objects = [ObjectType(ObjectIdentity(decode_oid(name)[0])) for name in names]
        common = (self._engine, self._user, self._transport, ContextData(contextName=self._access.context))
        try:
            async with asyncio.timeout_at(
                asyncio.get_running_loop().time() + self._deadline - time.monotonic()
            ):
                if kind == GET:
                    answer = await get_cmd(*common, *objects, lookupMib=False)
                else:
                    answer = await bulk_cmd(*common, 0, repetitions, *objects, lookupMib=False)
        except PySnmpError as error:
            raise VisitError(Outcome.PARSE_FAILED, unreadable(str(error))) from error
        indication, status, index, varbinds = answer
        if isinstance(indication, errind.RequestTimedOut):
            return None
        if indication:
            self._raise_for(indication)
        return Pdu(RESPONSE, 0, int(status), int(index), [_varbind(name, value) for name, value in varbinds])

    def _raise_for(self, indication: object) -> None:
        for kind, reason in _REFUSALS:
            if isinstance(indication, kind):
                raise self._refused(reason)
        words = N_("The agent gives a bad reply: %(reason)s.") % {"reason": indication}
        raise VisitError(Outcome.PARSE_FAILED, words)

    def _refused(self, reason: str) -> VisitError:
        address = self._target.address
        words = N_(
            "%(address)s refuses the SNMP version 3 access: %(reason)s. Check user, passwords and protocols."
        )
        return VisitError(Outcome.AUTH_FAILED, words % {"address": address, "reason": reason})


def _varbind(name: Any, value: Any) -> Varbind:
    """PySNMP's objects as they stood on the wire."""
    tag = value.tagSet.superTags[-1]
    if isinstance(value, univ.Integer):
        content = encode_integer(int(value))
    elif isinstance(value, univ.ObjectIdentifier):
        content = encode_oid(tuple(value))
    else:
        content = bytes(value)
    return Varbind(encode_oid(tuple(name)), tag.tagClass | tag.tagId, content)
