"""LLDP and CDP neighbours as IOS, NX-OS and RGOS list them (IEEE 802.1AB)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, Row, Rows
from collectors.facts.cli.values import blocks, mac
from collectors.model import Neighbour

_TITLE = re.compile(
    r"(?P<device>Device ID\s+)(?P<local>Local Intf\s+)(?P<hold>Hold-?time\s+)"
    r"(?P<caps>Capability\s+)(?P<port>Port ID)"
)
_REST = re.compile(
    r"\s*(?P<local_interface>(?:[A-Za-z]{1,4}|[A-Z][A-Za-z]*"
    r"(?:Ethernet|GigE))[\d/.:]+|mgmt\d+)\s+(?P<hold>\d+)\s+"
    r"(?:(?P<capabilities>[A-Z](?:, ?[A-Z])*|[BRTCWPSO]+)\s+)?(?P<neighbor_interface>\S.*?)\s*$"
)


def parse_lldp_brief(output: str) -> Rows:
    """Parse ``show lldp neighbors``: a row a neighbour; long names may touch the port or wrap.

    An answer with the heading and no row says that there is no neighbour. Raises: ParseError: no heading.
    """
    if "Total entries" not in output and "Device ID" not in output and "not enabled" not in output:
        raise ParseError(UNKNOWN_FORM)
    rows, pending, width = [], "", 20
    for line in output.splitlines():
        title = _TITLE.match(line)
        if title:
            width, pending = len(title["device"]), ""
            continue
        name, match = _split(line, width)
        if match is None:
            pending = line.strip() if line[:1].strip() else ""
            continue
        name = name or pending
        details = {**{key: value or "" for key, value in match.groupdict().items()}, "neighbor_name": name}
        rows.append(Row((_neighbour("lldp", details),), details))
        pending = ""
    return tuple(rows)


def _split(line: str, width: int) -> tuple[str, re.Match[str] | None]:
    """The name and what follows: by the heading's column, else by the blanks between them."""
    match = _REST.fullmatch(line[width:]) if len(line) > width else None
    if match is not None and (line[width - 1 : width].strip() == "" or not line[width].isspace()):
        return line[:width].strip(), match
    parts = re.match(r"(\S(?:.*?\S)?)\s{2,}(.*)$", line)
    if parts is None:
        return "", None
    return parts[1], _REST.fullmatch(parts[2])


_FIELDS = {
    "local_interface": r"^(?:Local Intf|Local Port id|Local Port): *(?P<v>.*?)\s*$",
    "chassis_id": r"^Chassis id: *(?P<v>.*?)\s*$",
    "neighbor_port_id": r"^Port id: *(?P<v>.*?)\s*$",
    "port_description": r"^Port Description:? *-? ?(?P<v>.*?)\s*$",
    "neighbor_name": r"^System Name: *(?P<v>.*?)\s*$",
    "neighbor_description": r"^System Description: *\n?(?P<v>.*?)(?=\nTime remaining|\n\s*\n|\Z)",
    "capabilities": r"^Enabled Capabilities: *(?P<v>.*?)\s*$",
    "supported": r"^System Capabilities: *(?P<v>.*?)\s*$",
    "mgmt_address": r"^(?:Management Address(?:es)?: *\n?(?:\s+IP(?:v4)?: *)?|\s+IP: *)(?P<v>[\d.]+)",
    "vlan_id": r"^Vlan ID: *(?P<v>\d+)",
    "mac_address": r"^Peer Source MAC: *(?P<v>\S+)",
    "hw_revision": r"^\s+H/W revision: *(?P<v>.*?)\s*$",
    "fw_revision": r"^\s+F/W revision: *(?P<v>.*?)\s*$",
    "sw_revision": r"^\s+S/W revision: *(?P<v>.*?)\s*$",
    "serial": r"^\s+Serial number: *(?P<v>.*?)\s*$",
    "manufacturer": r"^\s+Manufacturer: *(?P<v>.*?)\s*$",
    "platform": r"^\s+Model: *(?P<v>.*?)\s*$",
    **{
        f"power_{name.lower().replace(' ', '_')}": rf"^\s*Power {name}: *(?P<v>.*?)\s*$"
        for name in ("Pair", "Class", "Device Type", "Source", "Priority", "Requested")
    },
}
_PATTERNS = {
    name: re.compile(pattern, re.M | re.S if name == "neighbor_description" else re.M)
    for name, pattern in _FIELDS.items()
}


def parse_lldp_detail(output: str) -> Rows:
    """Parse ``show lldp neighbors detail``: a row a neighbour. Raises: ParseError: no list at all."""
    rows: list[Row] = []
    for block in _entries(output):
        details = {}
        for name, pattern in _PATTERNS.items():
            match = pattern.search(block)
            value = match["v"] if match else ""
            details[name] = "" if "not advertised" in value else value
        # The port's description is what people call it; its id may be a number or a MAC address.
        port, described = details["neighbor_port_id"], details["port_description"]
        details["neighbor_interface"] = (described or port) if "Local Intf:" in block else port
        details["neighbor_description"] = details["neighbor_description"].split("\n")[0].strip()
        rows.append(Row((_neighbour("lldp", details),), details))
    if not rows and not re.search(r"Total entries|Capability codes|not enabled", output):
        raise ParseError(UNKNOWN_FORM)
    return tuple(rows)


def _entries(output: str) -> Iterator[str]:
    """One text a neighbour: between rulers in IOS, from chassis to chassis in NX-OS."""
    for part in re.split(r"(?m)^-{20,}\s*$", output):
        if re.search(r"^Local Intf", part, re.M):
            yield part.lstrip("\n")
        else:
            yield from (
                one for one in re.split(r"(?m)^(?=Chassis id:)", part) if one.startswith("Chassis id:")
            )


def _neighbour(protocol: str, details: Mapping[str, str]) -> Neighbour:
    # NX-OS writes "null" for what the other side did not say
    details = {name: "" if value == "null" else value for name, value in details.items()}
    chassis = details.get("chassis_id", "")
    return Neighbour(
        "cdp" if protocol == "cdp" else "lldp",
        details["local_interface"],
        details["neighbor_name"],
        details.get("neighbor_port_id") or details["neighbor_interface"],
        details.get("platform") or details.get("neighbor_description", "").split("\n")[0],
        details.get("mgmt_address", ""),
        mac(chassis) or chassis,
    )


_CDP = re.compile(r"Device ID: ?(?P<neighbor_name>.*?)\s*$")
_CDP_FIELDS = {
    "system_name": re.compile(r"^System Name: *(.*?)\s*$", re.M),
    "mgmt_address": re.compile(r"IP(?:v4)? [Aa]ddress: *([\d.]+)"),
    "platform": re.compile(r"Platform: *([^,\n]+?)\s*(?:,|$)", re.M),
    "capabilities": re.compile(r"Capabilities: *(.+?)\s*$", re.M),
    "local_interface": re.compile(r"Interface: *([^,\s]+)"),
    "neighbor_interface": re.compile(r"Port ID \(outgoing port\): *(.+?)\s*$", re.M),
    "neighbor_description": re.compile(r"Version ?:\s*\n(.+?)\s*$", re.M),
}


def parse_cdp_detail(output: str) -> Rows:
    """Parse ``show cdp neighbors detail``. Raises: ParseError: no list at all."""
    rows: list[Row] = []
    for head, body in blocks(output, _CDP):
        text = "\n".join(body)
        details = {}
        for name, pattern in _CDP_FIELDS.items():
            match = pattern.search(text)
            details[name] = match[1] if match else ""
        # NX-OS puts the serial number behind the device's name.
        details["neighbor_name"] = details.pop("system_name") or head["neighbor_name"]
        rows.append(Row((_neighbour("cdp", details),), details))
    if not rows and not re.search(r"Total cdp entries|Capability Codes|CDP is not enabled", output):
        raise ParseError(UNKNOWN_FORM)
    return tuple(rows)
