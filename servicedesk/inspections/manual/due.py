"""What a round asks: each item of the required list at each of its places, written when a run begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from servicedesk.core.db import db
from servicedesk.core.forms import whole_number
from servicedesk.equipment.models import Device, Room
from servicedesk.inspections.manual.definitions import of_item
from servicedesk.inspections.manual.models import PREFIX, ROOM, SITE, ManualAnswer, ManualItem
from servicedesk.inspections.models import InspectionRun


def item_ids(required: Sequence[Any]) -> list[int]:
    """The numbers of the items by hand in a required list's column."""
    names = [str(row["check"]) for row in required]
    found = [whole_number(name.removeprefix(PREFIX)) for name in names if name.startswith(PREFIX)]
    return [number for number in found if number]


def add_to(run: InspectionRun, devices: Sequence[Device]) -> None:
    """Write the rows to be answered: three queries at most, whatever their number."""
    wanted = item_ids(run.required)
    if not wanted:
        return
    items = db.session.scalars(
        sa.select(ManualItem)
        .where(
            ManualItem.id.in_(wanted),
            ManualItem.active,
            ManualItem.client_id == run.client_id,
            sa.or_(ManualItem.site_id.is_(None), ManualItem.site_id == run.site_id),
        )
        .order_by(ManualItem.id)
    ).all()
    rooms = db.session.scalars(sa.select(Room).where(Room.site_id == run.site_id).order_by(Room.name)).all()
    names = {room.id: room.name for room in rooms}
    rows = [
        {"run_id": run.id, "item_id": item.id, "definition": of_item(item), **place}
        for item in items
        for place in _places(item, run, rooms, devices, names)
    ]
    if rows:
        db.session.execute(sa.insert(ManualAnswer), rows)
    run.manual_count = len(rows)


def _places(
    item: ManualItem,
    run: InspectionRun,
    rooms: Sequence[Room],
    devices: Sequence[Device],
    room_names: dict[int, str],
) -> Iterator[dict[str, Any]]:
    nowhere: dict[str, Any] = {"room_id": None, "device_id": None, "room_name": ""}
    if item.looks_at == SITE:
        yield nowhere | {"place_key": "site", "place_name": run.site.name}
    elif item.looks_at == ROOM:
        for room in rooms:
            yield nowhere | {
                "place_key": f"room:{room.id}",
                "room_id": room.id,
                "room_name": room.name,
                "place_name": room.name,
            }
    else:
        for device in devices:
            if device.device_class in item.device_classes:
                yield {
                    "place_key": f"device:{device.id}",
                    "room_id": device.room_id,
                    "device_id": device.id,
                    "room_name": room_names.get(device.room_id or 0, ""),
                    "place_name": device.name,
                }
