"""Printer-MIB (RFC 3805): what is left of toner, ink, drums and paper."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.model import Supply
from collectors.snmprec import Value, Walk, index_key

PRINTER = "1.3.6.1.2.1.43"
_TYPES = {
    1: "other",
    2: "unknown",
    3: "toner",
    4: "wasteToner",
    5: "ink",
    6: "inkCartridge",
    7: "inkRibbon",
    8: "wasteInk",
    9: "opc",
    10: "developer",
    11: "fuserOil",
    12: "solidWax",
    13: "ribbonWax",
    14: "wasteWax",
    15: "fuser",
    16: "coronaWire",
    17: "fuserOilWick",
    18: "cleanerUnit",
    19: "fuserCleaningPad",
    20: "transferUnit",
    21: "tonerCartridge",
    22: "fuserOiler",
    23: "water",
    24: "wasteWater",
    32: "staples",
}
_PERCENT = 19  # PrtMarkerSuppliesSupplyUnitTC percent
_NO_NUMBERS = (-1, -2, -3)  # other/no limit, unknown, "some is left"


def parse_supplies(walk: Walk) -> Iterator[Supply]:
    """prtMarkerSuppliesTable, then the paper trays of prtInputTable.

    A level of −2 (unknown) or −3 (at least one unit is left) is no number: ``used_percent`` is None
    then. Of a waste box (class receptacleThatIsFilled) prtMarkerSuppliesLevel is "the remaining space",
    so that it goes down to 0 as that of a cartridge does.
    """
    table = f"{PRINTER}.11.1.1"
    columns = {number: walk.column(f"{table}.{number}") for number in range(3, 10)}
    # A supply is one by its level or its description: an agent may leave either out.
    rows = {**columns[9], **columns[6]}
    for index in sorted(rows, key=index_key):
        value = rows[index]
        capacity, level = _integer(columns[8].get(index)), _integer(columns[9].get(index))
        unit = _integer(columns[7].get(index))
        yield Supply(
            name=_name(walk, columns[6].get(index), index, columns[3].get(index)),
            kind=_TYPES.get(_integer(columns[5].get(index)) or 0, "unknown"),
            used_percent=_used(capacity, level, unit),
            capacity=capacity if capacity is not None and capacity > 0 else None,
            level=level if level is not None and level >= 0 else None,
            index=index,
            evidence=(columns[9].get(index) or value).evidence,
        )
    yield from _trays(walk)


def _name(walk: Walk, value: Value | None, index: str, colorant: Value | None) -> str:
    """The description; without one the colour (prtMarkerColorantValue) serves."""
    if value is not None and value.text:
        return value.text
    number = _integer(colorant)
    colour = walk.text(f"{PRINTER}.12.1.1.4.{index.split('.')[0]}.{number}") if number else ""
    return colour or f"Supply {index}"


def _used(capacity: int | None, level: int | None, unit: int | None) -> float | None:
    if level is None or level < 0:
        return None
    if unit == _PERCENT and (capacity is None or capacity <= 0):
        capacity = 100
    if capacity is None or capacity <= 0:
        return None
    return round(100 - min(100 * level / capacity, 100.0), 1)


def _trays(walk: Walk) -> Iterator[Supply]:
    """prtInputTable: trays that know how much paper they hold."""
    table = f"{PRINTER}.8.2.1"
    capacities = walk.column(f"{table}.9")
    names, descriptions = walk.column(f"{table}.13"), walk.column(f"{table}.18")
    for index, value in walk.column(f"{table}.10").items():
        capacity, level = _integer(capacities.get(index)), value.integer
        used = _used(capacity, level, None)
        if used is None or level in _NO_NUMBERS:
            continue
        known = (column[index].text for column in (names, descriptions) if index in column)
        name = next((text for text in known if text), f"Tray {index}")
        yield Supply(name, "input", used, capacity, level, index, value.evidence)


def _integer(value: Value | None) -> int | None:
    return None if value is None else value.integer
