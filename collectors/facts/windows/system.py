"""Identity, processors, memory, volumes, services and events of a Windows host."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from collectors.errors import ParseError
from collectors.facts.host import Certificate, FailedUnit, JournalErrors, Reboot
from collectors.facts.windows.rows import Row, parse_rows
from collectors.messages import N_
from collectors.model import Component, MemoryPool, Processor, Volume

MAX_EVENTS = 200
_SAMPLES = 5
# What firmware holds where a maker wrote nothing.
_FILLERS = frozenset(
    {"", "to be filled by o.e.m.", "default string", "system serial number", "none", "0", "not specified"}
)


@dataclass(frozen=True, slots=True)
class OperatingSystem:
    """``Win32_OperatingSystem``; sizes in bytes, ``uptime_s`` in seconds."""

    caption: str
    version: str
    name: str
    architecture: str
    total_bytes: int
    free_bytes: int
    page_total_bytes: int
    page_free_bytes: int
    uptime_s: float | None


def known(text: str) -> str:
    """The text, or nothing where it is one of the makers' fillers."""
    return "" if text.lower() in _FILLERS else text


def _one(output: str) -> Row:
    rows = parse_rows(output)
    if not rows:
        raise ParseError(N_("expected one object"))
    return rows[0]


def parse_os(output: str) -> OperatingSystem:
    """Parse ``Win32_OperatingSystem``; memory in kilobytes of 1024 bytes.

    Raises:
        ParseError: the sizes of the memory are missing or contradict each other.
    """
    row = _one(output)
    total, free = row.count("TotalVisibleMemorySize"), row.count("FreePhysicalMemory")
    if not total or free is None or free > total:
        raise ParseError(N_("TotalVisibleMemorySize or FreePhysicalMemory is missing"))
    page_total, page_free = (
        row.count("SizeStoredInPagingFiles") or 0,
        row.count("FreeSpaceInPagingFiles") or 0,
    )
    uptime_s = row.count("UptimeS")
    return OperatingSystem(
        caption=row.text("Caption"),
        version=row.text("Version"),
        name=row.text("CSName"),
        architecture=row.text("OSArchitecture"),
        total_bytes=total * 1024,
        free_bytes=free * 1024,
        page_total_bytes=page_total * 1024,
        page_free_bytes=min(page_free, page_total) * 1024,
        uptime_s=None if uptime_s is None else float(uptime_s),
    )


def memory_pools(system: OperatingSystem) -> tuple[MemoryPool, ...]:
    """ "RAM", and "Swap" where the host has a paging file."""
    pools = []
    for name, total, free in (
        ("RAM", system.total_bytes, system.free_bytes),
        ("Swap", system.page_total_bytes, system.page_free_bytes),
    ):
        if total:
            pools.append(MemoryPool(name, round(100 * (total - free) / total, 1), total, total - free))
    return tuple(pools)


def parse_computer(output: str) -> tuple[str, str]:
    """Maker and model of ``Win32_ComputerSystem``."""
    row = _one(output)
    return known(row.text("Manufacturer")), known(row.text("Model"))


def parse_bios(output: str) -> tuple[str, str]:
    """Serial number and firmware version of ``Win32_BIOS``."""
    row = _one(output)
    return known(row.text("SerialNumber")), row.text("SMBIOSBIOSVersion")


def parse_cpu(output: str) -> tuple[Processor, ...]:
    """One a socket, in percent over the last second; a socket that does not tell (null) is left out."""
    found = []
    for row in parse_rows(output):
        usage = row.number("LoadPercentage")
        if usage is not None and 0 <= usage <= 100:
            found.append(Processor(row.text("DeviceID") or "CPU", float(usage)))
    return tuple(found)


def parse_volumes(output: str) -> tuple[Volume, ...]:
    """Local fixed disks of ``Win32_LogicalDisk``; one without a size has no file system yet."""
    found = []
    for row in parse_rows(output):
        total, free = row.count("Size"), row.count("FreeSpace")
        if not total or free is None or free > total:
            continue
        used = total - free
        found.append(
            Volume(row.text("DeviceID"), total, used, round(100 * used / total, 1), row.text("FileSystem"))
        )
    return tuple(found)


def parse_disks(output: str) -> tuple[Component, ...]:
    """Disks of ``Win32_DiskDrive``."""
    return tuple(
        Component(
            name=row.text("DeviceID"),
            kind="disk",
            model=row.text("Model"),
            serial=known(row.text("SerialNumber")),
            firmware=row.text("FirmwareRevision"),
            description=row.text("Status"),
        )
        for row in parse_rows(output)
    )


def parse_services(output: str) -> tuple[FailedUnit, ...]:
    """Services that start by themselves and do not run.

    One that has ended without an error (exit code 0) after a delayed start has done its work; one that was
    never started is told by 1077 (ERROR_SERVICE_NEVER_STARTED).
    """
    found = []
    for row in parse_rows(output):
        code = row.number("ExitCode")
        if row.flag("DelayedAutoStart") and code == 0:
            continue
        words = f"{row.text('DisplayName')}: {row.text('State')}"
        found.append(FailedUnit(row.text("Name"), f"{words}, exit code {code}" if code else words))
    return tuple(found)


def parse_events(output: str) -> JournalErrors:
    """Critical and error events of the last 24 hours."""
    rows = parse_rows(output)
    samples = [f"{row.text('ProviderName')} {row.text('Id')}: {row.text('Text')}"[:300] for row in rows]
    return JournalErrors(
        min(len(rows), MAX_EVENTS), len(rows) > MAX_EVENTS, tuple(dict.fromkeys(samples))[:_SAMPLES]
    )


def parse_reboot(output: str) -> Reboot:
    """Whether an update waits for a restart."""
    return Reboot(_one(output).flag("Required"), "")


def parse_hotfixes(output: str) -> tuple[Component, ...]:
    """Installed updates of ``Win32_QuickFixEngineering``."""
    return tuple(
        Component(
            name=row.text("HotFixID"),
            kind="update",
            description=row.text("Description"),
            software=row.text("Installed"),
        )
        for row in parse_rows(output)
        if row.text("HotFixID")
    )


def parse_certificates(output: str) -> tuple[Certificate, ...]:
    """The computer's own certificates (Cert:\\LocalMachine\\My).

    Raises:
        ParseError: an end that is no date.
    """
    found = []
    for row in parse_rows(output):
        try:
            not_after = datetime.fromisoformat(row.text("NotAfter").replace("Z", "+00:00"))
        except ValueError as error:
            raise ParseError(N_("a certificate's end is no date")) from error
        if not_after.tzinfo is None:
            raise ParseError(N_("a certificate's end is no date"))
        found.append(Certificate(f"LocalMachine/My/{row.text('Thumbprint')}", row.text("Subject"), not_after))
    return tuple(found)
