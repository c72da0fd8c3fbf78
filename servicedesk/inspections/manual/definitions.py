"""An item as a round asks it: kept with each answer, so that a later change judges nothing anew."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from collectors.levels import judge_value
from collectors.model import Levels
from collectors.outcome import Outcome
from servicedesk.core.errors import InvalidError
from servicedesk.core.filters import number as number_text
from servicedesk.core.i18n import enumeration
from servicedesk.inspections.manual.models import CHOICE, NUMBER, ManualAnswer, ManualItem

LIMITS = ("warning_upper", "critical_upper", "warning_lower", "critical_lower")
# What a person may say of what they read in words, or where an item does not fit its place.
SAID = {
    "normal": Outcome.OK,
    "abnormal": Outcome.WARNING,
    "not_applicable": Outcome.NOT_APPLICABLE,
    "not_inspected": Outcome.NOT_INSPECTED,
}
MAX_NUMBER = 1e9


def of_item(item: ManualItem) -> dict[str, Any]:
    """The item's column values as JSON."""
    return {
        "title": [item.title_en, item.title_zh],
        "standard": [item.standard_en, item.standard_zh],
        "kind": item.kind,
        "unit": item.unit,
        "limits": {name: getattr(item, name) for name in LIMITS},
        "options": item.options,
        "photo_required": item.photo_required,
        "version": item.version,
    }


def in_words(pair: Sequence[str]) -> str:
    """Of an English and a Chinese text the reader's; the other where theirs is empty."""
    chosen = pair[1] if str(get_locale()).startswith("zh") else pair[0]
    return chosen or pair[0] or pair[1]


def title(definition: Mapping[str, Any]) -> str:
    """The item's name for the reader."""
    return in_words(definition["title"])


def standard(definition: Mapping[str, Any]) -> str:
    """What is right: the item's own words, else its limits or the normal ones of its options."""
    if words := in_words(definition["standard"]):
        return words
    limits = definition["limits"]
    lower = next((limits[n] for n in ("warning_lower", "critical_lower") if limits[n] is not None), None)
    upper = next((limits[n] for n in ("warning_upper", "critical_upper") if limits[n] is not None), None)
    unit = definition["unit"]
    sides = [
        f"{sign} {number_text(at)} {unit}".strip()
        for sign, at in ((">", lower), ("<", upper))
        if at is not None
    ]
    if sides:
        return enumeration(sides)
    normal = [in_words(row[:2]) for row in definition["options"] if row[2] == Outcome.OK.value]
    return " / ".join(normal)


def result(answer: ManualAnswer) -> str:
    """What was answered, as text; empty while nothing was."""
    return result_of(answer.definition, answer.value, answer.option, answer.text)


def result_of(definition: Mapping[str, Any], value: float | None, option: int | None, text: str) -> str:
    """The columns of an answer as text."""
    if value is not None:
        return f"{number_text(value)} {definition['unit']}".strip()
    if option is not None:
        return in_words(definition["options"][option][:2])
    return text


def judged(definition: Mapping[str, Any], said: str, raw: str) -> tuple[Outcome, dict[str, Any]]:
    """The outcome of an answer and the columns it fills.

    Args:
        said: empty, or one of ``SAID``; for text it is the verdict.
        raw: the number, the number of the option, or the text.

    Raises:
        InvalidError: it is no answer to this item, with the field's name.
    """
    empty: dict[str, Any] = {"value": None, "option": None, "text": ""}
    if said in ("not_applicable", "not_inspected"):
        return SAID[said], empty
    if definition["kind"] == NUMBER:
        value = number_of(raw)
        levels = Levels(**definition["limits"])
        return judge_value(value, levels), empty | {"value": value}
    if definition["kind"] == CHOICE:
        rows = definition["options"]
        if not (raw.isascii() and raw.isdigit() and len(raw) < 4 and int(raw) < len(rows)):
            raise InvalidError(_("Choose one of the answers."), "value")
        return Outcome(rows[int(raw)][2]), empty | {"option": int(raw)}
    if not raw.strip():
        raise InvalidError(_("Write what you saw."), "value")
    if said not in SAID:
        raise InvalidError(_("Say whether it is normal."), "said")
    return SAID[said], empty | {"text": raw.strip()[:2000]}


def number_of(raw: str) -> float:
    """A number as people write it.

    Raises:
        InvalidError: it is none, or beyond all reason.
    """
    text = raw.strip().replace(",", ".").replace("\uff0e", ".")
    try:
        value = float(text) if text.isascii() and len(text) < 30 else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or abs(value) > MAX_NUMBER:
        raise InvalidError(_("Write a number."), "value")
    return value
