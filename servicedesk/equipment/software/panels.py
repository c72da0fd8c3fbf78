"""What software adds to a device's page and to its history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db
from servicedesk.core.permissions import Permission
from servicedesk.equipment.history import Event
from servicedesk.equipment.models import Device
from servicedesk.equipment.panels import Panel
from servicedesk.equipment.software import queries
from servicedesk.equipment.software.models import Licence, LicenceSeat, SoftwareProduct
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


def licence_events(device: Device, actor: Actor, before: datetime | None, limit: int) -> Iterable[Event]:
    """Licences given to the device and taken back."""
    if not actor.allows(Permission.DEVICE_VIEW, device.client_id):
        return
    for moment in (LicenceSeat.assigned_at, LicenceSeat.ended_at):
        statement = (
            sa.select(LicenceSeat, Licence.number, SoftwareProduct.name)
            .join(Licence, Licence.id == LicenceSeat.licence_id)
            .join(SoftwareProduct, SoftwareProduct.id == Licence.product_id)
            .where(LicenceSeat.device_id == device.id, moment.is_not(None))
        )
        if before is not None:
            statement = statement.where(moment < before)
        rows = db.session.execute(statement.order_by(moment.desc(), LicenceSeat.id.desc()).limit(limit))
        yield from _events(rows, ended=moment is LicenceSeat.ended_at)


def _events(rows: Iterable[Any], *, ended: bool) -> Iterator[Event]:
    for seat, number, product in rows:
        yield Event(
            (seat.ended_at if ended else None) or seat.assigned_at,
            "change",
            "key",
            _("Licence taken back: %(number)s", number=number)
            if ended
            else _("Licence assigned: %(number)s", number=number),
            note=" · ".join(filter(None, (product, seat.end_reason if ended else ""))),
            url=url_for("software.licence", licence_id=seat.licence_id),
            who=seat.ended_by if ended else seat.assigned_by,
        )
