"""What changed between two versions, line by line. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

CONTEXT = 3  # equal lines shown around a change


@dataclass(frozen=True, slots=True)
class Line:
    """``kind``: same, gone, new, or cut (equal lines that are left out)."""

    kind: str
    text: str = ""


def changes(old: str, new: str) -> list[Line]:
    """The lines of both, equal ones far from any change left out; empty when nothing changed."""
    before, after = old.splitlines(), new.splitlines()
    matcher = SequenceMatcher(None, before, after, autojunk=len(before) > 2000)
    found: list[Line] = []
    for number, group in enumerate(matcher.get_grouped_opcodes(CONTEXT)):
        if number:
            found.append(Line("cut"))
        for tag, a, b, c, d in group:
            found += _lines(tag, before[a:b], after[c:d])
    return found


def _lines(tag: str, old: list[str], new: list[str]) -> Iterator[Line]:
    if tag == "equal":
        yield from (Line("same", text) for text in old)
        return
    yield from (Line("gone", text) for text in old)
    yield from (Line("new", text) for text in new)
