"""The order in which people expect names with numbers: port 2 before port 10."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"(\d+)")


def natural_key(text: str) -> tuple[tuple[int, str], ...]:
    """For ``sorted``: numbers within a text count as numbers, letters regardless of case.

    A number of hundreds of digits is compared by its length and digits, never made into an integer.
    """
    parts = _DIGITS.split(text.casefold())
    return tuple(
        (len(digits), digits) if number % 2 and (digits := part.lstrip("0") or "0") else (0, part)
        for number, part in enumerate(parts)
    )
