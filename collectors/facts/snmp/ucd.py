"""UCD-SNMP-MIB and LM-SENSORS-MIB: what net-snmp tells beyond HOST-RESOURCES-MIB."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.facts.host import Load
from collectors.model import MemoryPool, Processor, Sensor, Volume
from collectors.snmprec import Walk

UCD = "1.3.6.1.4.1.2021"
LM_SENSORS = f"{UCD}.13.16"


def parse_processors(walk: Walk) -> tuple[Processor, ...]:
    """100 − ssCpuIdle: the share of the last minute in which the processors were not idle."""
    value = walk.scalar(f"{UCD}.11.11")
    idle = None if value is None else value.number
    if value is None or idle is None or not 0 <= idle <= 100:
        return ()
    return (Processor("total", 100 - idle, "0", value.evidence),)


def parse_load(walk: Walk, cores: int | None) -> Load | None:
    """laLoad.1 to .3: the load averages over 1, 5 and 15 minutes."""
    loads = walk.column(f"{UCD}.10.1.3")
    numbers = [loads[index].number if index in loads else None for index in ("1", "2", "3")]
    one, five, fifteen = numbers
    if one is None or five is None or fifteen is None:
        return None
    return Load(one, five, fifteen, cores, loads["3"].evidence)


def parse_memory(walk: Walk) -> tuple[MemoryPool, ...]:
    """memTotalReal less what is free, buffered or cached; memTotalSwap less memAvailSwap.

    Where the agent has them, the objects of 64 bits count (their names end in X): those of 32 bits stop
    at 2 TiB. memSysAvail is the kernel's MemAvailable.
    """
    found: list[MemoryPool] = []
    buffers, cached = _kib(walk, 25, 14) or 0, _kib(walk, 26, 15) or 0
    pairs = (("Physical memory", (20, 5), (21, 6), buffers + cached), ("Swap space", (18, 3), (19, 4), 0))
    for name, total_at, free_at, given_back in pairs:
        total, free = _kib(walk, *total_at), _kib(walk, *free_at)
        number = next((at for at in total_at if _kib(walk, at) is not None), total_at[-1])
        value = walk.scalar(f"{UCD}.4.{number}")
        if not total or free is None or free > total or value is None:
            continue
        available = _kib(walk, 27) if name == "Physical memory" else None
        if available is not None and 0 < available <= total:
            used = total - available
        else:
            used = max(total - free - given_back, 0)
        percent = round(100 * used / total, 2)
        found.append(MemoryPool(name, percent, total, used, str(number), value.evidence))
    return tuple(found)


def _kib(walk: Walk, *numbers: int) -> int | None:
    """Bytes of the first of the mem objects that the agent has.

    A 32-bit number that went below zero is taken as unsigned.
    """
    for number in numbers:
        value = walk.scalar(f"{UCD}.4.{number}")
        kib = None if value is None else value.integer
        if kib is not None:
            return (kib + 2**32 if kib < 0 else kib) * 1024
    return None


def parse_volumes(walk: Walk) -> tuple[Volume, ...]:
    """dskTable: only the disks that snmpd.conf names. Sizes in kB, 64 bits in two columns."""
    table = f"{UCD}.9.1"
    found: list[Volume] = []
    for index, path in walk.column(f"{table}.2").items():
        total = _wide(walk, index, 11, 12) or _column(walk, index, 6)
        used = _wide(walk, index, 15, 16) or _column(walk, index, 8)
        if not total or used is None or used > total:
            continue
        percent = round(100 * used / total, 2)
        found.append(
            Volume(path.text, total * 1024, used * 1024, percent, index=index, evidence=path.evidence)
        )
    return tuple(found)


def _column(walk: Walk, index: str, number: int) -> int | None:
    value = walk.get(f"{UCD}.9.1.{number}.{index}")
    return None if value is None else value.integer


def _wide(walk: Walk, index: str, low_at: int, high_at: int) -> int | None:
    low, high = _column(walk, index, low_at), _column(walk, index, high_at)
    if low is None:
        return None
    return (high or 0) * 2**32 + (low + 2**32 if low < 0 else low)


# table of LM-SENSORS-MIB: kind, unit, divisor (°C and V come in thousandths)
_TABLES = ((2, "temperature", "°C", 1000), (3, "fan", "rpm", 1), (4, "voltage", "V", 1000))
_FILLER_TEMPERATURES = (-127.0, 127.0, 127.5, 128.0)  # nothing connected to the chip's input


def parse_lm_sensors(walk: Walk) -> Iterator[Sensor]:
    """lmTempSensors, lmFanSensors and lmVoltSensors; a temperature of 0 is an empty slot."""
    for table, kind, unit, divisor in _TABLES:
        names = walk.column(f"{LM_SENSORS}.{table}.1.2")
        for index, value in walk.column(f"{LM_SENSORS}.{table}.1.3").items():
            raw = value.integer
            if raw is None:
                continue
            reading = (raw - 2**32 if raw >= 2**31 else raw) / divisor
            if kind == "temperature" and (reading == 0 or reading in _FILLER_TEMPERATURES or reading > 250):
                continue
            name = names[index].text if index in names else ""
            yield Sensor(kind, name or f"Sensor {index}", reading, unit, index=index, evidence=value.evidence)
