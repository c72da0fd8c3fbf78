"""What every simulated agent has in common: time, faults, the system group and interfaces."""

from __future__ import annotations

import math
import random
from collections.abc import Collection
from dataclasses import dataclass, field

from collectors.simulator.mib import Row, Value
from collectors.transports.ber import (
    COUNTER32,
    COUNTER64,
    GAUGE32,
    INTEGER,
    IP_ADDRESS,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    TIME_TICKS,
    Oid,
)

MIB_2: Oid = (1, 3, 6, 1, 2, 1)
ENTERPRISES: Oid = (1, 3, 6, 1, 4, 1)

_RESTARTS_EVERY_S = 200 * 86400
_TWO_32 = 2**32

UP, DOWN = 1, 2
ETHERNET, LOOPBACK, VLAN = 6, 24, 136  # IANAifType


@dataclass
class Device:
    """An imaginary device at one moment.

    Args:
        t: seconds since an epoch; ``error_s``: for how many of them the fault "errors" has lasted in all.
    """

    name: str
    seed: int
    t: float
    faults: Collection[str] = ()
    error_s: float = 0.0
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Reproducible on purpose; nothing secret depends on it.
        self.rng = random.Random(f"{self.seed}/{self.name}")  # noqa: S311 - the same device each time
        self.octet = self.rng.randrange(10, 250)
        uptime_s = (self.t + self.rng.randrange(_RESTARTS_EVERY_S)) % _RESTARTS_EVERY_S
        self.uptime_s = 95 + self.t % 600 if self.has("rebooted") else uptime_s
        self.ticks = int(self.uptime_s * 100) % _TWO_32

    def has(self, fault: str) -> bool:
        return fault in self.faults

    def add(self, oid: Oid, tag: int, value: Value) -> None:
        self.rows.append((oid, tag, value))

    def text(self, oid: Oid, value: str | bytes) -> None:
        self.add(oid, OCTET_STRING, value)

    def number(self, oid: Oid, value: float) -> None:
        self.add(oid, INTEGER, int(value))

    def gauge(self, oid: Oid, value: float) -> None:
        self.add(oid, GAUGE32, int(value) % _TWO_32)

    def counter(self, oid: Oid, value: float) -> None:
        self.add(oid, COUNTER32, int(value) % _TWO_32)

    def counter64(self, oid: Oid, value: float) -> None:
        self.add(oid, COUNTER64, int(value))

    def time_ticks(self, oid: Oid, value: float) -> None:
        self.add(oid, TIME_TICKS, int(value) % _TWO_32)

    def oid(self, oid: Oid, value: Oid) -> None:
        self.add(oid, OBJECT_IDENTIFIER, value)

    def wave(self, middle: float, swing: float, salt: int, period_s: float = 3600.0) -> float:
        """A value that goes up and down with time; each salt has another phase."""
        return middle + swing * math.sin(2 * math.pi * self.t / period_s + self.seed * 1.7 + salt * 2.399)

    def mac(self, number: int) -> bytes:
        """A locally administered address."""
        return bytes((0x02, 0x1A, self.seed % 256, self.octet, number >> 8 & 0xFF, number & 0xFF))

    def serial(self, prefix: str, number: int = 0) -> str:
        return f"{prefix}{self.seed % 1000:03d}{self.octet:03d}{number:04d}"


@dataclass(frozen=True, slots=True)
class Port:
    """An interface. ``rate`` is its usual traffic in bytes a second, ``errors``: bad ones a second of
    the fault's time."""

    index: int
    name: str
    alias: str = ""
    type: int = ETHERNET
    speed_bps: int = 1_000_000_000
    admin: int = UP
    oper: int = UP
    rate: float = 0.0
    error_rate: float = 0.0


def system(device: Device, description: str, object_id: Oid, *, services: int = 72) -> None:
    """SNMPv2-MIB system group (RFC 3418)."""
    base = (*MIB_2, 1)
    device.text((*base, 1, 0), description)
    device.oid((*base, 2, 0), object_id)
    device.time_ticks((*base, 3, 0), device.ticks)
    device.text((*base, 4, 0), "ops@example.com")
    device.text((*base, 5, 0), device.name)
    device.text((*base, 6, 0), f"Building {device.seed % 3 + 1}, room {100 + device.seed % 40}")
    device.number((*base, 7, 0), services)


def interfaces(device: Device, ports: Collection[Port]) -> None:
    """IF-MIB ifNumber, ifTable and ifXTable (RFC 2863)."""
    device.number((*MIB_2, 2, 1, 0), len(ports))
    for port in ports:
        _if_entry(device, port)
        _if_x_entry(device, port)


def _octets(device: Device, port: Port) -> tuple[int, int]:
    received = int(port.rate * device.uptime_s)
    return received, int(received * (0.3 + 0.1 * (port.index % 9)))


def _if_entry(device: Device, port: Port) -> None:
    def column(number: int) -> Oid:
        return (*MIB_2, 2, 2, 1, number, port.index)

    received, sent = _octets(device, port)
    wrong = port.error_rate * device.error_s
    device.number(column(1), port.index)  # ifIndex
    device.text(column(2), port.name)  # ifDescr
    device.number(column(3), port.type)  # ifType
    device.number(column(4), 1500)  # ifMtu
    device.gauge(column(5), min(port.speed_bps, _TWO_32 - 1))  # ifSpeed
    device.text(column(6), device.mac(port.index) if port.type != LOOPBACK else b"")  # ifPhysAddress
    device.number(column(7), port.admin)  # ifAdminStatus
    device.number(column(8), port.oper)  # ifOperStatus
    device.time_ticks(column(9), 100 * min(41, device.uptime_s))  # ifLastChange
    device.counter(column(10), received)  # ifInOctets
    device.counter(column(11), received // 800)  # ifInUcastPkts
    device.counter(column(13), wrong / 10)  # ifInDiscards
    device.counter(column(14), wrong)  # ifInErrors
    device.counter(column(16), sent)  # ifOutOctets
    device.counter(column(17), sent // 800)  # ifOutUcastPkts
    device.counter(column(19), wrong / 20)  # ifOutDiscards
    device.counter(column(20), wrong / 5)  # ifOutErrors


def _if_x_entry(device: Device, port: Port) -> None:
    def column(number: int) -> Oid:
        return (*MIB_2, 31, 1, 1, 1, number, port.index)

    received, sent = _octets(device, port)
    device.text(column(1), port.name)  # ifName
    device.counter64(column(6), received)  # ifHCInOctets
    device.counter64(column(7), received // 800)  # ifHCInUcastPkts
    device.counter64(column(8), received // 90_000)  # ifHCInMulticastPkts
    device.counter64(column(9), received // 120_000)  # ifHCInBroadcastPkts
    device.counter64(column(10), sent)  # ifHCOutOctets
    device.counter64(column(11), sent // 800)  # ifHCOutUcastPkts
    device.counter64(column(12), sent // 90_000)  # ifHCOutMulticastPkts
    device.counter64(column(13), sent // 120_000)  # ifHCOutBroadcastPkts
    device.number(column(14), 1)  # ifLinkUpDownTrapEnable: enabled
    device.gauge(column(15), port.speed_bps // 1_000_000)  # ifHighSpeed, Mbit/s
    device.number(column(17), 1 if port.type == ETHERNET else 2)  # ifConnectorPresent
    device.text(column(18), port.alias)  # ifAlias
    device.time_ticks(column(19), 0)  # ifCounterDiscontinuityTime


def addresses(device: Device, *entries: tuple[str, int, str]) -> None:
    """IP-MIB ipAddrTable (RFC 4293, deprecated and everywhere): (address, ifIndex, mask)."""
    for address, index, mask in entries:
        at = tuple(map(int, address.split(".")))
        base = (*MIB_2, 4, 20, 1)
        device.add((*base, 1, *at), IP_ADDRESS, address)  # ipAdEntAddr
        device.number((*base, 2, *at), index)  # ipAdEntIfIndex
        device.add((*base, 3, *at), IP_ADDRESS, mask)  # ipAdEntNetMask
        device.number((*base, 4, *at), 1)  # ipAdEntBcastAddr


def management_port(device: Device, name: str = "eth0") -> None:
    """The one interface of an appliance."""
    interfaces(device, (Port(1, name, speed_bps=100_000_000, rate=900.0),))
    addresses(device, (f"10.30.{device.octet}.{device.seed % 250 + 1}", 1, "255.255.255.0"))
