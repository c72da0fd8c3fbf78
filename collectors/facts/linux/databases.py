"""What the answers of ``platforms.database_commands`` have in common. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.errors import ParseError
from collectors.messages import N_

_REFUSED = 200


def servers_in(output: str) -> Iterator[tuple[str, int, list[str]]]:
    """Name, number of its line and the lines of each server."""
    name, begin, lines = "", 0, list[str]()
    for number, line in enumerate(output.splitlines(), 1):
        if line.startswith("server: "):
            if name:
                yield name, begin, lines
            name, begin, lines = line.removeprefix("server: ").strip()[:60], number, []
        elif line.strip():
            if not name:
                raise ParseError(N_("expected a server"), number)
            lines.append(line)
    if name:
        yield name, begin, lines


def words_in(lines: list[str]) -> str:
    """What a server said instead of an answer."""
    return (lines[0].strip() if lines else "")[:_REFUSED]


def whole(text: str | None, number: int) -> int | None:
    """As ``optional``, without what is behind the point."""
    value = optional(text, number)
    return None if value is None else int(value)


def optional(text: str | None, number: int) -> float | None:
    """A number of a row that may be missing.

    Raises:
        ParseError: it is there and is none.
    """
    return None if text is None or text == "" else number_of(text, number)


def number_of(text: str, number: int) -> float:
    """A number of a row; ``number`` is that of its line.

    Raises:
        ParseError: it is none.
    """
    if not re.fullmatch(r"-?\d{1,18}(\.\d{1,6})?", text.strip(), re.ASCII):
        raise ParseError(N_("expected a number"), number)
    return float(text)
