"""Hosts: HOST-RESOURCES-MIB and UCD-SNMP-MIB, for Linux servers and network storage."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from collectors.simulator.mib_device import ENTERPRISES, ETHERNET, LOOPBACK, MIB_2, Device, Port
from collectors.simulator.mib_device import addresses as ip_addresses
from collectors.simulator.mib_device import interfaces as if_tables
from collectors.simulator.mib_device import system as system_group
from collectors.transports.ber import OPAQUE, Oid

_RESOURCES: Oid = (*MIB_2, 25)
_UCD: Oid = (*ENTERPRISES, 2021)
_NET_SNMP_LINUX: Oid = (*ENTERPRISES, 8072, 3, 2, 10)
_SYNOLOGY: Oid = (*ENTERPRISES, 6574)

# HOST-RESOURCES-TYPES
_RAM, _VIRTUAL, _FIXED_DISK = 2, 3, 4


@dataclass(frozen=True, slots=True)
class Storage:
    """A row of hrStorageTable; sizes in allocation units."""

    index: int
    kind: int
    name: str
    unit_bytes: int
    size: int
    used: int


def linux(device: Device) -> None:
    """A Linux server with Net-SNMP's agent."""
    system_group(device, f"Linux {device.name} 5.10.0-182.0.0.95.oe2203sp3.x86_64 #1 SMP", _NET_SNMP_LINUX)
    ports = (
        Port(1, "lo", type=LOOPBACK, speed_bps=10_000_000, rate=4_000.0),
        Port(2, "eth0", speed_bps=10_000_000_000, rate=3_000_000.0, error_rate=2.0),
        Port(3, "eth1", speed_bps=10_000_000_000, oper=2 if device.has("port_down") else 1, rate=500_000.0),
    )
    if_tables(device, ports)
    ip_addresses(
        device,
        ("127.0.0.1", 1, "255.0.0.0"),
        (f"10.20.{device.octet}.{device.seed % 250 + 1}", 2, "255.255.255.0"),
    )
    total_kb = 16 * 1024 * 1024
    free_kb = int(total_kb * (0.02 if device.has("memory_high") else device.wave(0.35, 0.05, 1)))
    full = device.has("disk_full")
    disks = (
        Storage(31, _FIXED_DISK, "/", 4096, 13_000_000, int(13_000_000 * device.wave(0.35, 0.01, 2))),
        Storage(36, _FIXED_DISK, "/var", 4096, 26_000_000, 25_400_000 if full else 9_000_000),
        Storage(38, _FIXED_DISK, "/data", 4096, 262_000_000, int(262_000_000 * device.wave(0.5, 0.01, 3))),
    )
    _memory(device, total_kb, free_kb)
    _storage(device, total_kb, free_kb, disks)
    _processors(device, 4, 96 if device.has("cpu_high") else device.wave(18, 8, 4))


def nas(device: Device) -> None:
    """Network storage: a Linux agent with Synology's MIBs on top."""
    system_group(device, f"Linux {device.name} 4.4.302+ #69057 SMP x86_64", _NET_SNMP_LINUX)
    ports = (
        Port(1, "lo", type=LOOPBACK, speed_bps=10_000_000, rate=1_000.0),
        Port(2, "eth0", speed_bps=1_000_000_000, rate=800_000.0, error_rate=2.0),
        Port(3, "eth1", type=ETHERNET, oper=2 if device.has("port_down") else 1, rate=300_000.0),
    )
    if_tables(device, ports)
    ip_addresses(device, (f"10.40.{device.octet}.{device.seed % 250 + 1}", 2, "255.255.255.0"))
    total_kb = 8 * 1024 * 1024
    free_kb = int(total_kb * (0.02 if device.has("memory_high") else device.wave(0.3, 0.04, 1)))
    size = 5_700_000_000
    used = int(size * (0.97 if device.has("disk_full") else device.wave(0.55, 0.01, 2)))
    disks = (
        Storage(31, _FIXED_DISK, "/", 4096, 600_000, 280_000),
        Storage(51, _FIXED_DISK, "/volume1", 4096, size, used),
    )
    _memory(device, total_kb, free_kb)
    _storage(device, total_kb, free_kb, disks)
    _processors(device, 4, 95 if device.has("cpu_high") else device.wave(12, 5, 3))
    _synology(device)


def _memory(device: Device, total_kb: int, free_kb: int) -> None:
    """UCD-SNMP-MIB memory, kB."""
    base = (*_UCD, 4)
    swap_kb = 8 * 1024 * 1024
    device.number((*base, 1, 0), 0)  # memIndex
    device.text((*base, 2, 0), "swap")  # memErrorName
    device.number((*base, 3, 0), swap_kb)  # memTotalSwap
    device.number((*base, 4, 0), swap_kb - 20_000)  # memAvailSwap
    device.number((*base, 5, 0), total_kb)  # memTotalReal
    device.number((*base, 6, 0), free_kb // 2)  # memAvailReal: free, without what can be given back
    device.number((*base, 11, 0), free_kb // 2 + swap_kb - 20_000)  # memTotalFree
    device.number((*base, 13, 0), 120_000)  # memShared
    device.number((*base, 14, 0), 4_000)  # memBuffer
    device.number((*base, 15, 0), free_kb // 2)  # memCached


def _storage(device: Device, total_kb: int, free_kb: int, disks: tuple[Storage, ...]) -> None:
    """HOST-RESOURCES-MIB hrStorageTable (RFC 2790)."""
    device.time_ticks((*_RESOURCES, 1, 1, 0), device.ticks)  # hrSystemUptime
    device.number((*_RESOURCES, 2, 2, 0), total_kb)  # hrMemorySize
    memory = (
        Storage(1, _RAM, "Physical memory", 1024, total_kb, total_kb - free_kb // 2),
        Storage(3, _VIRTUAL, "Virtual memory", 1024, total_kb + 8_388_608, total_kb - free_kb // 2),
        Storage(6, 1, "Memory buffers", 1024, total_kb, 4_000),
        Storage(7, 1, "Cached memory", 1024, free_kb // 2, free_kb // 2),
        Storage(10, _VIRTUAL, "Swap space", 1024, 8_388_608, 20_000),
    )
    for row in (*memory, *disks):
        base = (*_RESOURCES, 2, 3, 1)
        shift = max(0, row.size.bit_length() - 31)  # Net-SNMP's way past 2^31 units: larger units
        device.number((*base, 1, row.index), row.index)  # hrStorageIndex
        device.oid((*base, 2, row.index), (*_RESOURCES, 2, 1, row.kind))  # hrStorageType
        device.text((*base, 3, row.index), row.name)  # hrStorageDescr
        device.number((*base, 4, row.index), row.unit_bytes << shift)  # hrStorageAllocationUnits
        device.number((*base, 5, row.index), row.size >> shift)  # hrStorageSize
        device.number((*base, 6, row.index), row.used >> shift)  # hrStorageUsed


def _processors(device: Device, count: int, busy_percent: float) -> None:
    """HOST-RESOURCES-MIB hrDeviceTable and hrProcessorTable, UCD-SNMP-MIB laTable and systemStats."""
    for number in range(count):
        index = 196608 + number
        device.number((*_RESOURCES, 3, 2, 1, 1, index), index)  # hrDeviceIndex
        device.oid((*_RESOURCES, 3, 2, 1, 2, index), (*_RESOURCES, 3, 1, 3))  # hrDeviceProcessor
        device.text((*_RESOURCES, 3, 2, 1, 3, index), "GenuineIntel: Intel(R) Xeon(R) Silver 4210")
        device.number((*_RESOURCES, 3, 2, 1, 5, index), 2)  # hrDeviceStatus: running
        device.oid((*_RESOURCES, 3, 3, 1, 1, index), (0, 0))  # hrProcessorFrwID
        device.number((*_RESOURCES, 3, 3, 1, 2, index), busy_percent)  # hrProcessorLoad
    for number, minutes in enumerate((1, 5, 15), 1):
        load = count * busy_percent / 100
        base = (*_UCD, 10, 1)
        device.number((*base, 1, number), number)  # laIndex
        device.text((*base, 2, number), f"Load-{minutes}")  # laNames
        device.text((*base, 3, number), f"{load:.2f}")  # laLoad
        device.number((*base, 5, number), load * 100)  # laLoadInt
        device.add((*base, 6, number), OPAQUE, b"\x9f\x78\x04" + struct.pack(">f", load))  # laLoadFloat
    stats = (*_UCD, 11)
    device.number((*stats, 9, 0), busy_percent * 0.7)  # ssCpuUser
    device.number((*stats, 10, 0), busy_percent * 0.3)  # ssCpuSystem
    device.number((*stats, 11, 0), 100 - busy_percent)  # ssCpuIdle
    hundredths = device.uptime_s * 100 * count
    device.counter((*stats, 50, 0), hundredths * 0.10)  # ssCpuRawUser
    device.counter((*stats, 52, 0), hundredths * 0.05)  # ssCpuRawSystem
    device.counter((*stats, 53, 0), hundredths * 0.85)  # ssCpuRawIdle


def _synology(device: Device) -> None:
    """SYNOLOGY-SYSTEM-MIB, SYNOLOGY-DISK-MIB, SYNOLOGY-RAID-MIB."""
    warm = 64 if device.has("hot") else device.wave(38, 2, 7)
    failed_psu, failed_fan = device.has("psu_failed"), device.has("fan_failed")
    base = (*_SYNOLOGY, 1)
    device.number((*base, 1, 0), 1)  # systemStatus: normal
    device.number((*base, 2, 0), warm)  # temperature
    device.number((*base, 3, 0), 2 if failed_psu else 1)  # powerStatus: 1 normal, 2 failed
    device.number((*base, 4, 1, 0), 2 if failed_fan else 1)  # systemFanStatus
    device.number((*base, 4, 2, 0), 1)  # cpuFanStatus
    device.text((*base, 5, 1, 0), "RS1221+")  # modelName
    device.text((*base, 5, 2, 0), device.serial("21A0SKR"))  # serialNumber
    device.text((*base, 5, 3, 0), "DSM 7.2-69057")  # version
    for number in range(4):
        disk = (*_SYNOLOGY, 2, 1, 1)
        device.number((*disk, 1, number), number)  # diskIndex
        device.text((*disk, 2, number), f"Disk {number + 1}")  # diskID
        device.text((*disk, 3, number), "ST8000NE001-2M7101")  # diskModel
        device.text((*disk, 4, number), "SATA")  # diskType
        device.number((*disk, 5, number), 1)  # diskStatus: normal
        device.number((*disk, 6, number), warm - 4)  # diskTemperature
    raid = (*_SYNOLOGY, 3, 1, 1)
    device.number((*raid, 1, 0), 0)  # raidIndex
    device.text((*raid, 2, 0), "Volume 1")  # raidName
    device.number((*raid, 3, 0), 1)  # raidStatus: normal
