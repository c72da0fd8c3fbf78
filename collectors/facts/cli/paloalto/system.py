"""PAN-OS: system, resources, environment, ports, high availability, NTP.

Source: Palo Alto Networks "PAN-OS CLI Quick Start", "CLI Cheat Sheet: Device Management": show system info,
show system resources, show system environmentals, show interface hardware, show high-availability state,
show ntp.
"""

from __future__ import annotations

import re

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, Member, Row, Rows, found
from collectors.facts.cli.values import (
    cells,
    fields,
    if_type,
    mac,
    number,
    present,
    reading,
    span_s,
    speed_bps,
    state,
    table,
    used_percent,
)
from collectors.facts.dates import day_of
from collectors.facts.host import Clock, SignatureSet
from collectors.model import Identity, Interface, MemoryPool, Processor, SensorLimits
from collectors.outcome import Outcome

# Sets of signatures by the beginnings of their keys. Applications come with the threats.
_SETS = {"av": "Antivirus", "threat": "Threats", "wildfire": "WildFire"}


def parse_info(output: str) -> Rows:
    """Parse ``show system info``; a set whose version is 0 is not there. Raises: ParseError: no version."""
    values = fields(output.splitlines())
    if not values.get("sw-version"):
        raise ParseError(UNKNOWN_FORM)
    identity = Identity(
        "Palo Alto Networks",
        "paloalto_panos",
        values.get("model", ""),
        "" if values.get("serial") == "unknown" else values.get("serial", ""),
        values["sw-version"],
        values.get("hostname", ""),
        uptime_s=span_s(values.get("uptime")),
    )
    facts: list[object] = [identity]
    for key, name in _SETS.items():
        dated = day_of(values.get(f"{key}-release-date", ""))
        if dated is not None and values.get(f"{key}-version") != "0":
            facts.append(SignatureSet(name, dated))
    dated = day_of(values.get("url-filtering-version", ""))  # of PAN-DB, which begins with its day
    if dated is not None:
        facts.append(SignatureSet("URL filtering", dated))
    return (Row(tuple(facts), {key.replace("-", "_"): value for key, value in values.items()}),)


_IDLE = re.compile(r"^%?Cpu\(s\):.*?(?P<idle>\d{1,3}(?:\.\d+)?) ?%? ?id\b", re.M)
_MEMORY = re.compile(
    r"^(?P<unit>[KMG]iB)? ?Mem ?: +(?P<total>[\d.]+)k? total,(?: +(?P<free>[\d.]+)k? free,)?"
    r" +(?P<used>[\d.]+)k? used",
    re.M,
)
_AVAILABLE = re.compile(r"(?P<available>[\d.]+) avail Mem")
_CACHED = re.compile(r"(?P<cached>[\d.]+)k (?:buffers|cached)")
_UNITS = {"KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, None: 1024}


def parse_resources(output: str) -> Rows:
    """Parse ``show system resources``, a picture of top(1): management plane. Raises: ParseError: neither.

    What the kernel can give back at once is not used.
    """
    facts: list[object] = []
    idle = _IDLE.search(output)
    if idle is not None and float(idle["idle"]) <= 100:
        facts.append(Processor("Management plane", round(100.0 - float(idle["idle"]), 1)))
    memory = _MEMORY.search(output)
    if memory is not None:
        total, used = number(memory["total"]) or 0.0, number(memory["used"]) or 0.0
        available = _AVAILABLE.search(output)
        if available is not None:
            used = total - (number(available["available"]) or 0.0)
        else:
            used -= sum(number(one["cached"]) or 0.0 for one in _CACHED.finditer(output))
        share, unit = used_percent(total, used), _UNITS[memory["unit"]]
        if share is not None and 0 <= share <= 100:
            facts.append(MemoryPool("Management plane", share, int(total * unit), int(used * unit)))
    return found([Row(tuple(facts))] if facts else [])


_TITLE = re.compile(r"-{3,} ?(?P<title>[^-].*?) ?-{3,}\s*")
# kind, unit, and the columns of the reading and its limits, in lower case
_MEASURED = (
    ("temperature", "°C", "degrees c", "min c", "max c"),
    ("fan", "rpm", "rpms", "min rpm", "max rpm"),
    ("voltage", "V", "volts", "min volts", "max volts"),
)


def parse_environmentals(output: str) -> Rows:
    """Parse ``show system environmentals``: tables under their titles. Raises: ParseError: no row."""
    rows: list[Row] = []
    header = ""
    for line in output.splitlines():
        if _TITLE.fullmatch(line.strip()) or not line.strip():
            header = ""
        elif "Description" in line and "Alarm" in line:
            header = line
        elif header:
            details = cells(line, header)
            if details.get("alarm", "").lower() in ("true", "false"):
                rows.append(Row(tuple(_measured(details)), details))
    return found(rows)


def _measured(details: dict[str, str]) -> list[object]:
    slot, name = details.get("slot", ""), details["description"]
    name = f"{slot} {name}".strip()
    if details.get("inserted", "").lower() == "false":
        return []
    facts: list[object] = []
    for kind, unit, value, low, high in _MEASURED:
        if value in details:
            limits = SensorLimits(
                low_critical=number(details.get(low)), high_critical=number(details.get(high))
            )
            facts += reading(kind, name, number(details[value]), unit, limits)
    alarm = details["alarm"].lower() == "true"
    return [*facts, *present(state(f"{name} alarm", "alarm" if alarm else "ok"))]


_PORT = re.compile(
    r"(?P<name>[a-z][\w/.-]*)\s+(?P<id>\d{1,5})\s+(?P<speed>[^\s/]+|\[n/a\])/(?P<duplex>[^\s/]+|\[n/a\])/"
    r"(?P<state>\w+)(?:\((?P<why>[^)\s]*)\))?\s+(?P<mac>[0-9a-f:]{17})\s*"
)


def parse_hardware(output: str) -> Rows:
    """Parse ``show interface hardware``: a row a port. Raises: ParseError: no port."""
    rows: list[Row] = []
    for details in table(output, _PORT):
        interface = Interface(
            int(details["id"]),
            details["name"],
            details["name"],
            type=if_type(details["name"]),
            admin_status="down" if details["why"] == "power-down" else "up",
            oper_status="up" if details["state"] == "up" else "down",
            speed_bps=speed_bps(details["speed"]) if details["speed"][:1].isdigit() else None,
            mac=mac(details["mac"]),
        )
        rows.append(Row((interface,), details))
    return found(rows)


_LOCAL = {
    **dict.fromkeys(("active", "passive", "active-primary", "active-secondary"), Outcome.OK),
    **dict.fromkeys(("initial", "tentative"), Outcome.WARNING),
    **dict.fromkeys(("suspended", "non-functional"), Outcome.CRITICAL),
}
_STATE = re.compile(r"^\s*State: *(?P<state>[\w-]+)", re.M)


def parse_ha(output: str) -> Rows:
    """Parse ``show high-availability state``: the members, and whether they are in sync; () for no pair.

    Raises: ParseError: another form.
    """
    if re.search(r"(?i)\bHA (?:is )?not enabled|high.availability is (?:not enabled|disabled)", output):
        return ()
    local, _, rest = output.partition("Peer Information:")
    mine, theirs = _STATE.search(local), _STATE.search(rest)
    if mine is None:
        raise ParseError(UNKNOWN_FORM)
    members = [Member("Local", mine["state"], "", _LOCAL.get(mine["state"], Outcome.UNSUPPORTED))]
    link = re.search(r"^\s*Connection status: *(?P<word>\S+)", rest, re.M)
    if theirs is not None or link is not None:
        role, word = theirs["state"] if theirs else "", link["word"] if link else ""
        outcome = Outcome.OK if word in ("up", "") else Outcome.CRITICAL
        members.append(Member("Peer", role, word, _peer(outcome, role)))
    for name, pattern, good in (
        ("State synchronization", r"^\s*State Synchronization: *(?P<word>[\w -]+)", "complete"),
        ("Configuration", r"^\s*Running Configuration: *(?P<word>[\w -]+)", "synchronized"),
    ):
        match = re.search(pattern, output, re.M)
        if match is not None:
            word = match["word"].strip()
            outcome = Outcome.OK if word.lower() == good else Outcome.CRITICAL
            members.append(Member(name, "", word, outcome))
    return (Row(tuple(members), {"state": mine["state"]}),)


def _peer(outcome: Outcome, role: str) -> Outcome:
    """A peer that is reached may still be unable to take over."""
    return outcome if outcome is not Outcome.OK else _LOCAL.get(role, Outcome.UNSUPPORTED)


def parse_ntp(output: str) -> Rows:
    """Parse ``show ntp``. Raises: ParseError: no word of the clock's state."""
    match = re.search(r"NTP (?P<word>not synched|synched to (?P<server>\S+))", output)
    if match is None:
        raise ParseError(UNKNOWN_FORM)
    server = match["server"] or ""
    clock = Clock("ntp", match["word"] != "not synched" and server.upper() != "LOCAL", None, None, server)
    return (Row((clock,), {"state": match["word"]}),)
