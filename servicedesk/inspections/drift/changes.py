"""Which approved change covers what was found different on a device."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from servicedesk.core.db import db
from servicedesk.equipment.models import Device
from servicedesk.tickets.models import Ticket, TicketDevice

AFTER = timedelta(hours=2)  # the end of a window: the inspection that sees the change comes later
# States of a change that was approved and not refused again.
APPROVED = ("scheduled", "in_progress", "verifying", "resolved", "closed")


def approved_change(device: Device, since: datetime, now: datetime) -> Ticket | None:
    """An approved change of the device whose window touches the time in which it must have happened."""
    further = sa.select(TicketDevice.ticket_id).where(TicketDevice.device_id == device.id)
    statement = sa.select(Ticket).where(
        Ticket.client_id == device.client_id,
        Ticket.category == "change",
        Ticket.state.in_(APPROVED),
        sa.or_(Ticket.device_id == device.id, Ticket.id.in_(further)),
        Ticket.window_start <= now,
        Ticket.window_end >= since - AFTER,
    )
    return db.session.scalar(statement.order_by(Ticket.window_start.desc(), Ticket.id).limit(1))
