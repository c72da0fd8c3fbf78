"""RGOS: members of a virtual switching unit, and the light of transceivers."""

from __future__ import annotations

import re

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, Member, Row, Rows, found
from collectors.facts.cli.values import blocks, number, reading, table
from collectors.outcome import Outcome

_MEMBER = re.compile(
    r"\s*(?P<switch_id>\d+)\(\d+\)\s+(?P<domain_id>\d+)\(\d+\)\s+(?P<priority>\d+)\(\d+\)\s+"
    r"(?P<position>LOCAL|REMOTE)\s+(?P<status>\S+)\s+(?P<role>ACTIVE|STANDBY|CANDIDATE)"
)


def parse_virtual_switch(output: str) -> Rows:
    """Parse ``show switch virtual``; a device that stands alone has no list.

    Raises: ParseError: neither a member nor a word of standing alone.
    """
    members = list(table(output.expandtabs(), _MEMBER))
    if not members and not re.search(r"(?i)stand-?alone|virtual switch mode", output):
        raise ParseError(UNKNOWN_FORM)
    return tuple(
        Row(
            (
                Member(
                    f"Switch {one['switch_id']}",
                    one["role"],
                    one["status"],
                    Outcome.OK if one["status"] == "OK" else Outcome.CRITICAL,
                ),
            ),
            one,
        )
        for one in members
    )


_PORT = re.compile(r"[=\s]*Interface (?P<interface>[A-Za-z][\w-]* ?\d[\d/:.]*)[=\s]*$")
_CELL = r"(-?\d+(?:\.\d+)?|N/?A|-)(?:\([^)]*\))?(?:\[[^\]]*\])?"
_FIVE = re.compile(rf"\s*{_CELL}\s+{_CELL}\s+{_CELL}\s+{_CELL}\s+{_CELL}\s*$")


def parse_transceiver(output: str) -> Rows:
    """Parse ``show interfaces transceiver diagnosis``: temperature, voltage, bias, light in and out.

    Raises: ParseError: no port.
    """
    rows: list[Row] = []
    for head, body in blocks(output, _PORT):
        name = head["interface"]
        match = next((one for line in body if (one := _FIVE.match(line)) is not None), None)
        if match is None:
            rows.append(Row((), {"interface": name}))
            continue
        temperature, voltage, bias, received, sent = (number(match[at]) for at in range(1, 6))
        facts = (
            *reading("temperature", name, temperature, "°C"),
            *reading("voltage", name, voltage, "V"),
            *reading("current", f"{name} bias", None if bias is None else round(bias / 1000, 9), "A"),
            *reading(
                "dbm", f"{name} receive", None if received is None or received <= -40 else received, "dBm"
            ),
            *reading("dbm", f"{name} transmit", None if sent is None or sent <= -40 else sent, "dBm"),
        )
        rows.append(Row(facts, {"interface": name, "rx": match[4], "tx": match[5], "temperature": match[1]}))
    return found(rows)
