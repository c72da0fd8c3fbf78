"""Words and colours of clocks; templates ask here."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

from servicedesk.core.clock import utcnow
from servicedesk.sla.models import ENDED, MET, PAUSED

KINDS: dict[str, LazyString] = {"response": _l("Response time"), "restore": _l("Restore time")}
CATEGORIES: dict[str, LazyString] = {
    "fault": _l("Fault"),
    "general": _l("General"),
    "data_request": _l("Data request"),
    "change": _l("Change"),
}
PRIORITIES: dict[int, LazyString] = {
    1: _l("Critical"),
    2: _l("High"),
    3: _l("Medium"),
    4: _l("Low"),
    5: _l("Planning"),
}
TOLD: dict[str, LazyString] = {
    "assignee": _l("assignee"),
    "assignee_supervisor": _l("the assignee's supervisor"),
    "supervisors": _l("supervisors"),
}
REASONS: dict[str, LazyString] = {
    "opened": _l("registered"),
    "waiting": _l("waits for somebody else"),
    "continued": _l("continued"),
    "reacted": _l("first reaction"),
    "resolved": _l("resolved"),
    "reopened": _l("reopened"),
    "closed": _l("closed before that"),
    "retargeted": _l("the promise changed"),
    "corrected": _l("corrected"),
}
# word, tone, icon; colour is never alone
_LEVELS: dict[int, tuple[LazyString, str, str]] = {
    0: (lazy_pgettext("clock", "On time"), "ok", "check-circle"),
    50: (_l("More than half used"), "info", "clock"),
    75: (_l("Due soon"), "warn", "exclamation-triangle"),
    90: (_l("Due soon"), "warn", "exclamation-triangle"),
    100: (_l("Overdue"), "bad", "x-circle"),
}
_MET = (lazy_pgettext("clock", "Met"), "ok", "check2")
_MET_LATE = (_l("Met too late"), "bad", "x-circle")
_PAUSED = (lazy_pgettext("clock", "Paused"), "mute", "hourglass-split")
_ENDED = (lazy_pgettext("clock", "Ended"), "mute", "slash-circle")
_PAUSED_LEVEL = -1


def clock_badge(state: str, level: int) -> tuple[LazyString, str, str]:
    """Word, tone and icon of a clock; ``level`` as in a ledger's reading."""
    late = level >= 100
    if state == MET:
        return _MET_LATE if late else _MET
    if late:
        return _LEVELS[100]
    if state in (PAUSED, ENDED):
        return _PAUSED if state == PAUSED else _ENDED
    return _LEVELS[level]


def due_level(due_at: datetime | None, level: int | None) -> int | None:
    """Which badge the row of a list has; None for a ticket without an active clock."""
    if level is None:
        return None
    if level >= 100 or (due_at is not None and due_at <= utcnow()):
        return 100
    return _PAUSED_LEVEL if due_at is None else level


def due_badge(level: int) -> tuple[LazyString, str, str]:
    """Word, tone and icon of what ``due_level`` says."""
    return _PAUSED if level == _PAUSED_LEVEL else _LEVELS[level]
