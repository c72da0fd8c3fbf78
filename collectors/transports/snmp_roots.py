"""Which parts of an agent's tree are walked."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from types import ModuleType

from collectors.model import SnmpAccess, Target
from collectors.own import oids_for
from collectors.transports.snmp_session import Session
from collectors.transports.snmp_walk import Pace, SystemGet, Walk

_PLATFORMS = "collectors.platforms.snmp"
_MIB_2 = "1.3.6.1.2.1"

# What any agent may have, when nothing is known of platforms.
STANDARD_ROOTS: tuple[str, ...] = (
    f"{_MIB_2}.1",  # SNMPv2-MIB system
    f"{_MIB_2}.2.2",  # IF-MIB ifTable
    f"{_MIB_2}.31.1.1",  # IF-MIB ifXTable
    f"{_MIB_2}.4.20",  # IP-MIB ipAddrTable
    f"{_MIB_2}.4.34",  # IP-MIB ipAddressTable
    f"{_MIB_2}.25.2",  # HOST-RESOURCES-MIB hrStorage
    f"{_MIB_2}.25.3.2",  # hrDeviceTable
    f"{_MIB_2}.25.3.3",  # hrProcessorTable
    f"{_MIB_2}.47.1.1.1",  # ENTITY-MIB entPhysicalTable
    f"{_MIB_2}.99.1.1",  # ENTITY-SENSOR-MIB entPhySensorTable
    "1.0.8802.1.1.2.1",  # LLDP-MIB
    "1.3.6.1.4.1.2021",  # UCD-SNMP-MIB
    f"{_MIB_2}.43",  # Printer-MIB
    f"{_MIB_2}.33",  # UPS-MIB
)


def walk_roots(session: Session, system: SystemGet, target: Target, access: SnmpAccess, version: int) -> str:
    """Walk everything a target's platform has; returns the platform's name."""
    platform, roots = roots_of(system, target)
    pace = Pace(access.max_repetitions)
    limit_bytes = target.max_output_bytes
    session.run([Walk(root, version=version, pace=pace, limit_bytes=limit_bytes) for root in roots])
    return platform


def roots_of(system: SystemGet, target: Target) -> tuple[str, Sequence[str]]:
    """The platform's name and all roots to walk for a target, those of its own checks included."""
    platform, roots = detect(system)
    own = oids_for(target)
    if target.only_own:
        return platform, own
    known = tuple(f"{root}." for root in roots)
    return platform, (*roots, *dict.fromkeys(oid for oid in own if not f"{oid}.".startswith(known)))


def detect(system: SystemGet) -> tuple[str, Sequence[str]]:
    """The platform's name and the roots to walk, from sysObjectID and sysDescr."""
    object_id = system.value(2).decode("ascii", "replace")
    description = system.value(1).decode("utf-8", "replace")
    try:
        platforms: ModuleType = importlib.import_module(_PLATFORMS)
    except ModuleNotFoundError as error:
        if error.name != _PLATFORMS:
            raise
        return "", STANDARD_ROOTS
    name: str = platforms.detect(object_id, description)
    roots: Sequence[str] = platforms.roots_for(object_id, description)
    return name, roots
