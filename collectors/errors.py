"""What can go wrong between asking a device and judging its answer."""

from __future__ import annotations

from collectors.messages import N_
from collectors.outcome import Outcome


class CollectorError(Exception):
    """Base of all errors raised on purpose in this package."""


class ParseError(CollectorError):
    """An answer does not have the documented form.

    Args:
        reason: what was expected, in English, without the answer's secrets.
        line: 1-based line of the raw answer, when one is to blame.
    """

    def __init__(self, reason: str, line: int | None = None) -> None:
        placed = N_("line %(line)s: %(reason)s") % {"line": line, "reason": reason}
        super().__init__(reason if line is None else placed)
        self.reason = reason
        self.line = line


class VisitError(CollectorError):
    """A device could not be asked, or stopped answering.

    Args:
        outcome: which of the closed set of outcomes this is; never ``ok``/``warning``/``critical``.
        reason: one English sentence for the person who can act: what, where, what to do next.
    """

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


class SealError(CollectorError):
    """A sealed payload was not made with our key, was altered, or is too old."""
