"""Sensors and hardware identity of a Linux host, from sysfs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from collectors.facts.linux.network import parse_grep_tree
from collectors.model import Component, Sensor, SensorLimits

# Kind of a hwmon channel → our kind, unit, and what one count of the file is worth
# (Documentation/hwmon/sysfs-interface).
_CHANNELS: dict[str, tuple[str, str, float]] = {
    "temp": ("temperature", "°C", 1e-3),
    "fan": ("fan", "rpm", 1.0),
    "in": ("voltage", "V", 1e-3),
    "curr": ("current", "A", 1e-3),
    "power": ("power", "W", 1e-6),
    "humidity": ("humidity", "%", 1e-3),
}


def parse_hwmon(output: str) -> tuple[Sensor, ...]:
    """Parse ``grep -H . /sys/class/hwmon/hwmon*/…``.

    Channels that report a fault are left out, as are limits a driver leaves at filler values.
    """
    sensors: list[Sensor] = []
    for device, values in parse_grep_tree(output).items():
        chip = values.get("name", device)
        for attribute, text in values.items():
            match = re.fullmatch(r"(temp|fan|in|curr|power|humidity)(\d+)_(?:input|average)", attribute)
            if match is None or values.get(f"{match[1]}{match[2]}_fault") == "1":
                continue
            sensor = _channel(device, chip, match[1], match[1] + match[2], text, values)
            if sensor is not None:
                sensors.append(sensor)
    return tuple(sensors)


def _channel(
    device: str, chip: str, prefix: str, channel: str, text: str, values: Mapping[str, str]
) -> Sensor | None:
    kind, unit, scale = _CHANNELS[prefix]
    value = _number(text, scale)
    if value is None or (kind == "temperature" and not -100 < value < 250):
        return None
    label = values.get(f"{channel}_label", channel)
    limits = _limits(kind, channel, values, scale)
    return Sensor(kind, f"{chip} {label}", value, unit, limits, index=f"{device}/{channel}")


def _limits(kind: str, channel: str, values: Mapping[str, str], scale: float) -> SensorLimits:
    def limit(name: str) -> float | None:
        value = _number(values.get(f"{channel}_{name}", ""), scale)
        # 0, and values beyond anything physical, are how drivers say "not set".
        if value is None or value == 0 or (kind == "temperature" and not 0 < value < 150):
            return None
        return value

    high_warning, high_critical = limit("max"), limit("crit")
    if high_warning is not None and high_critical is not None and high_warning >= high_critical:
        high_warning = None
    low_critical = limit("lcrit")
    low = limit("min") if kind in ("fan", "voltage") else None
    return SensorLimits(low_critical, low, high_warning, high_critical)


def _number(text: str, scale: float) -> float | None:
    return round(int(text) * scale, 3) if re.fullmatch(r"-?\d+", text.strip()) else None


def parse_thermal(output: str) -> tuple[Sensor, ...]:
    """Parse ``grep -H . /sys/class/thermal/thermal_zone*/…``; trip points give the limits.

    Source: Documentation/driver-api/thermal/sysfs-api: millidegrees Celsius.
    """
    sensors: list[Sensor] = []
    for zone, values in parse_grep_tree(output).items():
        value = _number(values.get("temp", ""), 1e-3)
        if value is None or not -100 < value < 250:
            continue
        trips: dict[str, float] = {}
        for name, kind in values.items():
            match = re.fullmatch(r"trip_point_(\d+)_type", name)
            degrees = _number(values.get(f"trip_point_{match[1]}_temp", ""), 1e-3) if match else None
            if degrees and 0 < degrees < 150:
                trips[kind] = min(degrees, trips.get(kind, degrees))
        limits = SensorLimits(high_warning=trips.get("hot"), high_critical=trips.get("critical"))
        sensors.append(Sensor("temperature", values.get("type", zone), value, "°C", limits, index=zone))
    return tuple(sensors)


@dataclass(frozen=True, slots=True)
class Hardware:
    vendor: str = ""
    model: str = ""
    serial: str = ""
    components: tuple[Component, ...] = ()


# What vendors leave in a field they did not fill.
_FILLERS = frozenset(
    [
        "to be filled by o.e.m.",
        "default string",
        "not specified",
        "none",
        "system serial number",
        "system product name",
        "system manufacturer",
        "not applicable",
        "n/a",
        "0123456789",
        "o.e.m.",
        "unknown",
    ]
)


def _word(values: Mapping[str, str], name: str) -> str:
    text = values.get(name, "").strip()
    return "" if text.lower() in _FILLERS else text


def parse_dmi(output: str) -> Hardware:
    """Parse ``grep -H . /sys/class/dmi/id/…`` (SMBIOS types 0–3); fillers become empty."""
    values = parse_grep_tree(output).get("id", {})
    vendor, model = _word(values, "sys_vendor"), _word(values, "product_name")
    serial = _word(values, "product_serial") or _word(values, "chassis_serial")
    components: list[Component] = []
    if model:
        components.append(
            Component(model, "chassis", model=model, serial=serial, vendor=vendor, index="chassis")
        )
    if _word(values, "board_name"):
        board = _word(values, "board_name")
        board_serial, board_vendor = _word(values, "board_serial"), _word(values, "board_vendor")
        components.append(
            Component(board, "module", "mainboard", board, board_serial, vendor=board_vendor, index="board")
        )
    if _word(values, "bios_version"):
        description = f"firmware of {_word(values, 'bios_date')}".removesuffix(" of ")
        components.append(
            Component(
                "BIOS",
                "module",
                description,
                firmware=_word(values, "bios_version"),
                vendor=_word(values, "bios_vendor"),
                index="bios",
            )
        )
    return Hardware(vendor, model, serial, tuple(components))


def parse_device_tree(output: str) -> Hardware:
    """Parse ``model: …`` and ``serial-number: …`` of boards without DMI."""
    rows = dict(line.split(": ", 1) for line in output.splitlines() if ": " in line)
    return Hardware(model=rows.get("model", "").strip(), serial=rows.get("serial-number", "").strip())


def parse_lsblk(output: str) -> tuple[Component, ...]:
    """Parse ``lsblk -P -b -d -o NAME,TYPE,SIZE,MODEL,SERIAL,ROTA``: the disks (lsblk(8))."""
    disks: list[Component] = []
    for line in output.splitlines():
        try:
            row = dict(word.split("=", 1) for word in shlex.split(line) if "=" in word)
        except ValueError:  # an unbalanced quote in a model's name: that disk is told by its other row
            continue
        if (
            row.get("TYPE") != "disk"
            or row.get("SIZE") in (None, "0")
            or row["NAME"].startswith(("zram", "ram"))
        ):
            continue
        size = int(row["SIZE"]) / 10**9 if row["SIZE"].isdigit() else 0
        medium = "rotating" if row.get("ROTA") == "1" else "solid state"
        disks.append(
            Component(
                row["NAME"],
                "disk",
                f"{size:.0f} GB, {medium}",
                row.get("MODEL", "").strip(),
                row.get("SERIAL", "").strip(),
                index=row["NAME"],
            )
        )
    return tuple(disks)
