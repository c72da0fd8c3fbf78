"""States of protocols of VRP. Source: Huawei "Command Reference": display vrrp, stp, ospf peer, bgp peer."""

from __future__ import annotations

import re

from collectors.facts.cli.rows import Peer, Row, Rows, found
from collectors.facts.cli.values import table

_VRRP = re.compile(
    r"\s*(?P<vrid>\d+)\s+(?P<state>(?:Master|Backup|Initialize|Non-active|Init)(?:\(\w+\))?)\s+"
    r"(?P<interface>\S+)\s+(?P<type>\S+)\s+(?P<vip>\S+)"
)
_STP = re.compile(
    r"\s*(?P<mstid>\d+)\s+(?P<port>[A-Za-z0-9][\w/.-]*)\s+(?P<role>[A-Z]{4})\s+(?P<state>\w+)\s+"
    r"(?P<protection>\w+)(?:\s+(?P<cost>\d+))?(?:\s+(?P<edged>\w+))?"
)
_OSPF_HEAD = re.compile(r"\s*OSPF Process (?P<ospf_id>\d+) with Router ID (?P<ospf_router_id>\S+)")
_OSPF = re.compile(
    r"\s*(?P<area>\d+\.\d+\.\d+\.\d+)\s+(?P<interface>\S+)\s+(?P<neighbor>\d+\.\d+\.\d+\.\d+)\s+"
    r"(?P<state>\S+)"
)
_BGP = re.compile(
    r"\s*(?P<peer_rid>[\da-fA-F.:]+)\s+(?P<version>4)\s+(?P<peer_as_num>[\d.]+)\s+\d+\s+\d+\s+"
    r"\d+\s+0*(?P<time>\S+)\s+(?P<state>[A-Z]\w+(?:\(\w+\))?)"
)
_BGP_HEADS = (
    re.compile(r"\s*BGP local router ID ?: ?(?P<local_rid>\S+)"),
    re.compile(r"\s*Local AS number ?: ?(?P<local_as_num>\S+)"),
)


def parse_vrrp_brief(output: str) -> Rows:
    """Parse ``display vrrp brief``. Raises: ParseError: no group."""
    return found(
        Row((Peer("vrrp", one["vip"], one["state"], one["interface"]),), one) for one in table(output, _VRRP)
    )


def parse_stp_brief(output: str) -> Rows:
    """Parse ``display stp brief``. Raises: ParseError: no port."""
    return found(
        Row((Peer("stp", one["mstid"], one["state"], one["port"]),), one) for one in table(output, _STP)
    )


def parse_ospf_peers(output: str) -> Rows:
    """Parse ``display ospf peer brief``. Raises: ParseError: no neighbour."""
    said: dict[str, str] = {}
    rows: list[Row] = []
    for line in output.splitlines():
        head, match = _OSPF_HEAD.match(line), _OSPF.match(line)
        said = head.groupdict() if head else said
        if match:
            rows.append(
                Row(
                    (Peer("ospf", match["neighbor"], match["state"], match["interface"]),),
                    {**said, **match.groupdict()},
                )
            )
    return found(rows)


def parse_bgp_peers(output: str) -> Rows:
    """Parse ``display bgp peer``. Raises: ParseError: no peer."""
    said: dict[str, str] = {}
    for pattern in _BGP_HEADS:
        match = next((one for line in output.splitlines() if (one := pattern.match(line)) is not None), None)
        said |= match.groupdict() if match else {}
    return found(
        Row((Peer("bgp", one["peer_rid"], one["state"]),), {**said, **one}) for one in table(output, _BGP)
    )
