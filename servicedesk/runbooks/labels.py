"""Words for kinds, states and events."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

KINDS: dict[str, LazyString] = {
    "manual": _l("By hand"),
    "decision": lazy_pgettext("runbook", "Decision"),
    "input": _l("Write down"),
    "collect": _l("Ask the device"),
    "wait": _l("Wait and check again"),
    "message": _l("Message"),
    "approval": _l("Approval"),
    "handoff": _l("Hand-off"),
}
ICONS: dict[str, str] = {
    "manual": "person",
    "decision": "arrow-left-right",
    "input": "pencil-square",
    "collect": "hdd-rack",
    "wait": "hourglass-split",
    "message": "envelope",
    "approval": "shield-check",
    "handoff": "people",
}
STATES: dict[str, tuple[LazyString, str, str]] = {
    "active": (_l("under way"), "info", "play-fill"),
    "done": (_l("finished"), "ok", "check-circle"),
    "stopped": (_l("not followed"), "mute", "slash-circle"),
    "overridden": (_l("ended before its end"), "warn", "exclamation-triangle"),
}
TEXT_STATES: dict[str, tuple[LazyString, str, str]] = {
    "draft": (_l("draft"), "mute", "pencil-square"),
    "review": (_l("in review"), "warn", "hourglass-split"),
    "published": (_l("published"), "ok", "check-circle"),
    "retired": (_l("taken back"), "mute", "slash-circle"),
}
ROLES: dict[str, LazyString] = {
    "engineer": _l("Resident engineer"),
    "supervisor": _l("Supervisor"),
    "change_authority": _l("Change authority"),
    "data_owner": _l("Data owner"),
}
CAUSES: dict[str, LazyString] = {
    "hardware": _l("Hardware failure"),
    "software": _l("Software defect"),
    "configuration": _l("Wrong configuration"),
    "network": _l("Network or line"),
    "environment": _l("Power or environment"),
    "capacity": _l("Capacity exhausted"),
    "wear": _l("Wear or consumables"),
    "operation": _l("Operating error"),
    "security": _l("Security incident"),
    "outside": _l("Outside cause (carrier, supplier)"),
    "change": _l("Caused by a change"),
}
# Of timeline entries of kind "runbook".
EVENTS: dict[str, LazyString] = {
    "started": _l("began to follow the runbook"),
    "finished": _l("finished the runbook"),
    "handed_over": _l("handed over the runbook"),
    "skipped": _l("skipped a step of the runbook"),
    "photo": _l("attached photos to the runbook"),
    "stopped": _l("does not follow the runbook after all"),
    "overridden": _l("ended the runbook before its end"),
}
