"""The field in which a device is found while one types."""

from __future__ import annotations

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.forms import NONE_CHOSEN, Choice
from servicedesk.equipment.models import Device
from servicedesk.equipment.queries import visible_devices


def keep_device(field: Choice, actor: Actor) -> None:
    """Offer the device that is chosen already, if the actor sees it: a form that comes back names it."""
    rows = []
    if field.data:
        columns = visible_devices(actor).with_only_columns(Device.id, Device.name)
        rows = [(row.id, row.name) for row in db.session.execute(columns.where(Device.id == field.data))]
    field.offer(rows, empty=NONE_CHOSEN)
