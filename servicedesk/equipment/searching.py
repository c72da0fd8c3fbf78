"""What of a device can be found: what is on its label, where it stands, what was noted."""

from __future__ import annotations

import sqlalchemy as sa

from servicedesk.core.db import db, unit_of_work
from servicedesk.equipment.models import Device, Rack, Room
from servicedesk.organisations.models import Site
from servicedesk.search import index
from servicedesk.search.models import SearchText

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
    """Index the devices that are not yet (after an upgrade); returns how many."""
    known = sa.select(SearchText.object_id).where(SearchText.kind == KIND)
    count = 0
    while True:
        with unit_of_work() as session:
            devices = session.scalars(sa.select(Device).where(Device.id.not_in(known)).limit(batch)).all()
            for device in devices:
                index_device(device)
        if not devices:
            return count
        count += len(devices)
