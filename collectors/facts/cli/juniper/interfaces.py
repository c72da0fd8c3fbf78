"""``show interfaces`` of Junos, plain or extensive: physical ports and their logical units."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.facts.cli.rows import Row, Rows, found
from collectors.facts.cli.values import blocks, if_type, integer, mac, oper_word, speed_bps
from collectors.model import Interface

_START = re.compile(
    r"(?:Physical interface: (?P<interface>[^,\s]+), (?P<admin_state>[^,]+), Physical link is "
    r"(?P<link_status>[\w-]+)"
    r"|\s+Logical interface (?P<unit>\S+) \(Index \d+\))"
)
_PARTS = {
    "description": re.compile(r"^\s+Description: (.*?)\s*$", re.M),
    "hardware_type": re.compile(r"Link-level type: ([^,\n]+?)\s*(?:,|$)", re.M),
    "mtu": re.compile(r"\bMTU: (\w+)"),
    "speed": re.compile(r"\b(?:Speed|Bandwidth): (\d+\s?[kmgt]?bps)", re.I),
    "mac_address": re.compile(r"(?:Hardware address|MAC): ([0-9a-f:]{17})"),
    "snmp_index": re.compile(r"SNMP ifIndex:? (\d+)"),
    "destination": re.compile(r"Destination: ([^,\s]+)"),
    "local": re.compile(r"Local: ([^,\s]+)"),
    "input_packets": re.compile(r"Input +packets *: *(\d+)"),
    "output_packets": re.compile(r"Output +packets *: *(\d+)"),
    "input_bytes": re.compile(r"Input +bytes *: *(\d+)"),
    "output_bytes": re.compile(r"Output +bytes *: *(\d+)"),
    "input_errors": re.compile(r"Input errors:\s*\n?\s*(?:Errors: )?(\d+)"),
    "input_drops": re.compile(r"Input errors:\s*\n?\s*Errors: \d+, Drops: (\d+)"),
    "output_errors": re.compile(r"Output errors:\s*\n?\s*(?:Carrier transitions: \d+, Errors: )?(\d+)"),
    "output_drops": re.compile(r"Output errors:\s*\n?\s*Carrier transitions: \d+, Errors: \d+, Drops: (\d+)"),
    "flags": re.compile(r"^\s+Flags: (\w+)", re.M),
}


def parse_interfaces(output: str) -> Rows:
    """Parse ``show interfaces [extensive]``: a row a port, then its units. Raises: ParseError: none.

    A unit's addresses are its port's too, where it has one without a VLAN tag.
    """
    rows: list[Row] = []
    for number, (head, body) in enumerate(blocks(output, _START), 1):
        text = head.string[head.end() :] + "\n" + "\n".join(body)
        details = {
            name: (match[1] if (match := pattern.search(text)) else "") for name, pattern in _PARTS.items()
        }
        if head["interface"]:
            details |= {
                "interface": head["interface"],
                "admin_state": head["admin_state"],
                "link_status": head["link_status"],
            }
        else:
            details |= {"interface": head["unit"], "admin_state": "", "link_status": details["flags"]}
        rows.append(Row((_interface(number, details, text),), details))
    return found(rows)


_ADDRESS = re.compile(r"(?:Destination: (?P<net>[^,\s]+), )?Local: (?P<local>[^,\s]+)")


def _addresses(text: str) -> Iterator[str]:
    """Each address with the length of its network's prefix, where that is told."""
    for one in _ADDRESS.finditer(text):
        _, slash, length = (one["net"] or "").partition("/")
        yield f"{one['local']}{slash}{length}"


def _unit_type(name: str) -> str:
    """A unit is an l2vlan of its port; those of ports that are no hardware are what these are."""
    kind = if_type(name.rpartition(".")[0])
    return kind if kind in ("softwareLoopback", "l3ipvlan", "tunnel") else "l2vlan"


def _interface(number: int, details: dict[str, str], text: str) -> Interface:
    unit = not details["admin_state"]
    admin = (
        "down" if details["admin_state"].startswith("Admin") or details["admin_state"] == "Disabled" else "up"
    )
    name = details["interface"]
    return Interface(
        index=integer(details["snmp_index"]) or number,
        name=name,
        description=name,
        alias=details["description"],
        type=_unit_type(name) if unit else if_type(name),
        admin_status=admin,
        oper_status=oper_word(details["link_status"]),
        speed_bps=speed_bps(details["speed"]),
        mtu=integer(details["mtu"]),
        mac=mac(details["mac_address"]),
        in_octets=integer(details["input_bytes"]),
        out_octets=integer(details["output_bytes"]),
        in_packets=integer(details["input_packets"]),
        out_packets=integer(details["output_packets"]),
        in_errors=integer(details["input_errors"]),
        out_errors=integer(details["output_errors"]),
        in_discards=integer(details["input_drops"]),
        out_discards=integer(details["output_drops"]),
        addresses=tuple(dict.fromkeys(_addresses(text))),
    )
