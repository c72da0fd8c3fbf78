"""Identity, processor, memory, members of a fabric and log of Comware.

Source: H3C "Command Reference": display version, cpu-usage, memory, irf, logbuffer summary.
"""

from __future__ import annotations

import re

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, DeviceLog, Member, Row, Rows, found
from collectors.facts.cli.values import (
    Block,
    blocks,
    percent,
    span_s,
    table,
    used_percent,
)
from collectors.model import Identity, MemoryPool, Processor
from collectors.outcome import Outcome

_VERSION = re.compile(
    r"Comware (?:Platform )?Software, Version "
    r"(?P<software_version>[\w.]+)(?:, (?:(?:Release|ESS|Feature|Beta|Demo|Alpha|Customer)\s*"
    r"(?P<release>[^\s,]+)))?"
    r"|Software Version 3Com OS (?P<old_version>\S+)"
)
_UPTIME = re.compile(
    r"^(?P<vendor>H3C|HPE?|Hewlett[\w ]*|\S+) (?P<model>\S.*?) uptime is (?P<uptime>.+?)\s*$", re.M
)


def parse_version(output: str) -> Rows:
    """Parse ``display version``. Raises: ParseError: neither version nor model."""
    version, uptime = _VERSION.search(output), _UPTIME.search(output)
    if version is None and uptime is None:
        raise ParseError(UNKNOWN_FORM)
    details = {"software_version": "", "release": "", "model": "", "uptime": ""}
    details |= {name: value or "" for name, value in (version.groupdict() if version else {}).items()}
    details["software_version"] = details["software_version"] or details.pop("old_version", "")
    details |= {name: value or "" for name, value in (uptime.groupdict() if uptime else {}).items()}
    words = output.lower()
    vendor = "HPE" if "hewlett" in words or details.get("vendor") in ("HP", "HPE") else "H3C"
    text = " ".join(
        filter(
            None, (details["software_version"], f"Release {details['release']}" * bool(details["release"]))
        )
    )
    identity = Identity(
        vendor,
        "hp_comware",
        details["model"],
        version=text,
        description=f"Comware {text}",
        uptime_s=span_s(details["uptime"]),
    )
    return (Row((identity,), details),)


_CPU_HEAD = re.compile(
    r"\s*(?:(?:Chassis (?P<chassis>\d+) )?Slot (?P<slot>\d+)(?: (?P<unit>CPU \d+))?|Unit) CPU usage:"
    r"|\s*(?P<board>Board \d+) CPU busy status:"  # Comware 3
)
_CPU = re.compile(r"(\d+)% in last 5 seconds\s+(\d+)% in last 1 minute\s+(\d+)% in last 5 minutes")


def parse_cpu(output: str) -> Rows:
    """Parse ``display cpu-usage``: a row a processor; the five-minute figure. Raises: ParseError: none."""
    rows: list[Row] = []
    for head, body in blocks(output, _CPU_HEAD):
        match = _CPU.search("\n".join(body))
        if match:
            slot = head["slot"] or ""
            name = " ".join(
                filter(
                    None,
                    (
                        f"Chassis {head['chassis']}" if head["chassis"] else "",
                        f"Slot {slot}" if slot else "",
                        head["board"] or "",
                        head["unit"] or "CPU",
                    ),
                )
            )
            details = {"slot": slot, "cpu_5_sec": match[1], "cpu_1_min": match[2], "cpu_5_min": match[3]}
            rows.append(Row((Processor(name, percent(match[3])),), details))
    return found(rows)


_BYTES = re.compile(
    r"System (?:Total|Available) Memory\(bytes\): *(?P<total>\d+)\s+(?:Total|System) Used Memory\(bytes\): *"
    r"(?P<used>\d+)\s+Used Rate: *(?P<rate>\d+)%"
)
_SLOT = re.compile(r"\s*(?:Chassis (?P<chassis>\d+) )?[Ss]lot (?P<slot>\d+)(?: CPU (?P<unit>\d+))?:?\s*$")
_MEM = re.compile(
    r"^\s*Mem:\s+(?P<total>\d+)\s+(?P<used>\d+)\s+(?P<free>\d+)(?:\s+\d+){2,3}\s+(?P<free_rate>\d+(?:\.\d+)?)%",
    re.M,
)


def parse_memory(output: str) -> Rows:
    """Parse ``display memory`` of Comware 5 (bytes) and 7 (kilobytes): a row a slot.

    Comware 7 counts caches as used; its own FreeRatio leaves them out, and that is the share taken.
    Raises: ParseError: no memory.
    """
    rows: list[Row] = []
    heads: list[Block] = [*blocks(output, _SLOT)] or [(None, output.splitlines())]
    for head, body in heads:
        match = _BYTES.search("\n".join(body))
        if match is None:
            continue
        total, used = int(match["total"]), int(match["used"])
        details = {
            "total_memory": match["total"],
            "used_memory": match["used"],
            "used_rate": match["rate"],
            "free_rate": "",
        }
        rows.append(
            Row(
                (MemoryPool(_of_slot(head), used_percent(total, used) or float(match["rate"]), total, used),),
                details,
            )
        )
    for head, body in heads:
        mem = _MEM.search("\n".join(body))
        if mem:
            total = int(mem["total"]) * 1024
            share = round(100 - float(mem["free_rate"]), 1)
            pool = (
                MemoryPool(_of_slot(head), share, total, round(total * share / 100))
                if 0 <= share <= 100
                else None
            )
            details = {
                "total_memory": mem["total"],
                "used_memory": mem["used"],
                "used_rate": "",
                "free_rate": mem["free_rate"],
            }
            rows.append(Row(() if pool is None else (pool,), details))
    return found(rows)


def _of_slot(head: re.Match[str] | None) -> str:
    """Two chassis of a fabric have the same slots, and a board may have two processors."""
    if head is None:
        return "Memory"
    chassis = f"Chassis {head['chassis']} " if head["chassis"] else ""
    return f"{chassis}Slot {head['slot']}" + (f" CPU {head['unit']}" if (head["unit"] or "0") != "0" else "")


_IRF = re.compile(
    r"\s*(?P<sign>[*+ ]*)(?P<member>\d+)(?:\s+(?P<slot>\d+))?\s+"
    r"(?P<role>Master|Standby|Loading|Slave|Subordinate)\s+(?P<priority>\d+)\s+"
    r"(?P<mac>[0-9a-fA-F-]{14})\s*(?P<description>.*)$"
)


def parse_irf(output: str) -> Rows:
    """Parse ``display irf``: the members of the fabric. Raises: ParseError: none."""
    rows: list[Row] = []
    for details in table(output, _IRF):
        outcome = Outcome.WARNING if details["role"] == "Loading" else Outcome.OK
        rows.append(
            Row((Member(f"Member {details['member']}", details["role"], details["role"], outcome),), details)
        )
    return found(rows)


_SUMMARY = re.compile(
    r"\s*(?:(?P<slot>\d+)\s+(?=(?:\d+\s+){7}\d))?(?P<emerg>\d+)\s+(?P<alert>\d+)\s+(?P<crit>\d+)\s+(?P<error>\d+)\s+"
    r"(?P<warn>\d+)\s+(?P<notif>\d+)\s+(?P<info>\d+)\s+(?P<debug>\d+)\s*$"
)
_SEVERITIES = ("emerg", "alert", "crit", "error", "warn", "notif", "info", "debug")


def parse_log_summary(output: str) -> Rows:
    """Parse ``display logbuffer summary``: a row a slot. Raises: ParseError: no slot."""
    rows: list[Row] = []
    for details in table(output, _SUMMARY):
        counts = {level: int(details[name]) for level, name in enumerate(_SEVERITIES)}
        rows.append(Row((DeviceLog(f"Slot {details['slot']}" if details["slot"] else "", counts),), details))
    return found(rows)
