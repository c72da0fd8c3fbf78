"""Comware: neighbours of OSPF, groups of VRRP, alarms."""

from __future__ import annotations

import re

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, Alarm, Peer, Row, Rows, found
from collectors.facts.cli.values import table
from collectors.outcome import Outcome

_HEADS = (
    re.compile(r"\s*OSPF Process (?P<process>\d+) with Router ID (?P<router_id>\S+)"),
    re.compile(r"\s*Area: (?P<area>\S+)"),
)
_OSPF = re.compile(
    r"\s*(?P<neighbor_id>\d+\.\d+\.\d+\.\d+)\s+(?P<ip_address>\d+\.\d+\.\d+\.\d+)\s+(?P<priority>\d+)\s+"
    r"(?P<dead_time>\d+|-)\s+(?P<state>[A-Za-z0-9-]+(?:/ *[A-Za-z-]+)?)\s+(?P<interface>[A-Za-z]\S*)"
)
_VRRP = re.compile(
    r"\s*(?P<interface>[A-Za-z]\S*\d)\s+(?P<vrid>\d+)\s+(?P<state>Master|Backup|Initialize|Inactive)\s+"
    r"(?P<priority>\d+)\s+(?P<timer>\d+)\s+(?P<authentication>Not supported|\S+)\s+"
    r"(?P<virtual_ip_address>\S+)"
)


def parse_ospf(output: str) -> Rows:
    """Parse ``display ospf peer``. Raises: ParseError: no neighbour."""
    said: dict[str, str] = {}
    rows: list[Row] = []
    for line in output.expandtabs().splitlines():
        for head in _HEADS:
            match = head.match(line)
            said |= match.groupdict() if match else {}
        for details in table(line, _OSPF):
            peer = Peer("ospf", details["neighbor_id"], details["state"], details["interface"])
            rows.append(Row((peer,), {**said, **details}))
    return found(rows)


def parse_vrrp(output: str) -> Rows:
    """Parse ``display vrrp``. Raises: ParseError: no group."""
    return found(
        Row((Peer("vrrp", one["virtual_ip_address"], one["state"], one["interface"]),), one)
        for one in table(output.expandtabs(), _VRRP)
    )


_ALARM = re.compile(
    r"\s*(?:(?P<chassis>\d+|-)\s+)?(?P<slot>\d+|-)\s+(?P<level>ERROR|WARNING|NOTICE|INFO)\s+(?P<name>\S.*?)\s*$"
)
_LEVELS = {"ERROR": Outcome.CRITICAL, "WARNING": Outcome.WARNING}


def parse_alarms(output: str) -> Rows:
    """Parse ``display alarm`` of large switches; an empty list is an answer. Raises: ParseError: no list."""
    rows: list[Row] = []
    for details in table(output, _ALARM):
        outcome = _LEVELS.get(details["level"], Outcome.OK)
        where = [
            f"{word} {details[key]}"
            for word, key in (("Chassis", "chassis"), ("slot", "slot"))
            if details[key].strip("-")
        ]
        name = f"{' '.join(where)}: {details['name']}" if where else details["name"]
        rows.append(Row((Alarm(name[:1].upper() + name[1:], details["level"], outcome),), details))
    if not rows and not re.search(r"(?im)^\s*(?:chassis\s+)?slot\s+level\s+info|no alarm", output):
        raise ParseError(UNKNOWN_FORM)
    return tuple(rows)
