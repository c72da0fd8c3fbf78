"""Interfaces of VRP. Source: Huawei "Command Reference": display interface, ip interface brief."""

from __future__ import annotations

import re
from collections.abc import Mapping

from collectors.facts.cli.cisco.interfaces import brief
from collectors.facts.cli.rows import Row, Rows, found
from collectors.facts.cli.values import (
    admin_word,
    blocks,
    if_type,
    integer,
    mac,
    oper_word,
    speed_bps,
    table,
)
from collectors.model import Interface

_START = re.compile(
    r"(?P<interface>(?:(?:\d+\|)?\d+GE|[A-Za-z])[\w./:-]*(?:\([^)]*\))?) current state ?: ?"
    r"(?P<link_status>.*?)\s*"
    r"(?:\(ifindex: *(?P<ifindex>\d+)\))?\s*,?\s*$"
)
_PARTS = tuple(
    re.compile(pattern, re.M)
    for pattern in (
        r"^Line protocol current state ?: ?(?P<protocol_status>.*?)\s*$",
        r"^Description: ?(?P<interface_description>.*?)\s*$",
        r"^(?P<port_type>Route|Switch) Port",
        r"PVID ?: *(?P<pvid>\d+)",
        r"The Maximum (?:Transmit Unit|Frame Length) is (?P<mtu>\d+)",
        r"^Internet Address is (?P<internet_address>.+?)\s*$",
        r"[Hh]ardware address is (?P<hardware_address>[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4})",
        r"^Internet protocol processing : (?P<internet_protocol>\S+)",
        r"^Last physical up time\s*: (?P<last_physical_up_time>.+?)\s*$",
        r"^Last physical down time\s*: (?P<last_physical_down_time>.+?)\s*$",
        r"^Last line protocol up time\s*: (?P<last_line_protocol_uptime>.+?)\s*$",
        r"^Current system time: (?P<current_system_time>.+?)\s*$",
        r"^Port Mode: *(?P<port_mode>.+?)\s*(?:,|$)",
        r"Speed ?: *(?P<speed>\w+)",
        r"Loopback: *(?P<loopback>\w+)",
        r"Duplex: *(?P<duplex>\w+)",
        r"Negotiation: *(?P<negotiation>\w+)",
        r"^Switch Port, *Link-type ?: ?(?P<link_type>[\w-]+)",
        r"TPID ?: ?(?P<tpid>\w+)",
        r"Hold timer is (?P<hold_timer>\d+)",
        r"Encapsulation VLAN (?P<vlan_id>\d+)",
        r"Current Work Mode ?: ?(?P<current_work_mode>\w+)",
        r"Input(?: packets)? ?:\s*(?P<input_packets>\d+)(?: packets)?, *(?P<input_bytes>\d+) bytes",
        r"Output(?: packets)? ?:\s*(?P<output_packets>\d+)(?: packets)?, *(?P<output_bytes>\d+) bytes",
        r"CRC: *(?P<crc>\d+)",
    )
)
_ERRORS = re.compile(r"Total Error: *(?P<s>\d+)|(?m:^\s+(?P<ce>\d+) errors?, )")
_DISCARDS = re.compile(r"Discard: *(?P<s>\d+)|errors?, *(?P<ce>\d+) drops?")
_ADDRESS = re.compile(r"(\d+\.\d+\.\d+\.\d+/\d+)")
_ADDRESSED = re.compile(r"(?m)^Internet Address is (.+)$")  # further ones end with "Sub"
_TRUNKED = re.compile(
    r"(?P<port>(?:(?:\d+\|)?\d+GE|[A-Z][A-Za-z-]*)\d*/\d[\d/]*(?:\([^)]*\))?)\s+(?:UP|DOWN)\s+\d+\s*$"
)


def parse_interface(output: str) -> Rows:
    """Parse ``display interface``: a row an interface. Raises: ParseError: no interface."""
    rows: list[Row] = []
    for number_, (head, body) in enumerate(blocks(output, _START), 1):
        text = "\n".join(body)
        details = {name: (value or "").strip() for name, value in head.groupdict().items()}
        for pattern in _PARTS:
            match = pattern.search(text)
            details |= {
                name: value.strip() for name, value in (match.groupdict() if match else {}).items() if value
            }
        address = _ADDRESS.search(details.get("internet_address", ""))
        details["mac_address"] = details.get("hardware_address", "")
        details["ip_address"] = address[1] if address else ""
        details["aggregated_interfaces"] = "\n".join(one["port"] for one in table(text, _TRUNKED))
        # "allocated by DHCP, 192.0.2.10/24", "negotiated, 192.0.2.10/32"; or that the protocol is disabled
        how, comma, _ = details.get("internet_address", "").rpartition(", ")
        details["ip_status"] = how if comma else details.get("internet_protocol", "")
        if address:
            details["internet_address"] = address[1]
        rows.append(Row((_interface(number_, details, text),), details))
    return found(rows)


def _interface(number_: int, details: Mapping[str, str], text: str) -> Interface:
    received, *more = re.split(r"\n\s*Output ?:(?! *\d+ bits)", text, maxsplit=1)
    sent = more[0] if more else ""
    status, name = details["link_status"], details["interface"]
    protocol = details.get("protocol_status", "")
    errors = [(_ERRORS.search(part), _DISCARDS.search(part)) for part in (received, sent)]
    return Interface(
        index=integer(details.get("ifindex")) or number_,
        name=name,
        description=name,
        alias=details.get("interface_description", ""),
        type=if_type(name),
        admin_status=admin_word(status),
        oper_status=oper_word(status) if oper_word(status) != "up" or not protocol else oper_word(protocol),
        speed_bps=speed_bps(details.get("speed")),
        mtu=integer(details.get("mtu")),
        mac=mac(details.get("hardware_address")),
        in_octets=integer(details.get("input_bytes")),
        out_octets=integer(details.get("output_bytes")),
        in_packets=integer(details.get("input_packets")),
        out_packets=integer(details.get("output_packets")),
        in_errors=_count(errors[0][0]),
        out_errors=_count(errors[1][0]),
        in_discards=_count(errors[0][1]),
        out_discards=_count(errors[1][1]),
        addresses=tuple(
            dict.fromkeys(one for line in _ADDRESSED.findall(text) for one in _ADDRESS.findall(line))
        ),
    )


def _count(match: re.Match[str] | None) -> int | None:
    return None if match is None else int(match["s"] or match["ce"])


_BRIEF = re.compile(
    r"\s*(?P<interface>(?:(?:\d+\|)?\d+GE|[A-Za-z])[\w./:-]*(?:\(\w+\))?)\s+"
    r"(?P<phy>[*^!#]?(?:up|down|standby)(?:\(\w+\))*)\s+"
    r"(?P<protocol>[*^]?(?:up|down)(?:\(\w+\))*)\s+"
    r"(?P<inuti>\S+)\s+(?P<oututi>\S+)\s+(?P<inerrors>\d+)\s+(?P<outerrors>\d+)"
)


def parse_interface_brief(output: str) -> Rows:
    """Parse ``display interface brief``: state, use and errors. Raises: ParseError: no interface."""
    rows: list[Row] = []
    for details in table(output, _BRIEF):
        one = brief(
            len(rows) + 1, re.sub(r"\(\w+\)$", "", details["interface"]), details["phy"], details["protocol"]
        )
        errors = integer(details["inerrors"]), integer(details["outerrors"])
        whole = Interface(
            one.index,
            one.name,
            type=one.type,
            admin_status=one.admin_status,
            oper_status=one.oper_status,
            in_errors=errors[0],
            out_errors=errors[1],
        )
        rows.append(Row((whole,), details))
    return found(rows)


_IP = re.compile(
    r"(?P<interface>(?:(?:\d+\|)?\d+GE|[A-Za-z])[\w./:-]*(?:\(\w+\))?)\s+(?:(?P<ip>[\d.]+)/(?P<mask>\d+)|"
    r"(?P<none>unassigned))\s+(?P<physical>[*^!#]?\w+(?:\(\w+\))*)\s+"
    r"(?P<protocol>[*^]?\w+(?:\(\w+\))*)"
)


def parse_ip_interface_brief(output: str) -> Rows:
    """Parse ``display ip interface brief``. Raises: ParseError: no interface."""
    rows: list[Row] = []
    for details in table(output, _IP):
        address = f"{details['ip']}/{details['mask']}" if details["ip"] else ""
        details["ip"] = details["ip"] or details.pop("none")
        rows.append(
            Row(
                (
                    brief(
                        len(rows) + 1, details["interface"], details["physical"], details["protocol"], address
                    ),
                ),
                details,
            )
        )
    return found(rows)
