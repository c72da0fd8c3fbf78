"""An item's words in the reader's language: a person's own, else those of the rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from servicedesk.core.filters import message
from servicedesk.core.sentences import translate
from servicedesk.inspections.outcomes import check_title

PARTS = ("title", "reason", "effect")


def say(words: Mapping[str, Any] | None) -> str:
    """A rule's sentence; checks and items are named as readers know them."""
    if not words:
        return ""
    values = dict(words.get("values") or {})
    if "check" in values:
        values["check"] = check_title(values["check"])
    if "item" in values:
        values["item"] = translate(values["item"])
    return message({"template": words.get("template", ""), "values": values}).strip()


def in_words(value: Any) -> str:
    """A cell of a report: a person's words, or a rule's."""
    return value if isinstance(value, str) else say(value)


def part(item: Any, name: str) -> str:
    """``item``: anything with ``wording`` and the part's own column."""
    return str(getattr(item, name)) or say((item.wording or {}).get(name))
