"""StoneOS: version, processor, memory, ports, sessions, licences.

Source: Hillstone Networks "StoneOS CLI User Guide" 5.5R10 and 5.5R12: show version, show cpu, show memory,
show interface, show session generic, show license summary. No real device was seen.
"""

from __future__ import annotations

import re

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, Row, Rows, found
from collectors.facts.cli.values import if_type, mac, percent, span_s, table, used_percent
from collectors.facts.dates import day_of
from collectors.facts.host import Licence
from collectors.messages import N_
from collectors.model import Identity, Interface, MemoryPool, Processor, Sensor, SensorLimits

_VERSION = re.compile(r"\bStoneOS software, Version (?P<version>\d\S*)")
_PRODUCT = re.compile(r"^Product name: *(?P<model>\S+) +S/N: *(?P<serial>\S+)", re.M)
_BOOT = re.compile(r"^Boot file is (?P<boot>\S+)", re.M)
# The release is in the name of the boot file alone: SG6000-XN-5.5R12F2B5-v6, SG6000-AX-5.5R8-3.5-v6
_RELEASE = re.compile(r"(?<![\w.])\d{1,2}\.\d{1,2}R\d{1,3}(?:[A-Z]\d{1,3})*(?:\.\d{1,3})*(?:-\d+(?:\.\d+)*)?")
_UP = re.compile(r"^Uptime is (?P<span>\d.*?) *$", re.M)


def parse_version(output: str) -> Rows:
    """Parse ``show version``. Raises: ParseError: no version of StoneOS."""
    version = _VERSION.search(output)
    if version is None:
        raise ParseError(UNKNOWN_FORM)
    product, boot, up = (one.search(output) for one in (_PRODUCT, _BOOT, _UP))
    release = _RELEASE.search(boot["boot"]) if boot else None
    identity = Identity(
        "Hillstone Networks",
        "hillstone_stoneos",
        product["model"] if product else "",
        product["serial"] if product else "",
        release[0] if release else version["version"],
        uptime_s=span_s(up["span"]) if up else None,
    )
    return (Row((identity,), {"version": version["version"], "boot": boot["boot"] if boot else ""}),)


_CPU = re.compile(
    r"^ *(?P<what>Average cpu utilization|Current cpu utilization|Last \d{1,2} minutes?) *: *"
    r"(?P<share>[\d.]+) *%",
    re.M | re.I,
)
# The first of these that is told: a moment is no load, and the average is since the start.
_CPU_ORDER = ("last 5 minutes", "last 1 minute", "current cpu utilization")


def parse_cpu(output: str) -> Rows:
    """Parse ``show cpu``: of five minutes. Raises: ParseError: no figure, or one beyond the whole."""
    shares = {one["what"].lower(): one["share"] for one in _CPU.finditer(output)}
    share = next((shares[what] for what in _CPU_ORDER if what in shares), None)
    if share is None:
        raise ParseError(UNKNOWN_FORM)
    return (Row((Processor("Processor", percent(share)),), shares),)


_SIZES = re.compile(
    r"^ *total\(KB\) +used\(KB\) +free\(KB\) *\n"
    r" *(?P<total>\d{1,15}) +(?P<used>\d{1,15}) +(?P<free>\d{1,15}) *$",
    re.M | re.I,
)


def parse_memory(output: str) -> Rows:
    """Parse ``show memory``; the hours and days below are passed over. Raises: ParseError: no sizes."""
    match = _SIZES.search(output)
    total, used = (int(match["total"]) * 1024, int(match["used"]) * 1024) if match else (None, None)
    share = used_percent(total, used)
    if match is None or share is None:
        raise ParseError(UNKNOWN_FORM)
    return (Row((MemoryPool("Memory", share, total, used),), match.groupdict()),)


# H: physical, A: admin, L: link, P: protocol. The system and the address of version 6 came later.
_PORT = re.compile(
    r" *(?P<name>[a-z][\w/.:-]*\d) +(?P<address>\S+) +(?P<middle>\S.*?) +"
    r"(?P<physical>[UDKC]) +(?P<admin>[UD]) +(?P<link>[UDKC]) +(?P<protocol>[UDKC]) +"
    r"(?P<mac>[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})(?: +(?P<shared>[NSEV])(?= |$))?"
    r"(?: +(?P<description>\S.*?))? *$"
)
_UP_LETTERS = "UK"  # K: kept up for the other unit of a pair


def parse_interfaces(output: str) -> Rows:
    """Parse ``show interface``: a row a port. Raises: ParseError: no port."""
    rows: list[Row] = []
    for details in table(output, _PORT):
        alias = details["description"]
        addresses = (details["address"], *re.findall(r"[0-9a-f:]*:[0-9a-f:]+/\d{1,3}", details["middle"]))
        interface = Interface(
            len(rows) + 1,
            details["name"],
            details["name"],
            "" if set(alias) <= {"-"} else alias,
            if_type(details["name"]),
            "up" if details["admin"] == "U" else "down",
            "up" if details["link"] in _UP_LETTERS else "down",
            mac=mac(details["mac"]),
            addresses=tuple(one for one in addresses if "/" in one and not one.endswith("/0")),
        )
        rows.append(Row((interface,), details))
    return found(rows)


_SESSIONS = re.compile(
    r"\bmax (?P<max>\d{1,12}),\s+(?:reserve \d{1,12},\s+)?alloc (?P<alloc>\d{1,12}),"
    r"\s+deny session (?P<deny>\d{1,12})(?:,\s+free (?P<free>\d{1,12}))?"
)


def parse_sessions(output: str) -> Rows:
    """Parse ``show session generic``: of the whole device, which comes first. Raises: ParseError: no figures.

    A full table is the device's own limit.
    """
    match = _SESSIONS.search(output)
    most, used = (int(match["max"]), int(match["alloc"])) if match else (0, 0)
    share = used_percent(most, used)
    if match is None or share is None:
        raise ParseError(UNKNOWN_FORM)
    facts = (
        Sensor("count", N_("Sessions"), float(used), limits=SensorLimits(high_critical=float(most))),
        Sensor("percent", N_("Sessions in use"), share, "%"),
    )
    return (Row(facts, {name: value or "" for name, value in match.groupdict().items()}),)


_LICENCE = re.compile(
    r" *(?P<feature>\S.*?) +(?P<state>\w+) +(?P<type>\w+ licen[cs]e) +"
    r"(?P<ends>\S.*?)(?: +(?P<resource>\d+|NULL))? *$"
)
_DAYS = re.compile(r"(?P<days>\d{1,5}) days? left", re.I)
_NOTE = re.compile(r" *\(.*")  # "2030/10/02(Upgrade effective time)"


def parse_licences(output: str) -> Rows:
    """Parse ``show license summary``: a row a feature that has a licence; "Permanent" is no end.

    Service licences end with a day, trials count days. Raises: ParseError: another form.
    """
    rows: list[Row] = []
    for details in table(output, _LICENCE):
        ends, days = day_of(_NOTE.sub("", details["ends"])), _DAYS.match(details["ends"])
        facts: tuple[Licence, ...] = ()
        if ends is not None:
            facts = (Licence(details["feature"], ends),)
        elif days is not None:
            facts = (Licence(details["feature"], None, days_left=float(days["days"])),)
        rows.append(Row(facts, details))
    if not rows and re.search(r"^ *Feature +State +Type +Expiration\b", output, re.M):
        return ()
    return found(rows)
