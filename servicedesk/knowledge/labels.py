"""Words of the knowledge base."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

STATES: dict[str, tuple[LazyString, str, str]] = {
    "draft": (_l("draft"), "mute", "pencil-square"),
    "review": (_l("in review"), "warn", "hourglass-split"),
    "published": (_l("published"), "ok", "check-circle"),
    "replaced": (lazy_pgettext("article", "replaced"), "mute", "clock-history"),
    "retired": (_l("taken back"), "mute", "slash-circle"),
}
AUDIENCES: dict[str, tuple[LazyString, str]] = {
    "requesters": (lazy_pgettext("audience", "Everybody"), "people"),
    "staff": (lazy_pgettext("audience", "Staff only"), "lock"),
}
