"""The life of an improvement as a table: decided by two people, carried out, verified by what came later."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

from servicedesk.core.permissions import Permission

PROPOSED, ACCEPTED, REJECTED, APPROVED = "proposed", "accepted", "rejected", "approved"
IN_WORK, DONE, VERIFIED, INEFFECTIVE = "in_work", "done", "verified", "ineffective"
OVER = frozenset({REJECTED, VERIFIED})  # the same may be proposed again afterwards
DECIDED = frozenset({APPROVED, IN_WORK, DONE, VERIFIED, INEFFECTIVE})  # what a client may count on

# state: words, tone and icon of its badge
STATES: dict[str, tuple[LazyString, str, str]] = {
    PROPOSED: (lazy_pgettext("improvement", "Proposed"), "info", "star"),
    ACCEPTED: (_l("To be approved"), "info", "hourglass-split"),
    APPROVED: (lazy_pgettext("improvement", "Approved"), "ok", "check2"),
    IN_WORK: (_l("In work"), "info", "play-fill"),
    DONE: (_l("Done, to be verified"), "warn", "eye"),
    VERIFIED: (_l("Verified and closed"), "ok", "check-circle"),
    INEFFECTIVE: (_l("Not effective, open again"), "bad", "x-circle"),
    REJECTED: (lazy_pgettext("improvement", "Rejected"), "mute", "slash-circle"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow. ``asks``: a note must be given. ``hidden``: not a button, but something else's consequence.
    ``apart``: whoever accepted the item may not take it."""

    key: str
    sources: tuple[str, ...]
    target: str
    label: LazyString
    done: LazyString  # what the history says
    permission: Permission = Permission.IMPROVEMENT_EDIT
    asks: bool = False
    apart: bool = False
    hidden: bool = False
    bulk: bool = False


STEPS: tuple[Step, ...] = (
    Step(
        "accept",
        (PROPOSED,),
        ACCEPTED,
        lazy_pgettext("improvement", "Accept"),
        lazy_pgettext("improvement", "accepted"),
        bulk=True,
    ),
    Step(
        "approve",
        (ACCEPTED,),
        APPROVED,
        _l("Approve"),
        lazy_pgettext("improvement", "approved"),
        Permission.IMPROVEMENT_APPROVE,
        apart=True,
        bulk=True,
    ),
    Step(
        "reject",
        (PROPOSED, ACCEPTED),
        REJECTED,
        _l("Reject"),
        lazy_pgettext("improvement", "rejected"),
        asks=True,
        bulk=True,
    ),
    Step(
        "begin",
        (APPROVED, INEFFECTIVE),
        IN_WORK,
        _l("Make a ticket"),
        lazy_pgettext("improvement", "put to work"),
        hidden=True,
    ),
    Step(
        "finish",
        (APPROVED, IN_WORK, INEFFECTIVE),
        DONE,
        _l("Done"),
        lazy_pgettext("improvement", "done"),
        asks=True,
    ),
    Step(
        "resume",
        (DONE,),
        IN_WORK,
        _l("Back to work"),
        lazy_pgettext("improvement", "back to work"),
        hidden=True,
    ),
    Step(
        "drop",
        (IN_WORK,),
        APPROVED,
        _l("Ticket given up"),
        lazy_pgettext("improvement", "ticket given up"),
        hidden=True,
    ),
    Step(
        "verify",
        (DONE,),
        VERIFIED,
        _l("Verified: effective"),
        lazy_pgettext("improvement", "verified"),
        asks=True,
    ),
    Step(
        "refute",
        (DONE,),
        INEFFECTIVE,
        _l("Not effective"),
        lazy_pgettext("improvement", "found not effective"),
        asks=True,
    ),
    Step(
        "reopen",
        (REJECTED, INEFFECTIVE, VERIFIED),
        PROPOSED,
        _l("Plan again"),
        lazy_pgettext("improvement", "planned again"),
        asks=True,
    ),
)
BY_KEY = {step.key: step for step in STEPS}
MADE = {
    "made": lazy_pgettext("improvement", "put on the plan"),
    "edited": lazy_pgettext("improvement", "edited"),
}
HISTORY: dict[str, LazyString] = MADE | {step.key: step.done for step in STEPS}
EDITABLE = frozenset({PROPOSED, ACCEPTED, INEFFECTIVE})  # what was approved stays as it was approved
