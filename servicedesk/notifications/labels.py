"""Words, tones and icons of states; templates ask here."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

Badge = tuple[LazyString, str, str]

STATES: dict[str, Badge] = {
    "waiting": (lazy_pgettext("message", "Waiting"), "info", "hourglass-split"),
    "collected": (_l("For the digest"), "info", "hourglass-split"),
    "sending": (_l("Being sent"), "info", "arrow-repeat"),
    "sent": (_l("Sent"), "ok", "check2"),
    "bundled": (_l("In a digest"), "ok", "check2"),
    "uncertain": (_l("Uncertain"), "warn", "question-circle"),
    "failed": (_l("Failed"), "bad", "x-circle"),
    "bounced": (_l("Came back"), "bad", "x-circle"),
    "dropped": (_l("Not sent"), "mute", "dash-circle"),
}
PURPOSES: dict[str, LazyString] = {"digest": _l("Digest"), "test": _l("Test")}
OUTCOMES: dict[str, Badge] = {
    "commented": (_l("Written into the ticket"), "ok", "check2"),
    "created": (_l("Ticket registered"), "ok", "plus-circle"),
    "bounce": (_l("Returned mail"), "warn", "arrow-repeat"),
    "auto_reply": (_l("Automatic reply"), "mute", "dash-circle"),
    "duplicate": (_l("Seen before"), "mute", "dash-circle"),
    "loop": (_l("Loop"), "warn", "arrow-repeat"),
    "refused": (_l("Refused"), "bad", "x-circle"),
    "broken": (_l("Unreadable"), "bad", "x-circle"),
}


_KINDS: dict[str, LazyString] = {
    "mail": _l("Mail"),
    "wecom": _l("WeCom"),
    "dingtalk": _l("DingTalk"),
    "feishu": _l("Feishu"),
    "webhook": _l("Webhook"),
}


def kind_label(kind: str) -> LazyString:
    """The channel of a delivery."""
    return _KINDS[kind]


def state_badge(state: str) -> Badge:
    """What became of a delivery."""
    return STATES[state]


def outcome_badge(outcome: str) -> Badge:
    """What became of a mail that came in."""
    return OUTCOMES[outcome]
