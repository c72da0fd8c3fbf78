"""What a database server tells of itself."""

from __future__ import annotations

from dataclasses import dataclass

from collectors.model import Evidence


@dataclass(frozen=True, slots=True)
class Database:
    """``databases``: tuple of these. None: not told, or the product has nothing of the kind.

    ``refused``: why it told nothing, in its own words. ``broken``: what stands still (replication, saving).
    ``frozen_percent``: of the transactions after which PostgreSQL stops (2^31).
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
    memory_percent: float | None = None
    broken: str = ""
    refused: str = ""
    evidence: Evidence | None = None

    @property
    def item(self) -> str:
        """What people call it."""
        return f"{self.product} {self.name}"
