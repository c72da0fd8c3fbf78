"""Why an expected check was not performed: a closed set, with words for people."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from collectors.outcome import JUDGED, Outcome

PERFORMED = "performed"
NOT_CONFIGURED = "not_configured"  # no access over which the check could be asked
NOT_LICENSED = "not_licensed"  # the device says that it lacks the licence
NOT_ASKED = "not_asked"  # the platform's definition does not ask for it
BY_DESIGN = frozenset({PERFORMED, Outcome.NOT_APPLICABLE.value, Outcome.UNSUPPORTED.value})

# A gap that is nobody's fault is told apart from one that somebody can close.
REASONS: dict[str, LazyString] = {
    PERFORMED: _l("Performed"),
    Outcome.UNREACHABLE.value: _l("Unreachable"),
    Outcome.AUTH_FAILED.value: _l("Login refused"),
    Outcome.HOST_KEY_CHANGED.value: _l("Host key not approved"),
    Outcome.TIMEOUT.value: _l("Time limit exceeded"),
    Outcome.PARSE_FAILED.value: _l("Answer not understood"),
    Outcome.STALE.value: _l("Too old"),
    NOT_CONFIGURED: _l("No access set up for it"),
    NOT_LICENSED: _l("Not licensed"),
    NOT_ASKED: _l("The platform is not asked for it"),
    Outcome.NOT_INSPECTED.value: _l("Not inspected"),
    Outcome.UNSUPPORTED.value: _l("Not supported by the device"),
    Outcome.NOT_APPLICABLE.value: _l("Not applicable"),
}
_LICENCE = re.compile(r"(?i)\blicen[cs]e|\bnot entitled\b|\u6388\u6743|\u8bb8\u53ef")
_REFUSALS = frozenset({Outcome.UNSUPPORTED, Outcome.AUTH_FAILED, Outcome.PARSE_FAILED})


def reason_of(outcome: Outcome, detail: str) -> str:
    """The reason behind an outcome; a device that speaks of a licence lacks one."""
    if outcome in JUDGED:
        return PERFORMED
    if outcome in _REFUSALS and _LICENCE.search(detail):
        return NOT_LICENSED
    return outcome.value


def reason_label(reason: str) -> LazyString | str:
    """For templates and files; a reason of a newer version is shown as it is."""
    return REASONS.get(reason, reason)
