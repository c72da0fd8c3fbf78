"""RAID controllers of Broadcom, LSI and Dell, by StorCLI or PERC CLI with JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from collectors.facts.host import RaidArray, SmartDisk
from collectors.facts.linux import raid, raid_states
from collectors.facts.linux.megaraid_answers import (
    Table,
    controllers_in,
    details_of,
    disk_rows,
    place_of,
    progress_of,
    rows_of,
    table_of,
    text_of,
)
from collectors.facts.linux.raid import Controllers
from collectors.facts.linux.raid_states import meaning
from collectors.model import Component, Sensor
from collectors.outcome import Outcome

_WORKS = re.compile(r"onln|online|conf.*", re.I)
_WELL = frozenset({"", "-", "online", "good", "replace"})  # the second generation's health of a drive
_WAITS = frozenset({"dhs", "cpybck"})  # listed with the members, and none


def parse_megaraid(output: str) -> Controllers:
    """Parse the answers to ``/call show all J``, ``/call/eall/sall show all J`` and the like, in turn.

    Returns:
        one array a virtual drive, ``c0/v1 NAME``; one disk a slot, ``c0/e32/s4`` (``c0/s4`` without an
        enclosure); nothing where the program found no controller. What the program says of a controller
        that it cannot ask is that controller's state.
    Raises:
        ParseError: what is there is not the program's JSON, or the program refused.
    Source: Broadcom StorCLI Reference Manual and StorCLI2 guide; the legends below their tables.
    """
    found = Controllers()
    for name, (data, failure) in controllers_in(output).items():
        found = found.joined(_controller(name, data, failure))
    return found


def _controller(name: str, data: Table, failure: str) -> Controllers:
    basics, version, state = (table_of(data.get(key)) for key in ("Basics", "Version", "Status"))
    model = text_of(basics.get("Model") or basics.get("Product Name") or data.get("Product Name"))
    firmware = (
        version.get("Firmware Version") or version.get("Firmware Package Build") or data.get("FW Version")
    )
    told = failure or text_of(state.get("Controller Status"))
    sensors = [*raid.part(f"{name} {model}".strip(), told, raid_states.MEGARAID_CONTROLLERS, index=name)]
    for key, value in table_of(data.get("HwCfg")).items():
        place = re.fullmatch(r"(ROC|Ctrl|Chip|Board) temperature\((?:Degree Cel[sc]ius|C)\)", key, re.I)
        if place:
            sensors += raid.heat(f"{name} {place[1]}", value)
    sensors += _batteries(name, data)
    rows = {place_of(name, row): row for row in disk_rows(data)}
    details = {place: details_of(data, place, row) for place, row in rows.items()}
    progress = progress_of(name, data)
    parts: list[Component] = []
    if model:
        serial = text_of(basics.get("Serial Number") or data.get("Serial Number"))
        parts.append(
            Component(name, "module", "RAID controller", model, serial, text_of(firmware), index=name)
        )
    parts += [_component(name, place, row, details[place]) for place, row in rows.items()]
    return Controllers(
        tuple(_array(name, row, data, rows, progress) for row in rows_of(data.get("VD LIST"))),
        tuple(_disk(place, row, details[place]) for place, row in rows.items()),
        tuple(sensors),
        tuple(parts),
    )


def _batteries(name: str, data: Table) -> Iterator[Sensor]:
    for key, kind in _BATTERIES:
        rows = rows_of(data.get(key))
        for number, row in enumerate(rows):
            called = f"{name} {kind}" + (f" {number}" if len(rows) > 1 else "")
            yield from raid.part(
                called,
                text_of(row.get("State") or row.get("Status")),
                raid_states.MEGARAID_BATTERIES,
                index=called,
            )
            yield from raid.heat(called, row.get("Temp", row.get("Temperature(C)")))


_BATTERIES = (("BBU_Info", "BBU"), ("Cachevault_Info", "CacheVault"), ("Energy Pack Info", "energy pack"))


def _array(
    name: str,
    row: Table,
    data: Table,
    disks: Mapping[str, Table],
    progress: Mapping[str, str],
) -> RaidArray:
    group, _, number = text_of(row.get("DG/VD")).partition("/")
    text, outcome = meaning(text_of(row.get("State")), raid_states.MEGARAID_ARRAYS)
    if text_of(row.get("Access")).lower() in ("blkd", "blocked", "b"):
        text, outcome = f"Blocked, {text}", Outcome.CRITICAL
    members = [
        one
        for one in rows_of(data.get("TOPOLOGY"))
        if text_of(one.get("DG")) == group
        and text_of(one.get("Type")).upper() == "DRIVE"
        and text_of(one.get("State")).lower() not in _WAITS
    ] or [one for one in disks.values() if text_of(one.get("DG")) == group]
    working = [
        one
        for one in members
        if _WORKS.fullmatch(text_of(one.get("State"))) and text_of(one.get("Status")).lower() in _WELL
    ]
    own = [place for place, one in disks.items() if group and text_of(one.get("DG")) == group]
    return RaidArray(
        f"{name}/v{number} {text_of(row.get('Name'))}".strip(),
        text_of(row.get("TYPE")),
        text,
        len(working) if members else None,
        len(members) or None,
        tuple(
            text_of(one.get("EID:Slot") or one.get("EID:Slt")) + " " + text_of(one.get("State"))
            for one in members
            if one not in working
        ),
        ", ".join(f"{place} {progress[place]}" for place in own if place in progress),
        outcome,
    )


def _disk(place: str, row: Table, details: Table) -> SmartDisk:
    text, outcome = _disk_state(text_of(row.get("State")), text_of(row.get("Status")))
    if text_of(row.get("DG")).upper() == "F" and outcome is Outcome.OK:
        text, outcome = f"{raid_states.FOREIGN}, {text}", Outcome.WARNING
    counters = raid.counted(details)
    return SmartDisk(
        place,
        raid.healthy(details.get("S.M.A.R.T alert flagged by drive"), counters),
        text_of(row.get("Model") or details.get("Model Number")),
        text_of(details.get("SN")),
        raid.degrees(details.get("Drive Temperature")),
        counters,
        state=text,
        state_outcome=outcome,
    )


def _disk_state(use: str, health: str) -> tuple[str, Outcome]:
    text, outcome = meaning(use, raid_states.MEGARAID_DISKS)
    if health in ("", "-"):
        return text, outcome
    word, second = meaning(health, raid_states.MEGARAID_HEALTH)
    for worse in (Outcome.CRITICAL, Outcome.UNSUPPORTED, Outcome.WARNING):
        if worse in (outcome, second):
            return f"{word}, {text}", worse
    return f"{word}, {text}", Outcome.OK


def _component(controller: str, place: str, row: Table, details: Table) -> Component:
    medium = " ".join(filter(None, (text_of(row.get("Intf")), text_of(row.get("Med")))))
    return Component(
        place,
        "disk",
        ", ".join(filter(None, (text_of(row.get("Size")), medium))),
        text_of(row.get("Model") or details.get("Model Number")),
        text_of(details.get("SN")),
        text_of(details.get("Firmware Revision")),
        vendor=text_of(details.get("Manufacturer Id")),
        index=place,
        parent=controller,
    )
