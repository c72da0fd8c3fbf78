"""Comware: licences, and sets of signatures of firewalls.

Source: H3C "Command Reference": display license, display ips signature library, display anti-virus
signature library.
"""

from __future__ import annotations

import re

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, Row, Rows, found
from collectors.facts.cli.values import blocks, fields, number
from collectors.facts.dates import day_of
from collectors.facts.host import Licence, SignatureSet

_FEATURE = re.compile(r"\s*Feature\s*:\s*(?P<name>\S.*?)\s*$")
_HOLDS = ("in use", "usable", "expired")


def parse_license(output: str) -> Rows:
    """Parse ``display license``: a row a licence. Raises: ParseError: another form.

    A permanent one has no end; one that is uninstalled or invalid has none to watch.
    """
    rows: list[Row] = []
    for head, body in blocks(output, _FEATURE):
        values = {"feature": head["name"], **fields(body)}
        licence = _licence(head["name"], values)
        held = values.get("current state", "").lower() in _HOLDS
        rows.append(Row((licence,) if licence is not None and held else (), values))
    if not rows and re.search(r"(?i)\bno licen[sc]e|^\s*slot \d+\s*:?\s*$", output, re.M):
        return ()
    return found(rows)


def _licence(name: str, values: dict[str, str]) -> Licence | None:
    _start, to, end = values.get("validity period", "").partition(" to ")
    ends = day_of(end) if to else None
    if ends is not None:
        return Licence(name, ends)
    left = next((number(values[key]) for key in values if key.endswith("time left (days)")), None)
    return None if left is None else Licence(name, None, days_left=left)


_TITLE = re.compile(r"^\s*(?P<name>\S.*?) signature library information:", re.M | re.I)
_CURRENT = re.compile(
    r"^\s*Current\s+(?P<version>\S+)\s+(?P<released>\w{3} \w{3} +\d+ [\d:]{8} \d{4}|-)\s*(?P<size>\d*)", re.M
)


def parse_signatures(output: str) -> Rows:
    """Parse ``display ips signature library`` and the like: the set in use. Raises: ParseError."""
    title, current = _TITLE.search(output), _CURRENT.search(output)
    if title is None or current is None:
        raise ParseError(UNKNOWN_FORM)
    dated = day_of(current["released"])
    details = {"name": title["name"], **current.groupdict()}
    return (Row((SignatureSet(title["name"], dated),) if dated else (), details),)
