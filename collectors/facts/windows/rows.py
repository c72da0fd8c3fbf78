"""Objects that ConvertTo-Json printed, read with care: numbers may be null, or text."""

from __future__ import annotations

import json
from typing import Any

from collectors.errors import ParseError
from collectors.messages import N_

_MAX_INT = 2**63


class Row:
    """One object; names are compared without case, as PowerShell does."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._data = {str(name).lower(): value for name, value in data.items()}

    def text(self, name: str) -> str:
        """Text without blanks around it; empty when there is none."""
        value = self._data.get(name.lower())
        return " ".join(str(value).split()) if isinstance(value, (str, int, float)) else ""

    def number(self, name: str) -> int | None:
        """A whole number, or None when the host does not tell."""
        value = self._data.get(name.lower())
        if isinstance(value, bool):
            return None
        if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
            value = int(value.strip()[:20])
        if isinstance(value, float) and value == value and abs(value) < _MAX_INT:
            value = int(value)
        return value if isinstance(value, int) and abs(value) < _MAX_INT else None

    def count(self, name: str) -> int | None:
        """A number that cannot be negative."""
        value = self.number(name)
        return value if value is not None and value >= 0 else None

    def flag(self, name: str) -> bool:
        """Whether it is true."""
        return self._data.get(name.lower()) is True


def parse_rows(output: str) -> tuple[Row, ...]:
    """A JSON list of objects; one object alone stands for a list of one, and null for none.

    Raises:
        ParseError: no JSON, or of another form.
    """
    found = _json(output)
    items = found if isinstance(found, list) else [found]
    rows = [item for item in items if item is not None]
    if not all(isinstance(row, dict) for row in rows):
        raise ParseError(N_("expected a list of objects"))
    return tuple(Row(row) for row in rows)


def parse_number(output: str) -> float:
    """A JSON list of one number, or the number.

    Raises:
        ParseError: anything else.
    """
    found = _json(output)
    value = found[0] if isinstance(found, list) and len(found) == 1 else found
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e18:
        raise ParseError(N_("expected a number"))
    return float(value)


def _json(output: str) -> Any:
    try:
        return json.loads(output.strip().lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise ParseError(N_("expected JSON")) from error
