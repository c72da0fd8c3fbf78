"""What a chassis of Cisco holds: modules and supervisors of IOS, extenders of a Nexus switch."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.facts.cli.cisco.groups import underlined
from collectors.facts.cli.rows import Member, Row, Rows, found
from collectors.facts.cli.values import fields, present, state
from collectors.model import Sensor
from collectors.outcome import Outcome

_SECTION = re.compile(r"(?m)^\s*(Redundant System|Current Processor|Peer Processor) Information\s*:?\s*$")
_NO_PEER = re.compile(r"Peer \(slot: \S+\) information is not available because it is in '(.+?)' state")
# Cold means that it has to start when it is needed; in route processor redundancy it always does.
_STANDBY = {"hot": Outcome.OK, "cold": Outcome.WARNING}
_COLD_BY_DESIGN = ("rpr", "route processor redundancy")


_UNTESTED = ("not available", "not applicable", "untested", "bypass", "unknown")


def parse_modules(output: str) -> Rows:
    """Parse ``show module`` of IOS: each module's state, those of its pieces, and its own test.

    Source: Catalyst 4500, 6500 and 9400 command references. Raises: ParseError: no module.
    """
    models: dict[str, str] = {}
    return found(Row(present(_module(one, models)), one) for one in underlined(output) if _number(one))


def _number(details: dict[str, str]) -> str:
    # Catalyst 4500 heads the second table with "M".
    return details.get("mod") or details.get("m", "")


def _module(details: dict[str, str], models: dict[str, str]) -> Sensor | None:
    number = _number(details)
    if "sub-module" in details:
        name = f"Module {number} {details['sub-module']}"
    else:
        models.setdefault(number, details.get("model", ""))
        name = f"Module {number} {models[number]}".strip()
    if "online_diag_status" in details:
        result = details["online_diag_status"]
        told = result.lower() not in _UNTESTED
        return state(f"{name} diagnostics", result, kind="diagnostics") if told else None
    return state(name, details.get("status", ""), kind="module")


def parse_redundancy(output: str) -> Rows:
    """Parse ``show redundancy`` of IOS: the supervisors (members of a stack, too) and their common mode.

    Raises: ParseError: no processor.
    """
    _before, *pieces = _SECTION.split(output)
    told = {pieces[at]: fields(pieces[at + 1].splitlines(), "=") for at in range(0, len(pieces), 2)}
    system = told.get("Redundant System", {})
    return found(_redundancy(told, system, _NO_PEER.search(output)))


def _redundancy(
    told: dict[str, dict[str, str]], system: dict[str, str], no_peer: re.Match[str] | None
) -> Iterator[Row]:
    wanted, runs = system.get("configured redundancy mode", ""), system.get("operating redundancy mode", "")
    for section, place in (("Current Processor", "active location"), ("Peer Processor", "standby location")):
        values = told.get(section, {})
        if word := values.get("current software state", ""):
            role, _, how = word.partition(" ")
            outcome = Outcome.OK if role == "ACTIVE" else _STANDBY.get(how.lower()[:4], Outcome.CRITICAL)
            if outcome is Outcome.WARNING and any(mode in wanted.lower() for mode in _COLD_BY_DESIGN):
                outcome = Outcome.OK
            name = f"Processor in {values.get(place) or section.split()[0].lower() + ' place'}"
            yield Row((Member(name, role, word, outcome),), values)
    if system.get("hardware mode", "").lower() != "duplex":
        return
    if no_peer is not None:
        yield Row((Member("Peer processor", "STANDBY", no_peer[1], Outcome.CRITICAL),))
    if wanted and runs:
        outcome = Outcome.OK if wanted.lower() == runs.lower() else Outcome.WARNING
        yield Row((Member("Redundancy mode", wanted, runs, outcome),), system)


_FEX_CELLS = ("number", "description", "status", "model", "serial")
_FEX_STATES = {
    "online": Outcome.OK,
    **dict.fromkeys(
        ("configured", "discovered", "connected", "registered", "image download", "online sequence"),
        Outcome.WARNING,
    ),
}


def parse_fex(output: str) -> Rows:
    """Parse ``show fex`` of NX-OS: the extenders with their states. Raises: ParseError: none."""
    rows: list[Row] = []
    for line in output.expandtabs().splitlines():
        cells = [cell for cell in line.split("  ") if cell.strip()]
        if len(cells) != len(_FEX_CELLS) or not cells[0].strip().isdigit():
            continue
        details = dict(zip(_FEX_CELLS, (cell.strip() for cell in cells), strict=True))
        outcome = _FEX_STATES.get(details["status"].lower(), Outcome.CRITICAL)
        name = f"FEX {details['number']}"
        member = Member(name, details["model"], details["status"], outcome, details["serial"])
        rows.append(Row((member,), details))
    return found(rows)
