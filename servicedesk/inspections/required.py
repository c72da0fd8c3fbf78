"""Required lists: which checks must appear in a record, for which classes of device."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SERVERS = ("server", "virtual_machine", "hypervisor", "database", "middleware")
NETWORK = ("switch", "router", "wireless", "firewall", "security", "load_balancer")
POWER = ("ups",)
BY_HAND = "manual:"


@dataclass(frozen=True, slots=True)
class RequiredItem:
    """One line of a required list: a check, and the device classes it is required of (empty: all)."""

    check: str
    device_classes: tuple[str, ...] = ()

    @property
    def by_hand(self) -> bool:
        """Whether people look at it (``manual/``) and not a collector."""
        return self.check.startswith(BY_HAND)

    def applies_to(self, device_class: str) -> bool:
        """Whether a device's collected record must show it; no machine reads items by hand."""
        if self.by_hand:
            return False
        return not self.device_classes or device_class in self.device_classes

    def to_json(self) -> dict[str, Any]:
        """For the plan's and the run's column."""
        return {"check": self.check, "classes": list(self.device_classes)}


# The least that contracts' lists of daily inspection have in common; a plan may add and remove.
DEFAULT_REQUIRED: tuple[RequiredItem, ...] = (
    RequiredItem("reachable"),
    RequiredItem("cpu_used", SERVERS + NETWORK + ("storage",)),
    RequiredItem("memory_used", SERVERS + NETWORK + ("storage",)),
    RequiredItem("filesystem_used", (*SERVERS, "storage")),
    RequiredItem("inodes_free", SERVERS),
    RequiredItem("load_per_core", SERVERS),
    RequiredItem("failed_units", SERVERS),
    RequiredItem("clock_offset", SERVERS),
    RequiredItem("interface_state", NETWORK),
    RequiredItem("interface_errors", NETWORK),
    RequiredItem("sensor_temperature", (*NETWORK, "storage", "bmc", "air_conditioner", "environment", "ups")),
    RequiredItem("sensor_fan", ("bmc",)),
    RequiredItem("sensor_state", ("switch", "router", "firewall", "bmc", "storage", "ups")),
    RequiredItem("ups_charge", POWER),
    RequiredItem("ups_minutes", POWER),
    RequiredItem("ups_load", POWER),
    RequiredItem("supply_level", ("printer",)),
)

# A deep inspection looks at the day's items and beyond: security baseline, versions, logs, capacity,
# redundancy, evidence of backups, cabling where ports tell of it.
DEEP_REQUIRED: tuple[RequiredItem, ...] = (
    *DEFAULT_REQUIRED,
    RequiredItem("empty_passwords", SERVERS),
    RequiredItem("root_accounts", SERVERS),
    RequiredItem("sshd_settings", SERVERS),
    RequiredItem("legacy_crypto", NETWORK),
    RequiredItem("certificate_days", SERVERS),
    RequiredItem("identity_drift"),
    RequiredItem("updates_waiting", SERVERS),
    RequiredItem("reboot_required", SERVERS),
    RequiredItem("uptime"),
    RequiredItem("journal_errors", SERVERS),
    RequiredItem("device_log", NETWORK),
    RequiredItem("device_alarms", NETWORK),
    RequiredItem("swap_used", SERVERS),
    RequiredItem("file_descriptors", SERVERS),
    RequiredItem("raid_state", SERVERS),
    RequiredItem("smart", SERVERS),
    RequiredItem("bond_state", SERVERS),
    RequiredItem("device_members", NETWORK),
    RequiredItem("sensor_power", ("bmc",)),
    RequiredItem("configuration_backup", NETWORK),
    RequiredItem("configuration_change", NETWORK),
    RequiredItem("startup_files", NETWORK),
    RequiredItem("error_disabled_ports", NETWORK),
    RequiredItem("licence_days", ("firewall", "security")),
    RequiredItem("signature_age", ("firewall", "security")),
)


def from_json(rows: Sequence[Any]) -> tuple[RequiredItem, ...]:
    """Read a column; rows we do not understand are a programming error and raise KeyError."""
    return tuple(RequiredItem(str(row["check"]), tuple(row.get("classes", ()))) for row in rows)


def to_json(items: Iterable[RequiredItem]) -> list[Mapping[str, Any]]:
    """For a column."""
    return [item.to_json() for item in items]
