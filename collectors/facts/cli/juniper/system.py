"""Junos: version, routing engine, environment, hardware, interfaces, storage, alarms, LLDP, NTP.

Source: Juniper "CLI Reference": show version, chassis routing-engine, chassis environment, chassis hardware,
interfaces, system storage, chassis alarms, lldp neighbors, ntp status.
"""

from __future__ import annotations

import re

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, Alarm, Member, Row, Rows, found
from collectors.facts.cli.values import blocks, fields, number, present, reading, span_s, state, table
from collectors.facts.host import Clock
from collectors.model import Component, Identity, MemoryPool, Neighbour, Processor, Sensor, Volume
from collectors.outcome import Outcome

_MEMBER = re.compile(r"(?P<member>fpc\d+|node\d+|re\d+|localre|member\d+):\s*$")
_PACKAGE = re.compile(r"^(?:JUNOS|Junos) (?P<name>.+?)\s*\[(?P<version>[^\]]+)\]", re.M)
_KEY = re.compile(r"[^a-z0-9]+")


def parse_version(output: str) -> Rows:
    """Parse ``show version``: a row a member of a virtual chassis. Raises: ParseError: no model."""
    parts = [(head["member"], "\n".join(body)) for head, body in blocks(output, _MEMBER)] or [("", output)]
    rows: list[Row] = []
    for member, text in parts:
        values = fields(text.splitlines())
        if "model" not in values and "hostname" not in values:
            continue
        packages = {
            _KEY.sub("_", one["name"].lower()).strip("_"): one["version"] for one in _PACKAGE.finditer(text)
        }
        software = values.get("junos") or next(iter(packages.values()), "")
        details = {
            **packages,
            "hostname": values.get("hostname", ""),
            "model": values.get("model", ""),
            "junos_version": software,
            "serial_number": values.get("serial number", ""),
            "qfabric_system_id": values.get("qfabric system id", ""),
        }
        identity = Identity(
            "Juniper",
            "juniper_junos",
            details["model"],
            details["serial_number"],
            software,
            details["hostname"],
            description=f"Junos {software}",
        )
        facts: tuple[object, ...] = (identity,) if not rows else ()
        rows.append(Row((*facts, *((Member(member, "", "present"),) if member else ())), details))
    return found(rows)


_BOOTED = re.compile(r"System booted: .*?\((?P<ago>[^)]+?) ago\)")


def parse_uptime(output: str) -> Rows:
    """Parse ``show system uptime``. Raises: ParseError: no time of the start."""
    match = _BOOTED.search(output)
    seconds = span_s(match["ago"]) if match else None
    if match is None or seconds is None:
        raise ParseError(UNKNOWN_FORM)
    return (Row((Identity(uptime_s=seconds),), match.groupdict()),)


_SLOT = re.compile(r"\s*(?:Slot (?P<slot>\d+):|Routing Engine status:)\s*$")
# Branch firewalls tell what they have and use, for control and data plane together.
_TOTAL = re.compile(
    r"(?m)^\s+Total memory\s+(?P<size>\d+) MB Max\s+(?P<used>\d+) MB used \( *(?P<share>\d+) percent"
)
_LINE = re.compile(r"\s+(?P<key>[A-Za-z][\w /-]*?) {2,}(?P<value>-?\d+) (?P<unit>degrees C|percent|MB)")


def parse_routing_engine(output: str) -> Rows:
    """Parse ``show chassis routing-engine``: processor, memory and temperatures. Raises: ParseError."""
    rows: list[Row] = []
    parts = [(head["member"], "\n".join(body)) for head, body in blocks(output, _MEMBER)] or [("", output)]
    for member, (head, body) in ((one, block) for one, text in parts for block in blocks(text, _SLOT)):
        values = {one["key"].lower(): one["value"] for one in table("\n".join(body), _LINE)}
        # Slots are counted through a virtual chassis; the nodes of a cluster have none.
        name = f"Routing engine {head['slot'] or (member if len(parts) > 1 else '')}".strip()
        idle, memory = number(values.get("idle")), number(values.get("memory utilization"))
        facts: list[object] = []
        if idle is not None and 0 <= idle <= 100:
            facts.append(Processor(name, 100 - idle))
        if memory is not None and 0 <= memory <= 100:
            facts.append(MemoryPool(name, memory))
        total = _TOTAL.search("\n".join(body))
        if total is not None and int(total["share"]) <= 100:
            size, used = (int(total[one]) * 1024 * 1024 for one in ("size", "used"))
            facts.append(MemoryPool(name, float(total["share"]), size, used))
        facts += reading("temperature", name, number(values.get("temperature")), "°C")
        facts += reading("temperature", f"{name} CPU", number(values.get("cpu temperature")), "°C")
        if facts:
            rows.append(Row(tuple(facts), values))
    return found(rows)


_ENVIRONMENT = re.compile(
    r"(?P<class>Temp|Fans|Power|Pem|Misc)?\s+(?P<item>\S.*?)\s{2,}"
    r"(?P<status>[A-Z][A-Za-z]*(?: [A-Z][a-z]+)*)"
    r"(?:\s+(?P<temperature>-?\d+) degrees C)?(?:.*?(?P<rpm>\d+) RPM)?(?:\s+(?P<note>\S.*?))?\s*$"
)


def parse_environment(output: str) -> Rows:
    """Parse ``show chassis environment``: temperatures and states. Raises: ParseError: nothing."""
    rows, kind = [], ""
    for details in table(output.expandtabs(), _ENVIRONMENT):
        if details["status"] == "Status":
            continue  # the heading
        kind = details["class"] or kind
        facts: list[Sensor] = [
            *present(state(details["item"], details["status"], kind="show chassis environment"))
        ]
        facts += reading("temperature", details["item"], number(details["temperature"]), "°C")
        facts += reading("fan", details["item"], number(details["rpm"]), "rpm") if details["rpm"] else ()
        rows.append(Row(tuple(facts), {**details, "class": kind}))
    return found(rows)


_PIECE = re.compile(
    r"(?P<item>\S(?:.*?\S)?)(?:\s{2,}|\s(?=(?:REV|Rev) \S))(?:(?P<revision>(?:REV|Rev) \S+)\s+)?(?:"
    r"(?P<part>\d{3}-\d{6}|BUILTIN|NON-JNPR)\s+)?(?P<serial>[A-Z0-9]{6,}|BUILTIN)\s{2,}"
    r"(?P<description>\S.*?)\s*$"
)
_KINDS = (
    ("Power", "powerSupply"),
    ("PEM", "powerSupply"),
    ("PSM", "powerSupply"),
    ("Fan", "fan"),
    ("Chassis", "chassis"),
    ("Xcvr", "port"),
)


def parse_hardware(output: str) -> Rows:
    """Parse ``show chassis hardware``: a row a piece, the chassis first. Raises: ParseError: none."""
    rows: list[Row] = []
    within: list[tuple[int, str]] = []  # what stands above with less before it holds what is below
    for line in output.splitlines():
        match = _PIECE.match(line.lstrip())
        if match is None:
            continue
        details = {name: (value or "").strip() for name, value in match.groupdict().items()}
        depth = len(line) - len(line.lstrip())
        within = [one for one in within if one[0] < depth] + [(depth, details["item"])]
        name = " ".join(item for _, item in within)
        kind = next((kind for word, kind in _KINDS if details["item"].startswith(word)), "module")
        serial = "" if details["serial"] == "BUILTIN" else details["serial"]
        part = "" if details["part"] in ("BUILTIN", "NON-JNPR") else details["part"]
        piece = Component(
            name,
            kind,
            details["description"],
            part or (details["description"] if kind == "chassis" else ""),
            serial,
            firmware=details["revision"],
            vendor="Juniper",
        )
        facts = (Identity(serial=serial), piece) if kind == "chassis" else (piece,)
        rows.append(Row(facts, details))
    return found(rows)


_FILESYSTEM = re.compile(
    r"(?P<device>/dev/\S+|tmpfs|\w+)\s+(?P<size>\d+(?:\.\d+)?[BKMGT]?)\s+(?P<used>\d+(?:\.\d+)?[BKMGT]?)\s+"
    r"-?[\d.]+[BKMGT]?\s+(?P<share>\d+)%\s+(?P<mount>/\S*)"
)
_FACTOR = {"": 512, "B": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
_FULL_BY_DESIGN = ("/packages", "/junos", "/proc", "/dev", "/mfs", "/.mount/packages", "/sbin", "/tmp/pfe")  # noqa: S108 - names of mounts


def parse_storage(output: str) -> Rows:
    """Parse ``show system storage``; packages are mounted full by design. Raises: ParseError: none."""
    rows: list[Row] = []
    # Members of a virtual chassis and nodes of a cluster answer one after the other.
    parts = [(f"{head['member']} ", "\n".join(body)) for head, body in blocks(output, _MEMBER)]
    parts = parts if len(parts) > 1 else [("", output)]
    for member, details in ((one, row) for one, body in parts for row in table(body, _FILESYSTEM)):
        size, used = (
            round(
                float(number(details[key]) or 0)
                * _FACTOR[details[key][-1] if details[key][-1].isalpha() else ""]
            )
            for key in ("size", "used")
        )
        usual = details["device"].startswith("/dev/md") or details["mount"].startswith(_FULL_BY_DESIGN)
        name = f"{member}{details['mount']}"
        volume = () if usual or not size else (Volume(name, size, used, float(details["share"])),)
        rows.append(Row(volume, details))
    return found(rows)


_ALARM = re.compile(
    r"(?P<since>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \w+)\s+(?P<severity>Major|Minor)\s+(?P<name>.+?)\s*$"
)


def parse_alarms(output: str) -> Rows:
    """Parse ``show chassis alarms``: a red (major) alarm is critical. Raises: ParseError: no list."""
    rows: list[Row] = []
    for details in table(output, _ALARM):
        outcome = Outcome.CRITICAL if details["severity"] == "Major" else Outcome.WARNING
        rows.append(Row((Alarm(details["name"], details["severity"], outcome, details["since"]),), details))
    # Members answer one after the other; what is announced and not read is no empty list.
    announced = re.findall(r"(?i)(\d+|no) alarms? currently active", output)
    if not announced or sum(int(one) for one in announced if one.isdigit()) > len(rows):
        raise ParseError(UNKNOWN_FORM)
    return tuple(rows)


_LLDP = re.compile(
    r"(?P<local_interface>[a-z]{2,}[\w/.:-]*\d)\s+(?P<parent_interface>-|ae\d\S*|[a-z]\S*)\s+"
    r"(?P<chassis_id>[0-9a-f]{2}(?::[0-9a-f]{2}){5}|\S+)\s+(?P<neighbor_interface>\S.*?)\s{2,}"
    r"(?P<neighbor_name>\S.*?)?\s*$"
)
_LLDP_SHORT = re.compile(
    r"(?P<local_interface>[a-z]{2,}[\w/.:-]*\d)\s+"
    r"(?P<chassis_id>[0-9a-f]{2}(?::[0-9a-f]{2}){5})\s+(?P<neighbor_interface>\S.*?)\s{2,}"
    r"(?P<neighbor_name>\S.*?)?\s*$"
)


def parse_lldp(output: str) -> Rows:
    """Parse ``show lldp neighbors``. No row is an answer too. Raises: ParseError: no heading."""
    rows: list[Row] = []
    for line in output.splitlines():
        match = _LLDP_SHORT.match(line + "  ") or _LLDP.match(line + "  ")
        if match:
            details = {name: (value or "").strip() for name, value in match.groupdict().items()}
            rows.append(
                Row(
                    (
                        Neighbour(
                            "lldp",
                            details["local_interface"],
                            details["neighbor_name"],
                            details["neighbor_interface"],
                            remote_chassis=details["chassis_id"],
                        ),
                    ),
                    details,
                )
            )
    if not rows and "Local Interface" not in output and "not enabled" not in output and output.strip():
        raise ParseError(UNKNOWN_FORM)
    return tuple(rows)


_NTP = {
    "stratum": re.compile(r"\bstratum=(\d+)"),
    "offset": re.compile(r"\boffset=(-?[\d.]+)"),
    "reference": re.compile(r"\brefid=([\w.]+)"),
}


def parse_ntp(output: str) -> Rows:
    """Parse ``show ntp status``: ntpq's variables, offset in milliseconds. Raises: ParseError: none."""
    values = {name: match[1] for name, pattern in _NTP.items() if (match := pattern.search(output))}
    if "stratum" not in values:
        raise ParseError(UNKNOWN_FORM)
    stratum = int(values["stratum"])
    synchronised = "sync_unspec" not in output and "leap_alarm" not in output and stratum < 16
    offset = number(values.get("offset"))
    clock = Clock(
        "ntp",
        synchronised,
        offset / 1000 if offset is not None and synchronised else None,
        stratum,
        values.get("reference", ""),
    )
    return (Row((clock,), values),)
