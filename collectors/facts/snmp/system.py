"""SNMPv2-MIB's system group (RFC 3418): who the device says it is."""

from __future__ import annotations

from collectors.model import Identity
from collectors.snmprec import Walk

SYSTEM = "1.3.6.1.2.1.1"
_ENGINE_TIME = "1.3.6.1.6.3.10.2.1.3.0"  # snmpEngineTime, seconds
_HOST_UPTIME = "1.3.6.1.2.1.25.1.1.0"  # hrSystemUptime, hundredths
_MAX_UPTIME_S = 40 * 366 * 86400


def parse_system(walk: Walk) -> Identity:
    """Name, location, contact, description, sysObjectID (without a leading dot) and uptime."""
    description = walk.scalar(f"{SYSTEM}.1")
    object_id = walk.scalar(f"{SYSTEM}.2")
    first = description or object_id or walk.scalar(f"{SYSTEM}.5")
    return Identity(
        name=walk.text(f"{SYSTEM}.5"),
        location=walk.text(f"{SYSTEM}.6"),
        contact=walk.text(f"{SYSTEM}.4"),
        description="" if description is None else description.text,
        object_id="" if object_id is None else object_id.raw.strip().removeprefix("."),
        uptime_s=uptime(walk),
        evidence=None if first is None else first.evidence,
    )


def uptime(walk: Walk) -> float | None:
    """Seconds since the start, as the longest of what the agent tells.

    sysUpTime starts with the agent and wraps after 497 days; hrSystemUptime is the host's own and
    snmpEngineTime counts seconds. Implausible numbers are left out.
    """
    found: list[float] = []
    for oid, per_second in ((f"{SYSTEM}.3", 100), (_HOST_UPTIME, 100), (_ENGINE_TIME, 1)):
        value = walk.scalar(oid)
        number = None if value is None else value.number
        if number is not None and 0 <= number / per_second <= _MAX_UPTIME_S:
            found.append(number / per_second)
    return max(found, default=None)
