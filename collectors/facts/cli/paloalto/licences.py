"""PAN-OS: licences. Source: "CLI Cheat Sheet: Device Management", request license info."""

from __future__ import annotations

import re

from collectors.facts.cli.rows import Row, Rows, found
from collectors.facts.cli.values import blocks, fields
from collectors.facts.dates import day_of
from collectors.facts.host import Licence

_ENTRY = re.compile(r"\s*License entry:\s*$")


def parse_license(output: str) -> Rows:
    """Parse ``request license info``: a row an entry; "Never" is no end. Raises: ParseError: another form."""
    rows: list[Row] = []
    for _head, body in blocks(output, _ENTRY):
        values = fields(body)
        feature, ends = values.get("feature", ""), day_of(values.get("expires", ""))
        if feature:
            rows.append(Row((Licence(feature, ends),) if ends else (), values))
    if not rows and re.search(r"(?i)\bno licen[sc]e|^Current \w+ Date:", output, re.M):
        return ()
    return found(rows)
