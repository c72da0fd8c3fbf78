"""HOST-RESOURCES-MIB (RFC 2790): processors, memory pools and volumes of hosts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from collectors.model import MemoryPool, Processor, Volume
from collectors.snmprec import Value, Walk, last_part

STORAGE = "1.3.6.1.2.1.25.2"
DEVICES = "1.3.6.1.2.1.25.3"
_TYPES = {
    1: "hrStorageOther",
    2: "hrStorageRam",
    3: "hrStorageVirtualMemory",
    4: "hrStorageFixedDisk",
    5: "hrStorageRemovableDisk",
    6: "hrStorageFloppyDisk",
    7: "hrStorageCompactDisc",
    8: "hrStorageRamDisk",
    9: "hrStorageFlashMemory",
    10: "hrStorageNetworkDisk",
}
_MEMORY = frozenset({"hrStorageRam", "hrStorageVirtualMemory"})
_REMOVABLE = frozenset({"hrStorageRemovableDisk", "hrStorageFloppyDisk", "hrStorageCompactDisc"})
_SHARES = frozenset({"cached memory", "memory buffers", "shared memory", "available memory"})
_MEMORY_WORDS = ("memory", "swap", "buffers", "cached", "packet descriptors")
# hrFSTypes (25.3.9.n) whose words the checks know; others keep the storage type's name.
_FILE_SYSTEMS = {3: "ufs", 9: "ntfs", 14: "nfs", 22: "fat32", 23: "ext2"}
_READ_ONLY = 2  # hrFSAccess
# The kernel's own views, which are always full and store nothing.
_NO_VOLUME = re.compile(
    r"(?:devfs|procfs|linprocfs|fdescfs|fdesc)\b|/(?:proc|sys|dev)(?:/pts|/fd|/mqueue)?\Z"
)
# Images of packages, full and read-only by nature: Junos' memory disks, snaps.
_IMAGE = re.compile(r"\A/dev/md\d.*mounted on: /(?:junos|packages|\.mount)|\A/snap/")


@dataclass(frozen=True, slots=True)
class Storage:
    """A row of hrStorageTable, in bytes."""

    index: str
    name: str
    kind: str
    total_bytes: int
    used_bytes: int
    value: Value

    @property
    def is_memory(self) -> bool:
        lowered = self.name.lower()
        if self.kind == "hrStorageOther":
            return any(word in lowered for word in _MEMORY_WORDS)
        return self.kind in _MEMORY


def parse_processors(walk: Walk) -> tuple[Processor, ...]:
    """hrProcessorLoad: percent of the last minute, named by hrDeviceDescr."""
    names = walk.column(f"{DEVICES}.2.1.3")
    found: list[Processor] = []
    for index, value in walk.column(f"{DEVICES}.3.1.2").items():
        load = value.number
        if load is None or not 0 <= load <= 100:
            continue
        name = names[index].text if index in names else ""
        found.append(Processor(name or f"Processor {index}", load, index, value.evidence))
    return tuple(found)


def parse_storage(walk: Walk) -> tuple[Storage, ...]:
    """Rows that have a size, of any kind.

    Source: hrStorageTable. Sizes are Integer32 counts of allocation units; large ones wrap to
    negative numbers, which are taken as unsigned. A row without hrStorageUsed is left out.
    """
    table = f"{STORAGE}.3.1"
    kinds, names = walk.column(f"{table}.2"), walk.column(f"{table}.3")
    units, used_units = walk.column(f"{table}.4"), walk.column(f"{table}.6")
    found: list[Storage] = []
    for index, size in walk.column(f"{table}.5").items():
        unit = _unsigned(units.get(index))
        total, used = _unsigned(size), _unsigned(used_units.get(index))
        if not unit or not total or used is None:
            continue
        kind = _kind(kinds.get(index))
        name = names[index].text if index in names else ""
        found.append(Storage(index, name or f"Storage {index}", kind, total * unit, used * unit, size))
    return tuple(found)


def _unsigned(value: Value | None) -> int | None:
    number = None if value is None else value.integer
    return number + 2**32 if number is not None and number < 0 else number


def _kind(value: Value | None) -> str:
    """The word of an hrStorageType OID (25.2.1.n); other agents' own types are hrStorageOther."""
    if value is None:
        return "hrStorageOther"
    return _TYPES.get(last_part(value.raw) or 0, "hrStorageOther")


def memory_pools(rows: tuple[Storage, ...]) -> tuple[MemoryPool, ...]:
    """RAM, swap and what the kernel uses of it.

    net-snmp counts caches as used; they are given back when programs need memory. So the used part
    of "Physical memory" is what is not available, as the kernel's MemAvailable has it, and the rows
    of caches are shares of the physical memory.
    """
    rows = tuple(row for row in rows if row.is_memory)
    by_name = {row.name.lower(): row for row in rows}
    physical = by_name.get("physical memory")
    if physical is None:
        rows = tuple(row for row in rows if row.name.lower() not in _SHARES)  # of a whole that is not told
    if physical is None or "cached memory" not in by_name:
        return tuple(_pool(row, row.total_bytes, row.used_bytes) for row in rows)
    return tuple(_net_snmp_pools(rows, by_name, physical))


def _net_snmp_pools(
    rows: tuple[Storage, ...], by_name: dict[str, Storage], physical: Storage
) -> Iterator[MemoryPool]:
    available = by_name.get("available memory")
    if available is not None:
        # Net-SNMP 5.9: its size is MemAvailable itself, of which nothing is used.
        really_used = physical.total_bytes - (available.total_bytes - available.used_bytes)
    else:
        caches = sum(
            by_name[name].used_bytes for name in ("cached memory", "memory buffers") if name in by_name
        )
        really_used = physical.used_bytes - caches
    for row in rows:
        if row is physical:
            yield _pool(row, row.total_bytes, really_used if really_used > 0 else row.used_bytes)
        elif row is available:
            continue
        elif row.kind == "hrStorageOther":
            yield _pool(row, physical.total_bytes, row.used_bytes)
        else:
            yield _pool(row, row.total_bytes, row.used_bytes)


def _pool(row: Storage, total: int, used: int) -> MemoryPool:
    percent = round(100 * used / total, 2)
    return MemoryPool(row.name, percent, total, used, row.index, row.value.evidence)


def volumes(walk: Walk, rows: tuple[Storage, ...]) -> tuple[Volume, ...]:
    """Everything with a size that is no memory; empty drives have none and are left out."""
    mounts = walk.column(f"{DEVICES}.8.1.7")  # hrFSStorageIndex
    by_storage = {str(value.integer): index for index, value in mounts.items()}
    types, access = walk.column(f"{DEVICES}.8.1.4"), walk.column(f"{DEVICES}.8.1.5")
    found: list[Volume] = []
    for row in rows:
        empty_drive = row.kind in _REMOVABLE and not row.used_bytes
        if row.is_memory or empty_drive or _NO_VOLUME.match(row.name):
            continue
        index = by_storage.get(row.index, "")
        number = last_part(types[index].raw) if index in types else None
        image = _IMAGE.search(row.name) is not None
        kind = row.kind if image else _FILE_SYSTEMS.get(number or 0, row.kind)
        read_only = index in access and access[index].integer == _READ_ONLY
        percent = round(100 * row.used_bytes / row.total_bytes, 2)
        found.append(
            Volume(
                name=row.name,
                total_bytes=row.total_bytes,
                used_bytes=row.used_bytes,
                used_percent=percent,
                kind=kind,
                read_only=read_only or row.kind == "hrStorageCompactDisc" or image,
                index=row.index,
                evidence=row.value.evidence,
            )
        )
    return tuple(found)
