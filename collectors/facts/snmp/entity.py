"""ENTITY-MIB (RFC 6933) and ENTITY-SENSOR-MIB (RFC 3433): pieces of hardware and their sensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite

from collectors.model import Component, Sensor, SensorLimits
from collectors.snmprec import Value, Walk

ENTITY = "1.3.6.1.2.1.47.1.1.1"
ENTITY_SENSOR = "1.3.6.1.2.1.99.1.1"
CISCO_SENSOR = "1.3.6.1.4.1.9.9.91.1.1.1.1"
CISCO_THRESHOLD = "1.3.6.1.4.1.9.9.91.1.2.1.1"
_CLASSES = {
    1: "other",
    2: "unknown",
    3: "chassis",
    4: "backplane",
    5: "container",
    6: "powerSupply",
    7: "fan",
    8: "sensor",
    9: "module",
    10: "port",
    11: "stack",
    12: "cpu",
    13: "energyObject",
    14: "battery",
    15: "storageDrive",
}
# EntitySensorDataType: kind, unit
SENSOR_TYPES: Mapping[int, tuple[str, str]] = {
    3: ("voltage", "V"),
    4: ("voltage", "V"),
    5: ("current", "A"),
    6: ("power", "W"),
    7: ("frequency", "Hz"),
    8: ("temperature", "°C"),
    9: ("humidity", "%"),
    10: ("fan", "rpm"),
    11: ("airflow", "m³/min"),
    14: ("dbm", "dBm"),  # CISCO-ENTITY-SENSOR-MIB's SensorDataType goes one further
}
# entPhySensorUnitsDisplay of sensors whose type is "other" or "unknown"
_UNIT_WORDS: tuple[tuple[frozenset[str], tuple[str, str]], ...] = (
    (frozenset({"c", "celsius", "degrees c", "degrees celsius", "°c"}), ("temperature", "°C")),
    (frozenset({"rpm"}), ("fan", "rpm")),
    (frozenset({"v", "volt", "volts", "voltage"}), ("voltage", "V")),
    (frozenset({"a", "amp", "amps", "ampere", "amperes"}), ("current", "A")),
    (frozenset({"w", "watt", "watts"}), ("power", "W")),
    (frozenset({"percent", "%"}), ("percent", "%")),
)
_OPERATIONAL = 1  # entPhySensorOperStatus ok
# What cannot be below zero: a negative number says that there is none, or that it is not known.
NEVER_NEGATIVE = frozenset(
    {"fan", "humidity", "charge", "load", "percent", "runtime", "frequency", "apparent_power", "airflow"}
)
_FILLERS = frozenset({-1_000_000_000, 1_000_000_000, 2**31 - 1, -(2**31), 65535, 2**32 - 1})


def parse_inventory(walk: Walk) -> tuple[Component, ...]:
    """entPhysicalTable without sensors and empty containers, which hold nothing to write down."""
    columns = {number: walk.column(f"{ENTITY}.1.{number}") for number in range(2, 19)}
    indexes = [index for index in (columns[5] or columns[2] or columns[7]) if index.isdigit()]
    found: list[Component] = []
    for index in indexes:

        def text(number: int, index: str = index) -> str:
            value = columns[number].get(index)
            return "" if value is None else value.text

        kind = _CLASSES.get(_integer(columns[5].get(index)) or 0, "")
        if kind in ("sensor", "container") and not text(11):
            continue
        first = columns[2].get(index) or columns[7].get(index) or columns[5].get(index)
        found.append(
            Component(
                name=text(7) or text(2) or index,
                kind=kind,
                description=text(2),
                model=text(13),
                serial=text(11),
                firmware=text(9),
                software=text(10),
                vendor=text(12),
                index=index,
                parent=str(_integer(columns[4].get(index)) or ""),
                evidence=None if first is None else first.evidence,
            )
        )
    return tuple(found)


def entity_name(walk: Walk, index: str) -> str:
    """What an entity is called: its name, else its description."""
    return walk.text(f"{ENTITY}.1.7.{index}") or walk.text(f"{ENTITY}.1.2.{index}")


def sensor_name(walk: Walk, index: str) -> str:
    """A sensor's own words; one that says only "Sensor 1" is named after what it sits in too."""
    name, description = walk.text(f"{ENTITY}.1.7.{index}"), walk.text(f"{ENTITY}.1.2.{index}")
    best = name or description
    if description and name and (len(name) < 4 or name.isdigit()):
        best = description
    return best or f"Sensor {index}"


def scaled(value: Value, scale: int | None, precision: int | None) -> float | None:
    """The value in base units: 10^(3·(scale − 9)) and ``precision`` decimal places (RFC 3433)."""
    number = value.number
    if number is None or number in _FILLERS:
        return None
    if 2**31 <= number < 2**32:
        number -= 2**32  # EntitySensorValue is signed; some agents send it as a Gauge32
    exponent = 3 * ((scale if scale and 1 <= scale <= 17 else 9) - 9)
    places = precision if precision is not None and -8 <= precision <= 9 else 0
    value_in_units = number * 10.0 ** (exponent - places)
    return round(value_in_units, 9) if isfinite(value_in_units) else None


def parse_sensors(walk: Walk, table: str = f"{ENTITY_SENSOR}.1") -> Iterator[Sensor]:
    """entPhySensorTable, or entSensorValueTable of CISCO-ENTITY-SENSOR-MIB, which has its form.

    Those that are operational, and of a kind that is a quantity.
    """
    scales, precisions = walk.column(f"{table}.2"), walk.column(f"{table}.3")
    values, states = walk.column(f"{table}.4"), walk.column(f"{table}.5")
    units = walk.column(f"{table}.6") if table.startswith(ENTITY_SENSOR) else {}
    for index, kind_value in walk.column(f"{table}.1").items():
        value, state = values.get(index), _integer(states.get(index))
        if value is None or state not in (None, _OPERATIONAL):
            continue
        if any(column and index not in column for column in (scales, precisions)):
            continue  # the agent tells them and this row's are lost: nobody can say what the number is
        kind = SENSOR_TYPES.get(kind_value.integer or 0) or _kind_of_units(units.get(index))
        scale, precision = _integer(scales.get(index)), _integer(precisions.get(index))
        reading = scaled(value, scale, precision)
        if kind is None or reading is None or is_filler(kind[0], reading):
            continue
        if kind[0] == "dbm" and reading == 0:
            continue  # exactly 1 mW is what transceivers say that see no light
        limits = SensorLimits()
        if table == CISCO_SENSOR:
            limits = _cisco_limits(walk, index, scale, precision)
        yield Sensor(
            kind[0], sensor_name(walk, index), reading, kind[1], limits, index=index, evidence=value.evidence
        )


def _cisco_limits(walk: Walk, index: str, scale: int | None, precision: int | None) -> SensorLimits:
    """entSensorThresholdTable: severity (10 minor, 20 major, 30 critical), relation, value.

    Relations 1 and 2 (lessThan, lessOrEqual) are lower limits, 3 and 4 upper ones.
    """
    found: dict[str, float] = {}
    for number, value in walk.column(f"{CISCO_THRESHOLD}.4.{index}").items():
        severity = _integer(walk.get(f"{CISCO_THRESHOLD}.2.{index}.{number}"))
        relation = _integer(walk.get(f"{CISCO_THRESHOLD}.3.{index}.{number}"))
        limit = scaled(value, scale, precision)
        side = {1: "low", 2: "low", 3: "high", 4: "high"}.get(relation or 0)
        if limit is None or side is None or severity not in (10, 20, 30):
            continue
        level = "warning" if severity == 10 else "critical"
        name = f"{side}_{level}"
        worst = max if side == "low" else min  # of two limits of one kind the one that is met first
        found[name] = worst(found.get(name, limit), limit)
    if not found or min(found.values()) == max(found.values()):
        return SensorLimits()
    return SensorLimits(**found)


def is_filler(kind: str, reading: float) -> bool:
    """Readings that stand for "nothing there": 0 or 255 °C and more, light below −40 dBm, humidity 0,
    a fan at −1 rpm."""
    if kind == "temperature":
        return reading == 0 or not -100 < reading < 250
    if kind == "dbm":
        return reading <= -40 or reading >= 30
    if kind == "humidity":
        return not 0 < reading <= 100
    return kind in NEVER_NEGATIVE and reading < 0


def _kind_of_units(units: Value | None) -> tuple[str, str] | None:
    text = "" if units is None else units.text.lower()
    if "dbm" in text:
        return "dbm", "dBm"
    for words, kind in _UNIT_WORDS:
        if text in words:
            return kind
    return None


def _integer(value: Value | None) -> int | None:
    return None if value is None else value.integer
