"""What changed between two texts, line by line. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

CONTEXT = 3  # equal lines shown around a change
MANY = 2000  # lines from which on ones that are everywhere are no hold: otherwise time grows with the square


@dataclass(frozen=True, slots=True)
class Line:
    """``kind``: same, added, removed, gap (equal lines left out). ``old``, ``new``: its numbers there."""

    kind: str
    text: str = ""
    old: int | None = None
    new: int | None = None


def differences(before: str, after: str, *, thorough: bool = False) -> Iterator[Line]:
    """The lines that differ with ``CONTEXT`` lines around them; none when nothing changed.

    Args:
        thorough: for texts of devices, where the same line stands in many places and nobody picks them to
            make the comparison slow.
    """
    old, new = before.splitlines(), after.splitlines()
    matcher = SequenceMatcher(None, old, new, autojunk=not thorough and max(len(old), len(new)) > MANY)
    for number, group in enumerate(matcher.get_grouped_opcodes(CONTEXT)):
        if number or group[0][1] > 0:
            yield Line("gap")
        for tag, a, b, c, d in group:
            if tag == "equal":
                yield from (Line("same", old[a + i], a + i + 1, c + i + 1) for i in range(b - a))
                continue
            yield from (Line("removed", old[i], i + 1) for i in range(a, b))
            yield from (Line("added", new[i], None, i + 1) for i in range(c, d))
