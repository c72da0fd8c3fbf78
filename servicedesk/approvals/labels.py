"""Words for states, rules and sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.approvals.conditions import Comparison, Condition, Group
from servicedesk.approvals.definition import FIELD, PERCENTAGE, ROLE, Node, Source
from servicedesk.core.i18n import enumeration, select_locale
from servicedesk.core.permissions import ROLE_LABELS, Role

# state: (words, tone, icon), of chains, steps and seats alike
STATES: dict[str, tuple[LazyString, str, str]] = {
    "running": (_l("Under way"), "info", "hourglass-split"),
    "open": (_l("Waiting"), "info", "hourglass-split"),
    "approved": (_l("Approved"), "ok", "check-circle"),
    "rejected": (_l("Rejected"), "bad", "x-circle"),
    "sent_back": (_l("Sent back"), "warn", "arrow-repeat"),
    "withdrawn": (_l("Withdrawn"), "mute", "slash-circle"),
    "skipped": (_l("Not needed"), "mute", "dash-circle"),
    "lapsed": (_l("No longer asked"), "mute", "dash-circle"),
    "void": (_l("Left or lost the role"), "mute", "slash-circle"),
    "upcoming": (_l("Not yet"), "mute", "clock"),
}
SEAT_KINDS: dict[str, LazyString] = {
    "approver": _l("Approver"),
    "fallback": _l("Asked because nobody qualified"),
    "escalation": _l("Asked because the time was over"),
    "countersigner": _l("Countersigner"),
}
RULES: dict[str, LazyString] = {
    "any": _l("Any one decides"),
    "all": _l("All must approve"),
    "percentage": _l("A share must approve"),
}
AT_END: dict[str, LazyString] = {
    "remind": _l("Remind again"),
    "escalate": _l("Escalate"),
}
WAYS_BACK: dict[str, LazyString] = {
    "requester": _l("To the requester"),
    "earlier": _l("To an earlier step"),
}
SOURCE_KINDS: dict[str, LazyString] = {
    "role": _l("Role"),
    "user": _l("Person"),
    "field": _l("Person named in a field"),
}
OPERATORS: dict[str, LazyString] = {
    "=": _l("is"),
    "!=": _l("is not"),
    "in": _l("is one of"),
    ">=": _l("is at least"),
    "<=": _l("is at most"),
    "contains": _l("contains"),
    "is set": _l("is filled in"),
}


def in_language(english: str, chinese: str) -> str:
    """The text in the reader's language, the other one where it is missing."""
    first, second = (chinese, english) if select_locale() == "zh_CN" else (english, chinese)
    return first or second


def node_name(node: Node) -> str:
    """The step's name."""
    return in_language(node.name_en, node.name_zh)


def rule_text(node: Node) -> str:
    """How the decisions count."""
    if node.rule == PERCENTAGE:
        return _("%(percent)s%% must approve", percent=node.percent)
    return str(RULES[node.rule])


def source_text(source: Source, names: Mapping[int, str]) -> str:
    """Who is meant; ``names`` of people by number."""
    if source.kind == ROLE:
        return str(ROLE_LABELS[Role(source.value)])
    if source.kind == FIELD:
        return _("whoever the field %(field)s names", field=source.value)
    return names.get(int(source.value), _("account %(number)s", number=source.value))


def condition_text(condition: Condition | None, say: Callable[[str, Any], tuple[str, str]]) -> str:
    """The condition in words; ``say`` gives a fact's label and the words of its value."""
    match condition:
        case None:
            return ""
        case Comparison(field, "is set"):
            return f"{say(field, '')[0]} {OPERATORS['is set']}"
        case Comparison(field, operator, value):
            several = value if isinstance(value, tuple) else (value,)
            shown = enumeration(say(field, one)[1] for one in several)
            return f"{say(field, '')[0]} {OPERATORS[operator]} {shown}"
        case Group(join, parts):
            word = _("and") if join == "all" else _("or")
            texts = [
                f"({condition_text(part, say)})" if isinstance(part, Group) else condition_text(part, say)
                for part in parts
            ]
            return f" {word} ".join(texts)
