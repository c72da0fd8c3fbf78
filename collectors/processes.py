"""What a process that visits devices is given, and what a parent and its children owe each other."""

from __future__ import annotations

import ctypes
import signal
import sys

# A visit waits more than it works: so many keep two processors busy, and a job has as many devices.
VISITS_AT_ONCE = 25

_PR_SET_PDEATHSIG = 1  # prctl(2)
# Loaded before any fork: a child between fork and exec must not import.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(signal_number: int = signal.SIGTERM) -> None:
    """Ask the kernel to signal this process when its parent is gone, however it died (Linux)."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
