"""Visits an SNMP agent: the system group first, then a walk of every root its platform has.

Only Get, GetNext and GetBulk are ever sent.
"""

from __future__ import annotations

import time

from collectors.errors import VisitError
from collectors.messages import N_
from collectors.model import SnmpAccess, Target
from collectors.outcome import Outcome
from collectors.transports import TransportResult
from collectors.transports.snmp_message import VERSION_1, VERSION_2C
from collectors.transports.snmp_roots import walk_roots
from collectors.transports.snmp_session import CommunityWire, Session, silence
from collectors.transports.snmp_walk import SystemGet

_VERSIONS = {"1": VERSION_1, "2c": VERSION_2C}


def visit(target: Target, access: SnmpAccess, *, deadline: float) -> TransportResult:
    """Ask an agent everything its platform has.

    Args:
        deadline: a moment of ``time.monotonic()`` at which everything has ended.
    Returns:
        the exchange "get 1.3.6.1.2.1.1", then one "walk ROOT" for each root, with ``OID|tag|value``
        lines. ``session`` names version, user and security level, never community or keys. Trouble is
        in ``outcome`` and ``error``, never raised.
    """
    try:
        if access.version == "3":
            from collectors.transports import snmp_v3

            return snmp_v3.visit(target, access, deadline=deadline)
        if access.version not in _VERSIONS:
            words = N_("SNMP version %(version)s does not exist: choose 1, 2c or 3.") % {
                "version": access.version
            }
            return TransportResult((), Outcome.UNSUPPORTED, words)
        return _visit_community(target, access, _VERSIONS[access.version], deadline)
    except VisitError as error:
        return TransportResult((), error.outcome, error.reason, {"snmp.version": access.version})


def _visit_community(target: Target, access: SnmpAccess, version: int, deadline: float) -> TransportResult:
    started = time.monotonic()
    wire = CommunityWire(access, version)
    with Session(target.address, access, wire, started=started, deadline=deadline) as session:
        system = SystemGet()
        session.run([system])
        _require_answer(target, access, session, system)
        platform = walk_roots(session, system, target, access, version)
        outcome, words = session.ended or (Outcome.OK, "")
        return TransportResult(session.exchanges, outcome, words, {"snmp.version": access.version}, platform)


def _require_answer(target: Target, access: SnmpAccess, session: Session, system: SystemGet) -> None:
    """Raise VisitError unless the first request was answered."""
    if system.outcome is Outcome.AUTH_FAILED:
        raise VisitError(Outcome.AUTH_FAILED, system.error)
    if session.answered:
        return
    if session.bad_replies:
        raise VisitError(
            Outcome.PARSE_FAILED,
            N_(
                "%(address)s UDP port %(port)s gives a bad reply: what answers there is not SNMP"
                " version %(version)s."
            )
            % {"address": target.address, "port": access.port, "version": access.version},
        )
    raise silence(target.address, access.port)
