"""The life of a report as a table: built, then signed step by step by different people."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.core.permissions import Permission

BUILDING, FAILED, DRAFT = "building", "failed", "draft"
PREPARED, CHECKED, REVIEWED, ISSUED = "prepared", "checked", "reviewed", "issued"

# state: words, tone and icon of its badge
STATES: dict[str, tuple[LazyString, str, str]] = {
    BUILDING: (_l("Being built"), "info", "hourglass-split"),
    FAILED: (_l("Could not be built"), "bad", "x-circle"),
    DRAFT: (_l("Draft"), "mute", "pencil-square"),
    PREPARED: (_l("To be proofread"), "info", "eye"),
    CHECKED: (_l("To be audited"), "info", "clipboard-check"),
    REVIEWED: (_l("To be issued"), "info", "shield-check"),
    ISSUED: (_l("Issued"), "ok", "check-circle"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One signature. ``apart_from``: steps whose signers may not take this one, too."""

    key: str
    source: str
    target: str
    label: LazyString
    role: LazyString
    permission: Permission
    apart_from: tuple[str, ...] = ()


STEPS: tuple[Step, ...] = (
    Step("prepare", DRAFT, PREPARED, _l("Sign as prepared"), _l("Prepared by"), Permission.REPORT_EDIT),
    Step(
        "check",
        PREPARED,
        CHECKED,
        _l("Sign as proofread"),
        _l("Proofread by"),
        Permission.REPORT_EDIT,
        ("prepare",),
    ),
    Step(
        "review",
        CHECKED,
        REVIEWED,
        _l("Sign as audited"),
        _l("Audited by"),
        Permission.INSPECTION_REVIEW,
        ("prepare", "check"),
    ),
    # Small teams have one supervisor, who audits and issues.
    Step(
        "issue",
        REVIEWED,
        ISSUED,
        _l("Issue"),
        _l("Issued by"),
        Permission.REPORT_ISSUE,
        ("prepare", "check"),
    ),
)
BY_SOURCE = {step.source: step for step in STEPS}
UNDER_REVIEW = frozenset({PREPARED, CHECKED, REVIEWED})  # may be handed back
