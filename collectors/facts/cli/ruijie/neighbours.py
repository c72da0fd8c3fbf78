"""LLDP neighbours of RGOS; software that answers in the form of IOS is read in that form.

Source: Ruijie "Command Reference", LLDP: show lldp neighbors, show lldp neighbors detail.
"""

from __future__ import annotations

import re

from collectors.facts.cli.cisco import neighbours
from collectors.facts.cli.rows import Row, Rows
from collectors.facts.cli.values import blocks, fields, mac, table
from collectors.model import Neighbour

_PORT = re.compile(r"(?i)\s*LLDP neighbor-information of port \[(?P<local_interface>[^\]]+)\]")
_BRIEF = re.compile(
    r"\s*(?P<neighbor_name>\S(?:.*?\S)?)??\s+(?P<local_interface>[A-Z][A-Za-z]+ ?\d+(?:/\d+)+)\s+"
    r"(?P<neighbor_interface>\S(?:.*?\S)?)\s+(?:(?P<capabilities>[A-Z](?:, ?[A-Z])*)\s+)?"
    r"(?P<aging>\d+(?:hour|minute|second)s?(?: *\d+(?:minute|second)s?)*)\s*$"
)


def parse_lldp_detail(output: str) -> Rows:
    """Parse ``show lldp neighbors detail``: a row a neighbour. Raises: ParseError: no list at all."""
    rows: list[Row] = []
    for head, body in blocks(output, _PORT):
        # Each neighbour of a port begins with its index.
        for part in re.split(r"(?m)^(?=\s*Neighbor index\s*:)", "\n".join(body)):
            values = fields(part.splitlines())
            chassis = values.get("chassis id", "")
            if not chassis:
                continue
            details = {
                "local_interface": head["local_interface"],
                "chassis_id": chassis,
                "neighbor_name": values.get("system name", ""),
                "neighbor_interface": values.get("port id", ""),
                "neighbor_description": values.get("system description", ""),
                "mgmt_address": values.get("management address", ""),
            }
            rows.append(
                Row(
                    (
                        Neighbour(
                            "lldp",
                            details["local_interface"],
                            details["neighbor_name"],
                            details["neighbor_interface"],
                            details["neighbor_description"],
                            details["mgmt_address"],
                            mac(chassis) or chassis,
                        ),
                    ),
                    details,
                )
            )
    return tuple(rows) or neighbours.parse_lldp_detail(output)


def parse_lldp_brief(output: str) -> Rows:
    """Parse ``show lldp neighbors``. Raises: ParseError: no list at all."""
    rows = [
        Row(
            (
                Neighbour(
                    "lldp",
                    details["local_interface"],
                    details["neighbor_name"],
                    details["neighbor_interface"],
                ),
            ),
            details,
        )
        for details in table(output, _BRIEF)
    ]
    return tuple(rows) or neighbours.parse_lldp_brief(output)
