"""What stock adds to a device: parts that are in it, and what was booked for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from flask import url_for

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.permissions import Permission
from servicedesk.equipment.history import Event
from servicedesk.equipment.models import Device
from servicedesk.equipment.panels import Panel
from servicedesk.equipment.stock.models import Part, StockItem, StockMovement
from servicedesk.equipment.stock.queries import NEWEST_FIRST
from servicedesk.equipment.stock.words import MOVEMENTS, STATES

SHOWN = 20


def parts_panel(device: Device, actor: Actor) -> Panel | None:
    """Pieces of stock that are in the device, the newest first."""
    if not actor.allows(Permission.STOCK_VIEW, device.client_id, device.site_id):
        return None
    rows = db.session.execute(
        sa.select(StockItem.id, StockItem.serial, StockItem.updated_at, Part.name)
        .join(Part, Part.id == StockItem.part_id)
        .where(StockItem.device_id == device.id)
        .order_by(StockItem.updated_at.desc(), StockItem.id.desc())
        .limit(SHOWN)
    ).all()
    return Panel("equipment/stock/_device.html", {"rows": rows}) if rows else None


def movement_events(device: Device, actor: Actor, before: datetime | None, limit: int) -> Iterable[Event]:
    """Parts put in and taken out."""
    if not actor.allows(Permission.STOCK_VIEW, device.client_id, device.site_id):
        return
    statement = (
        sa.select(StockMovement, Part.id, Part.name, StockItem.serial)
        .join(Part, Part.id == StockMovement.part_id)
        .outerjoin(StockItem, StockItem.id == StockMovement.item_id)
        .where(StockMovement.device_id == device.id)
    )
    if before is not None:
        statement = statement.where(StockMovement.at < before)
    for movement, part_id, name, serial in db.session.execute(statement.order_by(*NEWEST_FIRST).limit(limit)):
        state = str(STATES[movement.state][0]) if movement.state else ""
        count = f"× {abs(movement.quantity)}" if abs(movement.quantity) > 1 else ""
        yield Event(
            movement.at,
            "part",
            "tools",
            " ".join(filter(None, (f"{MOVEMENTS[movement.kind]}: {name}", serial, count))),
            note=" · ".join(filter(None, (state, movement.reason, movement.document))),
            url=url_for("stock.item", piece_id=movement.item_id)
            if movement.item_id
            else url_for("stock.part", part_id=part_id),
            who=movement.actor_name,
        )
