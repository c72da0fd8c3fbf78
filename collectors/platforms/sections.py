"""What one question to a host is, for every kind of host."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """One question.

    ``program``: is needed; without it the section is "unsupported".
    ``path``: one of these (patterns, parted by blanks) must exist, else the host has none of this.
    ``timeout_s`` 0: reads /proc alone and cannot hang, so no ``timeout`` process is spent on it.
    ``quick``: asked with the others that are, in one shell under one limit; has no ``exit``.
    ``told``: asked where the quick ones' answers hold one of these words; they tell of running programs and
    of ports that listen. ``earlier``: how it was asked before; answers to it are in kept transcripts and
    are read as those of ``command``.
    """

    name: str
    command: str
    program: str = ""
    path: str = ""
    timeout_s: int = 0
    quick: bool = False
    told: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()


def names_of(sections: Iterable[Section]) -> dict[str, str]:
    """Each text that was ever asked, with its section's name."""
    return {text: one.name for one in sections for text in (one.command, *one.earlier)}
