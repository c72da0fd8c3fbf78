"""Everything one visit to an AIX host says, as ``DeviceFacts``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from collectors.facts.aix import network, storage, system
from collectors.facts.host import Clock
from collectors.facts.linux import clock, logins, oracle, security
from collectors.facts.linux.assembly import with_evidence
from collectors.facts.linux.reader import Reader
from collectors.facts.linux.storage import Mount, volumes
from collectors.model import (
    Component,
    DeviceFacts,
    Exchange,
    Identity,
    Interface,
    MemoryPool,
    Processor,
    Volume,
)
from collectors.platforms.aix_commands import NAMES

# fact, section, parser, whether silence is an answer
_EXTRAS: tuple[tuple[str, str, Callable[[str], object], bool], ...] = (
    ("raid", "groups", storage.parse_groups, True),
    ("processes", "processes", system.parse_processes, False),
    ("listening", "listening", network.parse_listening, False),
    ("logins", "who", logins.parse_who, True),
    ("journal_errors", "errors", system.parse_errors, False),
    ("sshd", "sshd", security.parse_sshd, False),
    ("certificates", "certificates", security.parse_certificates, True),
    ("databases", "oracle", oracle.parse_oracle, True),
    ("accounts", "passwd", lambda text: security.parse_accounts(text, None), False),
)


def facts_from_aix(
    exchanges: Sequence[Exchange], *, started_at: datetime | None = None, transport: str = ""
) -> DeviceFacts:
    """Parse every section that was asked; what cannot be read is in ``errors``."""
    reader = Reader(exchanges, transport, names=NAMES)
    identity, inventory = _identity(reader)
    extra: dict[str, object] = {}
    sample = reader.read("processors", "vmstat", system.parse_vmstat)
    load = reader.read("load", "uptime", system.parse_load)
    if load is not None:
        cores = sample[1] if sample else None
        extra["load"] = replace(load, cores=cores, evidence=reader.evidence("uptime"))
    for fact, section, parse, empty_is_answer in _EXTRAS:
        value = reader.read(fact, section, parse, empty_is_answer=empty_is_answer)
        if value is not None:
            extra[fact] = with_evidence(value, reader, section)
    time = _clock(reader, started_at)
    if time is not None:
        extra["clock"] = time
    processors: tuple[Processor, ...] = (sample[0],) if sample else ()
    return DeviceFacts(
        identity=identity,
        processors=tuple(replace(one, evidence=reader.evidence("vmstat")) for one in processors),
        memory=_memory(reader),
        storage=_storage(reader),
        interfaces=_interfaces(reader),
        inventory=inventory,
        extra=extra,
        errors=tuple(reader.errors),
        asked=frozenset(reader.asked),
    )


def _identity(reader: Reader) -> tuple[Identity, tuple[Component, ...]]:
    level = reader.read("identity", "oslevel", system.parse_oslevel)
    vendor, model = reader.read("inventory", "model", system.parse_model) or ("", "")
    serial = reader.read("inventory", "serial", system.parse_serial) or ""
    identity = Identity(
        vendor=vendor,
        platform="aix" if level else "",
        model=model,
        serial=serial,
        version=f"AIX {level}" if level else "",
        name=reader.read("identity", "hostname", system.parse_name) or "",
        uptime_s=reader.read("uptime", "uptime", system.parse_uptime),
        evidence=reader.evidence("oslevel"),
    )
    chassis = Component("Chassis", "chassis", model=model, serial=serial, vendor=vendor)
    return identity, (replace(chassis, evidence=reader.evidence("model")),) if model else ()


def _memory(reader: Reader) -> tuple[MemoryPool, ...]:
    sections = (("memory", "memory", system.parse_memory), ("swap", "paging", system.parse_paging))
    found = [(section, reader.read(fact, section, parse)) for fact, section, parse in sections]
    return tuple(replace(one, evidence=reader.evidence(section)) for section, one in found if one is not None)


def _storage(reader: Reader) -> tuple[Volume, ...]:
    mounts = reader.read("mounts", "mount", storage.parse_mount) or ()
    sizes, inodes = reader.read("storage", "df", storage.parse_df) or ((), ())
    if reader.has("df"):
        reader.asked.add("inodes")
    kept: tuple[Mount, ...] = tuple(one for one in mounts if one.kind not in storage.PSEUDO)
    known = {one.mount for one in kept}
    rows = tuple(row for row in sizes if row.mount in known or not mounts)
    evidence = reader.evidence("df")
    return tuple(replace(volume, evidence=evidence) for volume in volumes(rows, inodes, kept))


def _interfaces(reader: Reader) -> tuple[Interface, ...]:
    found = reader.read("interfaces", "interfaces", network.parse_interfaces) or ()
    states = reader.read("addresses", "ifconfig", network.parse_ifconfig) or {}
    whole = network.joined(found, states)
    return tuple(replace(one, evidence=reader.evidence("interfaces")) for one in whole)


def _clock(reader: Reader, started_at: datetime | None) -> Clock | None:
    """What NTP says; else the host's time against the collector's."""
    said: Clock | None = None
    if reader.has("ntpq") and reader.failure("ntpq") is None:
        said = reader.read("clock", "ntpq", clock.parse_ntpq)
        if said is not None:
            said = replace(said, evidence=reader.evidence("ntpq"))
            if said.offset_s is not None:
                return said
    seconds = reader.read("clock", "time", clock.parse_epoch)
    if seconds is None or started_at is None:
        return said
    base = said or Clock("", evidence=reader.evidence("time"))
    return clock.measured(base, seconds, reader.exchange("time"), started_at, resolution_s=1.0)
