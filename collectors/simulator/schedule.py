"""Faults that come and go by the clock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FaultTimes:
    """A fault lasts ``for_s`` in every ``every_s`` seconds, ``phase_s`` after each begins.

    ``every_s`` 0: it is always there.
    """

    fault: str
    every_s: float = 0.0
    for_s: float = 0.0
    phase_s: float = 0.0

    def __post_init__(self) -> None:
        if self.every_s < 0 or self.for_s < 0 or (self.every_s and self.for_s > self.every_s):
            raise ValueError(f"{self.fault}: for_s must lie between 0 and every_s")

    def active(self, t: float) -> bool:
        """Whether the fault is there at a moment, in seconds since the Unix epoch."""
        return not self.every_s or (t - self.phase_s) % self.every_s < self.for_s

    def active_s(self, since: float, t: float) -> float:
        """For how many seconds it has been there between two moments."""
        if not self.every_s:
            return t - since
        return self._lasted(t) - self._lasted(since)

    def _lasted(self, t: float) -> float:
        rounds, rest = divmod(t - self.phase_s, self.every_s)
        return rounds * self.for_s + min(rest, self.for_s)
