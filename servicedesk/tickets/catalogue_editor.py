"""The fields of a service as inputs of a form, and back: whatever is posted gives rows for the parser."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from servicedesk.core.forms import whole_number
from servicedesk.tickets.catalogue_fields import MAX_CHOICES, MAX_FIELDS, MAX_TEXT
from servicedesk.tickets.fields import YES, YES_LABEL

_TEXTS = ("label_en", "label_zh", "help_en", "help_zh")
_ACT = re.compile(r"(add|remove|up|down)-(\d{1,2})")
_BAR = re.compile(r"\s*[|｜]\s*")
NEW = {"kind": "text", "label_en": "", "label_zh": ""}


class Posted(Protocol):
    """The form's values, several by one name."""

    def get(self, key: str, default: str) -> str: ...
    def getlist(self, key: str) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the inputs of one field show. ``rulers``: (value, words) of the answers above that may rule it."""

    row: Mapping[str, Any]
    choices: str
    when: frozenset[str]
    rulers: tuple[tuple[str, str], ...]


def shown(rows: Sequence[Mapping[str, Any]], locale: str) -> list[Inputs]:
    """The inputs for rows that were saved or posted, also for damaged ones."""
    end = "zh" if locale == "zh_CN" else "en"
    found: list[Inputs] = []
    rulers: list[tuple[str, str]] = []
    for row in rows:
        lines = [" | ".join((c["zh"], c["en"], c["value"])) for c in row.get("choices", ())]
        when = row.get("when") or {}
        ruled = frozenset(f"{when.get('field')}={value}" for value in when.get("values", ()))
        found.append(Inputs(row, "\n".join(lines), ruled, tuple(rulers)))
        label = row.get(f"label_{end}") or row.get("name", "")
        if row.get("kind") == "flag":
            rulers.append((f"{row.get('name')}={YES}", f"{label} = {YES_LABEL}"))
        rulers += [(f"{row.get('name')}={c['value']}", f"{label} = {c[end]}") for c in row.get("choices", ())]
    return found


def draft(posted: Posted) -> list[dict[str, Any]]:
    """The rows in the form that ``catalogue_fields.parse`` judges, as far as what was posted can be read."""
    count = min(whole_number(posted.get("fields_count", "")) or 0, MAX_FIELDS + 1)
    return [_row(posted, number) for number in range(count)]


def act(rows: list[dict[str, Any]], button: str) -> list[dict[str, Any]] | None:
    """The rows after a button of the editor (``add-3``, ``remove-0``, ``up-2``); None: another button."""
    found = _ACT.fullmatch(button)
    if found is None:
        return None
    what, at = found[1], int(found[2])
    changed = list(rows)
    if what == "add" and len(rows) < MAX_FIELDS:
        changed.append({**NEW, "name": _free(row.get("name") for row in rows)})
    elif what == "remove" and at < len(rows):
        del changed[at]
    elif what in ("up", "down") and at < len(rows):
        other = at - 1 if what == "up" else at + 1
        if 0 <= other < len(rows):
            changed[at], changed[other] = changed[other], changed[at]
    return changed


def _free(taken: Iterable[Any], prefix: str = "f") -> str:
    names = set(taken)
    return next(name for number in range(1, 100) if (name := f"{prefix}{number}") not in names)


def _row(posted: Posted, number: int) -> dict[str, Any]:
    def text(name: str, length: int = MAX_TEXT + 1) -> str:
        return posted.get(f"f{number}-{name}", "").strip()[:length]

    kind = text("kind")
    row: dict[str, Any] = {name: text(name) for name in _TEXTS if text(name) or name.startswith("label")}
    row |= {"name": text("name", 40) or f"f{number + 1}", "kind": kind}
    if text("required"):
        row["required"] = True
    if kind == "choice":
        row["choices"] = _choices(text("choices", 20_000))
    if when := _when(posted.getlist(f"f{number}-when")):
        row["when"] = when
    return row


def _choices(text: str) -> list[dict[str, str]]:
    """One a line: Chinese | English | value; the value may be left out, one language stands for both."""
    rows: list[dict[str, str]] = []
    for line in text.splitlines()[: MAX_CHOICES + 1]:
        parts = _BAR.split(line.strip(), maxsplit=2)
        if parts[0]:
            zh, en, value = [*parts, "", ""][:3]
            rows.append({"value": value, "en": en or zh, "zh": zh})
    for row in rows:
        row["value"] = row["value"] or _free((other["value"] for other in rows), "c")
    return rows


def _when(texts: Sequence[str]) -> dict[str, Any] | None:
    """Answers of one field above: those of the first one that was chosen."""
    pairs = [text.partition("=") for text in texts[:MAX_CHOICES] if "=" in text]
    if not pairs:
        return None
    return {"field": pairs[0][0], "values": [value for name, _mark, value in pairs if name == pairs[0][0]]}
