"""Facts from vendors' MIBs, as the platform definitions describe them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from collectors.facts.dates import day_of, day_of_octets
from collectors.facts.host import Licence, SignatureSet
from collectors.facts.snmp.entity import NEVER_NEGATIVE, is_filler
from collectors.facts.snmp.rows import Row, in_force, limit, reading, rows
from collectors.model import (
    MemoryPool,
    Processor,
    Sensor,
    SensorLimits,
    Volume,
)
from collectors.outcome import Outcome, worst
from collectors.platforms.definitions import Definition, Table
from collectors.snmprec import Walk

UNITS = {
    "temperature": "°C",
    "fan": "rpm",
    "voltage": "V",
    "current": "A",
    "power": "W",
    "apparent_power": "VA",
    "energy": "Wh",
    "humidity": "%",
    "charge": "%",
    "runtime": "min",
    "load": "%",
    "frequency": "Hz",
    "dbm": "dBm",
    "percent": "%",
    "airflow": "m³/min",
}

_NO_LIMIT_BELOW_ZERO = NEVER_NEGATIVE | {"power", "count"}


# --- processors, memory, storage ---------------------------------------------------------------------


def parse_processors(walk: Walk, parts: Iterable[Definition]) -> Iterator[Processor]:
    """Percent busy; a reading of 0 is one, a number beyond 100 is not."""
    for table, row in _all(walk, parts, lambda part: part.processors):
        usage = reading(row, row.value)
        if usage is not None and 0 <= usage <= 100:
            index = row.index if table.value else ""
            yield Processor(row.name(), usage, index, row.value.evidence)


def parse_memory(walk: Walk, parts: Iterable[Definition]) -> Iterator[MemoryPool]:
    for table, row in _all(walk, parts, lambda part: part.memory):
        sizes = _sizes(table, row)
        if sizes is None:
            continue
        total, used, percent = sizes
        yield MemoryPool(row.name(), percent, total, used, row.index, row.value.evidence)


def parse_storage(walk: Walk, parts: Iterable[Definition]) -> Iterator[Volume]:
    for table, row in _all(walk, parts, lambda part: part.storage):
        sizes = _sizes(table, row)
        if sizes is None or sizes[0] is None or sizes[1] is None:
            continue
        yield Volume(
            name=row.name(),
            total_bytes=sizes[0],
            used_bytes=sizes[1],
            used_percent=sizes[2],
            kind=table.storage_kind,
            index=row.index,
            evidence=row.value.evidence,
        )


def _sizes(table: Table, row: Row) -> tuple[int | None, int | None, float] | None:
    """Total and used bytes and percent, from whichever of them the table has; None without a reading."""

    def number(oid: str) -> float | None:
        if not oid:
            return None
        value = row.column(oid) if oid in table.columns else row.walk.get(f"{oid}.{row.index}")
        found = row.number(value)
        return found + 2**32 if found is not None and found < 0 and not table.convert else found

    unit = table.size_unit * (number(table.size_column) or 1.0 if table.size_column else 1.0)
    total, used, free, percent = (number(oid) for oid in (table.total, table.used, table.free, table.percent))
    if percent is not None:
        percent = percent * table.scale
        percent = 100 - percent if table.convert == "inverted" else percent
    if total is None and used is not None and free is not None:
        total = used + free
    if used is None and total is not None:
        if free is not None:
            used = total - free
        elif percent is not None:
            used = total * percent / 100
    if total is not None and total > 0 and used is not None:
        if not 0 <= used <= total:
            return None
        percent = 100 * used / total if percent is None else percent
    else:
        total = used = None
    if percent is None or not 0 <= percent <= 100:
        return None
    size = None if total is None else int(total * unit)
    taken = None if used is None else int(used * unit)
    return size, taken, round(percent, 2)


# --- licences, signatures ----------------------------------------------------------------------------


def parse_licences(walk: Walk, parts: Iterable[Definition]) -> Iterator[Licence]:
    """What has a date or days left; "n/a" and the like are no end."""
    for table, row in _all(walk, parts, lambda part: part.licences):
        if table.unit == "d":
            left = reading(row, row.value)
            if left is not None:
                yield Licence(row.name(), None, row.value.evidence, left)
            continue
        ends = _day(table, row)
        if ends is not None:
            yield Licence(row.name(), ends, row.value.evidence)


def parse_signatures(walk: Walk, parts: Iterable[Definition]) -> Iterator[SignatureSet]:
    """Sets of signatures that have a date."""
    for table, row in _all(walk, parts, lambda part: part.signatures):
        dated = _day(table, row)
        if dated is not None:
            yield SignatureSet(row.name(), dated, row.value.evidence)


def _day(table: Table, row: Row) -> datetime | None:
    return day_of_octets(row.value.octets) if table.convert == "date_and_time" else day_of(row.value.text)


# --- sensors -----------------------------------------------------------------------------------------


def parse_sensors(walk: Walk, parts: Iterable[Definition]) -> Iterator[tuple[Sensor, bool]]:
    """Sensors and states; True beside those that stand in for ENTITY-SENSOR-MIB's of the same index."""
    for table, row in _all(walk, parts, lambda part: part.sensors):
        sensor = _state(table, row) if table.kind == "state" else _quantity(table, row)
        if sensor is not None:
            yield sensor, table.entity


def _quantity(table: Table, row: Row) -> Sensor | None:
    kind, factor = table.kind, 1.0
    if table.kind_column:
        found = table.kinds.get(row.part(table.kind_column))
        if found is None:
            return None
        kind, factor = found
    value = reading(row, row.value, factor)
    if value is None or is_filler(kind, value):
        return None
    limits = {
        name: _limit(kind, limit(row, place), factor)
        for name, place in table.limits.items()
        if in_force(row, name)
    }
    return Sensor(
        kind=kind,
        name=row.name(),
        value=value,
        unit=table.unit or UNITS.get(kind, ""),
        limits=_ordered(SensorLimits(**limits)),
        index=row.index,
        evidence=row.value.evidence,
    )


def _limit(kind: str, number: float | None, factor: float) -> float | None:
    """A limit in the sensor's unit; one below zero where no reading can be stands for "none is set"."""
    if number is None or (number < 0 and kind in _NO_LIMIT_BELOW_ZERO):
        return None
    return number * factor


def _ordered(limits: SensorLimits) -> SensorLimits:
    """Limits that contradict each other (an upper one not above a lower one) are none."""
    low = [one for one in (limits.low_critical, limits.low_warning) if one is not None]
    high = [one for one in (limits.high_critical, limits.high_warning) if one is not None]
    return SensorLimits() if low and high and max(low) >= min(high) else limits


def _bits(table: Table, row: Row) -> Sensor:
    """A string of bits, the first being the highest of its octet; none set is well."""
    octets = row.value.octets
    if row.value.tag == "4" and row.value.text.isdigit():
        octets = b""  # "0": an agent's own way to say that no bit is set
    numbers = [at for at in range(8 * len(octets)) if octets[at // 8] >> (7 - at % 8) & 1]
    states = [table.states.get(str(at), (f"bit {at}", Outcome.UNSUPPORTED, None)) for at in numbers]
    return Sensor(
        kind="state",
        name=row.name(),
        value=float(int.from_bytes(octets, "big")),
        state_text=", ".join(state[0] for state in states) or "no error",
        state_outcome=worst(state[1] for state in states) if states else Outcome.OK,
        state_type=table.type,
        index=row.index,
        evidence=row.value.evidence,
    )


def _state(table: Table, row: Row) -> Sensor | None:
    """A state by its number, or by its text where the device writes words."""
    if table.convert == "bits":
        return _bits(table, row)
    text = row.value.text
    numeric = row.value.tag in ("2", "65", "66", "67", "70") or text.lstrip("-").isdigit()
    key = str(row.value.integer) if numeric else text
    # A pattern is for texts; a number is read as it stands.
    read = row.value.number if table.pattern is not None else row.number(row.value)
    if key in table.absent or (numeric and read is None):
        return None
    own = row.part(table.word) if table.word else ""
    if table.pattern is not None and not numeric:
        match = table.pattern.search(text)
        text = match[1].strip() if match is not None else text
    said = own or ("" if numeric else text)
    known = _known_state(table, said or key)
    word, outcome, place = table.states.get(known, (said, Outcome.UNSUPPORTED, None))
    if place is None and not numeric:
        place = float(list(table.states).index(known)) if known in table.states else -1.0
    number = float(key) if place is None else place
    return Sensor(
        kind="state",
        name=row.name(),
        value=number,
        state_text=word,
        state_outcome=outcome,
        state_type=table.type,
        index=row.index,
        evidence=row.value.evidence,
    )


def _known_state(table: Table, said: str) -> str:
    """The key of the map that a device's word means, whatever its case and what joins its parts."""
    if said in table.states:
        return said
    plain = _plain(said)
    return next((known for known in table.states if _plain(known) == plain), said)


def _plain(word: str) -> str:
    return "".join(word.lower().replace("_", " ").replace("-", " ").split())


def _all(
    walk: Walk, parts: Iterable[Definition], tables: Callable[[Definition], tuple[Table, ...]]
) -> Iterator[tuple[Table, Row]]:
    """Every row of every table; a table marked ``only_if_none`` only when none before gave any."""
    any_yet = False
    for part in parts:
        for table in tables(part):
            if (table.only_if_none and any_yet) or (table.unless and walk.has(table.unless)):
                continue
            if table.several and len(walk.column(table.several)) < 2:
                continue
            for row in rows(walk, table):
                any_yet = True
                yield table, row
