"""The life of a report as a table: built, written, then signed step by step by different people."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

BUILDING, FAILED, DRAFT = "building", "failed", "draft"

# state: words, tone and icon of its badge
STATES: dict[str, tuple[LazyString, str, str]] = {
    BUILDING: (_l("Being built"), "info", "hourglass-split"),
    FAILED: (_l("Could not be built"), "bad", "x-circle"),
    DRAFT: (_l("Draft"), "mute", "pencil"),
}
