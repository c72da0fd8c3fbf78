"""Names of queues, shared by programs that must not import each other's weight."""

from __future__ import annotations

COLLECT = "collect:local"
DEFAULT = "default"
