"""What ends with a device that is disposed of or deleted; parts of the equipment register here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from servicedesk.core.actor import Actor


class Ending(Protocol):
    """End what hangs on devices; ``gone``: their rows are about to be deleted, so nothing may name them."""

    def __call__(
        self, device_ids: Sequence[int], reason: str, *, gone: bool, actor: Actor, now: datetime
    ) -> object: ...


_endings: dict[str, Ending] = {}


def register_ending(name: str, ending: Ending) -> None:
    """Add one; registering a name again replaces it."""
    _endings[name] = ending


def devices_leave(device_ids: Sequence[int], reason: str, *, gone: bool, actor: Actor, now: datetime) -> None:
    """Let everything end that is registered, in the caller's transaction."""
    for ending in _endings.values():
        ending(device_ids, reason, gone=gone, actor=actor, now=now)
