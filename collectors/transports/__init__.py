"""Ways to reach a device: the only modules that import Paramiko, PySNMP or psutil.

Every transport has ``visit(target, access, *, deadline) -> TransportResult``; ``deadline`` is a moment
of ``time.monotonic()``. Device trouble is an outcome of the result, never an exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from collectors.model import Exchange
from collectors.outcome import Outcome


@dataclass(frozen=True, slots=True)
class TransportResult:
    """What one session with one device gave.

    ``outcome`` is OK when the session ran to its end (single exchanges may still have failed);
    ``error`` is then empty, else one English sentence. ``session`` describes the negotiated session,
    ``platform`` is the detected platform or "".
    """

    exchanges: tuple[Exchange, ...]
    outcome: Outcome = Outcome.OK
    error: str = ""
    session: Mapping[str, str] = field(default_factory=dict)
    platform: str = ""
