"""What tickets and inspections add to a device's timeline, and to tickets about what stops with a device."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.filters import message, number
from servicedesk.core.permissions import Permission
from servicedesk.equipment.history import Event
from servicedesk.equipment.impact import impact_of
from servicedesk.equipment.models import Device
from servicedesk.equipment.panels import Panel
from servicedesk.inspections.models import Finding
from servicedesk.inspections.outcomes import found_words
from servicedesk.tickets.belongings import COST_KINDS
from servicedesk.tickets.change_calendar import device_ids_of
from servicedesk.tickets.models import Ticket, TicketCost, TicketDevice
from servicedesk.tickets.queries import visible_clause
from servicedesk.tickets.workflows import WORKFLOWS


def _about(device: Device) -> sa.ColumnElement[bool]:
    more = sa.select(TicketDevice.ticket_id).where(TicketDevice.device_id == device.id)
    return sa.or_(Ticket.device_id == device.id, Ticket.id.in_(more))


def ticket_events(device: Device, actor: Actor, before: datetime | None, limit: int) -> Iterable[Event]:
    """Tickets about the device, at the moment they were registered."""
    statement = sa.select(Ticket.id, Ticket.number, Ticket.title, Ticket.category, Ticket.created_at).where(
        _about(device), visible_clause(actor)
    )
    if before is not None:
        statement = statement.where(Ticket.created_at < before)
    for row in db.session.execute(
        statement.order_by(Ticket.created_at.desc(), Ticket.id.desc()).limit(limit)
    ):
        yield Event(
            row.created_at,
            "ticket",
            "ticket-detailed",
            f"{row.number} {row.title}",
            note=str(WORKFLOWS[row.category].label),
            url=url_for("tickets.detail", ticket_id=row.id),
        )


def part_events(device: Device, actor: Actor, before: datetime | None, limit: int) -> Iterable[Event]:
    """Parts put in and other costs, from the tickets about the device."""
    if not actor.allows(Permission.TICKET_WORK, device.client_id, device.site_id):
        return
    statement = (
        sa.select(TicketCost, Ticket.id, Ticket.number)
        .join(Ticket, Ticket.id == TicketCost.ticket_id)
        .where(Ticket.device_id == device.id, visible_clause(actor))
    )
    if before is not None:
        statement = statement.where(TicketCost.created_at < before)
    order = (TicketCost.created_at.desc(), TicketCost.id.desc())
    for cost, ticket_id, ticket_number in db.session.execute(statement.order_by(*order).limit(limit)):
        serials = " → ".join(filter(None, (cost.serial_old, cost.serial_new)))
        yield Event(
            cost.created_at,
            "part",
            "tools",
            f"{COST_KINDS[cost.kind]}: {cost.description}",
            note=" · ".join(filter(None, (number(float(cost.amount)), serials, ticket_number))),
            url=url_for("tickets.detail", ticket_id=ticket_id),
            who=cost.actor_name,
        )


def finding_events(device: Device, actor: Actor, before: datetime | None, limit: int) -> Iterable[Event]:
    """What inspections found abnormal, at its first sighting."""
    if not actor.allows(Permission.INSPECTION_VIEW, device.client_id, device.site_id):
        return
    statement = sa.select(Finding).where(Finding.device_id == device.id)
    if before is not None:
        statement = statement.where(Finding.first_at < before)
    for finding in db.session.scalars(
        statement.order_by(Finding.first_at.desc(), Finding.id.desc()).limit(limit)
    ):
        yield Event(
            finding.first_at,
            "finding",
            "exclamation-triangle",
            found_words(finding.check, finding.item, message(finding.message)),
            note=_("seen %(count)s times", count=finding.occurrences),
            url=url_for("inspections.record", record_id=finding.last_record_id),
        )


SOURCES = (("tickets", ticket_events), ("parts", part_events), ("findings", finding_events))


def impact_panel(ticket: Ticket, actor: Actor) -> Panel | None:
    """On faults and changes: what stops with the ticket's devices."""
    if ticket.category not in ("fault", "change"):
        return None
    if not actor.allows(Permission.DEVICE_VIEW, ticket.client_id, ticket.site_id):
        return None
    impact = impact_of(device_ids_of(ticket), actor)
    return (
        Panel("equipment/_ticket_impact.html", {"impact": impact}) if impact.hits or impact.hidden else None
    )
