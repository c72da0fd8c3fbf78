"""What the server and a zone's collectors call things in Redis.

Every name of a zone begins so that an access list of Redis can keep the zones apart.
"""

from __future__ import annotations

import re

NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
LOCAL = "local"  # where the server itself visits; no zone may be called so
ERRANDS = "collectors.zone.visits.visit_errands"  # the only function a zone's worker runs
MAX_UNDELIVERED = 2000  # answers in Redis the server has not taken yet; more stay on the zone's disk
MAX_BEAT_CHARS = 200_000


def queue_name(zone: str) -> str:
    """Of the RQ queue with the zone's errands."""
    return f"collect:{zone}"


def job_prefix(zone: str) -> str:
    """How the numbers of the zone's jobs begin. No zone's name has an underscore in it."""
    return f"zone_{zone}_"


def answers_key(zone: str) -> str:
    """The stream of sealed answers."""
    return f"answers:{zone}"


def beats_key(zone: str) -> str:
    """The hash with each worker's last sign of life, sealed."""
    return f"beats:{zone}"
