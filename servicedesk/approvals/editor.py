"""The steps of a definition as fields of a form, and back: whatever is posted gives a draft."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flask_babel import gettext as _

from servicedesk.approvals.definition import EARLIER, FIELD, MAX_NODES, REQUESTER
from servicedesk.approvals.labels import in_language
from servicedesk.core.forms import whole_number

MAX_ROWS = 20
_PLAIN = ("name_en", "name_zh", "rule", "at_end")
_ACT = re.compile(r"(remove|up|down)-(\d{1,2})")
NEW_STEP: dict[str, Any] = {
    "name_en": "",
    "name_zh": "",
    "approvers": [],
    "rule": "any",
    "percent": 100,
    "limit_hours": 24,
    "remind_hours": [4],
    "at_end": "remind",
    "repeat_hours": 24,
    "send_back": [REQUESTER],
}


class Posted(Protocol):
    """The form's values, several by one name."""

    def get(self, key: str, default: str) -> str: ...
    def getlist(self, key: str) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison as three inputs."""

    field: str = ""
    operator: str = "="
    value: str = ""


@dataclass(frozen=True, slots=True)
class Fields:
    """What the inputs of one step show; ``nested`` is a condition too deep for rows, as JSON."""

    data: Mapping[str, Any]
    approvers: frozenset[str]
    fields: str
    escalate_to: frozenset[str]
    join: str
    rows: tuple[Row, ...]
    nested: str
    remind: str


def shown(nodes: Sequence[Mapping[str, Any]]) -> list[Fields]:
    """The inputs for steps in the JSON form, also for damaged ones that came from a form."""
    return [_shown(node) for node in nodes]


def _shown(node: Mapping[str, Any]) -> Fields:
    condition = node.get("condition")
    join, rows, nested = "all", _rows(condition), ""
    if isinstance(condition, Mapping) and ("all" in condition or "any" in condition):
        join = "any" if "any" in condition else "all"
    if rows is None:
        rows, nested = [], json.dumps(condition, ensure_ascii=False) if condition else ""
    if isinstance(condition, str):
        nested = condition
    return Fields(
        data={**NEW_STEP, **node},
        approvers=frozenset(_texts(node.get("approvers", []), own_fields=False)),
        fields=", ".join(s["value"] for s in node.get("approvers", []) if s["kind"] == FIELD),
        escalate_to=frozenset(_texts(node.get("escalate_to", []), own_fields=True)),
        join=join,
        rows=(*rows, Row()),
        nested=nested,
        remind=", ".join(str(hours) for hours in node.get("remind_hours", [])),
    )


def _texts(sources: Sequence[Mapping[str, str]], *, own_fields: bool) -> list[str]:
    return [f"{s['kind']}:{s['value']}" for s in sources if own_fields or s["kind"] != FIELD]


def _rows(condition: Any) -> list[Row] | None:
    """The comparisons of a flat condition; None for anything deeper or damaged."""
    if condition is None:
        return []
    if not isinstance(condition, Mapping):
        return None
    parts = condition.get("all", condition.get("any", [condition]))
    if not all(isinstance(part, Mapping) and "field" in part for part in parts):
        return None
    return [Row(part["field"], part.get("operator", "="), _value(part.get("value", ""))) for part in parts]


def _value(value: Any) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)


def draft(posted: Posted) -> list[dict[str, Any]]:
    """The steps in the JSON form, as far as what was posted can be read; ``read_chain`` judges them."""
    count = min(whole_number(posted.get("steps", "")) or 0, MAX_NODES)
    return [_step(posted, f"n{number}-") for number in range(count)]


def _step(posted: Posted, prefix: str) -> dict[str, Any]:
    def text(name: str) -> str:
        return posted.get(prefix + name, "").strip()[:400]

    fields = [{"kind": FIELD, "value": name} for name in _split(text("fields"))]
    step: dict[str, Any] = {name: text(name) for name in _PLAIN}
    step |= {
        "approvers": [*_sources(posted.getlist(prefix + "approvers")), *fields],
        "escalate_to": _sources(posted.getlist(prefix + "escalate_to")),
        "percent": _number(text("percent"), 100),
        "limit_hours": _number(text("limit_hours"), None),
        "repeat_hours": _number(text("repeat_hours"), 24),
        "remind_hours": [_number(one, one) for one in _split(text("remind"))],
        "send_back": [one for one in posted.getlist(prefix + "send_back") if one in (REQUESTER, EARLIER)],
        "working_time": bool(text("working_time")),
        "requester_may_approve": bool(text("requester_may_approve")),
    }
    condition = _condition(posted, prefix)
    return step | ({"condition": condition} if condition else {})


def _number(text: str, empty: Any) -> Any:
    """A number; what is none stays text, so that it is refused with a sentence and shown again."""
    if not text:
        return empty
    number = whole_number(text)
    return text if number is None else number


def _split(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,，;；、]", text) if part.strip()][:MAX_ROWS]


def _sources(texts: Sequence[str]) -> list[dict[str, str]]:
    found = [text.partition(":") for text in texts[:MAX_ROWS]]
    return [{"kind": kind, "value": value[:64]} for kind, _colon, value in found]


def _condition(posted: Posted, prefix: str) -> Any:
    nested = posted.get(prefix + "condition", "").strip()[:4000]
    if nested:
        try:
            return json.loads(nested)
        except (ValueError, RecursionError):
            return nested  # refused by read_chain, shown again as it was typed
    parts = []
    for number in range(MAX_ROWS):
        row = f"{prefix}c{number}-"
        field = posted.get(row + "field", "").strip()[:200]
        if field:
            operator, value = posted.get(row + "op", "="), posted.get(row + "value", "").strip()[:400]
            kept: Any = _split(value) if operator == "in" else value
            parts.append({"field": field, "operator": operator, "value": kept})
    join = "any" if posted.get(prefix + "join", "") == "any" else "all"
    return {join: parts} if len(parts) > 1 else (parts[0] if parts else None)


def changed(nodes: list[dict[str, Any]], act: str) -> list[dict[str, Any]]:
    """The draft after a button: "add", "remove-2", "up-2", "down-2" (counted from 0); others leave it."""
    steps = list(nodes)
    if act == "add" and len(steps) < MAX_NODES:
        return [*steps, dict(NEW_STEP)]
    found = _ACT.fullmatch(act)
    if found is None or int(found[2]) >= len(steps):
        return steps
    place = int(found[2])
    step = steps.pop(place)
    if found[1] == "up":
        steps.insert(max(0, place - 1), step)
    elif found[1] == "down":
        steps.insert(place + 1, step)
    return steps


def heading(number: int, fields: Fields) -> str:
    """The step's place and name in the editor."""
    name = in_language(str(fields.data["name_en"]), str(fields.data.get("name_zh", ""))) or _("new")
    return _("Step %(number)s: %(name)s", number=number, name=name)
