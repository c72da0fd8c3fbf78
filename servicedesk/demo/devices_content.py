"""The demonstration's devices, and the faults that come and go on them."""

from __future__ import annotations

from dataclasses import dataclass

DAY = 86400


@dataclass(frozen=True, slots=True)
class Fault:
    """``fault`` holds for ``for_s`` seconds of every ``every_s``, ``phase_s`` late; without them always."""

    fault: str
    every_s: int = 0
    for_s: int = 0
    phase_s: int = 0


@dataclass(frozen=True, slots=True)
class DemoDevice:
    """``kind``: of the simulator; ``trouble``: wrong_secret, silent, new_key, no_access or ""."""

    name: str
    site: str
    device_class: str
    kind: str
    room: str = ""
    rack: int = 0
    unit: int = 0
    height: int = 1
    snmp: str = "2c"  # "", 2c or 3
    ssh: bool = False
    faults: tuple[Fault, ...] = ()
    trouble: str = ""


def _days(fault: str, every: int, for_days: float, phase: int = 0) -> Fault:
    return Fault(fault, every * DAY, int(for_days * DAY), phase * DAY)


def _often(fault: str, every_minutes: int, for_minutes: int, phase_minutes: int = 0) -> Fault:
    return Fault(fault, every_minutes * 60, for_minutes * 60, phase_minutes * 60)


def _server(name: str, site: str, rack: int, unit: int, *faults: Fault, trouble: str = "") -> DemoDevice:
    room = f"{site}-core"
    return DemoDevice(
        name, site, "server", "linux", room, rack, unit, 2, snmp="", ssh=True, faults=faults, trouble=trouble
    )


DEVICES: tuple[DemoDevice, ...] = (
    DemoDevice(
        "SW-CORE-1",
        "hq",
        "switch",
        "switch-huawei",
        "hq-core",
        1,
        40,
        faults=(_days("psu_failed", 37, 1, 5),),
    ),
    DemoDevice("SW-CORE-2", "hq", "switch", "switch-huawei", "hq-core", 1, 38),
    DemoDevice(
        "SW-1F-1", "hq", "switch", "switch-h3c", "hq-floor", 1, 20, faults=(_often("port_down", 50, 20),)
    ),
    DemoDevice("SW-1F-2", "hq", "switch", "switch-h3c", "hq-floor", 1, 18),
    DemoDevice("SW-2F-1", "hq", "switch", "switch-h3c", faults=(_days("errors", 11, 2, 3),)),
    DemoDevice("SW-3F-1", "hq", "switch", "switch-h3c"),
    DemoDevice("SW-4F-1", "hq", "switch", "switch-cisco", faults=(_days("fan_failed", 23, 2, 9),)),
    DemoDevice("SW-5F-1", "hq", "switch", "switch-cisco"),
    DemoDevice("RT-1", "hq", "router", "router", "hq-core", 1, 36, snmp="3"),
    DemoDevice(
        "FW-1",
        "hq",
        "firewall",
        "firewall",
        "hq-core",
        1,
        34,
        snmp="3",
        faults=(_often("cpu_high", 90, 25, 10),),
    ),
    DemoDevice("FW-2", "hq", "firewall", "firewall", "hq-core", 1, 32, snmp="3"),
    DemoDevice("UPS-1", "hq", "ups", "ups", "hq-core", 2, 1, 6, faults=(_days("on_battery", 29, 1, 12),)),
    DemoDevice("UPS-2", "hq", "ups", "ups", "hq-core", 2, 8, 6, faults=(Fault("battery_old"),)),
    DemoDevice("PDU-A", "hq", "pdu", "pdu", "hq-core", 2, 20),
    DemoDevice("AC-1", "hq", "air_conditioner", "aircon", "hq-core", faults=(_days("hot", 19, 1, 4),)),
    DemoDevice("AC-2", "hq", "air_conditioner", "aircon", "hq-core"),
    DemoDevice("NAS-1", "hq", "storage", "nas", "hq-core", 3, 1, 4, faults=(Fault("disk_full"),)),
    DemoDevice("PRT-302", "hq", "printer", "printer", faults=(_days("toner_low", 30, 6, 14),)),
    DemoDevice("PRT-105", "hq", "printer", "printer"),
    DemoDevice("PRT-408", "hq", "printer", "printer", trouble="silent"),
    _server("APP-1", "hq", 3, 10, _days("high_load", 13, 1, 2)),
    _server("APP-2", "hq", 3, 12),
    _server("DB-1", "hq", 3, 14, _days("disk_full", 17, 3, 6)),
    _server("DB-2", "hq", 3, 16, _often("memory_pressure", 70, 25)),
    _server("WEB-1", "hq", 4, 10, _days("certificate_expiring", 60, 20, 11)),
    _server("FILE-1", "hq", 4, 12, _days("degraded_raid", 41, 2, 20)),
    _server("BACKUP-1", "hq", 4, 14, _days("failed_unit", 15, 2, 7)),
    _server("LOG-1", "hq", 4, 16, trouble="wrong_secret"),
    DemoDevice("MEET-301", "hq", "audio_video", "", snmp="", trouble="no_access"),
    DemoDevice("SW-E-CORE", "east", "switch", "switch-ruijie", "east-core", 1, 40),
    DemoDevice("SW-E-1F", "east", "switch", "switch-ruijie", faults=(_often("port_down", 80, 30, 15),)),
    DemoDevice("SW-E-2F", "east", "switch", "switch-ruijie"),
    DemoDevice("FW-E", "east", "firewall", "firewall", "east-core", 1, 36, snmp="3"),
    DemoDevice("UPS-E", "east", "ups", "ups", "east-core", 2, 1, 6),
    DemoDevice("AC-E", "east", "air_conditioner", "aircon", "east-core", faults=(_days("hot", 26, 1, 8),)),
    DemoDevice("NAS-E", "east", "storage", "nas", "east-core", 3, 1, 4),
    DemoDevice("PRT-E1", "east", "printer", "printer", faults=(_days("toner_low", 24, 4, 3),)),
    _server("APP-E1", "east", 3, 10, _days("clock_drift", 21, 1, 13)),
    _server("APP-E2", "east", 3, 12),
    _server("DB-E1", "east", 3, 14, _days("inode_exhaustion", 33, 2, 16)),
    _server("MON-E1", "east", 3, 16, trouble="new_key"),
)
