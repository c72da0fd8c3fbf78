"""VRP: licences and sets of signatures of firewalls.

Source: Huawei "Command Reference" of USG, S, AR and AC series: display license, display version ips-sdb.
"""

from __future__ import annotations

import re

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, Row, Rows, found
from collectors.facts.cli.values import blocks, fields
from collectors.facts.dates import day_of
from collectors.facts.host import Licence, SignatureSet

# "IPS Update : Enabled; service expire time: 2026/08/25" of USG
_SERVICE = re.compile(
    r"\s*(?P<name>[^:;]+?)\s*:\s*(?P<state>[^:;]+?)\s*[;,]\s*"
    r"(?:service )?expired? (?:time|date)\s*:?\s*(?P<ends>\S.*?)\s*"
)
# "Feature name : …" and "Expired date : …" below it, of switches, routers and controllers
_NAME = re.compile(r"\s*(?:Feature|Item) name\s*:\s*(?P<name>\S.*?)\s*")
_EXPIRED = re.compile(r"\s*(?:License )?expired? (?:time|date)\s*:\s*(?P<ends>\S.*?)\s*", re.I)


def parse_license(output: str) -> Rows:
    """Parse ``display license``: a row for each that has an end, were it "PERMANENT". Raises: ParseError.

    What is switched off has no end to watch.
    """
    rows: list[Row] = []
    name = ""
    for line in output.splitlines():
        match = _SERVICE.fullmatch(line)
        if match is not None:
            rows.append(_row(match["name"], match["ends"], match["state"]))
            continue
        named, expired = _NAME.fullmatch(line), _EXPIRED.fullmatch(line)
        if named is not None:
            name = named["name"]
        elif expired is not None:
            rows.append(_row(name or "License", expired["ends"], ""))
    if not rows and re.search(r"(?i)\blicense\b|Device ESN", output):
        return ()  # a device whose licences have no end, or that has none
    return found(rows)


def _row(name: str, ends: str, state: str) -> Row:
    day = None if state.lower() == "disabled" else day_of(ends)
    return Row((Licence(name, day),) if day else (), {"licence": name, "ends": ends, "state": state})


_VERSION = re.compile(r"\s*(?P<which>Current|Backup|Loading|Original|Previous)\b.*\bVersion\s*:?\s*", re.I)


def parse_signatures(output: str) -> Rows:
    """Parse ``display version ips-sdb`` and the like: the set in use alone; nothing where none is loaded.

    Its issue counts; where that is not shown, its version, which begins with its day, or the update.
    Raises: ParseError: an answer of another form.
    """
    rows: list[Row] = []
    title = re.search(r"^\s*(?P<name>\S.*?)\s+(?:Update )?Information(?: List)?\s*:?\s*$", output, re.M)
    if title is None:
        raise ParseError(UNKNOWN_FORM)
    for head, body in blocks(output, _VERSION):
        values = fields(body)
        if head["which"].lower() != "current" or not values.get("signature database version"):
            continue
        dates = (
            day_of(values.get(key, ""))
            for key in ("issue time of the update file", "signature database version", "update time")
        )
        dated = next((one for one in dates if one is not None), None)
        rows.append(
            Row((SignatureSet(title["name"], dated),) if dated else (), {"name": title["name"], **values})
        )
    return tuple(rows)
