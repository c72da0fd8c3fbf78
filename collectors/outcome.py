"""The closed set of things that can come out of asking a device something."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Outcome(StrEnum):
    """A failed fact never becomes ``OK``; whoever adds a member decides its verdict too."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNREACHABLE = "unreachable"  # nobody answers: no route, refused port, silence
    AUTH_FAILED = "auth_failed"  # somebody answers and refuses our credential
    HOST_KEY_CHANGED = "host_key_changed"  # the device shows another key than the approved one
    TIMEOUT = "timeout"  # it answered, then exceeded a deadline or an output limit
    UNSUPPORTED = "unsupported"  # the device says it does not have this
    NOT_APPLICABLE = "not_applicable"  # this class of device never has it
    PARSE_FAILED = "parse_failed"  # it answered something we do not understand
    STALE = "stale"  # the reading is older than the rule allows
    NOT_INSPECTED = "not_inspected"  # nobody asked


_SEVERITY: dict[Outcome, int] = {
    Outcome.NOT_APPLICABLE: 0,
    Outcome.OK: 1,
    Outcome.UNSUPPORTED: 2,
    Outcome.NOT_INSPECTED: 3,
    Outcome.STALE: 4,
    Outcome.PARSE_FAILED: 5,
    Outcome.TIMEOUT: 6,
    Outcome.UNREACHABLE: 7,
    Outcome.AUTH_FAILED: 8,
    Outcome.HOST_KEY_CHANGED: 9,
    Outcome.WARNING: 10,
    Outcome.CRITICAL: 11,
}


def severity(outcome: Outcome) -> int:
    """What a reader must see first has the highest number."""
    return _SEVERITY[outcome]


JUDGED = frozenset({Outcome.OK, Outcome.WARNING, Outcome.CRITICAL})
ABNORMAL = frozenset({Outcome.WARNING, Outcome.CRITICAL})


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome a reader must see first; ``NOT_INSPECTED`` when there is none at all."""
    return max(outcomes, key=_SEVERITY.__getitem__, default=Outcome.NOT_INSPECTED)
