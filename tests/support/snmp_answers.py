"""Answers of made-up devices, written after the makers' MIBs, and what is read from them."""

from __future__ import annotations

from collectors.facts.snmp import facts_from_recording
from collectors.model import DeviceFacts, SensorLimits
from collectors.outcome import Outcome


def told(object_id: str, description: str, *rows: str) -> DeviceFacts:
    """The facts of a device; ``rows`` are ``OID|tag|value`` beside its system group."""
    head = (f"1.3.6.1.2.1.1.1.0|4|{description}", f"1.3.6.1.2.1.1.2.0|6|{object_id}")
    return facts_from_recording("\n".join([*head, *rows, ""]))


def under(root: str, *rows: str) -> list[str]:
    """Rows whose OIDs are written without their common root."""
    return [f"{root}.{row}" for row in rows]


def values(facts: DeviceFacts) -> dict[tuple[str, str], float]:
    """Quantities by kind and name."""
    return {(one.kind, one.name): one.value for one in facts.sensors if one.kind != "state"}


def states(facts: DeviceFacts) -> dict[str, Outcome | None]:
    """What states mean, by name."""
    return {one.name: one.state_outcome for one in facts.sensors if one.kind == "state"}


def limits_of(facts: DeviceFacts, kind: str, name: str) -> SensorLimits:
    """The limits of one quantity."""
    return next(one.limits for one in facts.sensors if (one.kind, one.name) == (kind, name))
