"""RAID controllers of HPE (and Microchip's of the same family), by ssacli and its forerunners."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from collectors.errors import ParseError
from collectors.facts.host import RaidArray, SmartDisk
from collectors.facts.linux import raid, raid_states
from collectors.facts.linux.raid import Controllers
from collectors.facts.linux.raid_states import meaning
from collectors.messages import N_
from collectors.model import Component, Sensor
from collectors.outcome import Outcome

_CONTROLLER = re.compile(r"(?P<model>\S.*?) in Slot (?P<slot>\w+)\b(?:\s+\([^()]*\))*")
_ENCLOSURE = re.compile(r"(?P<model>\S.*?) at Port (?P<port>\w+), Box (?P<box>\w+), (?P<state>[\w ]+)")
_NOBODY = re.compile(r"^\s*error: no controllers (?:were )?detected", re.I | re.M)


@dataclass(slots=True)
class _Part:
    """A controller, array, drive or the like, with the rows below its heading."""

    kind: str
    name: str
    array: str = ""  # of drives
    rows: dict[str, str] = field(default_factory=dict)


def parse_smart_array(output: str) -> Controllers:
    """Parse ``ctrl all show config detail``.

    Returns:
        arrays ``slot 0 LD 1``, disks ``slot 0 1I:1:4``; nothing where the program found no controller.
    Raises:
        ParseError: no heading of a controller: the program's own words are in it.
    Source: HPE Smart Storage Administrator CLI user guide. Rows are told by their headings, not by their
        indentation, which differs between versions.
    """
    if not output.strip() or _NOBODY.search(output):
        return Controllers()
    arrays: list[RaidArray] = []
    disks: list[SmartDisk] = []
    sensors: list[Sensor] = []
    components: list[Component] = []
    for controller, parts in _controllers(output):
        slot = f"slot {controller.name}"
        sensors += _controller_states(slot, controller, parts)
        components.append(_controller_piece(slot, controller))
        drives = [one for one in parts if one.kind == "physicaldrive"]
        disks += [_disk(slot, one) for one in drives]
        components += [_disk_piece(slot, one) for one in drives]
        arrays += [_array(slot, one, drives) for one in parts if one.kind == "logical drive"]
    return Controllers(tuple(arrays), tuple(disks), tuple(sensors), tuple(components))


def _controllers(output: str) -> Iterator[tuple[_Part, list[_Part]]]:
    found: list[tuple[_Part, list[_Part]]] = []
    array, blank = "", True
    for line in map(str.strip, output.splitlines()):
        head = _CONTROLLER.fullmatch(line)
        if head:
            found.append((_Part("controller", head["slot"], rows={"Model": head["model"]}), []))
            array = ""
        elif found and line:
            controller, parts = found[-1]
            begun = _begun(line, array, alone=blank)
            if begun is not None:
                parts.append(begun)
                array = begun.name if begun.kind == "array" else begun.array
            elif "(port " not in line:
                key, _colon, value = line.partition(":")
                rows = parts[-1].rows if parts else controller.rows
                rows.setdefault(key.strip(), value.strip())
        blank = not line
    if not found:
        said = next(filter(None, map(str.strip, output.splitlines())))
        raise ParseError(N_("the program says: %(answer)s") % {"answer": said[:200]})
    yield from found


def _begun(line: str, array: str, *, alone: bool) -> _Part | None:
    """What a line begins, or None for a row of what began before. ``alone``: a blank line is above it."""
    drive = re.fullmatch(r"physicaldrive (\S+)", line)
    if drive:
        return _Part("physicaldrive", drive[1], array)
    named = re.fullmatch(r"(array|logical drive|sensor id)(?::\s*|\s+)(\S+)", line, re.I)
    if named:
        return _Part(named[1].lower(), named[2], array)
    enclosure = _ENCLOSURE.fullmatch(line)
    if enclosure:
        name = f"{enclosure['model']} {enclosure['port']}:{enclosure['box']}"
        return _Part("enclosure", name, rows={"Status": enclosure["state"]})
    # "Unassigned", "Expander 250", "Physical Drives" …; such a line amid rows is a garbled row.
    if line.startswith("Port Name:") or (alone and ":" not in line):
        return _Part("other", line)
    return None


def _controller_states(slot: str, controller: _Part, parts: list[_Part]) -> Iterator[Sensor]:
    rows = controller.rows
    for name, key in (
        (f"{slot} {rows['Model']}", "Controller Status"),
        (f"{slot} cache", "Cache Status"),
        (f"{slot} battery", "Battery/Capacitor Status"),
        (f"{slot} battery", "Battery Status"),
    ):
        yield from raid.part(name, rows.get(key, ""), raid_states.SMART_ARRAY_PARTS, index=f"{slot} {key}")
    for one in parts:
        if one.kind == "enclosure":
            for key in ("Status", "Fan Status", "Temperature Status", "Power Supply Status"):
                called = f"{slot} {one.name}" + (f" {key.removesuffix(' Status')}" if key != "Status" else "")
                yield from raid.part(
                    called, one.rows.get(key, ""), raid_states.SMART_ARRAY_PARTS, index=called
                )
    own = [one.rows for one in parts if one.kind == "sensor id" and one.rows.get("Location")]
    for sensor in own:
        yield from raid.heat(f"{slot} {sensor['Location']}", sensor.get("Current Value (C)"))
    if not own:
        for key, value in rows.items():
            place = re.fullmatch(r"(Controller|Cache Module|Capacitor) Temperature\s+\(C\)", key)
            if place:
                yield from raid.heat(f"{slot} {place[1]}", value)


def _array(slot: str, part: _Part, drives: list[_Part]) -> RaidArray:
    rows = part.rows
    text, outcome = meaning(rows.get("Status", ""), raid_states.SMART_ARRAY_ARRAYS)
    members = [
        one
        for one in drives
        if part.array and one.array == part.array and "spare" not in one.rows.get("Drive Type", "").lower()
    ]
    working = [one for one in members if one.rows.get("Status", "").lower() in ("ok", "predictive failure")]
    progress = re.search(r"\d{1,3}(?:\.\d+)? ?%", text)
    level = rows.get("Fault Tolerance", "")
    return RaidArray(
        f"{slot} LD {part.name}",
        f"RAID {level}" if level[:1].isdigit() else level,
        text,
        len(working) if members else None,
        len(members) or None,
        tuple(f"{one.name} {one.rows.get('Status', '')}" for one in members if one not in working),
        progress[0] if progress else "",
        outcome,
    )


def _disk(slot: str, part: _Part) -> SmartDisk:
    rows = part.rows
    text, outcome = meaning(rows.get("Status", ""), raid_states.SMART_ARRAY_DISKS)
    worn = rows.get("SSD Smart Trip Wearout", "").lower() == "true"
    predicted = worn or text.lower().startswith("predictive failure")
    return SmartDisk(
        f"{slot} {part.name}",
        False if predicted else True if outcome is Outcome.OK else None,
        _model(rows),
        rows.get("Serial Number", ""),
        raid.degrees(rows.get("Current Temperature (C)", "")),
        state=text,
        state_outcome=outcome,
    )


def _controller_piece(slot: str, controller: _Part) -> Component:
    rows = controller.rows
    return Component(
        slot,
        "module",
        "RAID controller",
        rows["Model"],
        rows.get("Serial Number", ""),
        _version(rows.get("Firmware Version", "")),
        index=slot,
    )


def _disk_piece(slot: str, part: _Part) -> Component:
    rows = part.rows
    place = f"{slot} {part.name}"
    return Component(
        place,
        "disk",
        ", ".join(filter(None, (rows.get("Size", ""), rows.get("Interface Type", "")))),
        _model(rows),
        rows.get("Serial Number", ""),
        _version(rows.get("Firmware Revision", "")),
        index=place,
        parent=slot,
    )


def _model(rows: Mapping[str, str]) -> str:
    """Maker and model are in two columns."""
    return " ".join(rows.get("Model", "").split())


def _version(text: str) -> str:
    """Without the hint that a newer one exists."""
    return text.partition(" (")[0]
