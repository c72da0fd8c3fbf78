"""ASA: version with licences, processor, memory, environment, ports, failover.

Source: Cisco "ASA Series Command Reference": show version, show cpu, show memory, show environment,
show interface, show failover.
"""

from __future__ import annotations

import re

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, Member, Row, Rows, found
from collectors.facts.cli.values import (
    blocks,
    if_type,
    integer,
    mac,
    present,
    reading,
    span_s,
    speed_bps,
    state,
    table,
    used_percent,
)
from collectors.facts.host import Licence
from collectors.model import Identity, Interface, MemoryPool, Processor
from collectors.outcome import Outcome

_VERSION = re.compile(r"Adaptive Security Appliance Software Version (?P<version>\S+)")
_UP = re.compile(r"^(?P<name>\S+) up (?P<span>\d+ .+?)\s*$", re.M)
_HARDWARE = re.compile(r"^Hardware: +(?P<model>[^\s,]+)", re.M)
_SERIAL = re.compile(r"^Serial Number: *(?P<serial>\w+)", re.M)
# "Botnet Traffic Filter : Enabled 154 days"; "perpetual" is the other word
_TIMED = re.compile(r"^(?P<name>\S[^:\n]*?) *: +(?P<value>\S.*?) +(?P<days>\d{1,5}) days *$", re.M)


def parse_version(output: str) -> Rows:
    """Parse ``show version``: identity, and the licences that count days. Raises: ParseError: no version."""
    version = _VERSION.search(output)
    if version is None:
        raise ParseError(UNKNOWN_FORM)
    up, hardware, serial = (one.search(output) for one in (_UP, _HARDWARE, _SERIAL))
    identity = Identity(
        "Cisco",
        "cisco_asa",
        hardware["model"] if hardware else "",
        serial["serial"] if serial else "",
        version["version"],
        up["name"] if up else "",
        uptime_s=span_s(up["span"]) if up else None,
    )
    licences = tuple(
        Licence(one["name"], None, days_left=float(one["days"])) for one in _TIMED.finditer(output)
    )
    return (Row((identity, *licences), {"version": version["version"]}),)


_CPU = re.compile(r"5 minutes: *(?P<share>\d{1,3})%")


def parse_cpu(output: str) -> Rows:
    """Parse ``show cpu usage``: of five minutes. Raises: ParseError: no figure."""
    match = _CPU.search(output)
    if match is None or int(match["share"]) > 100:
        raise ParseError(UNKNOWN_FORM)
    return (Row((Processor("Processor", float(match["share"])),), match.groupdict()),)


_BYTES = re.compile(r"^(?P<what>Used|Total) memory: +(?P<bytes>\d{1,18}) bytes", re.M)


def parse_memory(output: str) -> Rows:
    """Parse ``show memory``. Raises: ParseError: not both used and total."""
    sizes = {one["what"]: int(one["bytes"]) for one in _BYTES.finditer(output)}
    total, used = sizes.get("Total"), sizes.get("Used")
    share = used_percent(total, used)
    if share is None or not 0 <= share <= 100:
        raise ParseError(UNKNOWN_FORM)
    return (Row((MemoryPool("Memory", share, total, used),), {"total": str(total), "used": str(used)}),)


_SENSOR = re.compile(
    r"\s+(?P<name>[^:]+?): +(?:(?P<value>-?\d{1,6}(?:\.\d{1,3})?) (?P<unit>RPM|C|V)\b)?(?: +- *)?"
    r"(?P<state>[A-Za-z][A-Za-z ]*?)?(?: *\((?P<note>.*)\))? *"
)
_KINDS = {"RPM": ("fan", "rpm"), "C": ("temperature", "°C"), "V": ("voltage", "V")}


def parse_environment(output: str) -> Rows:
    """Parse ``show environment``: readings with a word of their state. Raises: ParseError: none."""
    rows: list[Row] = []
    for details in table(output, re.compile(f"{_SENSOR.pattern}$")):
        if not details["value"] and not details["state"]:
            continue  # a heading
        name = details["name"]
        if details["note"]:
            name = f"{name} ({details['note']})"
        facts: list[object] = []
        if details["unit"]:
            kind, unit = _KINDS[details["unit"]]
            facts += reading(kind, name, float(details["value"]), unit)
        if details["state"]:
            facts += present(state(name, details["state"]))
        rows.append(Row(tuple(facts), details))
    return found(rows)


_PORT = re.compile(
    r"Interface (?P<name>\S+) \"(?P<alias>[^\"]*)\", is (?P<admin>administratively down|up|down)"
    r"(?:, line protocol is (?P<oper>up|down))?"
)


def _count(text: str, pattern: str) -> int | None:
    match = re.search(pattern, text)
    return integer(match[1]) if match else None


def parse_interfaces(output: str) -> Rows:
    """Parse ``show interface``: a row a port; its alias is the name policies use. Raises: ParseError."""
    rows: list[Row] = []
    for head, body in blocks(output, _PORT):
        text = "\n".join(body)
        speed = re.search(r"BW (\d+) Mbps", text)
        address = re.search(r"IP address (\d[\d.]+), subnet mask", text)
        hardware = re.search(r"MAC address ([0-9a-f.]+)(?:, MTU (\d+))?", text)
        interface = Interface(
            len(rows) + 1,
            head["name"],
            head["name"],
            head["alias"],
            if_type(head["name"]),
            "down" if head["admin"].startswith("admin") else "up",
            "up" if head["admin"] == "up" and head["oper"] == "up" else "down",
            speed_bps(f"{speed[1]}M") if speed else None,
            mtu=integer(hardware[2]) if hardware and hardware[2] else None,
            mac=mac(hardware[1]) if hardware else "",
            addresses=(address[1],) if address else (),
            in_packets=_count(text, r"(\d+) packets input"),
            in_octets=_count(text, r"packets input, (\d+) bytes"),
            in_errors=_count(text, r"(\d+) input errors"),
            out_packets=_count(text, r"(\d+) packets output"),
            out_octets=_count(text, r"packets output, (\d+) bytes"),
            out_errors=_count(text, r"(\d+) output errors"),
        )
        rows.append(Row((interface,), {"interface": head["name"], "nameif": head["alias"]}))
    return found(rows)


_HOST = re.compile(r"^\s*(?P<which>This|Other) host: *(?P<unit>\w+) *- *(?P<state>\S.*?)\s*$", re.M)
_STATES = {
    **dict.fromkeys(("active", "standby ready"), Outcome.OK),
    **dict.fromkeys(("failed", "not detected", "disabled", "cold standby"), Outcome.CRITICAL),
    **dict.fromkeys(("negotiation", "bulk sync", "sync config", "sync file system"), Outcome.WARNING),
}


def parse_failover(output: str) -> Rows:
    """Parse ``show failover``: both units; () where it is off. Raises: ParseError: another form."""
    if re.match(r"\s*Failover Off\b", output):
        return ()
    members = [
        Member(
            one["unit"],
            one["which"].lower(),
            one["state"],
            _STATES.get(one["state"].lower(), Outcome.WARNING),
        )
        for one in _HOST.finditer(output)
    ]
    return found([Row(tuple(members), {"units": str(len(members))})] if members else [])
