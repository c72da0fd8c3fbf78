"""What of a device can be found: what is on its label, where it stands, what was noted."""

from __future__ import annotations

from servicedesk.core.db import db
from servicedesk.equipment.models import Device, Rack, Room
from servicedesk.organisations.models import Site
from servicedesk.search import index

KIND = "device"


def index_device(device: Device) -> None:
    """Name, address, serial, model, asset tag, place, notes; in the caller's transaction."""
    places = (
        db.session.get(model, number)
        for model, number in ((Site, device.site_id), (Room, device.room_id), (Rack, device.rack_id))
        if number is not None
    )
    index.put(
        KIND,
        device.id,
        device.name,
        device.address,
        device.serial,
        device.vendor,
        device.model,
        device.asset_tag,
        *(place.name for place in places if isinstance(place, (Site, Room, Rack))),
        device.notes,
    )


def forget_device(device_id: int) -> None:
    """A device that is deleted is not found any more."""
    index.put(KIND, device_id)


def index_missing(batch: int = 500) -> int:
    """Index what is not yet (after an upgrade); returns how many."""
    return index.index_missing(KIND, Device, index_device, batch)
