"""Ports and devices that Cisco's switches join: channels, virtual port channels, modules of a chassis."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, Peer, Row, Rows, found
from collectors.facts.cli.values import fields, present, state, table

_BUNDLE = re.compile(
    r"\s*(?P<group>\d+)\s+(?P<bundle_name>[A-Za-z-]+\d[\w/]*)\((?P<bundle_status>[A-Za-z]+)\)"
    r"(?:\s+(?P<type>Eth|NONE)\b)?\s+(?P<bundle_protocol>LACP|PAgP|NONE|ON|-)(?P<rest>(?:\s.*)?)$"
)
_MEMBER = re.compile(r"([A-Za-z][\w./-]*\d)\(([A-Za-z]+)\)")
# Flags of a port: bundled; hot standby and delayed; the others (D, s, I, w, u, r) do not carry traffic.
_FLAGS = {"P": "bundled", "H": "standby", "h": "standby", "p": "standby", "b": "bundled"}
_WORDS = {"D": "down", "s": "suspended", "I": "individual", "w": "waiting", "u": "unsuitable", "r": "removed"}


def parse_port_channels(output: str) -> Rows:
    """Parse ``show etherchannel summary`` of IOS and ``show port-channel summary`` of NX-OS.

    A row a bundle; lists of ports go on in the lines after it. Raises: ParseError: no bundle and no legend.
    """
    bundles: list[tuple[dict[str, str], list[tuple[str, str]]]] = []
    for line in output.expandtabs().splitlines():
        head = _BUNDLE.match(line)
        if head is not None:
            details = {name: value or "" for name, value in head.groupdict().items()}
            bundles.append((details, _MEMBER.findall(details.pop("rest"))))
        elif bundles and line[:1].isspace():
            bundles[-1][1].extend(_MEMBER.findall(line))
    if not bundles and not re.search(r"(?i)flags: +d - down|number of channel-groups", output):
        raise ParseError(UNKNOWN_FORM)
    return tuple(_bundle(details, members) for details, members in bundles)


def _bundle(details: dict[str, str], members: list[tuple[str, str]]) -> Row:
    name = details["bundle_name"]
    peers = [Peer("lacp", name, "up" if "U" in details["bundle_status"] else "down")]
    for port, flag in members:
        word = _FLAGS.get(flag[:1]) or _WORDS.get(flag[:1], flag)
        peers.append(Peer("lacp", name, word, port))
    listed = {
        "member_interface": "\n".join(port for port, _ in members),
        "member_interface_status": "\n".join(flag for _, flag in members),
    }
    return Row(tuple(peers), {**details, **listed})


_VPC = re.compile(
    r"\s*(?P<id>\d+)\s+(?P<port>Po\d+)\s+(?P<status>up|down\*?)(?:\s+(?P<consistency>success|failed|not)\b.*)?"
)
_VPC_STATES = {
    "peer status": "peer",
    "vpc keep-alive status": "keep-alive",
    "configuration consistency status": "consistency",
    "per-vlan consistency status": "VLAN consistency",
    "type-2 consistency status": "type-2 consistency",
}


def parse_vpc(output: str) -> Rows:
    """Parse ``show vpc``: the pair, then its peer link and channels. Raises: ParseError: no domain."""
    values = fields(output.splitlines())
    if "vpc domain id" not in values:
        raise ParseError(UNKNOWN_FORM)
    told = {title: values[key] for key, title in _VPC_STATES.items() if values.get(key)}
    details = {
        "domain_id": values["vpc domain id"],
        "role": values.get("vpc role", ""),
        **{
            f"{title.lower().replace(' ', '_').replace('-', '_')}_status": word
            for title, word in told.items()
        },
    }
    pair = Row(tuple(Peer("vpc", title, word) for title, word in told.items()), details)
    ports = (Row((Peer("vpc", one["port"], one["status"]),), one) for one in table(output.expandtabs(), _VPC))
    return (pair, *ports)


def parse_nx_modules(output: str) -> Rows:
    """Parse ``show module`` of NX-OS, by the columns that its dashes underline.

    Raises: ParseError: no module.
    """
    return found(
        Row(present(state(_module(one), one["status"].rstrip("* "), kind="module")), one)
        for one in underlined(output)
        if one.get("status") and (one.get("mod") or one.get("xbar"))
    )


def _module(details: dict[str, str]) -> str:
    if details.get("mod"):
        return f"Module {details['mod']} {details.get('model', '')}".strip()
    return f"Fabric {details['xbar']} {details.get('model', '')}".strip()


def underlined(output: str) -> Iterator[dict[str, str]]:
    """Rows below a line of dashes: each group of dashes is a column, named by what stands above it.

    Between the groups are blanks, or a plus (Catalyst 4500 and 9400).
    """
    above, spans, names = "", list[tuple[int, int]](), list[str]()
    for line in output.expandtabs().splitlines():
        if re.fullmatch(r"\s*-+(?:(?: +|\+)-+)+\s*", line):
            spans = [(match.start(), match.end()) for match in re.finditer(r"-+", line)]
            # A heading may be wider than its dashes: it goes to where the next column begins.
            starts = [*(start for start, _ in spans), len(above) + 1]
            names = [
                above[start:after].strip().lower().replace(" ", "_") for start, after in pairwise(starts)
            ]
        elif not line.strip():
            spans = []
        elif spans:
            # The last column may be wider than its dashes.
            ends = [end for _, end in spans[:-1]] + [len(line)]
            yield {
                name: line[start:end].strip()
                for name, (start, _), end in zip(names, spans, ends, strict=True)
                if name
            }
        above = line
