"""RAID controllers and ZFS pools of a host among its other arrays and disks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from collectors.facts.host import SmartDisk
from collectors.facts.linux import megacli, megaraid, smart_array
from collectors.facts.linux.raid import Controllers
from collectors.facts.linux.reader import Reader
from collectors.facts.linux.zfs import parse_zpool
from collectors.outcome import Outcome

_CONTROLLERS: tuple[tuple[str, Callable[[str], Controllers]], ...] = (
    ("megaraid", megaraid.parse_megaraid),
    ("megacli", megacli.parse_megacli),
    ("smart_array", smart_array.parse_smart_array),
    ("zpool", lambda text: Controllers(arrays=parse_zpool(text))),
)
_HIDES_NO_DISK = frozenset({"zpool"})


def read_controllers(reader: Reader, extra: dict[str, object]) -> Controllers:
    """What RAID controllers and ZFS tell; their arrays and disks join those of ``extra``.

    A host without their programs has nothing to say about them; where a program is not answered, the disks
    behind the controller are not known either.
    """
    all_found = Controllers()
    for section, parse in _CONTROLLERS:
        if not reader.has(section) or reader.exchange(section).outcome is Outcome.NOT_APPLICABLE:
            continue
        found = reader.read("raid", section, parse, empty_is_answer=True)
        if found is None:
            if section not in _HIDES_NO_DISK:
                reader.errors.append(replace(reader.errors[-1], fact="smart"))
                reader.asked.add("smart")
            continue
        all_found = all_found.joined(found.seen_in(reader.evidence(section)))
    if all_found.sensors:
        reader.asked.add("sensors")
    for fact, items in (("raid", all_found.arrays), ("smart", all_found.disks)):
        if items:
            before = extra.get(fact, ())
            kept = [one for one in before if not _behind(one)] if isinstance(before, tuple) else []
            extra[fact] = (*kept, *items)
            reader.asked.add(fact)
    if all_found.arrays:  # that there is no md is no gap then
        reader.errors = [
            error
            for error in reader.errors
            if error.fact != "raid" or error.outcome is not Outcome.NOT_APPLICABLE
        ]
    return all_found


def _behind(disk: object) -> bool:
    """Whether smartctl saw an array or a controller's bus, which tell no health, and not the disks behind."""
    return (
        isinstance(disk, SmartDisk)
        and disk.healthy is None
        and (disk.device.startswith("/dev/bus/") or _ARRAY_MODEL.search(disk.model) is not None)
    )


_ARRAY_MODEL = re.compile(r"PERC|MegaRAID|\bMR\d|LOGICAL VOLUME|\bRAID\b", re.I)
