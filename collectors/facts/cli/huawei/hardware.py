"""Boards, supplies, fans and temperatures of VRP.

Source: Huawei "Command Reference": display device, device manufacture-info, fan, power, temperature.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from collectors.facts.cli.rows import Row, Rows, found
from collectors.facts.cli.values import (
    blocks,
    fields,
    number,
    present,
    reading,
    state,
    table,
)
from collectors.model import Component, SensorLimits

_DEVICE = re.compile(
    r"(?:(?P<slot>[A-Z]*\d+)(?:/(?P<sub>\d+))?)?\s+(?:(?P<card>-{1,2}|[A-Z]+\d+|\d+)\s+)?"
    r"(?P<star>\*)?(?P<pid>\S+(?:\(.*?\))?)\s+"
    r"(?P<online_status>Present|Offline|Absent|Online)\s+(?P<power_status>On|Off|PowerOn|PowerOff|-)\s+"
    r"(?P<register_status>Registered|Unregistered|-)\s+(?P<alarm_status>\S+)(?:\s+(?P<ha_status>\S+))?\s*$"
)
_NE_DEVICE = re.compile(
    r"\s*(?P<slot>\d+)\s+(?P<pid>[A-Z]{3,})\s+(?P<online_status>Present|Absent)\s+"
    r"(?P<register_status>Registered|Unregistered|NA)\s+(?P<alarm_status>\S+)"
    # newer software has the role and the logical system before it
    r"(?:\s+(?P<role>[A-Z]+)\s+(?P<system>\d+|-))?(?:\s+(?P<ha_status>\S+))?\s*$"
)


def parse_device(output: str) -> Rows:
    """Parse ``display device``: a row a board, card, fan or supply. Raises: ParseError: none."""
    rows: list[Row] = []
    slot = ""
    for line in output.splitlines():
        match = _DEVICE.match(line) or _NE_DEVICE.match(line)
        if match is None:
            continue
        details = {name: value or "" for name, value in match.groupdict().items()}
        slot = details["slot"] or slot
        details |= {"slot": slot, "card": details.get("sub") or details.get("card", "")}
        name = " ".join(
            filter(lambda word: word.strip("-"), (f"Slot {slot}", details["card"], details["pid"]))
        )
        word = details["alarm_status"].strip("-") or details["online_status"]
        if details.get("star"):  # configured and not plugged in
            word = details["online_status"]
        elif details["register_status"] == "Unregistered" and details["online_status"] == "Present":
            word = "unregistered"  # plugged in, and does not answer
        rows.append(Row(present(state(name, word, kind="display device")), details))
    return found(rows)


_MADE = re.compile(
    r"(?P<slot>\d+)?\s+(?P<card>-{1,2}|[A-Z]+\d+|\d+)?\s+(?P<type>\S+)\s+(?P<serial>[\w-]{6,})\s+"
    r"(?P<date>\d{4}-\d\d-\d\d|-+)\s*$"
)


def parse_manufacture(output: str) -> Rows:
    """Parse ``display device manufacture-info``: a row a piece of hardware. Raises: ParseError: none."""
    rows, slot = [], ""
    for details in table(output, _MADE):
        slot = details["slot"] or slot
        details["slot"] = slot
        card = details["card"].strip("-")
        kind = "fan" if card.startswith("FAN") else "powerSupply" if card.startswith("PWR") else "module"
        name = f"Slot {slot} {card}".strip()
        rows.append(
            Row(
                (Component(name, kind, model=details["type"], serial=details["serial"], vendor="Huawei"),),
                details,
            )
        )
    return found(rows)


_FAN_SLOT = re.compile(r"\s*Slot ?id *: *(?P<slot_id>\d+)")
_FAN_ROW = re.compile(
    r"(?:\s*(?P<slot_id>\d+)?\s+|(?=FAN|\d+\s+\[))\[?(?P<fan_id>\d+|FAN\d+)\]?\s+(?:\[[\d-]+\]\s+)?(?:(?P<online>Present|Absent|YES|NO)\s+"
    r")?(?:(?P<registered>YES|NO)\s+)?(?:(?P<status>Normal|Abnormal|Supply|NotSupply|Failed|Fault)\s+)?(?:"
    r"(?P<speed>\d+)%?(?:\(\d+\))?\s+)?(?P<mode>AUTO|Auto|MANUAL|Manual|-|\d+%?)?(?:\s+.*)?$"
)
_PERCENT = re.compile(r"\[(\d+)\] *(\d+)%")


def parse_fan(output: str) -> Rows:
    """Parse ``display fan``: blocks a slot (NE) or a table (S, CE). Raises: ParseError: no fan."""
    rows: list[Row] = []
    for head, body in blocks(output, _FAN_SLOT):
        values = fields(body)
        details = {
            "slot_id": head["slot_id"],
            "fan_id": "",
            "present": values.get("present", ""),
            "registered": values.get("registered", ""),
            "status": values.get("status", ""),
        }
        name = f"Fan tray {head['slot_id']}"
        there = details["present"].upper() == "YES"
        speeds = [
            sensor
            for fan, share in _PERCENT.findall("\n".join(body))
            for sensor in reading("percent", f"{name} fan {fan} speed", float(share), "%")
        ]
        word = details["status"] if details["registered"].upper() != "NO" else "unregistered"
        rows.append(Row((*present(state(name, word)), *speeds) if there else (), details))
    rows += [] if rows else _fan_table(output)
    if not rows and re.search(r"(?i)no fan|fan.*not (?:exist|present)", output):
        return ()
    return found(rows)


def _fan_table(output: str) -> Iterator[Row]:
    slot = ""
    for details in table(output, _FAN_ROW):
        slot = details["slot_id"] or slot
        name = f"Fan {slot}/{details['fan_id']}".replace(" /", " ")
        missing = details["registered"] == "NO" and details["online"] == "YES"
        word = details["status"] or ("unregistered" if missing else details["online"])
        speed = reading("percent", f"{name} speed", number(details["speed"]), "%") if details["speed"] else ()
        if word:
            yield Row(
                (*present(state(name, word)), *speed),
                {**details, "slot_id": slot, "present": details["online"]},
            )


_POWER = re.compile(
    r"\s*(?:(?P<slot>\d+)\s+)?(?P<id>PWR\d+|\d+|PEM\d*|PM\d+)\s+"
    r"(?P<present>Present|Absent|Yes|No|YES|NO|Online|Offline)\s+"
    r"(?P<mode>AC|DC|HVDC|-+|NA|N/A|AC/DC)\s+(?P<state>\S+)(?:\s+(?P<current>[\d.]+|-+|NA)\s+"
    r"(?P<voltage>[\d.]+|-+|NA)\s+(?P<power>[\d.]+|-+|NA)|\s+(?P<watts>[\d.]+)\s*$)?"
)


def _scaled(text: str, milli: bool) -> float | None:
    value = number(text)
    return value / 1000 if milli and value is not None else value


def parse_power(output: str) -> Rows:
    """Parse ``display power``: a row a supply, with what it gives where told. Raises: ParseError: none."""
    rows: list[Row] = []
    heading, slot = "", ""
    # CloudEngine switches tell thousandths, in the second line of the heading.
    milli = {unit: f"({unit})" in output for unit in ("mA", "mV", "mW")}
    for line in output.splitlines():
        match = _POWER.match(line)
        if match is None:
            title = re.match(r"\s*([A-Z]{2,4}):\s*$", line)
            heading = title[1] if title else heading
            continue
        details = {name: value or "" for name, value in match.groupdict().items()}
        slot = details["slot"] or slot
        name = " ".join(filter(None, ("Power supply", heading, f"{slot}/" * bool(slot) + details["id"])))
        there = details["present"].lower() in ("present", "yes", "online")
        facts = (
            *present(state(name, details["state"], kind="display power")),
            *reading("current", name, _scaled(details["current"], milli["mA"]), "A"),
            *reading("voltage", name, _scaled(details["voltage"], milli["mV"]), "V"),
            *reading("power", name, _scaled(details["power"] or details["watts"], milli["mW"]), "W"),
        )
        rows.append(Row(facts if there else (), details))
    return found(rows)


_TEMPERATURE_SLOT = re.compile(r"\s*(?P<slotid>Slot ?(?:ID ?)?\d+) *:")
_TEMPERATURE = (
    # NE: PCB, I2C, address, channel, status, minor, major, fatal, two fan speeds, temperature
    re.compile(
        r"(?P<pcb>[A-Z]\S*)\s+\d+\s+\d+\s+\d+\s+(?P<status>[A-Z]+)\s+(?P<minor>-?\d+)\s+"
        r"(?P<major>-?\d+)\s+(?P<fatal>-?\d+)\s+-?\d+\s+-?\d+\s+(?P<temperature>-?\d+)\s*$"
    ),
    # CE and S: slot, card, sensor, status, current, lower, lower resume, upper
    re.compile(
        r"\s*(?P<slot>\d+)\s+(?:(?P<card>\S+)\s+)?(?P<pcb>[A-Za-z]\S*|NA|-|\d+)\s+"
        r"(?P<status>Normal|NORMAL|Abnormal|Fatal|Major|Minor)\s+(?P<temperature>-?\d+)(?:\s+"
        r"(?P<low>-?\d+)(?:\s+-?\d+(?=\s+-?\d))?(?:\s+(?P<high>-?\d+))?)?"
    ),
    re.compile(
        r"\s*(?P<pcb>[A-Za-z]\S*)\s+(?P<slot>\d+)\s+"
        r"(?P<status>Normal|NORMAL|Abnormal|Major|Minor|Fatal)\s+(?P<high>-?\d+)\s+"
        r"(?P<low>-?\d+)\s+(?P<temperature>-?\d+)\s*$"
    ),
)


def parse_temperature(output: str) -> Rows:
    """Parse ``display temperature [all]``, in °C with the board's own limits. Raises: ParseError: none."""
    rows: list[Row] = []
    slot = ""
    seen: Counter[str] = Counter()
    for line in output.splitlines():
        title = _TEMPERATURE_SLOT.match(line)
        slot = title["slotid"] if title else slot
        match = next((one for form in _TEMPERATURE if (one := form.match(line)) is not None), None)
        if match is None:
            continue
        details = {name: value or "" for name, value in match.groupdict().items()}
        details["slotid"] = slot or details.get("slot", "")
        place = details["slotid"] if slot else f"Slot {details['slotid']}".strip()
        sensor = f"sensor {details['pcb']}" if details["pcb"].isdigit() else details["pcb"]
        name = place if sensor in ("NA", "-") else f"{place} {sensor}"
        seen[name] += 1
        name = f"{name} {seen[name]}" if seen[name] > 1 else name
        limits = SensorLimits(
            number(details.get("low")),
            None,
            number(details.get("minor")) or number(details.get("high")),
            number(details.get("major")),
        )
        facts = (
            *reading("temperature", name, float(details["temperature"]), "°C", limits),
            *present(state(f"{name} temperature", details["status"])),
        )
        rows.append(Row(facts, details))
    return found(rows)
