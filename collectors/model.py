"""What travels between the layers: target, transcript, facts, findings. Plain, typed, JSON-able."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from collectors.access import Access as Access
from collectors.access import LocalAccess as LocalAccess
from collectors.access import SnmpAccess as SnmpAccess
from collectors.access import SshAccess as SshAccess
from collectors.expectations import LevelRule as LevelRule
from collectors.expectations import Levels as Levels
from collectors.expectations import OwnCheck as OwnCheck
from collectors.expectations import WebCheck as WebCheck
from collectors.outcome import Outcome

# --- what to visit ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Target:
    """One device to visit, with everything the visit needs. Sealed before it leaves the server."""

    key: str  # the caller's name for the device, returned as it was
    address: str
    accesses: tuple[Access, ...]
    name: str = ""
    platform: str = ""  # a hint; detection decides
    device_class: str = ""  # server, switch, router, firewall, ups … a hint for NOT_APPLICABLE
    levels: tuple[LevelRule, ...] = ()
    own_checks: tuple[OwnCheck, ...] = ()
    only_own: bool = False  # a trial: ask for the own checks alone
    configuration: bool = False  # also read the configuration, where the platform has one
    files: tuple[str, ...] = ()  # of a server: whole paths, or patterns in the last part
    hiding_key: str = ""  # what marks of hidden secrets follow from, so that a change of one is seen
    watched_interfaces: tuple[str, ...] = ()  # globs on name/alias; empty: all that are admin up
    deadline_s: float = 120.0  # of the whole visit
    max_output_bytes: int = 4 * 1024 * 1024  # of one answer


# --- what was said ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and its raw answer, as evidence.

    ``question``: the command ("cat /proc/meminfo"), the walked root ("walk 1.3.6.1.2.1.2.2") or
    the psutil call. ``answer``: raw bytes of stdout; for SNMP one ``OID|tag|value`` line per
    varbind (tags as in snmprec: 2 int, 4 text, 4x hex, 6 OID, 64 IP, 65 Counter32, 66 Gauge32,
    67 TimeTicks, 70 Counter64). ``outcome`` is OK when the whole answer arrived.
    """

    transport: Literal["ssh", "snmp", "local", "web"]
    question: str
    answer: bytes
    outcome: Outcome = Outcome.OK
    error: str = ""
    exit_status: int | None = None
    stderr: bytes = b""
    started_s: float = 0.0  # since the visit began
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Transcript:
    """The immutable raw material of one visit. ``collectors.transcripts`` packs and hashes it."""

    target_key: str
    address: str
    started_at: datetime  # aware UTC
    duration_s: float
    exchanges: tuple[Exchange, ...]
    outcome: Outcome  # OK: every exchange ran; else why the visit ended early
    error: str = ""
    platform: str = ""  # as detected
    session: Mapping[str, str] = field(default_factory=dict)  # negotiated crypto, shown host key …
    collector: str = ""  # "servicedesk-collector 0.1.0 on host"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where in the transcript a fact stands: exchange number, and line (1-based) or OID."""

    exchange: int
    line: int | None = None
    oid: str = ""


# --- what it means ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Identity:
    vendor: str = ""
    platform: str = ""
    model: str = ""
    serial: str = ""
    version: str = ""
    name: str = ""
    location: str = ""
    contact: str = ""
    description: str = ""
    object_id: str = ""
    uptime_s: float | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Processor:
    name: str
    usage_percent: float
    index: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class MemoryPool:
    """``total_bytes``/``used_bytes`` are None where the device reports a percentage alone."""

    name: str
    used_percent: float
    total_bytes: int | None = None
    used_bytes: int | None = None
    index: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Volume:
    name: str
    total_bytes: int
    used_bytes: int
    used_percent: float
    kind: str = ""  # file system type, or hrStorageType's name
    read_only: bool = False
    inodes_total: int | None = None
    inodes_free: int | None = None
    index: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Interface:
    """Admin and operational status in IF-MIB's words (RFC 2863): up, down, testing, unknown,
    dormant, notPresent, lowerLayerDown. Counters are the device's totals since its start."""

    index: int
    name: str
    description: str = ""
    alias: str = ""
    type: str = ""  # IANAifType's word, e.g. ethernetCsmacd
    admin_status: str = "unknown"
    oper_status: str = "unknown"
    speed_bps: int | None = None
    mtu: int | None = None
    mac: str = ""  # aa:bb:cc:dd:ee:ff
    in_octets: int | None = None
    out_octets: int | None = None
    in_packets: int | None = None  # all kinds
    out_packets: int | None = None
    in_errors: int | None = None
    out_errors: int | None = None
    in_discards: int | None = None
    out_discards: int | None = None
    last_change_s: float | None = None  # sysUpTime at the last change, in seconds
    addresses: tuple[str, ...] = ()  # with prefix length where known
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SensorLimits:
    """The device's own limits, in the sensor's unit."""

    low_critical: float | None = None
    low_warning: float | None = None
    high_warning: float | None = None
    high_critical: float | None = None


@dataclass(frozen=True, slots=True)
class Sensor:
    """``kind``: temperature, fan, voltage, current, power, energy, humidity, charge, runtime,
    load, frequency, dbm, percent, count, state, signal, airflow, flow, pressure, power_factor, … ;
    ``unit``: the base unit
    (°C, rpm, V, A, W, Wh, %, min, Hz, dBm, "" for state and count).

    A state carries its number in ``value``, its word in ``state_text`` and its meaning in
    ``state_outcome`` (from the platform's state map; UNSUPPORTED when the map does not know it).
    """

    kind: str
    name: str
    value: float
    unit: str = ""
    limits: SensorLimits = SensorLimits()
    state_text: str = ""
    state_outcome: Outcome | None = None
    state_type: str = ""  # the MIB's name of the state, e.g. cefcFRUPowerOperStatus
    index: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Supply:
    """Toner, ink, paper … of a printer (RFC 3805). ``used_percent`` None: the device does not know."""

    name: str
    kind: str
    used_percent: float | None
    capacity: int | None = None
    level: int | None = None
    index: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Component:
    """A piece of hardware (ENTITY-MIB entPhysicalTable, dmidecode …)."""

    name: str
    kind: str = ""  # chassis, module, powerSupply, fan, port, disk …
    description: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    software: str = ""
    vendor: str = ""
    index: str = ""
    parent: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Neighbour:
    protocol: Literal["lldp", "cdp"]
    local_interface: str
    remote_name: str
    remote_interface: str = ""
    remote_platform: str = ""
    remote_address: str = ""
    remote_chassis: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class FactError:
    """A fact that could not be had, and why. It stays visible: it never turns into OK."""

    fact: str  # "memory", "storage", "clock", …
    outcome: Outcome
    message: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """All that one transcript says of a device.

    ``extra`` holds the facts that only some platforms have, by name ("clock", "failed_units",
    "raid", "certificates" …), each a typed dataclass of its own family in ``facts/``.
    ``asked`` names every fact that was asked for, so that a gap can be told from an absence.
    """

    identity: Identity = Identity()
    processors: tuple[Processor, ...] = ()
    memory: tuple[MemoryPool, ...] = ()
    storage: tuple[Volume, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    supplies: tuple[Supply, ...] = ()
    inventory: tuple[Component, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    extra: Mapping[str, object] = field(default_factory=dict)
    errors: tuple[FactError, ...] = ()
    asked: frozenset[str] = frozenset()


# --- how it is judged ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence that can be translated: an English template and its values.

    Templates are marked for extraction with ``collectors.messages.N_``; ``str()`` gives English.
    """

    template: str
    values: Mapping[str, str | float | int] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template % self.values if self.values else self.template


@dataclass(frozen=True, slots=True)
class Finding:
    """One judged item: normal ones too, since a record must show what was looked at.

    ``check`` is the rule's name ("filesystem_used"), ``item`` what it was applied to ("/var").
    ``rule_version`` and ``parser_version`` let a mended rule judge history again.
    """

    check: str
    item: str
    outcome: Outcome
    message: Message
    value: float | None = None
    unit: str = ""
    levels: Levels | None = None
    evidence: Evidence | None = None
    rule_version: int = 1
    parser_version: int = 1


@dataclass(frozen=True, slots=True)
class Visit:
    """What one visit gave: raw material, meaning and judgement."""

    transcript: Transcript
    facts: DeviceFacts
    findings: tuple[Finding, ...]
