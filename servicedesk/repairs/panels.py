"""What repairs add to devices and tickets, and to a device's history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.filters import money
from servicedesk.core.permissions import Permission
from servicedesk.equipment.history import Event
from servicedesk.equipment.models import Device
from servicedesk.equipment.panels import Panel
from servicedesk.repairs import queries
from servicedesk.repairs.costs import KINDS
from servicedesk.repairs.models import Repair, RepairCost, RepairEvent
from servicedesk.repairs.returns.models import SupplierReturn
from servicedesk.repairs.returns.words import OUTCOMES
from servicedesk.repairs.states import HISTORY, OVER, STATES
from servicedesk.tickets.models import Ticket


def device_panel(device: Device, actor: Actor) -> Panel | None:
    """The device's repairs, what was spent on it so far, and the button that opens one."""
    if not actor.allows(Permission.REPAIR_VIEW, device.client_id, device.site_id):
        return None
    rows = queries.of_device(device, actor)
    repairs, tickets = queries.spent_on(device)
    context = {
        "rows": rows,
        "states": STATES,
        "cents": queries.cents,
        "spent": (repairs, tickets),
        "device": device,
        "may_work": actor.allows(Permission.REPAIR_WORK, device.client_id, device.site_id),
    }
    return Panel("repairs/_device.html", context)


def ticket_panel(ticket: Ticket, actor: Actor) -> Panel | None:
    """On faults, general tickets and changes: the repairs made of them. Their costs live there."""
    if ticket.category == "data_request":
        return None
    if not actor.allows(Permission.REPAIR_VIEW, ticket.client_id, ticket.site_id):
        return None
    rows = queries.of_ticket(ticket, actor)
    may_open = ticket.phase != "closed" and actor.allows(
        Permission.REPAIR_WORK, ticket.client_id, ticket.site_id
    )
    under_way = any(row.state not in OVER and row.device_id == ticket.device_id for row in rows)
    if not rows and not may_open:
        return None
    context = {
        "rows": rows,
        "states": STATES,
        "cents": queries.cents,
        "ticket": ticket,
        "may_open": may_open and not under_way,
    }
    return Panel("repairs/_ticket.html", context)


def repair_events(device: Device, actor: Actor, before: datetime | None, limit: int) -> Iterable[Event]:
    """Every step of the device's repairs."""
    if not actor.allows(Permission.REPAIR_VIEW, device.client_id, device.site_id):
        return
    statement = (
        sa.select(RepairEvent, Repair.number)
        .join(Repair, Repair.id == RepairEvent.repair_id)
        .where(Repair.device_id == device.id)
    )
    if before is not None:
        statement = statement.where(RepairEvent.at < before)
    order = (RepairEvent.at.desc(), RepairEvent.id.desc())
    for event, number in db.session.execute(statement.order_by(*order).limit(limit)):
        yield Event(
            event.at,
            "repair",
            "tools",
            f"{number} {HISTORY[event.what]}",
            note=event.note[:500],
            url=url_for("repairs.detail", repair_id=event.repair_id),
            who=event.actor_name,
        )


def cost_events(device: Device, actor: Actor, before: datetime | None, limit: int) -> Iterable[Event]:
    """Lines of cost of the device's repairs."""
    if not actor.allows(Permission.REPAIR_VIEW, device.client_id, device.site_id):
        return
    statement = (
        sa.select(RepairCost, Repair.number)
        .join(Repair, Repair.id == RepairCost.repair_id)
        .where(Repair.device_id == device.id)
    )
    if before is not None:
        statement = statement.where(RepairCost.created_at < before)
    order = (RepairCost.created_at.desc(), RepairCost.id.desc())
    for cost, number in db.session.execute(statement.order_by(*order).limit(limit)):
        serials = " → ".join(filter(None, (cost.serial_old, cost.serial_new)))
        yield Event(
            cost.created_at,
            "part",
            "tools",
            f"{KINDS[cost.kind]}: {cost.description}",
            note=" · ".join(filter(None, (money(cost.amount), serials, number))),
            url=url_for("repairs.detail", repair_id=cost.repair_id),
            who=cost.actor_name,
        )


def return_events(device: Device, actor: Actor, before: datetime | None, limit: int) -> Iterable[Event]:
    """The device on its way to a supplier; its other serial stands among the changes."""
    if not actor.allows(Permission.REPAIR_VIEW, device.client_id, device.site_id):
        return
    sent = SupplierReturn
    statement = sa.select(sent).where(sent.device_id == device.id)
    if before is not None:
        statement = statement.where(sent.created_at < before)
    rows = db.session.scalars(statement.order_by(sent.created_at.desc(), sent.id.desc()).limit(limit))
    for row in rows:
        outcome = str(OUTCOMES[row.outcome].label) if row.outcome else ""
        yield Event(
            row.created_at,
            "repair",
            "arrow-repeat",
            _("%(number)s sent to %(supplier)s", number=row.number, supplier=row.supplier),
            note=" · ".join(filter(None, (outcome, row.rma_number, row.reason[:200]))),
            url=url_for("returns.detail", return_id=row.id),
            who=row.sent_by,
        )
