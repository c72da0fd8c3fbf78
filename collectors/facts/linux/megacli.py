"""RAID controllers of LSI and Dell by MegaCli, the forerunner of StorCLI."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.errors import ParseError
from collectors.facts.host import RaidArray, SmartDisk
from collectors.facts.linux import raid, raid_states
from collectors.facts.linux.raid import Controllers
from collectors.facts.linux.raid_states import meaning
from collectors.messages import N_
from collectors.model import Component, Sensor
from collectors.outcome import Outcome

_ADAPTER = re.compile(r"(?:Adapter #|BBU status for Adapter: |Adapter )(\d{1,3})\b")
_DRIVE = re.compile(r"Enclosure Device ID\s*:")
_ARRAY = re.compile(r"(?:CacheCade )?Virtual Drive\s*:\s*(\d+)")
_NOBODY = re.compile(r"controller count: 0|no adapters? found", re.I)
_Rows = dict[str, str]


def parse_megacli(output: str) -> Controllers:
    """Parse ``-AdpAllInfo``, ``-LDInfo -Lall``, ``-PDList`` and ``-AdpBbuCmd -GetBbuStatus``, in turn.

    Returns:
        named as by StorCLI: arrays ``c0/v1 NAME``, disks ``c0/e32/s4``; nothing without a controller.
    Raises:
        ParseError: no adapter in it: the program's own words are in it.
    Source: LSI MegaRAID SAS Software User Guide, MegaCLI commands.
    """
    if not output.strip() or _NOBODY.search(output):
        return Controllers()
    found = Controllers()
    for kind, adapter, rows in _blocks(output):
        name = f"c{adapter}"
        if kind == "drive":
            found = found.joined(_drive(name, rows))
        elif kind == "array":
            found = found.joined(Controllers(arrays=(_array(name, rows),)))
        else:
            found = found.joined(_adapter(name, rows))
    return found


def _blocks(output: str) -> Iterator[tuple[str, str, _Rows]]:
    """Kind, number of the adapter and rows of each adapter, array, drive and battery."""
    found: list[tuple[str, str, _Rows]] = []
    for line in output.splitlines():
        adapter, array = _ADAPTER.match(line.strip()), _ARRAY.match(line.strip())
        if adapter:
            found.append(("adapter", adapter[1], {}))
        elif found and array:
            found.append(("array", found[-1][1], {"Number": array[1]}))
        elif found:
            if _DRIVE.match(line.strip()):
                found.append(("drive", found[-1][1], {}))
            key, colon, value = line.partition(":")
            if colon:
                found[-1][2].setdefault(key.strip(), value.rstrip())
    if not found:
        said = next(filter(None, map(str.strip, output.splitlines())))
        raise ParseError(N_("the program says: %(answer)s") % {"answer": said[:200]})
    yield from found


def _value(rows: _Rows, key: str) -> str:
    return " ".join(rows.get(key, "").split())


def _adapter(name: str, rows: _Rows) -> Controllers:
    """Of an adapter itself, or of its battery."""
    sensors: list[Sensor] = [*raid.heat(f"{name} ROC", rows.get("ROC temperature", ""))]
    battery = f"{name} BBU"
    state = _value(rows, "Battery State")
    if _value(rows, "Battery Replacement required").lower() == "yes":
        state = "Replace"
    elif _value(rows, "Learn Cycle Active").lower() == "yes":
        state = "Learning"
    sensors += raid.part(battery, state, raid_states.MEGARAID_BATTERIES, index=battery)
    if state:
        sensors += raid.heat(battery, rows.get("Temperature", ""))
    model = _value(rows, "Product Name")
    if not model:
        return Controllers(sensors=tuple(sensors))
    serial, firmware = _value(rows, "Serial No"), _value(rows, "FW Package Build")
    piece = Component(name, "module", "RAID controller", model, serial, firmware, index=name)
    return Controllers(sensors=tuple(sensors), components=(piece,))


def _array(name: str, rows: _Rows) -> RaidArray:
    text, outcome = meaning(_value(rows, "State"), raid_states.MEGARAID_ARRAYS)
    level = re.match(r"Primary-(\d+), Secondary-(\d+)", _value(rows, "RAID Level"))
    spanned = level is not None and level[2] != "0"
    return RaidArray(
        f"{name}/v{rows['Number']} {_value(rows, 'Name')}".strip(),
        f"RAID{level[1]}{'0' if spanned else ''}" if level else "",
        text,
        outcome=outcome,
    )


def _drive(name: str, rows: _Rows) -> Controllers:
    enclosure, slot = _value(rows, "Enclosure Device ID"), _value(rows, "Slot Number")
    place = "/".join((name, *([f"e{enclosure}"] if enclosure.isdigit() else []), f"s{slot}"))
    # "Online, Spun Up": whether it spins is no state of the disk.
    text, outcome = meaning(_value(rows, "Firmware state").partition(",")[0], raid_states.MEGARAID_DISKS)
    if _value(rows, "Foreign State") not in ("", "None") and outcome is Outcome.OK:
        text, outcome = f"{raid_states.FOREIGN}, {text}", Outcome.WARNING
    counters = raid.counted(rows)
    vendor, model, serial = _inquired(rows.get("Inquiry Data", ""))
    disk = SmartDisk(
        place,
        raid.healthy(rows.get("Drive has flagged a S.M.A.R.T alert", ""), counters),
        model,
        serial,
        raid.degrees(rows.get("Drive Temperature", "")),
        counters,
        state=text,
        state_outcome=outcome,
    )
    size = _value(rows, "Raw Size").partition(" [")[0]
    words = ", ".join(filter(None, (size, f"{_value(rows, 'PD Type')} {_value(rows, 'Media Type')}".strip())))
    firmware = _value(rows, "Device Firmware Level")
    piece = Component(place, "disk", words, model, serial, firmware, vendor=vendor, index=place, parent=name)
    return Controllers(disks=(disk,), components=(piece,))


def _inquired(text: str) -> tuple[str, str, str]:
    """Vendor, model and serial number, in columns: SATA's 20, 40 and 8 wide, SAS' 8, 16, 4 and the rest."""
    data = text.removeprefix(" ")
    if len(data) > 48:
        return "", " ".join(data[20:60].split()), data[:20].strip()
    return data[:8].strip(), " ".join(data[8:24].split()), data[28:].strip()
