"""Identity, processor, memory, next start and time of VRP.

Source: Huawei "Command Reference": display version, esn, cpu-usage, memory-usage, startup, ntp status,
logbuffer.
"""

from __future__ import annotations

import re
from collections import Counter

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, DeviceLog, Member, Row, Rows, Startup, found
from collectors.facts.cli.values import (
    Block,
    blocks,
    fields,
    number,
    percent,
    span_s,
    table,
    used_percent,
)
from collectors.facts.host import Clock
from collectors.model import Component, Identity, MemoryPool, Processor
from collectors.outcome import Outcome

_VERSION = re.compile(
    r"(?:(?:VRP \(R\) [Ss]oftware|YunShan OS|Software),|YunShan OS\s+) ?Version (?P<vrp_version>[\w.]+) ?"
    r"(?:\((?P<product_version>[^()]+(?:\([^)]*\))?)\))?"
)
_UPTIME = re.compile(
    r"^(?:(?:HUAWEI|Huawei|Quidway|Secoway|FutureMatrix) )?(?P<model>\S+)(?: (?:\w+ )*)?[Uu]ptime is "
    r"(?P<uptime>.+?)\s*$",
    re.M,
)
_PATCH = re.compile(r"[Pp]atch [Vv]ersion *: *(\S+)")


def parse_version(output: str) -> Rows:
    """Parse ``display version``. Raises: ParseError: neither version nor model."""
    version, uptime, patch = _VERSION.search(output), _UPTIME.search(output), _PATCH.search(output)
    if version is None and uptime is None:
        raise ParseError(UNKNOWN_FORM)
    details = {
        "vrp_version": "",
        "product_version": "",
        "model": "",
        "uptime": "",
        "patch_version": patch[1] if patch else "",
    }
    details |= {name: value or "" for name, value in (version.groupdict() if version else {}).items()}
    details |= uptime.groupdict() if uptime else {}
    release = re.search(r"V\d{3}R\d+\S*", details["product_version"])
    identity = Identity(
        "Huawei",
        "huawei_vrp",
        details["model"],
        version=release[0] if release else details["vrp_version"],
        description=f"VRP {details['vrp_version']} ({details['product_version']})",
        uptime_s=span_s(details["uptime"]),
    )
    return (Row((identity,), details),)


_ESN = re.compile(
    r"\s*(?:ESN|Equipment Serial Number|SN)(?: of)?(?: device)? ?(?P<role>[^:]*?)\s*:\s*(?P<esn>\w\S*)"
)


def parse_esn(output: str) -> Rows:
    """Parse ``display esn``: a serial number a board, the device's first. Raises: ParseError."""
    rows: list[Row] = []
    for details in table(output, _ESN):
        name = details["role"] or "device"
        piece = Component(name, "chassis", serial=details["esn"], vendor="Huawei")
        facts = (Identity(serial=details["esn"]), piece) if not rows else (piece,)
        rows.append(Row(facts, details))
    return found(rows)


_SHARE_OF_TIME = r"\d+(?:\.\d+)?"  # access points tell tenths
_CPU = (
    re.compile(
        rf"(?:five|ten) seconds: *(?P<five>{_SHARE_OF_TIME})% *[;:,]\s*"
        rf"one minute: *(?P<one>{_SHARE_OF_TIME})% *[;:,]\s*five minutes: *(?P<fifteen>{_SHARE_OF_TIME})%"
    ),
    re.compile(
        rf"(?P<five>{_SHARE_OF_TIME})% in last 5 seconds\s+(?P<one>{_SHARE_OF_TIME})% in last 1 minute\s+"
        rf"(?P<fifteen>{_SHARE_OF_TIME})% in last 5 minutes"
    ),
)
_CPU_MAX = re.compile(rf"(?:Max CPU Usage *:|\bMax:) *({_SHARE_OF_TIME})%")
_CPU_NOW = re.compile(
    r"(?:System cpu use rate is|(?<!Max )CPU Usage|CPU utilization|System CPU Using Percentage) *: *"
    rf"({_SHARE_OF_TIME})%"
)
_CPU_SLOT = re.compile(r"\s*[Ss]lot (?P<slot>\d+) *:?\s*$")


def parse_cpu(output: str) -> Rows:
    """Parse ``display cpu-usage``; the five-minute figure where there is one. Raises: ParseError: none."""
    slots = list(blocks(output, _CPU_SLOT))
    if len(slots) < 2:
        return (_cpu("CPU", output),)
    return tuple(_cpu(f"Slot {head['slot']} CPU", "\n".join(body)) for head, body in slots)


def _cpu(name: str, output: str) -> Row:
    match = next((one for pattern in _CPU if (one := pattern.search(output)) is not None), None)
    now, most = _CPU_NOW.search(output), _CPU_MAX.search(output)
    if match is None and now is None:
        raise ParseError(UNKNOWN_FORM)
    details = {"cpu_5_sec": "", "cpu_1_min": "", "cpu_5_min": "", "cpu_max": most[1] if most else ""}
    if match is not None:
        details |= {"cpu_5_sec": match["five"], "cpu_1_min": match["one"], "cpu_5_min": match["fifteen"]}
    value = details["cpu_5_min"] or (now[1] if now else "0")
    return Row((Processor(name, percent(value)),), details)


_TOTAL = re.compile(r"Total Memory[^:\n]*: *(\d+) *([KM]?)bytes", re.I)
_USED = re.compile(r"(?:Total Memory Used|Memory Used)[^:\n]*: *(\d+) *([KM]?)bytes", re.I)
_SHARE = re.compile(r"Memory Using Percentage(?: Is)? *: *(\d+) ?%", re.I)
_UNIT = {"": 1, "k": 1024, "m": 1024 * 1024}


def parse_memory(output: str) -> Rows:
    """Parse ``display memory-usage``, in bytes. Raises: ParseError: neither sizes nor percentage."""
    total, used, share = _TOTAL.search(output), _USED.search(output), _SHARE.search(output)
    sizes = [int(one[1]) * _UNIT[one[2].lower()] if one else None for one in (total, used)]
    used_share = float(share[1]) if share else used_percent(sizes[0], sizes[1])
    if used_share is None or not 0 <= used_share <= 100:
        raise ParseError(UNKNOWN_FORM)
    return (
        Row(
            (MemoryPool("Memory", used_share, sizes[0], sizes[1]),),
            {"memory_using_percent": f"{used_share:g}"},
        ),
    )


_BOARD = re.compile(r"(?P<board>\w[\w ]*) ?: *$")


def parse_startup(output: str) -> Rows:
    """Parse ``display startup`` of VRP and Comware: what runs and what the next start takes.

    Raises: ParseError: no file named.
    """
    heads: list[Block] = [*blocks(output, _BOARD)] or [(None, output.splitlines())]
    rows: list[Row] = []
    for head, body in heads:
        values = fields(body)
        if not any("startup" in key for key in values):
            continue
        details = {re.sub(r"[ -]", "_", key): value for key, value in values.items()}
        startup = Startup(
            head["board"] if head else "",
            _first(values, "startup saved-configuration file", "current startup saved-configuration file"),
            _first(
                values, "next startup saved-configuration file", "next main startup saved-configuration file"
            ),
            _first(values, "startup system software"),
            _first(values, "next startup system software"),
        )
        rows.append(Row((startup,), details))
    return found(rows)


def _first(values: dict[str, str], *names: str) -> str:
    texts = (values.get(name, "") for name in names)
    return next((text for text in texts if text.lower() not in ("", "null", "none")), "")


def parse_ntp_status(output: str) -> Rows:
    """Parse ``display ntp status`` of VRP and ``display ntp-service status`` of both. Raises: ParseError."""
    values = fields(output.splitlines())
    word = values.get("clock status", "")
    if not word:
        raise ParseError(UNKNOWN_FORM)
    details = {re.sub(r"[ -]", "_", key): value for key, value in values.items()}
    details |= {
        "clock_delay": values.get("root delay", ""),
        "status": word,
        "stratum": values.get("clock stratum", ""),
    }
    reference = re.split(r"[,(]", values.get("reference clock id", values.get("system peer", "")))[0].strip()
    details |= {
        "reference": values.get("reference clock id", ""),
        "synchronization_state": values.get("synchronization state", ""),
    }
    stratum, offset = number(details["stratum"]), number(values.get("clock offset"))
    synchronised = word.lower().startswith("synchron")
    clock = Clock(
        "ntp",
        synchronised,
        offset / 1000 if offset is not None and synchronised else None,
        None if stratum is None else int(stratum),
        reference,
    )
    return (Row((clock,), details),)


_LOG = re.compile(
    r".*?%%\d\d(?P<module>\w+)/(?P<severity>\d)/(?P<name>\w+)(?:\(\w\))?(?:\[\d+\])?:(?P<message>.*)$"
)


def parse_log(output: str) -> Rows:
    """Parse ``display logbuffer``: counts by severity. Raises: ParseError: neither log nor its heading."""
    messages = list(table(output, _LOG))
    if not messages and not re.search(r"(?i)log(?:ging)? ?buffer", output):
        raise ParseError(UNKNOWN_FORM)
    counts = Counter(int(one["severity"]) for one in messages)
    grave = [
        f"{one['module']}/{one['severity']}/{one['name']}: {one['message'].strip()}"
        for one in messages
        if int(one["severity"]) <= 3
    ]
    return (Row((DeviceLog("", dict(counts), tuple(grave[:5])),), {}),)


_HRP = re.compile(
    r"Role: *(?P<role>\w+), *peer: *(?P<peer>[\w-]+)"
    # USG of the third generation and before tells its own side alone
    r"|The firewall's config state is: *(?P<own>\w+)"
)


def parse_hrp(output: str) -> Rows:
    """Parse ``display hrp state`` of USG firewalls. Raises: ParseError: no role."""
    match = _HRP.search(output)
    if match is None:
        raise ParseError(UNKNOWN_FORM)
    lost = match["peer"] in ("unknown", "init") or re.search(r"(?i)backup channel: *down|: *down\b", output)
    outcome = Outcome.CRITICAL if lost else Outcome.OK
    told = {"role": (match["role"] or match["own"]).lower(), "peer": match["peer"] or ""}
    state = f"peer {told['peer']}" if told["peer"] else ""
    return (Row((Member("HRP", told["role"], state, outcome),), told),)
