"""Identity, processor, memory, inventory and log of IOS, IOS-XE and NX-OS.

Source: "Cisco IOS Configuration Fundamentals Command Reference", "Cisco Nexus Command Reference".
"""

from __future__ import annotations

import re
from collections import Counter

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, DeviceLog, Member, Row, Rows, found
from collectors.facts.cli.values import mac, percent, span_s, table, used_percent
from collectors.model import Component, Identity, MemoryPool, Processor
from collectors.outcome import Outcome

_IOS = {
    "software_image": r"Software,?.*?\((?P<v>[\w-]+)\), ?(?:Experimental )?Version",
    "version": r"(?:\), |^|IOS Software.*?)Version (?P<v>[^\s,]+)",
    "release": r"Version [^\n]*?RELEASE SOFTWARE \((?P<v>\w+)\)|RELEASE SOFTWARE \((?P<w>\w+)\)",
    "rommon": r"^ROM: +(?:(?:System )?Bootstrap,? (?:program is )?[Vv]ersion )?(?P<v>\S+)",
    "hostname": r"^(?P<v>\S+) uptime is ",
    "uptime": r"^\S+ uptime is (?P<v>.+?)\s*$",
    "reload_reason": r"^(?:Last (?:reload (?:reason|type)|reset from)|System returned to ROM by):? "
    r"(?P<v>.+?)\s*$",
    "restarted": r"^System restarted at (?P<v>.+?)\s*$",
    "running_image": r'^System image file is "(?:[^"]*[:/])?(?P<v>[^"]+)"',
    "config_register": r"^Configuration register is (?P<v>0x[0-9A-Fa-f]+)",
}
_REASON = re.compile(r"^Last reload reason: (.+?)\s*$", re.M)
_HARDWARE = re.compile(r"^[Cc]isco (\S+)(?: \([^)]*\))*(?:,? Series)?[^\n]*(?:processor|with \d+K)", re.M)
_SERIAL = re.compile(r"^System [Ss]erial [Nn]umber\s*: *(\S+)", re.M)
_BOARD = re.compile(r"^Processor board ID ([^\s,]+)", re.M)
_MODEL = re.compile(r"^Model [Nn]umber\s*: *(\S+)", re.M)
_MAC = re.compile(r"^Base [Ee]thernet MAC [Aa]ddress\s*: *([0-9A-Fa-f.:]+)", re.M)
_UNITS = ("year", "week", "day", "hour", "minute")


def parse_version(output: str) -> Rows:
    """Parse ``show version`` of IOS and IOS-XE: one row; hardware, serials and MACs of a stack one a line.

    Raises: ParseError: neither a version nor a time since the start.
    """
    details: dict[str, str] = {}
    for name, pattern in _IOS.items():
        match = re.search(pattern, output, re.M)
        details[name] = next((one for one in match.groups() if one), "") if match else ""
    reason = _REASON.search(output)
    if reason:
        details["reload_reason"] = reason[1]
    if not details["version"] and not details["uptime"]:
        raise ParseError(UNKNOWN_FORM)
    details["version"] = details["version"].rstrip(",")
    # A stack lists model and serial number of each member; else there is the processor's line.
    hardware = _MODEL.findall(output) or _HARDWARE.findall(output)
    serials = _SERIAL.findall(output) or _BOARD.findall(output)
    macs = _MAC.findall(output)
    details |= {"hardware": "\n".join(hardware), "serial": "\n".join(serials), "mac_address": "\n".join(macs)}
    for unit in _UNITS:
        match = re.search(rf"(\d+) {unit}s?\b", details["uptime"])
        details[f"uptime_{unit}s"] = match[1] if match else ""
    identity = Identity(
        vendor="Cisco",
        platform="cisco_ios",
        model=hardware[0] if hardware else "",
        serial=serials[0] if serials else "",
        version=details["version"],
        name=details["hostname"],
        description=output.strip().splitlines()[0][:200],
        uptime_s=span_s(details["uptime"]),
    )
    pieces = tuple(
        Component(model, "chassis", model=model, serial=serial, vendor="Cisco")
        for model, serial in zip(hardware, serials, strict=False)
    )
    return (Row((identity, *pieces), details),)


_NXOS = {
    "bios": r"BIOS: +version (?P<v>\S+)",
    "os": r"(?:NXOS|system|kickstart): +version (?P<v>.+?)\s*$",
    "boot_image": r"(?:NXOS|kickstart) image file is: +(?P<v>\S+)",
    "platform": r"^\s+cisco (?:Nexus ?\d+ (?![Cc]hassis)|Nexus (?=\d\S* [Cc]hassis)|N\dK-|N\w+-)?(?P<v>\S+)",
    "hostname": r"Device name: (?P<v>\S+)",
    "serial": r"Processor [Bb]oard ID (?P<v>\S+)",
    "uptime": r"Kernel uptime is (?P<v>.+?)\s*$",
    "last_reboot_reason": r"Last reset[^\n]*\n\s*Reason: (?P<v>.+?)\s*$",
}
_NX_MODEL = re.compile(r"^\s+cisco (Nexus ?\d* \S+|\S+)", re.M)


def parse_nx_version(output: str) -> Rows:
    """Parse ``show version`` of NX-OS. Raises: ParseError: neither version nor serial number."""
    details = {}
    for name, pattern in _NXOS.items():
        match = re.search(pattern, output, re.M)
        details[name] = match["v"] if match else ""
    system = re.search(r"^\s*(?:NXOS|system): +version (.+?)\s*$", output, re.M)
    details["os"] = system[1] if system else details["os"]
    if not details["os"] and not details["serial"]:
        raise ParseError(UNKNOWN_FORM)
    model = _NX_MODEL.search(output)
    identity = Identity(
        vendor="Cisco",
        platform="cisco_nxos",
        model=model[1] if model else "",
        serial=details["serial"],
        version=details["os"].split(" ")[0],
        name=details["hostname"],
        description="Cisco Nexus Operating System (NX-OS) Software",
        uptime_s=span_s(details["uptime"]),
    )
    return (Row((identity,), details),)


_CPU = re.compile(
    r"(?:Core (?P<core>\d+): *)?CPU utilization for five seconds: *(?P<five>\d+)%"
    r"(?:/(?P<interrupts>\d+)%)?;?\s*"
    r"one minute: *(?P<one>\d+)%;?\s*"
    r"five minutes: *(?P<fifteen>\d+)%"
)
_PROCESS = re.compile(
    r"\s*(?P<process_pid>\d+)\s+(?P<process_runtime>\d+)\s+(?P<process_invoked>\d+)\s+"
    r"(?P<process_cpu_time_for_invocation>\d+)"
    r"\s+(?P<process_cpu_usage_5_sec>[\d.]+)%\s+(?P<process_cpu_usage_1_min>[\d.]+)%\s+"
    r"(?P<process_cpu_usage_5_min>[\d.]+)%"
    r"\s+(?P<process_tty>\S+)\s+(?P<process_name>\S.*?)\s*$"
)


def parse_cpu(output: str) -> Rows:
    """Parse ``show processes cpu``; the five-minute figure is the usage. Processes are further rows.

    Raises: ParseError: no line of totals.
    """
    match = _CPU.search(output)
    if match is None:
        return _nx_states(output)
    totals = {
        "cpu_usage_5_sec": match["five"],
        "cpu_interruption_5_sec": match["interrupts"] or "",
        "interrupts": match["interrupts"] or "",
        "cpu_usage_1_min": match["one"],
        "cpu_usage_5_min": match["fifteen"],
        "cpu_5_sec": match["five"],
        "cpu_1_min": match["one"],
        "cpu_5_min": match["fifteen"],
    }
    # IOS-XE of Catalyst switches tells each core.
    processors = tuple(
        Processor(f"Core {one['core']}" if one["core"] else "CPU", percent(one["fifteen"]))
        for one in _CPU.finditer(output)
    )
    processes = tuple(Row((), {**totals, **details}) for details in table(output, _PROCESS))
    return (Row(processors, totals), *processes)


# NX-OS mostly tells shares of the last second: "CPU util  :   12.50% user,    3.20% kernel,   84.30% idle"
_NX_STATES = re.compile(
    r"(?m)^CPU (?:util|states)\s*: *(?P<user>[\d.]+)% user, *(?P<kernel>[\d.]+)% kernel, *"
    r"(?P<idle>[\d.]+)% idle"
)


def _nx_states(output: str) -> Rows:
    """Raises: ParseError: no line of shares."""
    match = _NX_STATES.search(output)
    if match is None:
        raise ParseError(UNKNOWN_FORM)
    used = round(100 - percent(match["idle"]), 2)
    return (Row((Processor("CPU", used),), match.groupdict()),)


_POOL = re.compile(
    r"\s*(?P<name>\S+) Pool Total: *(?P<memory_total>\d+) Used: *(?P<memory_used>\d+) Free: *"
    r"(?P<memory_free>\d+)"
)
_STATISTICS = re.compile(
    r"\s*(?P<name>Processor|I/O|lsmpi_io|Driver\w*)\s+\S+\s+(?P<memory_total>\d+)\s+"
    r"(?P<memory_used>\d+)\s+(?P<memory_free>\d+)"
)
# IOS 12.2 and before has no pools there
_TOTALS = re.compile(
    r"Total: *(?P<memory_total>\d+), *Used: *(?P<memory_used>\d+), *Free: *(?P<memory_free>\d+)"
)
_SYSTEM = re.compile(
    r"\s*(?P<name>System) memory\s*: *(?P<memory_total>\d+)K total, *(?P<memory_used>\d+)K used, *"
    r"(?P<memory_free>\d+)K free"
)
_HOLDER = re.compile(
    r"\s*(?P<id>\d+)\s+\d+\s+(?P<allocated>\d+)\s+(?P<freed>\d+)\s+(?P<holding>\d+)\s+\d+\s+"
    r"\d+\s+(?P<process>\S.*?)\s*$"
)


def parse_memory(output: str) -> Rows:
    """Parse ``show processes memory sorted`` or ``show memory statistics``: a row a pool, in bytes.

    Raises: ParseError: no pool.
    """
    rows: list[Row] = []
    holders = list(table(output, _HOLDER))
    kilobytes = list(table(output, _SYSTEM))  # IOS-XE of Catalyst switches
    totals = ({"name": "Processor", **one} for one in table(output, _TOTALS))
    for details in (*table(output, _POOL), *table(output, _STATISTICS), *totals, *kilobytes):
        unit = 1024 if details in kilobytes else 1
        total, used = (int(details[key]) * unit for key in ("memory_total", "memory_used"))
        share = used_percent(total, used)
        # IOS-XE keeps lsmpi_io full by design (Cisco, "Memory troubleshooting").
        pool = (
            ()
            if share is None or details["name"].startswith("lsmpi")
            else (MemoryPool(details["name"], share, total, used),)
        )
        rows.append(Row(pool, details))
    if rows and holders:
        columns = {
            "process_id": "id",
            "process": "process",
            **{f"process_{one}": one for one in ("allocated", "freed", "holding")},
        }
        listed = {name: "\n".join(holder[key] for holder in holders) for name, key in columns.items()}
        rows[0] = Row(rows[0].facts, {**rows[0].details, **listed})
    return found(rows)


_NX_MEMORY = re.compile(r"Memory usage:\s*(\d+)K total,\s*(\d+)K used")


def parse_nx_resources(output: str) -> Rows:
    """Parse ``show system resources`` of NX-OS. Raises: ParseError: no memory in it."""
    match = _NX_MEMORY.search(output)
    if match is None:
        raise ParseError(UNKNOWN_FORM)
    total, used = int(match[1]) * 1024, int(match[2]) * 1024
    share = used_percent(total, used)
    pools = () if share is None else (MemoryPool("System", share, total, used),)
    return (Row(pools, {"memory_total": match[1], "memory_used": match[2]}),)


_NAME = re.compile(r'\s*NAME:\s*"(?P<name>[^"]*)"\s*,\s*DESCR:\s*"(?P<descr>.*?)"\s*$', re.I)
_PID = re.compile(r"\s*PID:\s*(?P<pid>.*?)\s*,\s*VID:\s*(?P<vid>.*?)\s*,\s*SN:\s*(?P<sn>.*?)\s*$", re.I)
_KINDS = (
    ("power", "powerSupply"),
    ("fan", "fan"),
    ("chassis", "chassis"),
    ("transceiver", "port"),
    ("sfp", "port"),
    ("base", "port"),
    ("stack", "stack"),
)


def parse_inventory(output: str) -> Rows:
    """Parse ``show inventory``: a row a piece of hardware. Raises: ParseError: no piece."""
    rows: list[Row] = []
    name: dict[str, str] = {}
    for line in output.splitlines():
        heading, piece = _NAME.match(line), _PID.match(line)
        if heading:
            name = heading.groupdict()
        elif piece and name:
            details = {**name, **piece.groupdict()}
            details = {key: value.strip() for key, value in details.items()}
            words = f"{details['name']} {details['descr']}".lower()
            kind = next((kind for word, kind in _KINDS if word in words), "module")
            if re.fullmatch(r"(?:Switch )?\d+", details["name"]):
                kind = "chassis"  # a switch of a stack, or one that could be in one
            serial = "" if details["sn"].upper() == "N/A" else details["sn"]
            component = Component(
                details["name"],
                kind,
                details["descr"],
                "" if details["pid"] == "Unspecified" else details["pid"],
                serial,
                firmware=details["vid"],
                vendor="Cisco",
            )
            rows.append(Row((component,), details))
            name = {}
    return found(rows)


_LOG = re.compile(
    r"(?:(?P<number>\d+): )?(?:[*.]?(?:\d{4} )?(?:(?P<month>[A-Z][a-z]{2}) +(?P<day>\d+)(?: \d{4})? )?"
    # the time of day, or how long the device had run: 00:00:45, 1w2d, 3d04h
    r"(?P<time>[\d:.]+|(?:\d+[ywdhms])+)(?: (?P<timezone>[A-Z]{2,5}(?:[+-]\d+)?))?: (?:[\w.-]+ (?=%))?)?"
    r"%(?P<facility>[A-Z][\w-]*?)-(?P<severity>[0-7])-(?P<mnemonic>[A-Z0-9_]+): *(?P<message>.*?)\s*$"
)
_NX_LOG = re.compile(
    r"(?P<year>\d{4}) (?P<month>\w{3}) +(?P<day>\d+) (?P<time>[\d:.]+) (?P<host>\S+) (?:%\$ \S+ %\$ |\S+ )?%"
    r"(?P<facility>[A-Z][\w-]*?)-(?P<severity>[0-7])-(?P<mnemonic>[A-Z0-9_]+): *"
    r"(?P<message>.*?)\s*$"
)
_HEADING = re.compile(r"(?m)^(?:Syslog logging|Log Buffer|Console logging|\s+Console logging|Logging )")


def parse_logging(output: str) -> Rows:
    """Parse ``show logging``: a row a message, and first the count of each severity.

    Raises: ParseError: neither messages nor the log's heading.
    """
    messages = [*table(output, _LOG), *table(output, _NX_LOG)]
    if not messages and not _HEADING.search(output):
        raise ParseError(UNKNOWN_FORM)
    counts = Counter(int(message["severity"]) for message in messages)
    grave = [
        f"{one['facility']}-{one['severity']}-{one['mnemonic']}: {one['message']}"
        for one in messages
        if int(one["severity"]) <= 3
    ]
    summary = Row((DeviceLog("", dict(counts), tuple(grave[-5:])),))
    return (summary, *(Row((), one) for one in messages))


_SWITCH = re.compile(
    r"\s*(?P<active>\*)?(?P<switch>\d+)\s+(?P<role>\w+)\s+(?P<mac>[0-9a-fA-F.]{14})\s+"
    r"(?P<priority>\d+)\s+(?:(?P<version>V?\d\S*)\s+)?(?P<state>\S.*?)\s*$"
)


# What is provisioned is configured and was not there since the start: a member to come, or one that is gone;
# the other words are those of a member on its way to ready.
_STACK_STATES = {
    "Ready": Outcome.OK,
    **dict.fromkeys(
        ("Provisioned", "Initializing", "Waiting", "Syncing", "Progressing", "HA sync in progress"),
        Outcome.WARNING,
    ),
}


def parse_switch(output: str) -> Rows:
    """Parse ``show switch``: the members of a stack. Raises: ParseError: none."""
    rows: list[Row] = []
    for details in table(output, _SWITCH):
        outcome = _STACK_STATES.get(details["state"], Outcome.CRITICAL)
        rows.append(
            Row(
                (
                    Member(
                        f"Switch {details['switch']}",
                        details["role"],
                        details["state"],
                        outcome,
                        mac(details["mac"]),
                    ),
                ),
                details,
            )
        )
    return found(rows)
