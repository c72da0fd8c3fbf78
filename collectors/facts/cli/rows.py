"""What parsers of command lines give: typed facts, with the device's own words beside them.

Facts that every device has are those of ``collectors.model``; these are the further ones. The key in
``DeviceFacts.extra`` is given with each type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from collectors.errors import ParseError
from collectors.messages import N_
from collectors.model import Evidence
from collectors.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Row:
    """One row or block of an answer.

    ``facts``: what it says in our terms (several for a transceiver: its temperature, its light …).
    ``details``: the device's own words by a fixed name, for people and for what has no type yet.
    """

    facts: tuple[object, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeviceTime:
    """What the device's clock shows. ``when`` is aware, or naive where the zone's offset is not told.

    ``trusted``: False where the device itself says that its clock is not synchronised (Cisco's "*" and
    "."), None where it says nothing.
    """

    when: datetime
    zone: str = ""
    trusted: bool | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """``members``: tuple of these: one device of a stack, a cluster or a pair of firewalls."""

    name: str
    role: str = ""
    state: str = ""
    outcome: Outcome = Outcome.OK
    serial: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class DeviceLog:
    """``device_log``: how many messages of a severity (RFC 5424: 0 emergency … 7 debug) the buffer holds."""

    slot: str = ""
    counts: Mapping[int, int] = field(default_factory=dict)
    samples: tuple[str, ...] = ()
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Startup:
    """``startup``: tuple of these: what runs, and what the next start takes."""

    board: str
    current_configuration: str = ""
    next_configuration: str = ""
    current_software: str = ""
    next_software: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """``alarms``: tuple of these: what the device itself complains of now."""

    name: str
    severity: str
    outcome: Outcome
    since: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class ErrorDisabled:
    """``error_disabled``: tuple of these: ports the device has shut for a fault."""

    name: str
    reason: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Peer:
    """``peers``: tuple of these: a neighbour, group or tree of a protocol, and its state in its words."""

    protocol: str  # bgp, ospf, vrrp, stp, lacp, pim, cts
    name: str
    state: str = ""
    interface: str = ""
    evidence: Evidence | None = None


Rows = tuple[Row, ...]


UNKNOWN_FORM = N_("the answer does not have the documented form")


def found(rows: Iterable[Row]) -> Rows:
    """The rows as a tuple. Raises: ParseError: there is none: an answer of another form is no "nothing"."""
    result = tuple(rows)
    if not result:
        raise ParseError(UNKNOWN_FORM)
    return result
