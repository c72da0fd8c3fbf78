"""Neighbours of routing protocols, as Cisco's line of command lines lists them: IOS, NX-OS, RGOS, FortiOS."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from collectors.errors import ParseError
from collectors.facts.cli.rows import Peer, Row, Rows, found
from collectors.facts.cli.values import table

Parser = Callable[[str], Rows]

ESTABLISHED = "Established"
# How a device says that a protocol does not run on it, or has nobody to list.
_NOTHING = re.compile(
    r"(?i)\bnot (?:active|running|enabled|configured|established|started|exist|found)\b"
    r"|\bno [^\n]{0,40}(?:exists?|found|configured|neighbou?rs?|peers?|entries|running|instance)\b"
    r"|\b(?:peers|neighbou?rs|routers|entries|trunks) ?: ?0\b|^(?:Info|%) ?[^\n]{0,80}\bno\b"
)


def or_nothing(parse: Parser) -> Parser:
    """The same parser, for which an answer that says "none" or nothing at all is an empty list."""

    def parsed(output: str) -> Rows:
        """Raises: ParseError: an answer of another form."""
        try:
            return parse(output)
        except ParseError:
            if output.strip() and _NOTHING.search(output) is None:
                raise
            return ()

    return parsed


def unwrapped(output: str, alone: re.Pattern[str]) -> Iterator[str]:
    """Lines, with the one that holds nothing but a long first cell put before the next."""
    held = ""
    for line in output.expandtabs().splitlines():
        if alone.fullmatch(line):
            held = line.rstrip()
            continue
        yield f"{held} {line.strip()}" if held else line
        held = ""


_ADDRESS_ALONE = re.compile(r"\s*\*?[\da-fA-F]+[:.][\da-fA-F:.]+\s*")
_BGP = re.compile(
    r"\s*\*?(?P<bgp_neighbor>[\da-fA-F]+[:.][\da-fA-F:.]+)\s+(?P<version>4)\s+(?P<neighbor_as>\d+(?:\.\d+)?)"
    r"(?:\s+\d+){5}\s+(?P<up_down>\S+)\s+"
    r"(?P<state_or_prefixes_received>\d+|[A-Z][A-Za-z]+(?: ?\([A-Za-z]+\))?)\s*$"
)
_BGP_HEADS = (
    re.compile(r"\s*BGP router identifier (?P<router_id>[^\s,]+), local AS number (?P<local_as>[\d.]+)"),
    re.compile(
        r"\s*BGP summary information for VRF (?P<vrf>[^\s,]+), address family (?P<address_family>.+?)\s*$"
    ),
    re.compile(r"\s*For address family: (?P<address_family>.+?)\s*$"),
)


def parse_bgp_summary(output: str) -> Rows:
    """Parse ``show ip bgp summary``: a number of prefixes in the last column is an established session.

    Raises: ParseError: no neighbour.
    """
    said: dict[str, str] = {}
    rows: list[Row] = []
    for line in unwrapped(output, _ADDRESS_ALONE):
        for head in _BGP_HEADS:
            match = head.match(line)
            said |= match.groupdict() if match else {}
        for details in table(line, _BGP):
            last = details["state_or_prefixes_received"]
            peer = Peer("bgp", details["bgp_neighbor"], ESTABLISHED if last.isdigit() else last)
            rows.append(Row((peer,), {**said, **details}))
    return found(rows)


_OSPF = re.compile(
    r"\s*(?P<neighbor_id>\d+\.\d+\.\d+\.\d+)\s+(?P<priority>\d+)\s+(?P<state>[A-Za-z0-9-]+/ *[A-Za-z-]+)\s+"
    r"(?:(?:Up|Down|Disable|-)\s+)?(?P<dead_time>[\d:.]*\d[\w:.]*|-)\s+"
    r"(?P<ip_address>\d+\.\d+\.\d+\.\d+)\s+(?P<interface>[A-Za-z]\S*(?: \d\S*)?)"
)


def parse_ospf_neighbors(output: str) -> Rows:
    """Parse ``show ip ospf neighbor``. Raises: ParseError: no neighbour."""
    rows = []
    for details in table(output.expandtabs(), _OSPF):
        details["state"] = re.sub(r"\s+", "", details["state"])
        rows.append(
            Row((Peer("ospf", details["neighbor_id"], details["state"], details["interface"]),), details)
        )
    return found(rows)


_NAME_ALONE = re.compile(r"[A-Z][A-Za-z-]*\d[\w./:]*\s*")
_HSRP = re.compile(
    r"\s*(?P<interface>[A-Z]\S*\d)\s+(?P<group>\d+)\s+(?P<priority>\d+)\s+(?:(?P<preempt>P)\s+)?"
    r"(?P<state>Active|Standby|Init\w*|Listen|Learn|Speak|Disabled)\s+(?P<active>\S+)\s+(?P<standby>\S+)\s+"
    r"(?P<virtual_ip_address>\S+)"
)


def parse_hsrp(output: str) -> Rows:
    """Parse ``show standby brief`` of IOS and ``show hsrp brief`` of NX-OS. Raises: ParseError: no group."""
    return found(
        Row((Peer("hsrp", details["virtual_ip_address"], details["state"], details["interface"]),), details)
        for line in unwrapped(output, _NAME_ALONE)
        for details in table(line, _HSRP)
    )
