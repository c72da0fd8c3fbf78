"""What RAID controllers of a host tell, whoever made them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from collectors.facts.host import RaidArray, SmartDisk
from collectors.facts.linux.raid_states import States, meaning
from collectors.model import Component, Evidence, Sensor
from collectors.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Controllers:
    """Arrays, physical disks, states and temperatures, and the pieces for the inventory."""

    arrays: tuple[RaidArray, ...] = ()
    disks: tuple[SmartDisk, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    components: tuple[Component, ...] = ()

    def joined(self, other: Controllers) -> Controllers:
        """These and the other's."""
        return Controllers(
            self.arrays + other.arrays,
            self.disks + other.disks,
            self.sensors + other.sensors,
            self.components + other.components,
        )

    def seen_in(self, evidence: Evidence | None) -> Controllers:
        """Each with the place it was read from."""
        return Controllers(
            tuple(replace(one, evidence=evidence) for one in self.arrays),
            tuple(replace(one, evidence=evidence) for one in self.disks),
            tuple(replace(one, evidence=evidence) for one in self.sensors),
            tuple(replace(one, evidence=evidence) for one in self.components),
        )


def part(name: str, word: str, states: States, *, index: str = "") -> tuple[Sensor, ...]:
    """The state of a controller or its battery; a word that no map knows is a warning."""
    if not word.strip() or word.strip().lower() in ("n/a", "na", "-", "absent", "none"):
        return ()
    text, outcome = meaning(word, states)
    if outcome is Outcome.UNSUPPORTED:
        outcome = Outcome.WARNING
    value = {Outcome.OK: 1.0, Outcome.WARNING: 2.0}.get(outcome, 3.0)
    return (Sensor("state", name, value, state_text=text, state_outcome=outcome, index=index),)


def degrees(text: object) -> float | None:
    """``28C (82.40 F)``, ``65  degree Celsius`` and plain numbers; 0 is what a disk says that sleeps."""
    found = re.match(r"\s*(-?\d{1,3})\s*(?:C\b|degree|$|\()", str(text))
    value = float(found[1]) if found else 0.0
    return value if value and -50 < value < 200 else None


def heat(name: str, text: object) -> tuple[Sensor, ...]:
    """A temperature, or nothing where none is told."""
    value = degrees(text)
    return () if value is None else (Sensor("temperature", name, value, "°C", index=name),)


_COUNTERS = {
    "Media_Errors": "Media Error Count",
    "Other_Errors": "Other Error Count",
    "Predictive_Failures": "Predictive Failure Count",
}


def counted(details: Mapping[str, object]) -> dict[str, int]:
    """A MegaRAID drive's counts that are told."""
    return {
        ours: int(text)
        for ours, theirs in _COUNTERS.items()
        if re.fullmatch(r"\d{1,9}", text := str(details.get(theirs)).strip(), re.ASCII)
    }


def healthy(alert: object, counters: Mapping[str, int]) -> bool | None:
    """Whether a MegaRAID drive predicts no failure, by its flag and the controller's count."""
    if counters.get("Predictive_Failures"):
        return False
    return {"yes": False, "no": True}.get(str(alert).strip().lower())
