"""What software adds to a device's page."""

from __future__ import annotations

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.equipment.panels import Panel
from servicedesk.equipment.software import queries
from servicedesk.equipment.software.words import LOOKS, PHASES, phase


def software_panel(device: Device, actor: Actor) -> Panel | None:
    """What is installed on the device; its licences only for who sees the whole client's."""
    whole = actor.allows(Permission.DEVICE_VIEW, device.client_id)
    installs, licences = queries.of_device(device, with_licences=whole)
    if not installs and not licences:
        return None
    today = utcnow().date()
    return Panel(
        "equipment/software/_device.html",
        {
            "installs": installs,
            "licences": licences,
            "phases": PHASES,
            "looks": LOOKS,
            "phase": lambda row: phase(row, today),
        },
    )
