"""Everything one visit to a Windows host says, as ``DeviceFacts``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from collectors.facts.host import Clock
from collectors.facts.linux.assembly import with_evidence
from collectors.facts.linux.clock import measured
from collectors.facts.linux.reader import Reader
from collectors.facts.windows import network, system
from collectors.facts.windows.rows import parse_number, parse_rows
from collectors.messages import N_
from collectors.model import Component, DeviceFacts, Exchange, Identity, Interface, MemoryPool, Processor
from collectors.outcome import Outcome
from collectors.platforms.windows_script import NAMES

_EXTRAS: tuple[tuple[str, str, Callable[[str], object]], ...] = (
    ("failed_units", "services", system.parse_services),
    ("journal_errors", "events", system.parse_events),
    ("reboot", "reboot", system.parse_reboot),
    ("certificates", "certificates", system.parse_certificates),
)


def facts_from_windows(
    exchanges: Sequence[Exchange], *, started_at: datetime | None = None, transport: str = ""
) -> DeviceFacts:
    """Parse every section that was asked; what cannot be read is in ``errors``."""
    reader = Reader(exchanges, transport, names=NAMES)
    found = reader.read("identity", "os", system.parse_os)
    extra: dict[str, object] = {}
    for fact, section, parse in _EXTRAS:
        value = reader.read(fact, section, parse)
        if value is not None:
            extra[fact] = with_evidence(value, reader, section)
    clock = _clock(reader, started_at)
    if clock is not None:
        extra["clock"] = clock
    identity, inventory = _identity(reader, found)
    volumes = reader.read("storage", "volumes", system.parse_volumes) or ()
    return DeviceFacts(
        identity=identity,
        processors=_processors(reader),
        memory=_memory(reader, found),
        storage=tuple(replace(one, evidence=reader.evidence("volumes")) for one in volumes),
        interfaces=_interfaces(reader),
        inventory=inventory,
        extra=extra,
        errors=tuple(reader.errors),
        asked=frozenset(reader.asked),
    )


def _identity(reader: Reader, found: system.OperatingSystem | None) -> tuple[Identity, tuple[Component, ...]]:
    vendor, model = reader.read("inventory", "computer", system.parse_computer) or ("", "")
    serial, firmware = reader.read("inventory", "bios", system.parse_bios) or ("", "")
    disks = reader.read("inventory", "disks", system.parse_disks) or ()
    updates = reader.read("inventory", "hotfixes", system.parse_hotfixes) or ()
    if reader.has("os"):
        reader.asked.add("uptime")
    identity = Identity(
        vendor=vendor,
        platform="windows" if found else "",
        model=model,
        serial=serial,
        version=f"{found.caption} {found.version}".strip() if found else "",
        name=found.name if found else "",
        description=found.architecture if found else "",
        uptime_s=found.uptime_s if found else None,
        evidence=reader.evidence("os"),
    )
    chassis = Component("Chassis", "chassis", model=model, serial=serial, firmware=firmware, vendor=vendor)
    pieces = (
        *((replace(chassis, evidence=reader.evidence("bios")),) if model or serial else ()),
        *(replace(disk, evidence=reader.evidence("disks")) for disk in disks),
        *(replace(update, evidence=reader.evidence("hotfixes")) for update in updates),
    )
    return identity, pieces


def _processors(reader: Reader) -> tuple[Processor, ...]:
    found = reader.read("processors", "cpu", system.parse_cpu)
    if found == ():
        reader.note(
            "processors", "cpu", Outcome.UNSUPPORTED, N_("The host does not tell its processors' load.")
        )
    return tuple(replace(one, evidence=reader.evidence("cpu")) for one in found or ())


def _memory(reader: Reader, found: system.OperatingSystem | None) -> tuple[MemoryPool, ...]:
    if reader.has("os"):
        reader.asked |= {"memory", "swap"}
    if found is None:
        reader.errors += [
            replace(error, fact=fact)
            for error in reader.errors
            if error.fact == "identity"
            for fact in ("memory", "swap")
        ]
        return ()
    return tuple(replace(pool, evidence=reader.evidence("os")) for pool in system.memory_pools(found))


def _interfaces(reader: Reader) -> tuple[Interface, ...]:
    adapters = reader.read("interfaces", "adapters", parse_rows) or ()
    counters = reader.read("interfaces", "counters", network.parse_counters) or {}
    addresses = reader.read("addresses", "addresses", network.parse_addresses) or {}
    found = network.build_interfaces(adapters, counters, addresses)
    return tuple(replace(one, evidence=reader.evidence("adapters")) for one in found)


def _clock(reader: Reader, started_at: datetime | None) -> Clock | None:
    """The host's time against the collector's: the words of w32tm depend on the host's language."""
    milliseconds = reader.read("clock", "time", parse_number)
    if milliseconds is None or started_at is None:
        return None
    services = reader.read("clock", "time_service", parse_rows)
    running = any(row.text("State") == "Running" for row in services or ())
    base = Clock("w32time" if running else "", evidence=reader.evidence("time"))
    return measured(base, milliseconds / 1000, reader.exchange("time"), started_at)
