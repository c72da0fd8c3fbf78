"""RAID controllers of Broadcom, LSI and Dell, by StorCLI or PERC CLI with JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from collectors.errors import ParseError
from collectors.facts.host import RaidArray, SmartDisk
from collectors.facts.linux import raid, raid_states
from collectors.facts.linux.raid import Controllers
from collectors.facts.linux.raid_states import meaning
from collectors.messages import N_
from collectors.model import Component, Sensor
from collectors.outcome import Outcome

_NOBODY = re.compile(r"no controller|number of controllers = 0", re.I)
_WORKS = ("onln", "online", "conf")
_WAITS = ("dhs", "cpybck")  # listed with the members, and none


def parse_megaraid(output: str) -> Controllers:
    """Parse the answers to ``/call show all J``, ``/call/eall/sall show all J`` and the like, in turn.

    Returns:
        one array a virtual drive, ``c0/v1 NAME``; one disk a slot, ``c0/e32/s4`` (``c0/s4`` without an
        enclosure); nothing where the program found no controller. What the program says of a controller
        that it cannot ask is that controller's state.
    Raises:
        ParseError: what is there is not the program's JSON.
    Source: Broadcom StorCLI Reference Manual; the legends below its tables.
    """
    answers: dict[str, dict[str, Any]] = {}
    failures: dict[str, str] = {}
    for status, data in _answers(output):
        number = _text(status.get("Controller"))
        if not re.fullmatch(r"\d{1,3}", number):
            description = _text(status.get("Description"))
            if _text(status.get("Status")).lower() != "success" and not _NOBODY.search(description):
                raise ParseError(N_("the program says: %(answer)s") % {"answer": description[:200]})
            continue
        merged = answers.setdefault(number, {})
        for key, value in data.items():
            merged.setdefault(key, value)
        if not data and _text(status.get("Status")).lower() != "success":
            failures.setdefault(number, _text(status.get("Description"))[:120])
    found = Controllers()
    for number, data in answers.items():
        found = found.joined(_controller(f"c{number}", data, failures.get(number, "")))
    return found


def _answers(output: str) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each controller's status and data in each of the documents; a rebuild's rows have the key "rebuild"."""
    reader = json.JSONDecoder(strict=False)  # models hold raw control characters
    position = 0
    while position < len(output):
        if output[position].isspace():
            position += 1
            continue
        try:
            document, position = reader.raw_decode(output, position)
        except (ValueError, RecursionError):
            line = output.count("\n", 0, position) + 1
            raise ParseError(N_("expected the JSON of StorCLI"), line) from None
        for one in _rows(_table(document).get("Controllers")):
            data = one.get("Response Data")
            yield (
                _table(one.get("Command Status")),
                {"rebuild": data} if isinstance(data, list) else _table(data),
            )


def _controller(name: str, data: Mapping[str, Any], failure: str) -> Controllers:
    basics, version, state = (_table(data.get(key)) for key in ("Basics", "Version", "Status"))
    model = _text(basics.get("Model") or data.get("Product Name"))
    firmware = (
        version.get("Firmware Version") or version.get("Firmware Package Build") or data.get("FW Version")
    )
    told = _text(state.get("Controller Status"))
    if not data:
        told = failure
    sensors = [*raid.part(f"{name} {model}".strip(), told, raid_states.MEGARAID_CONTROLLERS, index=name)]
    for key, value in _table(data.get("HwCfg")).items():
        place = re.fullmatch(r"(ROC|Ctrl) temperature\(Degree Cel[sc]ius\)", key, re.I)
        if place:
            sensors += raid.heat(f"{name} {place[1]}", value)
    sensors += _batteries(name, data)
    rows = {_place(name, row): row for row in _disk_rows(data)}
    details = {place: _details(data, place) for place in rows}
    progress = _progress(data)
    parts: list[Component] = []
    if model:
        serial = _text(basics.get("Serial Number") or data.get("Serial Number"))
        parts.append(Component(name, "module", "RAID controller", model, serial, _text(firmware), index=name))
    parts += [_component(name, place, row, details[place]) for place, row in rows.items()]
    return Controllers(
        tuple(_array(name, row, data, rows, progress) for row in _rows(data.get("VD LIST"))),
        tuple(_disk(place, row, details[place]) for place, row in rows.items()),
        tuple(sensors),
        tuple(parts),
    )


def _batteries(name: str, data: Mapping[str, Any]) -> Iterator[Sensor]:
    for key, kind in (("BBU_Info", "BBU"), ("Cachevault_Info", "CacheVault")):
        rows = _rows(data.get(key))
        for number, row in enumerate(rows):
            called = f"{name} {kind}" + (f" {number}" if len(rows) > 1 else "")
            yield from raid.part(
                called, _text(row.get("State")), raid_states.MEGARAID_BATTERIES, index=called
            )
            yield from raid.heat(called, row.get("Temp"))


def _array(
    name: str,
    row: Mapping[str, Any],
    data: Mapping[str, Any],
    disks: Mapping[str, Mapping[str, Any]],
    progress: Mapping[str, str],
) -> RaidArray:
    group, _, number = _text(row.get("DG/VD")).partition("/")
    text, outcome = meaning(_text(row.get("State")), raid_states.MEGARAID_ARRAYS)
    if _text(row.get("Access")).lower() in ("blkd", "blocked", "b"):
        text, outcome = f"Blocked, {text}", Outcome.CRITICAL
    members = [
        one
        for one in _rows(data.get("TOPOLOGY"))
        if _text(one.get("DG")) == group
        and _text(one.get("Type")).upper() == "DRIVE"
        and _text(one.get("State")).lower() not in _WAITS
    ] or [one for one in disks.values() if _text(one.get("DG")) == group]
    working = [one for one in members if _text(one.get("State")).lower() in _WORKS]
    own = [place for place, one in disks.items() if group and _text(one.get("DG")) == group]
    return RaidArray(
        f"{name}/v{number} {_text(row.get('Name'))}".strip(),
        _text(row.get("TYPE")),
        text,
        len(working) if members else None,
        len(members) or None,
        tuple(
            _text(one.get("EID:Slot") or one.get("EID:Slt")) + " " + _text(one.get("State"))
            for one in members
            if one not in working
        ),
        ", ".join(f"{place} {progress[place]}" for place in own if place in progress),
        outcome,
    )


def _disk(place: str, row: Mapping[str, Any], details: Mapping[str, Any]) -> SmartDisk:
    text, outcome = meaning(_text(row.get("State")), raid_states.MEGARAID_DISKS)
    if _text(row.get("DG")).upper() == "F" and outcome is Outcome.OK:
        text, outcome = f"{raid_states.FOREIGN}, {text}", Outcome.WARNING
    counters = {
        ours: int(_text(details[theirs]))
        for ours, theirs in _COUNTERS.items()
        if re.fullmatch(r"\d{1,9}", _text(details.get(theirs)), re.ASCII)
    }
    alert = _text(details.get("S.M.A.R.T alert flagged by drive")).lower()
    healthy = {"yes": False, "no": True}.get(alert)
    if counters.get("Predictive_Failures"):
        healthy = False
    return SmartDisk(
        place,
        healthy,
        _text(row.get("Model") or details.get("Model Number")),
        _text(details.get("SN")),
        raid.degrees(details.get("Drive Temperature")),
        counters,
        state=text,
        state_outcome=outcome,
    )


_COUNTERS = {
    "Media_Errors": "Media Error Count",
    "Other_Errors": "Other Error Count",
    "Predictive_Failures": "Predictive Failure Count",
}


def _component(controller: str, place: str, row: Mapping[str, Any], details: Mapping[str, Any]) -> Component:
    medium = " ".join(filter(None, (_text(row.get("Intf")), _text(row.get("Med")))))
    return Component(
        place,
        "disk",
        ", ".join(filter(None, (_text(row.get("Size")), medium))),
        _text(row.get("Model") or details.get("Model Number")),
        _text(details.get("SN")),
        _text(details.get("Firmware Revision")),
        vendor=_text(details.get("Manufacturer Id")),
        index=place,
        parent=controller,
    )


def _disk_rows(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    listed = _rows(data.get("PD LIST"))
    yield from listed
    known = {_text(row.get("EID:Slt")) for row in listed}
    for key, value in data.items():  # an HBA's own list may be missing
        if re.fullmatch(r"Drive /c\d+(/e\d+)?/s\d+", key):
            yield from (row for row in _rows(value) if _text(row.get("EID:Slt")) not in known)


def _place(controller: str, row: Mapping[str, Any]) -> str:
    enclosure, _, slot = str(row.get("EID:Slt", "")).partition(":")
    return "/".join(
        filter(None, (controller, enclosure.strip() and f"e{enclosure.strip()}", f"s{slot.strip()}"))
    )


def _details(data: Mapping[str, Any], place: str) -> Mapping[str, Any]:
    """Both tables of a drive's details as one."""
    detailed = _table(data.get(f"Drive /{place} - Detailed Information"))
    return {
        **_table(detailed.get(f"Drive /{place} Device attributes")),
        **_table(detailed.get(f"Drive /{place} State")),
    }


def _progress(data: Mapping[str, Any]) -> dict[str, str]:
    """``c0/e32/s1`` → ``45 %``."""
    return {
        _text(row.get("Drive-ID")).lstrip("/"): f"{_text(row.get('Progress%'))} %"
        for row in _rows(data.get("rebuild"))
        if re.fullmatch(r"\d{1,3}", _text(row.get("Progress%")), re.ASCII)
    }


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, dict | list) else " ".join(str(value).split())
