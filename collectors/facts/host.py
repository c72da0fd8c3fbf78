"""Facts that hosts have beyond those of every device; they live in ``DeviceFacts.extra``.

The key in ``extra`` is given with each type. The same types serve SSH and the local host.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from collectors.model import Evidence
from collectors.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Load:
    """``load``: the average number of running or waiting processes over 1, 5, 15 minutes."""

    one: float
    five: float
    fifteen: float
    cores: int | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """``clock``: ``offset_s`` is positive when the host's clock is ahead; None when not told.

    ``uncertainty_s`` is large when the offset was only measured against the collector's clock.
    """

    service: str  # chrony, ntpd, systemd-timesyncd, "" when none was found
    synchronised: bool | None = None
    offset_s: float | None = None
    stratum: int | None = None
    source: str = ""
    uncertainty_s: float = 0.0
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class FailedUnit:
    """``failed_units``: tuple of these."""

    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class RaidArray:
    """``raid``: tuple of these. ``active`` of ``expected`` members work.

    ``outcome``: what a controller's own word of the state means, UNSUPPORTED when it is not known; None
    where the members tell (md, volume groups).
    """

    name: str
    level: str
    state: str  # "active", "inactive"
    active: int | None = None
    expected: int | None = None
    failed: tuple[str, ...] = ()
    recovery: str = ""  # "recovery = 12.6% …" while it rebuilds
    outcome: Outcome | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class BondMember:
    name: str
    up: bool


@dataclass(frozen=True, slots=True)
class Bond:
    """``bonds``: tuple of these."""

    name: str
    mode: str
    up: bool
    members: tuple[BondMember, ...] = ()
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Processes:
    """``processes``. ``zombies``: "name (pid 1, parent 2)"; ``blocked``: in uninterruptible sleep."""

    total: int
    zombies: tuple[str, ...] = ()
    blocked: int = 0
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """``file_descriptors``, ``conntrack``: a counted resource and its maximum."""

    used: int
    maximum: int
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """``listening``: tuple of these."""

    protocol: str  # tcp or udp
    address: str
    port: int


@dataclass(frozen=True, slots=True)
class Login:
    """``logins``: tuple of these, as ``who`` prints them."""

    user: str
    terminal: str
    since: str
    origin: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class PastLogin:
    """``past_logins``: tuple of these, newest first, as ``last`` tells them; ``at`` None: without a zone."""

    user: str
    terminal: str
    origin: str = ""
    at: datetime | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class JournalErrors:
    """``journal_errors`` of the last 24 hours. ``capped``: there were more than were read."""

    count: int
    capped: bool
    samples: tuple[str, ...] = ()
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Updates:
    """``updates``: packages with a newer version in the indexes the host knows."""

    total: int
    security: int
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Reboot:
    """``reboot``: ``newest_kernel`` is "" where kernels are not listed."""

    required: bool
    running_kernel: str
    newest_kernel: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """``accounts``: tuple of these. ``password``: set, empty, locked, or unknown (not readable)."""

    name: str
    uid: int
    shell: str
    password: str = "unknown"  # noqa: S105 - a state, not a password


@dataclass(frozen=True, slots=True)
class SshdSettings:
    """``sshd``: lower-case keyword → value. ``effective``: printed by sshd itself, defaults included."""

    values: Mapping[str, str] = field(default_factory=dict)
    effective: bool = False
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """``certificates``: tuple of these."""

    path: str
    subject: str
    not_after: datetime
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Licence:
    """``licences``: tuple of these: what a device says it may use, or is kept current with, until when.

    ``ends`` is None where the device counts days instead: ``days_left``.
    """

    name: str
    ends: datetime | None
    evidence: Evidence | None = None
    days_left: float | None = None


@dataclass(frozen=True, slots=True)
class SignatureSet:
    """``signatures``: tuple of these: a set of signatures and when it was made, or loaded if that is all."""

    name: str
    dated: datetime
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class SmartDisk:
    """``smart``: tuple of these. ``healthy`` None: the disk does not tell, or sleeps.

    ``state``: the word of the controller it is behind, ``state_outcome`` as ``RaidArray.outcome``.
    """

    device: str
    healthy: bool | None
    model: str = ""
    serial: str = ""
    temperature_c: float | None = None
    counters: Mapping[str, int] = field(default_factory=dict)
    state: str = ""
    state_outcome: Outcome | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class AccessState:
    """``accesses``: tuple of these: how each way to the device went."""

    transport: str
    outcome: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """``services``: tuple of these: units of well-known services that the host has.

    ``active``: systemd's word (active, inactive, failed, activating …); ``enabled``: starts with the host,
    unless a condition of its unit keeps it from it.
    ``limit_bytes`` None: its memory has no limit; ``memory_bytes`` None: it is not counted.
    """

    name: str
    active: str
    enabled: bool
    sub: str = ""
    memory_bytes: int | None = None
    limit_bytes: int | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Container:
    """``containers``: tuple of these. ``status``: the engine's words, e.g. "Up 3 hours (unhealthy)"."""

    name: str
    status: str
    evidence: Evidence | None = None
