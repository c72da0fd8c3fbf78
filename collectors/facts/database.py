"""What a database server tells of itself."""

from __future__ import annotations

from dataclasses import dataclass

from collectors.model import Evidence


@dataclass(frozen=True, slots=True)
class Space:
    """Room of a database. ``kind``: tablespace (of what it may grow to), recovery area, ASM."""

    kind: str
    name: str
    used_percent: float


@dataclass(frozen=True, slots=True)
class Part:
    """A number of one part of a database: a standby, a slot, a channel."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Archive:
    """Where the log is archived to; ``name`` is empty where there is one place alone.

    ``error``: why it does not go there, or the file that was tried in vain. ``age_s``: since the last file
    that went there, 0 while no other waits; None: not told.
    """

    name: str = ""
    error: str = ""
    age_s: float | None = None


@dataclass(frozen=True, slots=True)
class Database:
    """``databases``: tuple of these. None: not told, or the product has nothing of the kind.

    ``backup_last``: how the last backup went, "-" when none is recorded, "" when nothing was told.
    ``withheld``: why part of it was not told.

    ``refused``: why it told nothing, in its own words. ``broken``: what stands still (replication, saving).
    ``frozen_percent``: of the transactions after which PostgreSQL stops (2^31).
    ``lags``: of the standbys that a primary sees, or of channels, in seconds. ``retained_gib``: of the log,
    by the slots that hold it back. ``behind_mib``: what replicas have not taken in yet. ``aborted_percent``:
    of all connections since the start. ``fragmentation``: memory of the process by that of the data, where
    what is between is worth a word; ``swapped_mib``: where data is in swap.
    """

    product: str
    name: str  # port or socket
    version: str = ""
    connections: int | None = None
    max_connections: int | None = None
    hit_percent: float | None = None
    frozen_percent: float | None = None
    slow: int | None = None
    lag_s: float | None = None  # of a replica
    lags: tuple[Part, ...] = ()
    retained_gib: tuple[Part, ...] = ()
    archives: tuple[Archive, ...] = ()
    behind_mib: tuple[Part, ...] = ()
    aborted_percent: tuple[Part, ...] = ()
    slow_percent: float | None = None  # of all statements since the start
    memory_percent: float | None = None
    fragmentation: float | None = None
    swapped_mib: float | None = None
    evicted: int | None = None  # keys, since the start
    processes: int | None = None
    max_processes: int | None = None
    spaces: tuple[Space, ...] = ()
    backup_age_h: float | None = None  # since the last that was completed
    backup_last: str = ""
    broken: str = ""
    withheld: str = ""
    refused: str = ""
    evidence: Evidence | None = None

    @property
    def item(self) -> str:
        """What people call it."""
        return f"{self.product} {self.name}".strip()
