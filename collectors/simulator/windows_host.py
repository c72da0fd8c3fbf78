"""An imaginary Windows server with OpenSSH: what each section of its script prints. Nothing is executed."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from collectors.platforms.windows_script import INTERPRETER
from collectors.simulator.linux_host import Answer

FAULTS = frozenset(
    {
        "disk_full",
        "memory_pressure",
        "high_load",
        "failed_unit",
        "clock_drift",
        "certificate_expiring",
        "link_down",
    }
)
_GIB = 1024**3


@dataclass
class SimulatedWindows:
    """A server with a name and its faults; ``overrides`` replaces single answers by section name."""

    name: str = "WIN-APP01"
    seed: int = 1
    faults: set[str] = field(default_factory=set)
    overrides: dict[str, Answer] = field(default_factory=dict)
    booted_at: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(days=20, hours=3))
    encoding: str = "utf-8"

    interpreter: ClassVar[str] = INTERPRETER
    section_pattern: ClassVar[re.Pattern[str]] = re.compile(r"^(?:s|m|w) '(\w+)' ", re.M)
    greeting: ClassVar[str] = "SSH-2.0-OpenSSH_for_Windows_9.5"

    def __post_init__(self) -> None:
        if unknown := self.faults - FAULTS:
            raise ValueError(f"unknown faults: {', '.join(sorted(unknown))}")

    def sections(self) -> dict[str, Answer]:
        """What each section prints now."""
        chance = random.Random(self.seed)  # noqa: S311 - the same host each time
        now = datetime.now(UTC)
        printed: dict[str, list[Any]] = {
            "os": [self._os(chance, now)],
            "time": [int(now.timestamp() * 1000) + (7_000_000 if "clock_drift" in self.faults else 0)],
            "time_service": [{"Name": "W32Time", "State": "Running"}],
            "computer": [{"Manufacturer": "Dell Inc.", "Model": "PowerEdge R650", "Name": self.name}],
            "bios": [{"SerialNumber": f"SV{self.seed:06d}", "SMBIOSBIOSVersion": "1.12.2"}],
            "cpu": [
                {"DeviceID": f"CPU{n}", "Name": "Intel(R) Xeon(R)", "LoadPercentage": self._load(chance)}
                for n in range(2)
            ],
            "volumes": [
                self._volume(chance, "C:", 120, full=False),
                self._volume(chance, "D:", 500, full=True),
            ],
            "disks": [{"DeviceID": "\\\\.\\PHYSICALDRIVE0", "Model": "PERC H755", "Status": "OK"}],
            "services": self._services(),
            "events": [
                {
                    "LogName": "System",
                    "ProviderName": "Service Control Manager",
                    "Id": 7031,
                    "Text": "服务意外终止。",
                }
            ],
            "adapters": [self._adapter()],
            "counters": [self._counters(chance)],
            "addresses": [
                {"InterfaceIndex": 5, "IPAddress": f"10.20.1.{self.seed % 250}", "PrefixLength": 24},
                {"InterfaceIndex": 5, "IPAddress": "fe80::1%5", "PrefixLength": 64},
            ],
            "reboot": [{"Required": False}],
            "hotfixes": [
                {"HotFixID": "KB5044277", "Description": "Security Update", "Installed": "2026-10-14"}
            ],
            "certificates": [self._certificate(now)],
        }
        answers = {
            name: Answer(json.dumps(rows, ensure_ascii=False, separators=(",", ":")))
            for name, rows in printed.items()
        }
        return answers | self.overrides

    def _os(self, chance: random.Random, now: datetime) -> dict[str, Any]:
        total = 64 * 1024 * 1024
        free_share = 0.03 if "memory_pressure" in self.faults else chance.uniform(0.3, 0.6)
        return {
            "Caption": "Microsoft Windows Server 2022 Standard",
            "Version": "10.0.20348",
            "CSName": self.name,
            "OSArchitecture": "64-bit",
            "TotalVisibleMemorySize": total,
            "FreePhysicalMemory": int(total * free_share),
            "SizeStoredInPagingFiles": 8 * 1024 * 1024,
            "FreeSpaceInPagingFiles": 7 * 1024 * 1024,
            "UptimeS": int((now - self.booted_at).total_seconds()),
        }

    def _load(self, chance: random.Random) -> int:
        return 97 if "high_load" in self.faults else chance.randint(3, 30)

    def _volume(self, chance: random.Random, name: str, gib: int, *, full: bool) -> dict[str, Any]:
        used = 0.96 if full and "disk_full" in self.faults else chance.uniform(0.3, 0.6)
        size = gib * _GIB
        return {"DeviceID": name, "FileSystem": "NTFS", "Size": size, "FreeSpace": int(size * (1 - used))}

    def _services(self) -> list[dict[str, Any]]:
        done = {
            "Name": "gupdate",
            "DisplayName": "Updater",
            "State": "Stopped",
            "ExitCode": 0,
            "DelayedAutoStart": True,
        }
        failed = {"Name": "MSSQLSERVER", "DisplayName": "SQL Server", "State": "Stopped", "ExitCode": 1067}
        return [done, {**failed, "DelayedAutoStart": False}] if "failed_unit" in self.faults else [done]

    def _adapter(self) -> dict[str, Any]:
        down = "link_down" in self.faults
        return {
            "Name": "以太网",
            "InterfaceDescription": "Broadcom NetXtreme Gigabit Ethernet",
            "Index": 5,
            "MacAddress": "B0-26-28-00-00-05",
            "MtuSize": 1500,
            "ReceiveLinkSpeed": 2**64 - 1 if down else 1_000_000_000,
            "Admin": 1,
            "Oper": 2 if down else 1,
        }

    def _counters(self, chance: random.Random) -> dict[str, Any]:
        seconds = int((datetime.now(UTC) - self.booted_at).total_seconds())
        counted = {"ReceivedBytes": seconds * 52_000, "SentBytes": seconds * 31_000}
        for direction in ("Received", "Sent"):
            counted |= {
                f"{direction}{kind}Packets": seconds * 40 for kind in ("Unicast", "Multicast", "Broadcast")
            }
        zero = (
            "ReceivedPacketErrors",
            "OutboundPacketErrors",
            "ReceivedDiscardedPackets",
            "OutboundDiscardedPackets",
        )
        return {"Name": "以太网", **counted, **dict.fromkeys(zero, 0)}

    def _certificate(self, now: datetime) -> dict[str, Any]:
        days = 4 if "certificate_expiring" in self.faults else 300
        until = (now + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"Subject": f"CN={self.name}", "Thumbprint": "AB12", "NotAfter": until}
