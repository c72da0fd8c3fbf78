"""FortiOS: status, performance, sensors, ports, high availability, LLDP, NTP and contracts.

Source: Fortinet "FortiOS CLI Reference": get system status, get system performance status, execute sensor
list, get system interface physical, get system ha status, diagnose lldprx, diagnose sys ntp status, diagnose
autoupdate versions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_interface
from itertools import pairwise

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, Member, Row, Rows, found
from collectors.facts.cli.values import (
    blocks,
    fields,
    if_type,
    integer,
    mac,
    number,
    present,
    reading,
    speed_bps,
    state,
    table,
    used_percent,
)
from collectors.facts.dates import day_of
from collectors.facts.host import Clock, Licence, SignatureSet
from collectors.model import Identity, Interface, MemoryPool, Neighbour, Processor
from collectors.outcome import Outcome

_VERSION = re.compile(r"(?P<model>Forti\S+) v(?P<version>[\d.]+)(?:,build(?P<build>\d+))?")
_KEY = re.compile(r"[^a-z0-9]+")


def parse_status(output: str) -> Rows:
    """Parse ``get system status``. Raises: ParseError: no version."""
    values = fields(output.splitlines())
    match = _VERSION.search(values.get("version", ""))
    if match is None:
        raise ParseError(UNKNOWN_FORM)
    details = {_KEY.sub("_", key).strip("_"): value for key, value in values.items()}
    identity = Identity(
        "Fortinet",
        "fortinet",
        match["model"],
        values.get("serial-number", ""),
        f"{match['version']}" + f" build {match['build']}" * bool(match["build"]),
        values.get("hostname", ""),
        description=values["version"],
    )
    return (Row((identity,), details),)


_CPU = re.compile(
    r"^(?P<name>CPU\d*) states: (?P<user>\d+)% user (?P<system>\d+)% system (?P<nice>\d+)% nice "
    r"(?P<idle>\d+)% idle",
    re.M,
)
_MEMORY = re.compile(
    r"^Memory(?: states)?: (?:(?P<total>\d+)k total, (?P<used>\d+)k used|(?P<share>\d+)% used)", re.M
)
_UPTIME = re.compile(
    r"^Uptime: (?P<days>\d+) days?, +(?P<hours>\d+) hours?, +(?P<minutes>\d+) minutes?", re.M
)


def parse_performance(output: str) -> Rows:
    """Parse ``get system performance status``: processors, memory, uptime. Raises: ParseError: neither."""
    facts: list[object] = []
    facts += (
        Processor(one["name"], 100.0 - int(one["idle"]))
        for one in _CPU.finditer(output)
        if int(one["idle"]) <= 100
    )
    memory = _MEMORY.search(output)
    if memory is not None:
        sizes = (int(memory["total"]) * 1024, int(memory["used"]) * 1024) if memory["total"] else (None, None)
        share = used_percent(*sizes) if memory["total"] else number(memory["share"])
        facts += [MemoryPool("Memory", share, *sizes)] if share is not None and 0 <= share <= 100 else []
    up = _UPTIME.search(output)
    if up is not None:
        facts.append(
            Identity(uptime_s=int(up["days"]) * 86_400.0 + int(up["hours"]) * 3_600 + int(up["minutes"]) * 60)
        )
    return found([Row(tuple(facts), up.groupdict() if up else {})] if facts else [])


_SENSOR = re.compile(
    r"\s*(?:(?P<number>\d+)\s+)?(?P<name>\S.*?)(?<=[\s.])alarm=(?P<alarm>\d)"
    r"(?:\s+value=(?P<value>-?\d+(?:\.\d+)?)(?:[ \t]+(?P<unit>[A-Za-z%]+)(?![\w=]))?"
    r"|\s+\((?P<note>[^()]*)\))?"
)
_UNITS = {"rpm": "fan", "c": "temperature", "v": "voltage", "a": "current", "w": "power"}
# What the name alone tells, in this order: "FAN_TMP_3" is a temperature, "PS1 VIN" is not 230 degrees.
_MEASURED = (
    (re.compile(r"status"), ""),
    (re.compile(r"te?mp|lm75|\btd\d|adt\d|inlet|dts|core \d|thermal"), "temperature"),
    (re.compile(r"fan"), "fan"),
    (re.compile(r"\bi(?:in|out)|curr"), "current"),
    (re.compile(r"\bp(?:in|out)|watt"), "power"),
    (re.compile(r"\d ?v|v\d|vcc|vdd|vtt|vsa|vbat|\bvin|vout|volt|\+\d|vcore"), "voltage"),
)
_WRITTEN = {"fan": "rpm", "temperature": "°C", "voltage": "V", "current": "A", "power": "W"}


def parse_sensors(output: str) -> Rows:
    """Parse ``execute sensor list``: the unit is shown or told by the name. Raises: ParseError: no sensor."""
    rows: list[Row] = []
    for details in table(output, _SENSOR):
        if details["note"]:  # of a supply that is not there: "not detected", "reading unavailable"
            rows.append(Row((), details))
            continue
        name = details["name"].rstrip(" .")
        value, words = float(details["value"] or 0), name.lower()
        kind = _UNITS.get(details["unit"].lower()) or next(
            (one for pattern, one in _MEASURED if pattern.search(words)),
            "temperature" if 15 < value < 120 else "",
        )
        # Nothing is at 0 V or 0 °C: what is not fitted reads as 0, and the device says whether that is bad.
        told = (
            kind in _WRITTEN and details["value"] and (value != 0 or kind not in ("temperature", "voltage"))
        )
        facts = reading(kind, name, value, _WRITTEN[kind]) if told else ()
        # Since 7.0 a supply's value is bits: 1 present, 2 failed, 8 without mains; 1 alone once meant lost.
        lost = re.search(r"^ps\w* .*status", words) and int(value) & 0b1010
        alarm = state(f"{name} alarm", "alarm" if details["alarm"] != "0" or lost else "ok")
        rows.append(Row((*facts, *present(alarm)), details))
    return found(rows)


_PORT = re.compile(r"\s*==\s*\[(?P<name>[^\]]+)\]")


def parse_interfaces(output: str) -> Rows:
    """Parse ``get system interface physical``: a row a port. Raises: ParseError: no port."""
    rows: list[Row] = []
    for head, body in blocks(output, _PORT):
        values = fields(body)
        if "status" not in values:  # the heading of a group of ports
            continue
        status = values.get("status", "")
        speed = values.get("speed", "")
        interface = Interface(
            len(rows) + 1,
            head["name"],
            head["name"],
            type=if_type(head["name"]),
            admin_status="up",
            oper_status="up" if status == "up" else "down" if status else "unknown",
            speed_bps=None if "n/a" in speed else speed_bps(speed),
            addresses=tuple(_addresses(values.get("ip", "").replace(" ", "/"), values.get("ipv6", ""))),
        )
        rows.append(Row((interface,), {**values, "interface": head["name"]}))
    return found(rows)


def _addresses(*shown: str) -> Iterator[str]:
    """Those that are there, with the length of the prefix; 0.0.0.0 and :: are shown for none."""
    for text in shown:
        try:
            address = ip_interface(text)
        except ValueError:
            continue
        if not address.ip.is_unspecified:
            yield address.with_prefixlen


_HA = {
    "model": r"^Model: *(?P<v>.+?)\s*$",
    "ha_mode": r"^(?:Current HA mode|Mode): *(?P<v>.+?)\s*$",
    "ha_group": r"^Group(?: ID)?: *(?P<v>.+?)\s*$",
    "cluster_uptime": r"^Cluster Uptime: *(?P<v>.+?)\s*$",
    "cluster_state_changed_time": r"^Cluster state change time: *(?P<v>.+?)\s*$",
    "ha_session_pickup_status": r"^ses_pickup: *(?P<v>\w+)",
    "ha_session_pickup_delay": r"ses_pickup_delay=(?P<v>\w+)",
    "ha_override_status": r"^override: *(?P<v>\w+)",
}
_UNIT = re.compile(
    r"^(?P<role>Master|Slave|Primary|Secondary)\s*: *(?:(?P<name>[^,\n]+?)\s*, *"
    r"(?P<serial>\w+), *(?:HA )?cluster index = (?P<index>\d+)"
    # FortiOS 5: priority, name, serial number, index
    r"|\d+ +(?P<name5>\S+) +(?P<serial5>\w+) +(?P<index5>\d+) *$)",
    re.M,
)
# FortiOS 7.2: the names in a list, and the roles of serial numbers below
_LISTED = re.compile(
    r"^(?P<name>[^,:\n]+?)\s*, *(?P<serial>\w+), *HA cluster index = (?P<index>\d+)\s*$", re.M
)
_OPERATING = re.compile(
    r"^(?P<role>Master|Slave|Primary|Secondary)\s*: *(?P<serial>\w+), *HA operating index", re.M
)
_SYNC = re.compile(r"^\s+(?P<serial>\w+)\(updated [^)]*\): (?P<sync>in-sync|out-of-sync|\S+)\s*$", re.M)
_HEALTH = re.compile(r"^HA Health Status: *(?P<first>.*)\n(?P<more>(?:\s{2,}.*\n)*)", re.M)
_MASTERS = frozenset({"Master", "Primary"})


def parse_ha(output: str) -> Rows:
    """Parse ``get system ha status``: the members, and who is not in sync. Raises: ParseError."""
    details = {
        name: (match["v"] if (match := re.search(pattern, output, re.M)) else "")
        for name, pattern in _HA.items()
    }
    if not details["ha_mode"] and "HA Health" not in output and "ha_mode" not in output:
        raise ParseError(UNKNOWN_FORM)
    health = _HEALTH.search(output)
    lines = [
        line.strip()
        for line in ((health["first"], *health["more"].splitlines()) if health else ())
        if line.strip()
    ]
    details["ha_health"] = "\n".join(lines)
    synced = {match["serial"]: match["sync"] for match in _SYNC.finditer(output)}
    members: list[Member] = []
    for role, name, serial, index in _units(output):
        word = "master" if role in _MASTERS else "slave"
        details |= {
            f"ha_{word}_unit_name": name,
            f"ha_{word}_unit_serial": serial,
            f"ha_{word}_unit_index": index,
        }
        sync = synced.get(serial, "")
        outcome = Outcome.OK if sync in ("in-sync", "") else Outcome.CRITICAL
        members.append(Member(name, role, sync, outcome, serial))
    warnings = [line for line in lines if line.upper().startswith("WARNING")]
    members += [Member("HA health", "", line.removeprefix("WARNING: "), Outcome.WARNING) for line in warnings]
    return (Row(tuple(members), details),)


def _units(output: str) -> Iterator[tuple[str, str, str, str]]:
    """Role, name, serial number and index of each member."""
    for match in _UNIT.finditer(output):
        name, serial, index = (match[one] or match[f"{one}5"] for one in ("name", "serial", "index"))
        yield match["role"], name, serial, index
    roles = {match["serial"]: match["role"] for match in _OPERATING.finditer(output)}
    for match in _LISTED.finditer(output):
        yield roles.get(match["serial"], ""), match["name"], match["serial"], match["index"]


_LLDP = re.compile(r"^(?P<entry>\d+) (?P<key>[\w.-]+): ?(?P<value>.*)$")


def parse_lldp(output: str) -> Rows:
    """Parse ``diagnose lldprx …neighbor details``: a row a neighbour. Raises: ParseError: no entry."""
    entries: dict[str, dict[str, str]] = {}
    values: dict[str, str] = {}
    key = ""
    for line in output.splitlines():
        match = _LLDP.match(line)
        if match:
            values = entries.setdefault(match["entry"], {})
            key = _KEY.sub("_", match["key"].lower()).strip("_")
            values[{"mac": "mac_address"}.get(key, key)] = match["value"].strip()
        elif key == "system_desc_data" and line.strip():
            values[key] += f"\n{line.strip()}"
    rows: list[Row] = []
    for one in entries.values():
        chassis = one.get("chassis_data", one.get("chassis_id_data", ""))
        neighbour = Neighbour(
            "lldp",
            one.get("port_txt", one.get("port", "")),
            one.get("system_name_data", ""),
            one.get("port_id_data", ""),
            one.get("system_desc_data", "").split("\n")[0],
            one.get("address_1_addr", ""),
            mac(chassis) or chassis,
        )
        rows.append(Row((neighbour,), one))
    return found(rows)


def parse_ntp(output: str) -> Rows:
    """Parse ``diagnose sys ntp status``. Raises: ParseError: no word of the clock's state."""
    match = re.search(r"(?P<status>synchronized|unsynchronized): *(?P<word>yes|no)", output)
    if match is None:
        raise ParseError(UNKNOWN_FORM)
    synchronised: bool | None = (match["word"] == "yes") == (match["status"] == "synchronized")
    if re.search(r"ntpsync: *disabled", output):
        synchronised = None  # no service is asked for the time
    stratum = integer(m[1]) if (m := re.search(r"S:(\d+)", output)) else None
    return (Row((Clock("ntp", synchronised, None, stratum),), match.groupdict()),)


_RULE = re.compile(r"-{3,}\s*")
_UPDATED = re.compile(r"^Last Updated using .{1,40}? on (?P<when>.+)$", re.M)


def parse_versions(output: str) -> Rows:
    """Parse ``diagnose autoupdate versions``: a row a package; "n/a" is no end. Raises: ParseError."""
    lines = output.splitlines()
    rules = [at for at in range(1, len(lines)) if _RULE.fullmatch(lines[at]) and lines[at - 1].strip()]
    rows: list[Row] = []
    for at, following in pairwise([*rules, len(lines) + 1]):
        values = {"package": lines[at - 1].strip(), **fields(lines[at + 1 : following - 1])}
        ends = day_of(values.get("contract expiry date", ""))
        facts: list[object] = [Licence(values["package"], ends)] if ends else []
        # Without a contract no new ones are due: the set of the day of the sale is no neglect.
        updated = _UPDATED.search("\n".join(lines[at + 1 : following - 1])) if ends else None
        dated = day_of(updated["when"]) if updated else None
        facts += [SignatureSet(values["package"], dated)] if dated else []
        rows.append(Row(tuple(facts), values))
    return found(rows)
