"""Identity, processor, memory, supplies, fans, temperature and boards of RGOS.

Source: Ruijie "RGOS Command Reference": show version, cpu, memory, power, fan, temperature, version slots.
"""

from __future__ import annotations

import re

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, Row, Rows, found
from collectors.facts.cli.values import (
    Block,
    blocks,
    fields,
    number,
    percent,
    present,
    reading,
    span_s,
    state,
    table,
    used_percent,
)
from collectors.model import Component, Identity, MemoryPool, Processor, SensorLimits

_SLOT = re.compile(r"\s*(?:Slot[ -](?P<slot>[\w/]+)|Device (?P<device>\d+)) *: *(?P<name>\S+)\s*$")
_MODEL = re.compile(r"\(([^()]+)\)")


def parse_version(output: str) -> Rows:
    """Parse ``show version``: the device, then a row a board. Raises: ParseError: no description."""
    head, *_ = re.split(r"(?m)^Module information", output)
    values = fields(head.splitlines())
    if "system description" not in values and "system software version" not in values:
        raise ParseError(UNKNOWN_FORM)
    described = values.get("system description", "")
    model = _MODEL.search(described)
    details = {
        "model": model[1] if model else described.split(" By ")[0],
        "start_time": values.get("system start time", ""),
        "uptime": values.get("system uptime", ""),
        "hard_version": values.get("system hardware version", ""),
        "soft_version": values.get("system software version", ""),
        "patch": values.get("system patch number", ""),
        "serial_number": values.get("system serial number", ""),
        **dict.fromkeys(
            ("slot_number", "slot_name", "slot_hard_version", "slot_soft_version", "slot_serial_number"), ""
        ),
    }
    identity = Identity(
        "Ruijie",
        "ruijie_os",
        details["model"],
        details["serial_number"],
        details["soft_version"],
        description=described,
        uptime_s=span_s(details["uptime"]),
    )
    boards = (_board(match, body) for match, body in blocks(output, _SLOT))
    return (Row((identity,), details), *boards)


def _board(head: re.Match[str], body: list[str]) -> Row:
    values = {key.removeprefix("system "): value for key, value in fields(body).items()}
    details = {
        **dict.fromkeys(
            ("model", "start_time", "uptime", "hard_version", "soft_version", "patch", "serial_number"), ""
        ),
        "slot_number": head["slot"] or head["device"],
        "slot_name": head["name"],
        "slot_hard_version": values.get("hardware version", ""),
        "slot_soft_version": values.get("software version", ""),
        "slot_serial_number": values.get("serial number", ""),
    }
    piece = Component(
        f"Slot {details['slot_number']}",
        "module",
        model=head["name"],
        serial=details["slot_serial_number"],
        firmware=details["slot_hard_version"],
        software=details["slot_soft_version"],
        vendor="Ruijie",
    )
    return Row((piece,), details)


_CPU_SLOT = re.compile(r"\[Slot (?P<slot_id>[^\s:\]]+)(?:\s*: *(?P<slot_name>[^\]]+))?\]")
_CPU = tuple(
    re.compile(rf"CPU utilization in {span}\s*: *(\d+(?:\.\d+)?)%")
    for span in ("five seconds", "one minute", "five minutes")
)


def parse_cpu(output: str) -> Rows:
    """Parse ``show cpu``: a row a slot; the five-minute figure. Raises: ParseError: no figure."""
    heads: list[Block] = [*blocks(output, _CPU_SLOT)] or [(None, output.splitlines())]
    rows: list[Row] = []
    for head, body in heads:
        text = "\n".join(body)
        figures = [match[1] if (match := pattern.search(text)) else "" for pattern in _CPU]
        if not figures[2]:
            continue
        slot, name = (head["slot_id"], head["slot_name"] or "") if head else ("", "")
        details = {
            "slot_id": slot,
            "slot_name": name,
            **dict(zip(("cpu_5_sec", "cpu_1_min", "cpu_5_min"), figures, strict=True)),
        }
        rows.append(Row((Processor(f"Slot {slot} CPU" if slot else "CPU", percent(figures[2])),), details))
    return found(rows)


_MEMORY = re.compile(
    r"System Memory: *(?P<total>\d+) ?KB(?: ?\((?P<mb>\d+)MB\))? total, *"
    r"(?P<used>\d+) ?KB(?: ?\(\d+MB\))? used, *"
    r"(?P<free>\d+) ?KB(?: ?\(\d+MB\))? free, *(?P<rate>\d+(?:\.\d+)?) ?% used rate"
)
_DETAIL = re.compile(r"(\d+)KB (active|inactive|mapped|slab|core|others)")
_OLD_MEMORY = re.compile(
    r"(?:System )?Memory (?:Pool )?[Tt]otal(?: Size)?\s*: *"
    r"(?P<total>\d+) ?KB.*?(?:Used|used)[^:\n]*: *(?P<used>\d+) ?KB",
    re.S,
)


# RGOS 10: "System Total Memory : 128MB, Current Free Memory : 21233KB", "Used Rate : 84%"
_FREE_MEMORY = re.compile(
    r"System Total Memory\s*: *(?P<mb>\d+) ?MB, *Current Free Memory\s*: *(?P<free>\d+) ?KB"
    r"(?:\s+Used Rate\s*: *(?P<rate>\d+(?:\.\d+)?) ?%)?"
)


def parse_memory(output: str) -> Rows:
    """Parse ``show memory``, given in kilobytes: a row a slot. Raises: ParseError: no total."""
    slots = list(blocks(output, _CPU_SLOT))
    if len(slots) < 2:
        return (_memory("Memory", output),)
    return tuple(_memory(f"Slot {head['slot_id']}", "\n".join(body)) for head, body in slots)


def _memory(name: str, output: str) -> Row:
    match = _MEMORY.search(output) or _OLD_MEMORY.search(output) or _FREE_MEMORY.search(output)
    if match is None:
        raise ParseError(UNKNOWN_FORM)
    said = match.groupdict()
    if "total" not in said:
        said["total"] = str(int(said["mb"]) * 1024)
        said["used"] = str(int(said["total"]) - int(said["free"]))
    total, used = int(said["total"]) * 1024, int(said["used"]) * 1024
    details = {
        "system_memory_total": said["total"],
        "system_memory_used": said["used"],
        "system_memory_free": said.get("free") or "",
        "system_memory_total_mb": said.get("mb") or "",
        "system_memory_used_rate_precent": said.get("rate") or "",
        **{f"used_detail_{name}": size for size, name in _DETAIL.findall(output)},
    }
    share = float(said["rate"]) if said.get("rate") else used_percent(total, used)
    if share is None or not 0 <= share <= 100:
        raise ParseError(UNKNOWN_FORM)
    return Row((MemoryPool(name, share, total, used),), details)


_POWER = re.compile(
    r"\s*(?P<power_id>\d+|POE\d+)\s+(?P<power_type>RG-\S+|[A-Z]\S*\d\S*)\s+(?:"
    r"(?P<sn>[A-Z0-9]{12,})\s+)?(?P<supply>[\d.]+|N/A)\s+(?P<status>\S+)"
    r"(?:\s+(?P<voltage_in>[\d.]+)\s*/\s*(?P<voltage_out>[\d.]+)\s+(?P<current_ma>\d+)\s+(?P<output_w>\d+))?"
)
_EMPTY = re.compile(r"(?P<power_id>\d+)\s+(?P<power_type>N/A)\s+N/A\s+(?P<status>N/A)\s+N/A\s*/")
_CARD = re.compile(
    r"(?P<slot>[MF]?\d+(?:/\d+)?)\s+(?P<card_type>[A-Z]\S+)\s+(?P<status>power-\w+)\s+"
    r"(?P<require>\d+)\s+(?P<allocate>\d+)"
)
_POWER_PLAIN = re.compile(
    r"\s*(?P<power_id>\d+)\s+(?P<power_type>\S+)\s+"
    r"(?P<status>LinkAndPower|Link[- ]?\w*|[Nn]o[- ]?link|ok|OK|fail\w*|absent)\s*$"
)
_SIGNS = {
    "linkandpower": "ok",
    **dict.fromkeys(("linknopower", "linkandnopower"), "fail"),
    "link": "ok",
    **dict.fromkeys(("nolink", "no-link", "no link"), "absent"),
}
_CHASSIS = re.compile(r"\s*(?:Chassis-id|Device) ?:? *(?P<chassis>\d+)\b")


def parse_power(output: str) -> Rows:
    """Parse ``show power``: a row a supply that is there; boards are further facts. Raises: ParseError."""
    rows: list[Row] = []
    # Members of a virtual switching unit answer one after the other.
    parts = [(f"{head['chassis']}/", "\n".join(body)) for head, body in blocks(output, _CHASSIS)]
    for place, details in (
        (place, one)
        for place, part in (parts if len(parts) > 1 else [("", output)])
        for one in (*table(part, _POWER), *table(part, _POWER_PLAIN))
    ):
        if details["power_type"].startswith(("M8", "M1")) or details["status"].startswith("power-"):
            continue  # the table of boards below
        name = f"Power supply {place}{details['power_id']}"
        word = _SIGNS.get(details["status"].lower(), details["status"])
        facts = (
            *present(state(name, word, kind="show power")),
            *reading("voltage", f"{name} input", number(details.get("voltage_in")), "V"),
            *reading(
                "power",
                f"{name} output",
                number(details.get("output_w")),
                "W",
                SensorLimits(high_critical=number(details.get("supply"))),
            ),
        )
        rows.append(Row(facts, details))
    rows += [Row((), details) for details in table(output, _EMPTY)]
    result = found(rows)
    boards = present(
        *(state(f"Slot {one['slot']} {one['card_type']}", one["status"]) for one in table(output, _CARD))
    )
    return (Row((*result[0].facts, *boards), result[0].details), *result[1:])


_FAN = re.compile(
    r"\s*(?:(?P<slot>M?\d+(?:/\d+)?)\s+(?=(?:Fan ?)?\d+\s))?(?P<fan>\d+(?:/\d+)?|Fan\S*)\s+"
    r"(?:(?P<type>[A-Z]\S*-\S+)\s+)?"
    r"(?P<status>ok|OK|normal|fail\w*|Normal|Abnormal|absent|N/A)\b(?:\s+(?P<speed>\d+))?"
)
# A level of speed, 1 to some, is no speed.
_TURNS = re.compile(r"(?i)level")
_HOT = re.compile(
    r"\s*(?P<slot>[MF]?\d+(?:/\d+)?)\s+(?P<card>\S+)?\s*(?P<temperature>-?\d+)(?:\s+"
    r"(?P<warning>\d+)\s+(?P<critical>\d+))?\s*(?:C)?\s*(?P<status>ok|OK|normal)?\s*$"
)
_HOT_WORDS = re.compile(
    r"(?i)(?:current )?temperature(?: of (?P<card>[\w/-]+(?: [\w/-]+)*))?\s*[:=] *(?P<temperature>-?\d+)"
)


# Boards of a chassis: warning and shutdown stand before the reading.
_HOT_LAST_HEAD = re.compile(r"(?im)^.*warning\S*\s+shutdown\S*\s+current")
_HOT_LAST = re.compile(
    r"\s*(?:(?P<chassis>\d+)\s+(?=[MF]?\d))?(?P<slot>[MF]?\d+(?:/\d+)?)\s+(?P<card>\S+)\s+"
    r"(?P<warning>\d+)\s+(?P<critical>\d+)\s+(?P<temperature>-?\d+)\s*$"
)


def parse_fan(output: str) -> Rows:
    """Parse ``show fan``. Raises: ParseError: no fan."""
    rows: list[Row] = []
    for details in table(output, _FAN):
        name = f"Fan {details['slot']}/{details['fan']}" if details["slot"] else f"Fan {details['fan']}"
        told = details["speed"] and _TURNS.search(output) is None
        speed = reading("fan", name, number(details["speed"]), "rpm") if told else ()
        rows.append(Row((*present(state(name, details["status"])), *speed), details))
    return found(rows)


def parse_temperature(output: str) -> Rows:
    """Parse ``show temperature``, in °C. Raises: ParseError: no reading."""
    rows: list[Row] = []
    for details in (
        *table(output, _HOT_LAST if _HOT_LAST_HEAD.search(output) else _HOT),
        *(
            {name: value or "" for name, value in match.groupdict().items()}
            for match in _HOT_WORDS.finditer(output)
        ),
    ):
        name = (
            " ".join(
                filter(
                    None,
                    (
                        f"Chassis {details['chassis']}" if details.get("chassis") else "",
                        f"Slot {details['slot']}" if details.get("slot") else "",
                        details.get("card", ""),
                    ),
                )
            )
            or "System"
        )
        limits = SensorLimits(
            high_warning=number(details.get("warning")), high_critical=number(details.get("critical"))
        )
        rows.append(Row(reading("temperature", name, float(details["temperature"]), "°C", limits), details))
    return found(rows)


_BOARD = re.compile(
    r"(?P<device_id>\d+)\s+(?P<slot_id>\S+)\s+(?P<max_ports>\d+)\s+(?:(?P<config_module>\S+)\s+"
    r"(?P<online_module>\S+)\s+)?(?P<status>[a-z]\S*(?: [a-z]+)*)\s*$"
)


def parse_version_slots(output: str) -> Rows:
    """Parse ``show version slots``: a row a slot; an empty one has no state. Raises: ParseError: none."""
    rows: list[Row] = []
    for details in table(output, _BOARD):
        name = f"Slot {details['slot_id']} {details['online_module']}".strip()
        rows.append(Row(present(state(name, details["status"], kind="show version slots")), details))
    return found(rows)
