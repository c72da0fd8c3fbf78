"""Chosen files: was each read, so that the last good reading is of this visit?

Whether a file's text differs from what was accepted is known where the record is.
"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.checks.spec import CheckSpec, Context
from collectors.files import ChosenFiles
from collectors.messages import N_
from collectors.model import Finding
from collectors.outcome import Outcome

CHOSEN_FILES = "chosen_files"


def check_chosen_files(context: Context) -> Iterator[Finding]:
    """One item a file, or a pattern whose folder could not be read."""
    found = context.fact("chosen_files")
    if not isinstance(found, ChosenFiles):
        return
    for one in found.files:
        if one.outcome is Outcome.OK:
            sentence, values = N_("Read and kept: %(lines)s lines"), {"lines": one.lines}
            yield context.state(one.path, Outcome.OK, sentence, values, evidence=one.evidence)
        else:
            reason = {"reason": one.reason}
            yield context.state(
                one.path, one.outcome, N_("Not read: %(reason)s"), reason, evidence=one.evidence
            )


CHECKS: tuple[CheckSpec, ...] = (
    CheckSpec(
        CHOSEN_FILES,
        N_("Chosen files"),
        N_("Every chosen file was read whole and is kept"),
        ("chosen_files",),
        check_chosen_files,
    ),
)
