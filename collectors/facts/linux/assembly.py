"""Everything one visit to a Linux host says, as ``DeviceFacts``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from collectors.errors import ParseError
from collectors.facts.database import Database
from collectors.facts.host import Account, Clock, Load
from collectors.facts.linux import (
    clock,
    hardware,
    logins,
    memory,
    middleware,
    mysql,
    network,
    oracle,
    pgbackrest,
    postgresql,
    redis,
    security,
    services,
    storage,
    system,
)
from collectors.facts.linux.controllers import read_controllers
from collectors.facts.linux.reader import Reader
from collectors.facts.text import decode
from collectors.messages import N_
from collectors.model import (
    Component,
    DeviceFacts,
    Exchange,
    Identity,
    Interface,
    MemoryPool,
    Neighbour,
    Processor,
    Sensor,
    Volume,
)
from collectors.outcome import Outcome

# A host that shows its time only through "date" is judged with this much doubt added.
_DATE_RESOLUTION_S = 1.0


def facts_from_linux(
    exchanges: Sequence[Exchange], *, started_at: datetime | None = None, transport: str = ""
) -> DeviceFacts:
    """Parse every section that was asked.

    Args:
        exchanges: of one transcript; with ``transport``, those of others are passed over.
        started_at: when the visit began, by the collector's clock: the only measure of a host's
            clock that has no time service.
    Returns:
        what could be read; everything else that was asked is in ``errors``.
    """
    reader = Reader(exchanges, transport)
    identity, inventory = _identity(reader)
    extra: dict[str, object] = {}
    load = _load(reader)
    if load is not None:
        extra["load"] = load
    time = _clock(reader, started_at)
    if time is not None:
        extra["clock"] = time
    if servers := _databases(reader):
        extra["databases"] = servers
    accounts = _accounts(reader)
    if accounts is not None:
        extra["accounts"] = accounts
    for fact, section, parse, empty_is_answer in _EXTRAS:
        value = reader.read(fact, section, parse, empty_is_answer=empty_is_answer)
        if value is not None:
            extra[fact] = with_evidence(value, reader, section)
    _journal(reader, extra, identity.uptime_s)
    _past_logins(reader, extra)
    controllers = read_controllers(reader, extra)
    known = {disk.serial for disk in inventory if disk.serial}  # disks that the system sees itself, too
    inventory += tuple(one for one in controllers.components if not one.serial or one.serial not in known)
    return DeviceFacts(
        identity=identity,
        processors=_processors(reader),
        memory=_memory(reader),
        storage=_storage(reader),
        interfaces=_interfaces(reader),
        sensors=_sensors(reader, controllers.sensors),
        inventory=inventory,
        neighbours=_neighbours(reader),
        extra=extra,
        errors=tuple(reader.errors),
        asked=frozenset(reader.asked),
    )


# fact, section, parser, whether silence is an answer
_EXTRAS: tuple[tuple[str, str, Callable[[str], object], bool], ...] = (
    ("failed_units", "failed_units", services.parse_failed_units, True),
    ("services", "services", middleware.parse_services, False),
    ("containers", "containers", middleware.parse_containers, True),
    ("raid", "mdstat", storage.parse_mdstat, False),
    ("bonds", "bonding", network.parse_bonding, True),
    ("processes", "processes", services.parse_processes, False),
    ("file_descriptors", "file_nr", services.parse_file_nr, False),
    ("conntrack", "conntrack", services.parse_conntrack, False),
    ("listening", "listening", network.parse_listening, False),
    ("logins", "who", logins.parse_who, True),
    ("updates", "apt_updates", services.parse_apt_updates, False),
    ("reboot", "reboot", services.parse_reboot, False),
    ("sshd", "sshd", security.parse_sshd, False),
    ("certificates", "certificates", security.parse_certificates, True),
    ("smart", "smart", storage.parse_smart, True),
)


def with_evidence(value: object, reader: Reader, section: str) -> object:
    """The value, or each of a tuple, with the place it was read from."""
    evidence = reader.evidence(section)
    if isinstance(value, tuple):
        return tuple(with_evidence(item, reader, section) for item in value)
    if "evidence" in getattr(type(value), "__dataclass_fields__", {}):
        return replace(value, evidence=evidence)  # type: ignore[type-var]  # checked on the line above
    return value


def _identity(reader: Reader) -> tuple[Identity, tuple[Component, ...]]:
    release = reader.read("identity", "os_release", system.parse_os_release)
    name = reader.read("identity", "hostname", system.parse_hostname) or ""
    kernel = reader.read("identity", "uname", system.parse_uname)
    uptime_s = reader.read("uptime", "uptime", system.parse_uptime)
    section = "device_tree"
    parse = hardware.parse_device_tree
    if reader.has("dmi") and reader.exchange("dmi").outcome is Outcome.OK:
        section, parse = "dmi", hardware.parse_dmi
    found = reader.read("inventory", section, parse)
    disks = reader.read("inventory", "lsblk", hardware.parse_lsblk, empty_is_answer=True) or ()
    found = found or hardware.Hardware()
    identity = Identity(
        vendor=found.vendor,
        platform="linux" if release or kernel else "",
        model=found.model,
        serial=found.serial,
        version=release.pretty_name if release else "",
        name=name,
        description=" ".join(kernel) if kernel else "",
        uptime_s=uptime_s,
        evidence=reader.evidence("os_release"),
    )
    pieces = (
        *(replace(component, evidence=reader.evidence(section)) for component in found.components),
        *(replace(disk, evidence=reader.evidence("lsblk")) for disk in disks),
    )
    return identity, pieces


def _processors(reader: Reader) -> tuple[Processor, ...]:
    found = reader.read("processors", "cpu", system.parse_cpu_samples) or ()
    return tuple(replace(processor, evidence=reader.evidence("cpu")) for processor in found)


def _load(reader: Reader) -> Load | None:
    load = reader.read("load", "loadavg", system.parse_loadavg)
    if load is None:
        return None
    cores = system.count_cores(decode(reader.exchange("cpu").answer)) if reader.has("cpu") else 0
    return replace(load, cores=cores or None, evidence=reader.evidence("loadavg"))


def _memory(reader: Reader) -> tuple[MemoryPool, ...]:
    found = reader.read("memory", "meminfo", memory.parse_meminfo)
    if reader.has("meminfo"):
        reader.asked.add("swap")
    if found is None:
        reader.errors += [replace(error, fact="swap") for error in reader.errors if error.fact == "memory"]
        return ()
    return tuple(replace(pool, evidence=reader.evidence("meminfo")) for pool in memory.memory_pools(found))


def _storage(reader: Reader) -> tuple[Volume, ...]:
    local = reader.read("storage", "df", storage.parse_df)
    inodes = reader.read("inodes", "df_inodes", lambda text: storage.parse_df(text, unit=1)) or ()
    mounts = reader.read("mounts", "mounts", storage.parse_mounts) or ()
    remote: tuple[storage.DfRow, ...] = ()
    if reader.has("df_network") and any(mount.kind.startswith(("nfs", "cifs", "ceph")) for mount in mounts):
        remote = reader.read("storage", "df_network", storage.parse_df) or ()
    known = {row.mount for row in remote}
    rows = (*remote, *(row for row in local or () if row.mount not in known))
    evidence = reader.evidence("df")
    return tuple(replace(volume, evidence=evidence) for volume in storage.volumes(rows, inodes, mounts))


def _interfaces(reader: Reader) -> tuple[Interface, ...]:
    counters = reader.read("interfaces", "net_dev", network.parse_net_dev)
    tree = reader.read("interfaces", "sys_net", network.parse_grep_tree)
    addresses = reader.read("addresses", "ip_addr", network.parse_ip_addr, empty_is_answer=True)
    found = network.build_interfaces(tree or {}, counters or {}, addresses or {})
    return tuple(replace(interface, evidence=reader.evidence("net_dev")) for interface in found)


def _sensors(reader: Reader, controllers: tuple[Sensor, ...]) -> tuple[Sensor, ...]:
    """hwmon where it has anything; the thermal zones else (they repeat the same chips); controllers' too."""
    sensors: tuple[Sensor, ...] = ()
    section = "hwmon"
    for section, parse in (("hwmon", hardware.parse_hwmon), ("thermal", hardware.parse_thermal)):
        if reader.has(section) and reader.failure(section) is None:
            sensors = reader.read("sensors", section, parse) or ()
        if sensors:
            break
    if not sensors and not controllers and reader.has(section):
        reader.note("sensors", section, Outcome.UNSUPPORTED, N_("The host shows no sensors."))
    return (*(replace(sensor, evidence=reader.evidence(section)) for sensor in sensors), *controllers)


def _neighbours(reader: Reader) -> tuple[Neighbour, ...]:
    found = reader.read("neighbours", "lldp", network.parse_lldp, empty_is_answer=True) or ()
    return tuple(replace(neighbour, evidence=reader.evidence("lldp")) for neighbour in found)


_DATABASES: tuple[tuple[str, Callable[[str], tuple[Database, ...]]], ...] = (
    ("postgresql", postgresql.parse_postgresql),
    ("pgbackrest", pgbackrest.parse_pgbackrest),
    ("mysql", mysql.parse_mysql),
    ("redis", redis.parse_redis),
    ("oracle", oracle.parse_oracle),
)


def _databases(reader: Reader) -> tuple[Database, ...]:
    found: list[Database] = []
    for section, parse in _DATABASES:
        servers = reader.read("databases", section, parse, empty_is_answer=True) or ()
        found += [replace(one, evidence=reader.evidence(section)) for one in servers]
    return tuple(found)


def _accounts(reader: Reader) -> tuple[Account, ...] | None:
    shadow: str | None = None
    if reader.has("shadow"):
        failure = reader.failure("shadow")
        if failure is None:
            shadow = decode(reader.exchange("shadow").answer)
        else:
            reader.note("passwords", "shadow", *failure)
        reader.asked.add("passwords")
    return reader.read("accounts", "passwd", lambda text: security.parse_accounts(text, shadow))


_CLOCKS: tuple[tuple[str, Callable[[str], Clock]], ...] = (
    ("chrony", clock.parse_chrony),
    ("ntpq", clock.parse_ntpq),
    ("timesync", clock.parse_timesync),
    ("timedatectl", clock.parse_timedatectl),
)


def _clock(reader: Reader, started_at: datetime | None) -> Clock | None:
    """The first time service that answers; else the host's date against the collector's clock."""
    best: Clock | None = None
    for section, parse in _CLOCKS:
        if not reader.has(section) or reader.failure(section) is not None:
            continue
        reader.asked.add("clock")
        try:
            found = parse(decode(reader.exchange(section).answer))
        except ParseError as error:
            words = N_("%(question)s: %(reason)s") % {"question": section, "reason": error}
            reader.note("clock", section, Outcome.PARSE_FAILED, words, error.line)
            continue
        best = replace(found, evidence=reader.evidence(section))
        if best.offset_s is not None or best.synchronised:
            break
    if best is not None and best.offset_s is not None:
        return best
    return _measured(reader, started_at, best)


def _measured(reader: Reader, started_at: datetime | None, said: Clock | None) -> Clock | None:
    seconds = reader.read("clock", "date", clock.parse_epoch)
    if seconds is None or started_at is None:
        return said
    base = said or Clock("", evidence=reader.evidence("date"))
    return clock.measured(base, seconds, reader.exchange("date"), started_at, resolution_s=_DATE_RESOLUTION_S)


def _past_logins(reader: Reader, extra: dict[str, object]) -> None:
    zone = clock.parse_zone(decode(reader.exchange("date").answer)) if reader.has("date") else None
    found = reader.read(
        "past_logins", "last", lambda text: logins.parse_last(text, zone), empty_is_answer=True
    )
    if found is not None:
        extra["past_logins"] = with_evidence(found, reader, "last")


def _journal(reader: Reader, extra: dict[str, object], uptime_s: float | None) -> None:
    """Errors of the journal; of the kernel's own buffer where no journal is kept."""
    if not reader.has("journal"):
        return
    kept = _keeps_journal(reader)
    if (
        not kept
        and uptime_s
        and reader.has("dmesg")
        and reader.failure("dmesg", empty_is_answer=True) is None
    ):
        found = reader.read(
            "journal_errors", "dmesg", lambda text: services.parse_dmesg(text, uptime_s), empty_is_answer=True
        )
        if found is not None:
            extra["journal_errors"] = with_evidence(found, reader, "dmesg")
        return
    if kept and b"not seeing messages" in reader.exchange("journal").stderr:
        # An account that sees only its own messages cannot say that there were no errors.
        words = N_("The account may not read the system's journal (group systemd-journal or adm).")
        reader.note("journal_errors", "journal", Outcome.UNSUPPORTED, words)
    elif not kept:
        reader.note("journal_errors", "journal", Outcome.UNSUPPORTED, N_("The host keeps no journal."))
    else:
        found = reader.read("journal_errors", "journal", services.parse_journal_errors, empty_is_answer=True)
        if found is not None:
            extra["journal_errors"] = with_evidence(found, reader, "journal")


def _keeps_journal(reader: Reader) -> bool:
    exchange = reader.exchange("journal")
    return exchange.outcome is not Outcome.NOT_APPLICABLE and b"No journal files" not in exchange.stderr
