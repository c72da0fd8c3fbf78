"""Kinds of equipment that contracts speak of, the device classes of each, and a list to begin with."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.inspections.required import DEFAULT_REQUIRED, NETWORK, POWER, SERVERS


@dataclass(frozen=True, slots=True)
class Profile:
    """``classes``: of devices; the profile of rooms has none, people look at its items."""

    label: LazyString
    classes: tuple[str, ...]

    @property
    def starter(self) -> list[str]:
        """The product's own required items that apply to any of its classes."""
        return [
            item.check for item in DEFAULT_REQUIRED if any(item.applies_to(name) for name in self.classes)
        ]


PROFILES: dict[str, Profile] = {
    "server": Profile(_l("Servers"), SERVERS),
    "network": Profile(_l("Network and security"), NETWORK),
    "storage": Profile(_l("Storage"), ("storage",)),
    "ups": Profile(_l("UPS"), POWER),
    "environment": Profile(_l("Air conditioning and environment"), ("air_conditioner", "environment")),
    "management": Profile(_l("Server management boards"), ("bmc",)),
    "printer": Profile(_l("Printers"), ("printer",)),
    "room": Profile(_l("Machine rooms"), ()),
}
