"""Identity, processor, memory, boards, fans, supplies, sensors and log of Comware.

Source: H3C "Command Reference": display version, cpu-usage, memory, device, device manuinfo, fan, power,
environment, irf, logbuffer summary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, DeviceLog, Member, Row, Rows, found
from collectors.facts.cli.values import (
    Block,
    blocks,
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
from collectors.outcome import Outcome

_VERSION = re.compile(
    r"Comware (?:Platform )?Software, Version "
    r"(?P<software_version>[\w.]+)(?:, (?:(?:Release|ESS|Feature|Beta|Demo|Alpha|Customer)\s*"
    r"(?P<release>\S+)))?"
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
                        head["unit"] or "CPU",
                    ),
                )
            )
            details = {"slot": slot, "cpu_5_sec": match[1], "cpu_1_min": match[2], "cpu_5_min": match[3]}
            rows.append(Row((Processor(name, percent(match[3])),), details))
    return found(rows)


_BYTES = re.compile(
    r"System Total Memory\(bytes\): *(?P<total>\d+)\s+Total Used Memory\(bytes\): *"
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


_DEVICE = re.compile(
    r"\s*(?P<slot>\d+(?:/\d+)?)\s+(?:(?P<sub>\d+|NA|--?)\s+)?(?P<board_type>\S.*?)\s{2,}"
    r"(?P<status>\S(?:.*?\S)?)(?:\s{2,}(?P<rest>\S.*?))?\s*$"
)
_DEVICE_HEAD = re.compile(r"\s*(?:Slot|Chassis)\b.*?(?:Type|Board)")


def parse_device(output: str) -> Rows:
    """Parse ``display device``: a row a board. Raises: ParseError: no board."""
    rows, reached = [], False
    for line in output.splitlines():
        reached = reached or bool(_DEVICE_HEAD.match(line))
        match = _DEVICE.match(line) if reached else None
        if match:
            details = {name: value or "" for name, value in match.groupdict().items()}
            details["max_ports"] = details["rest"] if details["rest"].isdigit() else ""
            name = f"Slot {details['slot']} {details['board_type']}"
            rows.append(Row(present(state(name, details["status"], kind="display device")), details))
    return found(rows)


_PIECE = re.compile(
    r"\s*(?P<slot_type>Slot|Subslot|Fan|Power|Chassis|Chassis(?= self))\s*"
    r"(?P<slot_id>self|\d+)?(?: CPU \d+)?\s*:?\s*$"
)
_MADE = re.compile(
    r"\s*(DEVICE[_ ]NAME|(?:DEVICE|MANU)[_ ]SERIAL[_ ]NUMBER|MAC[_ ]ADDRESS|MANUFACTURING[_ ]DATE|"
    r"VENDOR[_ ]NAME|PRODUCT ID)\s*: *(.*?)\s*$"
)
_KINDS = {"Fan": "fan", "Power": "powerSupply", "Chassis": "chassis"}


def parse_manuinfo(output: str) -> Rows:
    """Parse ``display device manuinfo``: a row a piece that names itself. Raises: ParseError: none."""
    rows: list[Row] = []
    chassis = kind = slot = ""
    values: dict[str, str] = {}

    def close() -> None:
        if values or kind:
            rows.append(_piece(chassis, kind, slot, values))
            values.clear()

    for line in output.splitlines():
        head, made = _PIECE.match(line), _MADE.match(line)
        if head:
            close()
            if head["slot_type"] == "Chassis" and (head["slot_id"] or "").isdigit():
                chassis = head["slot_id"]
            kind, slot = head["slot_type"], head["slot_id"] or ""
            if kind == "Chassis" and slot.isdigit():  # a heading for what follows, no piece
                kind = ""
        elif made:
            name = made[1].lower().replace(" ", "_").replace("manu_serial", "device_serial")
            if name in values:  # a piece without a heading of its own
                close()
                kind, slot = "", ""
            values[name] = made[2]
        elif not line.strip() and "device_name" in values:
            close()
            kind, slot = "", ""
    close()
    return found(rows)


def _piece(chassis: str, kind: str, slot: str, values: dict[str, str]) -> Row:
    details = {"chassis_id": chassis, "slot_type": kind, "slot_id": slot, **values}
    serial = values.get("device_serial_number", "").removeprefix("NONE")
    model = values.get("device_name", "").removeprefix("NONE")
    name = " ".join(filter(None, (f"Chassis {chassis}" if chassis else "", kind, slot))) or model
    component = Component(
        name, _KINDS.get(kind, "module"), model=model, serial=serial, vendor=values.get("vendor_name", "")
    )
    return Row((component,) if serial or model else (), details)


_SLOT_HEAD = re.compile(r"\s*(?:Chassis (?P<chassis>\d+) )?[Ss]lot:? *(?P<slot>\d+)(?: CPU \d+)?\s*:?\s*$")
# "Chassis 1:" and "Fan-tray state on chassis 1:"; a device that is alone has chassis 0
_CHASSIS_HEAD = re.compile(r"\s*(?:Chassis|.*\bstate on chassis) *(?P<chassis>\d+)\s*:?\s*$")
_UNIT = (
    r"\s*(?:[Ff]an(?:[ -]?(?:[Ff]rame|[Tt]ray))?|FAN|Power|PWR)\s+(?P<id>\d+)\s*:?\s*(?:[Ss]tate\s*: *"
    r"(?P<status>\S(?:.*?\S)?))?\s*$"
)
_UNIT_STATE = re.compile(r"\s*(?:State|Status)\s*: *(?P<status>\S(?:.*?\S)?)\s*$")
_INDEXED = re.compile(r"\s*(?P<id>(?:PWR)?\d+)\s+(?P<status>[A-Za-z]+)(?:\s+(?P<rest>\S.*?))?\s*$")
_VERBOSE = re.compile(
    r"\s*(?P<id>(?:PWR)?\d+)\s+(?P<status>[A-Za-z]+)\s+(?P<mode>AC|DC|HVDC|--)\s+"
    r"(?P<current>[\d.]+|--)\s+(?P<voltage>[\d.]+|--)\s+(?P<power>[\d.]+|--)"
)
_SPEED = re.compile(r"(?:\s*Speed\s*:\s*)?(?P<speed>\d+) ?(?P<unit>RPM|rpm|%)(?=\s|$)")


def _units(output: str, name: str) -> Iterator[Row]:
    """Fans or supplies: in blocks with a chassis or a slot above, or in a table with numbers."""
    unit = re.compile(_UNIT)
    chassis = slot = number_ = ""
    for line in output.splitlines():
        head, piece, word = _SLOT_HEAD.match(line), unit.match(line), _UNIT_STATE.match(line)
        body, speed = _CHASSIS_HEAD.match(line), _SPEED.match(line)
        indexed = _VERBOSE.match(line) or _INDEXED.match(line)
        if head:
            chassis, slot, number_ = head["chassis"] or chassis, head["slot"], ""
        elif body:
            chassis, slot, number_ = body["chassis"].strip("0"), "", ""
        elif piece:
            number_ = piece["id"]
            if piece["status"]:
                yield _unit(name, (chassis, slot, number_), piece["status"])
                number_ = ""
        elif word and number_:
            yield _unit(name, (chassis, slot, number_), word["status"])
        elif speed and number_:
            yield Row(tuple(_turning(speed, _label(name, (chassis, slot, number_)))), {})
        elif indexed:
            place = (chassis, slot, number_, indexed["id"])
            row, label = _unit(name, place, indexed["status"]), _label(name, place)
            found_ = indexed.groupdict()
            speed = _SPEED.match(found_.get("rest") or "") if row.facts else None
            turning = _turning(speed, label) if speed else ()
            yield Row((*row.facts, *turning, *_given(found_, label)), row.details)


def _label(name: str, place: tuple[str, ...]) -> str:
    return f"{name} {'/'.join(filter(None, place))}"


def _unit(name: str, place: tuple[str, ...], word: str) -> Row:
    details = {"slot": place[1], "id": place[-1], "status": word}
    return Row(present(state(_label(name, place), word)), details)


def _turning(match: re.Match[str], label: str) -> Iterator[object]:
    if match["unit"] == "%":
        yield from reading("percent", f"{label} speed", float(match["speed"]), "%")
    else:
        yield from reading("fan", label, float(match["speed"]), "rpm")


def _given(values: dict[str, str | None], name: str) -> Iterator[object]:
    for key, kind, unit in (
        ("current", "current", "A"),
        ("voltage", "voltage", "V"),
        ("power", "power", "W"),
    ):
        yield from reading(kind, name, number(values.get(key)), unit)


def parse_fan(output: str) -> Rows:
    """Parse ``display fan [verbose]``. Raises: ParseError: no fan."""
    return found(_units(output, "Fan"))


def parse_power(output: str) -> Rows:
    """Parse ``display power [verbose]``. Raises: ParseError: no power supply."""
    return found(_units(output, "Power supply"))


_HOT = re.compile(
    r"\s*(?:(?:(?P<chassis>\d+)\s+)?(?P<slot>\d+)\s+)?(?P<sensor>(?:hotspot|inflow|outflow|inlet|outlet)\s*\d*)\s+"
    r"(?P<temperature>-?\d+|NA|N/A)\s+"
    r"(?P<low>-?\d+|NA|N/A)\s+(?P<warning>-?\d+|NA|N/A)\s+(?P<alarm>-?\d+|NA|N/A)(?:\s+"
    r"(?P<shutdown>-?\d+|NA|N/A))?"
)


def parse_environment(output: str) -> Rows:
    """Parse ``display environment``, in °C; 65535 is a filler. Raises: ParseError: no sensor."""
    rows, chassis, slot = [], "", ""
    for line in output.splitlines():
        head, body, match = _SLOT_HEAD.match(line), _CHASSIS_HEAD.match(line), _HOT.match(line)
        whereabouts = body or head
        chassis = (whereabouts["chassis"] or chassis) if whereabouts else chassis
        slot = head["slot"] if head else "" if body else slot
        if match:
            details = {name: value or "" for name, value in match.groupdict().items()}
            within, place = details.pop("chassis") or chassis, details["slot"] or slot
            whole = f"Chassis {within} " if within.strip("0") else ""
            name = f"{whole}Slot {place} {details['sensor']}" if place else whole + details["sensor"]
            limits = SensorLimits(
                number(details["low"]), None, number(details["warning"]), number(details["alarm"])
            )
            rows.append(
                Row(
                    reading("temperature", name, number(details["temperature"]), "°C", limits),
                    {**details, "slot": place},
                )
            )
    return found(rows)


_IRF = re.compile(
    r"\s*(?P<sign>[*+ ]*)(?P<member>\d+)(?:\s+(?P<slot>\d+))?\s+"
    r"(?P<role>Master|Standby|Loading|Slave|Subordinate)\s+(?P<priority>\d+)\s+"
    r"(?P<mac>[0-9a-f-]{14})\s*(?P<description>.*)$"
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
