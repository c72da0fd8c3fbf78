"""VRP: trunks and their ports, members of a stack."""

from __future__ import annotations

import re

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, Member, Peer, Row, Rows, found
from collectors.facts.cli.values import blocks, table
from collectors.outcome import Outcome

_TRUNK = re.compile(r"\s*(?P<trunk>Eth-Trunk\d+)'s state information is:")
_OPERATE = re.compile(r"(?i)Operate status: *(\w+)")
_PORT = re.compile(
    r"\s*(?P<interface>(?=\S*\d)(?:(?:\d+\|)?\d+GE|[A-Za-z])[\w/.:-]*)(?:\([^)]*\))?\s+(?P<status>Selected|Unselect(?:ed)?|Up|Down)\b"
)


def parse_trunks(output: str) -> Rows:
    """Parse ``display eth-trunk``, in the mode of LACP and the normal one. Raises: ParseError: no trunk."""
    rows: list[Row] = []
    for head, body in blocks(output, _TRUNK):
        text = "\n".join(body)
        operate = _OPERATE.search(text)
        name, word = head["trunk"], operate[1].lower() if operate else ""
        # The other side's ports stand below "Partner".
        ports = list(table(text.split("\nPartner")[0], _PORT))
        peers = [Peer("lacp", name, word)]
        for port in ports:
            working = port["status"] in ("Selected", "Up")
            peers.append(
                Peer("lacp", name, "bundled" if working else port["status"].lower(), port["interface"])
            )
        rows.append(
            Row(
                tuple(peers),
                {
                    "trunk": name,
                    "operate_status": word,
                    "member_interface": "\n".join(port["interface"] for port in ports),
                    "member_interface_status": "\n".join(port["status"] for port in ports),
                },
            )
        )
    return found(rows)


_MEMBER = re.compile(
    r"\s*\+?(?P<member_id>\d+)[+*]?\s+(?P<role>Master|Standby|Slave)\s+(?P<mac>[\da-fA-F]{4}(?:-[\da-fA-F]{4}){2})\s+"
    r"(?P<priority>\d+)(?:\s+(?P<device_type>[A-Z]\S*))?"
)
_TOPOLOGY = re.compile(r"(?i)Stack topology(?: type)? *: *(\w+)")


def parse_stack(output: str) -> Rows:
    """Parse ``display stack``: an open chain of three and more has no second way.

    Raises: ParseError: no member, and no word about stacking either.
    """
    members = list(table(output.expandtabs(), _MEMBER))
    if not members:
        if re.search(r"(?i)stack(?:ing)?\b", output):
            return ()
        raise ParseError(UNKNOWN_FORM)
    topology = _TOPOLOGY.search(output)
    shape = topology[1] if topology else ""
    return tuple(
        Row(
            (
                Member(
                    f"Member {one['member_id']}",
                    one["role"],
                    shape,
                    Outcome.WARNING
                    if shape.lower() in ("link", "chain") and len(members) > 2
                    else Outcome.OK,
                ),
            ),
            {**one, "topology": shape},
        )
        for one in members
    )
