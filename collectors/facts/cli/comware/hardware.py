"""Boards, fans, supplies and temperatures of Comware.

Source: H3C "Command Reference": display device, device manuinfo, fan, power, environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.facts.cli.rows import Row, Rows, found
from collectors.facts.cli.values import number, present, reading, state, table
from collectors.model import Component, SensorLimits

_DEVICE = re.compile(
    r"\s*(?P<slot>\d+(?:/\d+)?)\s+(?:(?P<sub>\d+|NA|--?)\s+)?(?P<board_type>\S.*?)\s{2,}"
    r"(?P<status>\S(?:.*?\S)?)(?:\s{2,}(?P<rest>\S.*?))?\s*$"
)
_DEVICE_HEAD = re.compile(r"\s*(?:Slot|Chassis)\b.*?(?:Type|Board)")
# Comware 5 of switches: "0      28      REV.C  NULL    002     609        IVL    MAIN   Normal" by slots
_SUBSLOT_HEAD = re.compile(r"\s*SubS(?:lot)?No\s+PortNum\b.*\bState")
_SUBSLOT = re.compile(
    r"\s*(?P<sub>\d+)\s+(?P<max_ports>\d+)\s+(?:\S+\s+){4,5}(?P<board_type>[A-Z0-9]\S*(?: \S+)*?)\s+"
    r"(?P<status>[A-Z][a-z]+)\s*$"
)


def parse_device(output: str) -> Rows:
    """Parse ``display device``: a row a board. Raises: ParseError: no board."""
    rows: list[Row] = []
    reached, subslots, chassis, slot = False, False, "", ""
    for line in output.splitlines():
        head, body = _SLOT_HEAD.match(line), _CHASSIS_HEAD.match(line)
        chassis = body["chassis"] if body else (head["chassis"] or chassis) if head else chassis
        slot, subslots = head["slot"] if head else slot, subslots or bool(_SUBSLOT_HEAD.match(line))
        reached = reached or bool(_DEVICE_HEAD.match(line))
        match = _SUBSLOT.match(line) if subslots else _DEVICE.match(line) if reached else None
        if match:
            details = {"slot": slot, **{name: value or "" for name, value in match.groupdict().items()}}
            if not subslots:
                details["max_ports"] = details["rest"] if details["rest"].isdigit() else ""
            place = f"Chassis {chassis} Slot" if chassis.strip("0") else "Slot"
            within = f"{details['slot']}/{details['sub']}" if subslots and details["sub"] else details["slot"]
            name = f"{place} {within} {details['board_type']}"
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
    r"\s*(?:(?:(?P<chassis>\d+)\s+)?(?P<slot>\d+)\s+)?(?P<sensor>[A-Za-z][A-Za-z-]*\s*\d*)\s+"
    r"(?P<temperature>-?\d+|NA|N/A)\s+"
    r"(?P<low>-?\d+|NA|N/A)\s+(?P<warning>-?\d+|NA|N/A)\s+(?P<alarm>-?\d+|NA|N/A)(?:\s+"
    r"(?P<shutdown>-?\d+|NA|N/A))?"
)


# Comware 5 of chassis: "SlotNO  Temperature  Lower limit  Upper limit"
_BY_SLOT_HEAD = re.compile(r"(?im)^\s*slot ?no\S*\s+temperature\s+lower ?limit\s+upper ?limit")
_BY_SLOT = re.compile(r"\s*(?P<slot>\d+)\s+(?P<temperature>-?\d+)\s+(?P<low>-?\d+)\s+(?P<high>-?\d+)\s*$")


def parse_environment(output: str) -> Rows:
    """Parse ``display environment``, in °C; 65535 is a filler. Raises: ParseError: no sensor."""
    if _BY_SLOT_HEAD.search(output):
        return found(
            Row(
                reading(
                    "temperature",
                    f"Slot {one['slot']}",
                    float(one["temperature"]),
                    "°C",
                    SensorLimits(number(one["low"]), None, number(one["high"])),
                ),
                one,
            )
            for one in table(output, _BY_SLOT)
        )
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
