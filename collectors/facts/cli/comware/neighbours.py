"""LLDP neighbours and BGP peers of Comware.

Source: H3C "Command Reference": display lldp neighbor-information, bgp peer.
"""

from __future__ import annotations

import re

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, Peer, Row, Rows, found
from collectors.facts.cli.values import (
    blocks,
    fields,
    mac,
    table,
)
from collectors.model import Neighbour

_ENTRY = re.compile(r"\s*(?:LLDP )?[Nn]eighbor index *: *\d+")
_VERBOSE = re.compile(r"LLDP neighbor-information of port \d+ ?\[(?P<local_interface>[^\]]+)\]")


def parse_lldp_verbose(output: str) -> Rows:
    """Parse ``display lldp neighbor-information verbose``; no neighbour is an answer. Raises: ParseError."""
    rows: list[Row] = []
    entries = (
        (head, fields(part))
        for head, body in blocks(output, _VERBOSE)
        for part in ([lines for _, lines in blocks("\n".join(body), _ENTRY)] or [body])
    )
    for head, values in entries:
        chassis = values.get("chassis id") or _before_kind(values.get("chassisid/subtype", ""))
        details = {
            "local_interface": head["local_interface"],
            "chassis_id": chassis,
            "neighbor_port_id": values.get("port id") or _before_kind(values.get("portid/subtype", "")),
            "neighbor_interface": values.get("port description", ""),
            "neighbor": values.get("system name", ""),
            "management_ip": values.get("management address", ""),
            "vlan": values.get("port vlan id(pvid)", ""),
        }
        neighbour = Neighbour(
            "lldp",
            head["local_interface"],
            details["neighbor"],
            details["neighbor_port_id"],
            values.get("system description", ""),
            details["management_ip"],
            mac(chassis) or chassis,
        )
        rows.append(Row((neighbour,), details))
    if not rows and output.strip():
        raise ParseError(UNKNOWN_FORM)
    return tuple(rows)


def _before_kind(text: str) -> str:
    """ "GigabitEthernet1/0/9" of "GigabitEthernet1/0/9/Interface name": Comware 5 puts the kind behind it."""
    return text.rpartition("/")[0] or text


_OLD = re.compile(
    r"(?P<system_name>\S.*?|)\s+(?P<local_interface>[A-Z][A-Za-z-]*\d+(?:/\d+)+\S*)\s+"
    r"(?P<chassis_id>\S+)\s+(?P<port_id>\S.*?)\s*$"
)
_NEW = re.compile(
    r"(?P<local_interface>[A-Z][A-Za-z-]*\d+(?:/\d+)+\S*)\s+(?P<chassis_id>\S+)\s+"
    r"(?P<port_id>\S+(?: \d\S*)?)(?:\s+(?P<system_name>\S.*?))?\s*$"
)


def parse_lldp_list(output: str) -> Rows:
    """Parse ``display lldp neighbor-information list`` of Comware 5 (name first) and 7 (name last).

    Long names go on in the next line. Raises: ParseError: no heading.
    """
    name_first: bool | None = None
    rows: list[Row] = []
    for line in output.splitlines():
        if "Local Interface" in line:
            name_first = line.lstrip().startswith("System Name")
            continue
        if name_first is None:
            continue
        match = (_OLD if name_first else _NEW).match(line)
        if match is not None:
            rows.append(_listed({key: value or "" for key, value in match.groupdict().items()}))
        elif rows and line.strip() and " " not in line.strip() and name_first:
            details = dict(rows[-1].details)
            rows[-1] = _listed({**details, "system_name": details["system_name"] + line.strip()})
    if name_first is None:
        raise ParseError(UNKNOWN_FORM)
    return tuple(rows)


def _listed(details: dict[str, str]) -> Row:
    name = details["system_name"].strip("-")
    chassis = details["chassis_id"].lstrip("*#")  # signs of the agent that heard it
    details = {**details, "neighbor_name": details["system_name"], "neighbor_interface": details["port_id"]}
    return Row(
        (
            Neighbour(
                "lldp", details["local_interface"], name, details["port_id"], "", "", mac(chassis) or chassis
            ),
        ),
        details,
    )


_BGP = re.compile(
    r"\s*[*^]{0,2}(?P<peer>[\da-fA-F.:]+)\s+(?P<remote_asn>[\d.]+)\s+(?P<messages_received>\d+)\s+"
    r"(?P<messages_sent>\d+)\s+(?P<output_queue>\d+)\s+"
    r"(?P<prefixes_received>\d+)\s+(?P<up_down>\S+)\s+(?P<state>[A-Z]\w+(?:\(\w+\))?)"
)
_BGP_HEADS = {
    "local_router_id": re.compile(r"BGP local router ID ?: ?(\S+)"),
    "local_as_number": re.compile(r"Local AS number ?: ?(\S+)"),
}


def parse_bgp_peers(output: str) -> Rows:
    """Parse ``display bgp peer ipv4``. Raises: ParseError: no peer."""
    said = {name: match[1] for name, pattern in _BGP_HEADS.items() if (match := pattern.search(output))}
    return found(
        Row((Peer("bgp", one["peer"], one["state"]),), {**said, **one}) for one in table(output, _BGP)
    )
