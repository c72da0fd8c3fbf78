"""Interfaces of RGOS, which writes them as IOS does, with words of its own.

Source: Ruijie "RGOS Command Reference": show interfaces, interfaces status, ip interface brief.
"""

from __future__ import annotations

import re
from dataclasses import replace

from collectors.facts.cli.cisco import interfaces
from collectors.facts.cli.cisco.interfaces import brief, is_address, parse_show_interfaces
from collectors.facts.cli.rows import Row, Rows, found
from collectors.facts.cli.values import admin_word, blocks, if_type, oper_word, speed_bps, table
from collectors.model import Interface

_IP = re.compile(
    r"(?P<interface>[A-Za-z]+(?: ?\d[\w/.:]*)?)\s{2,}(?:(?P<ip>[\d.]+)/(?P<mask>\d+)|"
    r"(?P<none>no address))\s+(?:(?P<second>[\d.]+/\d+|no address)\s+)?"
    r"(?P<status>(?:administratively )?\w+)\s+(?P<protocol>\w+)\s*$"
)


def parse_ip_interface_brief(output: str) -> Rows:
    """Parse ``show ip interface brief``. Raises: ParseError: no interface."""
    rows: list[Row] = []
    for details in table(output, _IP):
        address = f"{details['ip']}/{details['mask']}" if details["ip"] else ""
        details["ip"] = details["ip"] or details["none"]
        rows.append(
            Row(
                (
                    brief(
                        len(rows) + 1,
                        details["interface"],
                        details["status"],
                        details["protocol"],
                        address,
                        details["second"],
                    ),
                ),
                details,
            )
        )
    return found(rows)


_V6 = re.compile(r"(?m)^\s+Interface IPv6 address is: *\n((?:\s{4,}\S*:\S*.*\n)+)")
_ADDRESS_V6 = re.compile(r"(?m)^\s+([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:/\d+)?)")
_SECOND = re.compile(r"Secondary [Aa]ddress(?: is)?:? *(\d[\d.]*/\d+)")


def parse_interfaces(output: str) -> Rows:
    """Parse ``show interfaces``: as in IOS, with further words. Raises: ParseError: no interface."""
    bodies = ["\n".join(body) for _, body in blocks(output, interfaces.START)]
    rows: list[Row] = []
    for body, row in zip(bodies, parse_show_interfaces(output), strict=True):
        details = dict(row.details)
        if details.get("ip_address"):
            details["ip_address"] = f"{details['ip_address']}/{details['prefix_length']}"
        details["address"] = details.get("mac_address", "")
        details["delay_up"] = details["delay_down"] = details.get("carrier_delay_s", "")
        block = _V6.search(body)
        six = _ADDRESS_V6.findall(block[1]) if block else []
        details["ip_address_v6"] = "\n".join(six)
        details["ip_address_sec"] = "\n".join(_SECOND.findall(body))
        facts = tuple(
            replace(one, addresses=tuple(dict.fromkeys((*one.addresses, *filter(is_address, six)))))
            if isinstance(one, Interface)
            else one
            for one in row.facts
        )
        rows.append(Row(facts, details))
    return tuple(rows)


_STATUS = re.compile(
    r"(?P<port>[A-Z][A-Za-z-]*(?: ?\d[\d/.:]*))\s+(?P<status>up|down|disabled|err-?disabled|[a-z][\w-]*)\s+"
    r"(?P<vlan_id>\S+)\s+(?P<duplex>(?i:full|half|auto|unknown|--))\s+(?P<speed>\S+)\s*(?P<type>.*)$"
)


def parse_interfaces_status(output: str) -> Rows:
    """Parse ``show interfaces status``, as RGOS lists it or as IOS does. Raises: ParseError: no port."""
    rows = [
        Row(
            (
                Interface(
                    number,
                    details["port"],
                    type=if_type(details["port"]),
                    admin_status=admin_word(details["status"]),
                    oper_status=oper_word(details["status"]),
                    speed_bps=speed_bps(details["speed"]),
                ),
            ),
            details,
        )
        for number, details in enumerate(table(output, _STATUS), 1)
    ]
    return tuple(rows) or interfaces.parse_interfaces_status(output)
