"""Whether a device was being worked on: then what is abnormal is nobody's fault to mend.

The visit is made and recorded as always, with its verdicts; it is marked, and opens or worsens no finding.
Deferring it would leave the day's inspection with a hole, and what a change did is worth keeping.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from servicedesk.core.db import db
from servicedesk.equipment.models import Device
from servicedesk.tickets.change_calendar import MAINTENANCE
from servicedesk.tickets.models import CalendarEntry, Ticket, TicketDevice

APPROVED = ("scheduled", "in_progress", "verifying")  # states of a change whose window was approved
MAX_LENGTH = 200


def reason(device: Device, at: datetime) -> str:
    """The change, or the agreed maintenance of the site, in whose time the moment lies; empty: none.

    The end of a window belongs to it no more.
    """
    return (_change(device, at) or _agreed(device, at))[:MAX_LENGTH]


def _change(device: Device, at: datetime) -> str:
    # From the device to its tickets: it has few, while a client's changes of all years are many.
    own = sa.union(
        sa.select(TicketDevice.ticket_id.label("id")).where(TicketDevice.device_id == device.id),
        sa.select(Ticket.id).where(Ticket.device_id == device.id),
    ).subquery()
    row = db.session.execute(
        sa.select(Ticket.number, Ticket.title)
        .join(own, own.c.id == Ticket.id)
        .where(
            Ticket.client_id == device.client_id,
            # Not by the index of windows, which begins with all changes there ever were.
            Ticket.category + "" == "change",
            Ticket.state.in_(APPROVED),
            Ticket.window_start <= at,
            Ticket.window_end > at,
        )
        .order_by(Ticket.window_start, Ticket.id)
        .limit(1)
    ).first()
    return f"{row.number} {row.title}" if row is not None else ""


def _agreed(device: Device, at: datetime) -> str:
    name = db.session.scalar(
        sa.select(CalendarEntry.name)
        .where(
            CalendarEntry.client_id == device.client_id,
            CalendarEntry.kind == MAINTENANCE,
            sa.or_(CalendarEntry.site_id.is_(None), CalendarEntry.site_id == device.site_id),
            CalendarEntry.start_at <= at,
            CalendarEntry.end_at > at,
        )
        .order_by(CalendarEntry.start_at, CalendarEntry.id)
        .limit(1)
    )
    return name or ""
