"""Visits an agent in SNMP version 3, with the user-based security model.

Silence, a refused port and replies that are not SNMP are told apart by asking for the engine ID first.
"""

from __future__ import annotations

import random
import time

from collectors.errors import ParseError, VisitError
from collectors.messages import N_
from collectors.model import SnmpAccess, Target
from collectors.outcome import Outcome
from collectors.transports import TransportResult
from collectors.transports.snmp_message import VERSION_3
from collectors.transports.snmp_roots import walk_roots
from collectors.transports.snmp_session import Session, connect, receive, unreachable
from collectors.transports.snmp_usm import AUTH_PROTOCOLS, PRIV_PROTOCOLS, UsmWire, refused
from collectors.transports.snmp_v3_message import decode_v3, discovery, read_discovery
from collectors.transports.snmp_walk import SystemGet

_SHORT_AUTH = N_(
    "The authentication password has fewer than 8 characters, which SNMP version 3 does not allow."
)
_SHORT_PRIV = N_("The privacy password has fewer than 8 characters, which SNMP version 3 does not allow.")


def visit(target: Target, access: SnmpAccess, *, deadline: float) -> TransportResult:
    """Like ``snmp.visit``, in version 3.

    Raises:
        VisitError: the agent was not reached or the credential was refused.
    """
    _check_access(access)
    started = time.monotonic()
    wire = _discover(target.address, access, deadline)
    about = {
        "snmp.version": "3",
        "snmp.user": access.user,
        "snmp.security_level": security_level(access),
        "snmp.auth_protocol": access.auth_protocol,
        "snmp.priv_protocol": access.priv_protocol,
        "snmp.engine_id": wire.engine_id.hex(),
    }
    with Session(target.address, access, wire, started=started, deadline=deadline) as session:
        try:
            system = SystemGet()
            session.run([system])
            if not session.answered:
                words = N_("the user %(user)s gets no answer, though the device is there")
                raise refused(target.address, words % {"user": access.user})
            if system.outcome is Outcome.AUTH_FAILED:
                raise VisitError(Outcome.AUTH_FAILED, system.error)
            platform = walk_roots(session, system, target, access, VERSION_3)
        except VisitError as error:
            had = session.exchanges if session.answered else ()
            return TransportResult(had, error.outcome, error.reason, about)
        outcome, words = session.ended or (Outcome.OK, "")
        return TransportResult(session.exchanges, outcome, words, about, platform)


def security_level(access: SnmpAccess) -> str:
    """RFC 3411's word for what the access asks for."""
    if not access.auth_protocol:
        return "noAuthNoPriv"
    return "authPriv" if access.priv_protocol else "authNoPriv"


def _check_access(access: SnmpAccess) -> None:
    """Refuse an access that no device could accept, without asking one.

    Raises:
        VisitError: AUTH_FAILED.
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


def _discover(address: str, access: SnmpAccess, deadline: float) -> UsmWire:
    """Ask for the engine ID, and make the keys for it.

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
                        told = decode_v3(data)
                        return UsmWire(address, access, engine_id, told.boots, told.time_s)
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
