"""What inspections and tickets add to a device's page."""

from __future__ import annotations

import sqlalchemy as sa

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.equipment.panels import Panel
from servicedesk.inspections import queries
from servicedesk.inspections.drift.composition_views import addresses_panel, composition_panel
from servicedesk.inspections.drift.noting import present_texts
from servicedesk.inspections.manual.queries import open_round
from servicedesk.inspections.models import DeviceSnapshot, Finding, InspectionRecord, InspectionRun
from servicedesk.tickets import queries as tickets
from servicedesk.tickets.workflows import WORKFLOWS


def health_panel(device: Device, actor: Actor) -> Panel | None:
    """Open findings and the last records."""
    if not actor.allows(Permission.INSPECTION_VIEW, device.client_id, device.site_id):
        return None
    records = db.session.execute(
        sa.select(
            InspectionRecord.id,
            InspectionRecord.run_id,
            InspectionRecord.state,
            InspectionRecord.outcome,
            InspectionRecord.worst,
            InspectionRecord.error,
            InspectionRecord.abnormal_count,
            InspectionRecord.finished_at,
            InspectionRun.name.label("run_name"),
        )
        .join(InspectionRun, InspectionRun.id == InspectionRecord.run_id)
        .where(InspectionRecord.device_id == device.id)
        .order_by(InspectionRecord.id.desc())
        .limit(10)
    ).all()
    findings = db.session.scalars(
        queries.finding_rows(actor, queries.FindingFilters(device_id=device.id))
        .order_by(Finding.last_at.desc())
        .limit(20)
    ).all()
    context = {
        "device_id": device.id,
        "records": records,
        "findings": findings,
    }
    return Panel("inspections/_device_health.html", context)


def facts_panel(device: Device, actor: Actor) -> Panel | None:
    """The newest facts: processors, memory, storage, interfaces, sensors."""
    if not actor.allows(Permission.INSPECTION_VIEW, device.client_id, device.site_id):
        return None
    snapshot = db.session.get(DeviceSnapshot, device.id)
    return Panel("inspections/_device_facts.html", {"snapshot": snapshot}) if snapshot else None


def tickets_panel(device: Device, actor: Actor) -> Panel | None:
    """The device's past: every ticket about it."""
    rows = tickets.first_rows(
        tickets.tickets_found(actor, queue="all", device_id=device.id), tickets.NEWEST, 15
    )
    return Panel("tickets/_device_tickets.html", {"rows": tickets.with_clocks(rows), "workflows": WORKFLOWS})


def configuration_panel(device: Device, actor: Actor) -> Panel | None:
    """The present configuration and chosen files: which version, since when, accepted or not."""
    if not actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id):
        return None
    texts = present_texts(device.id)
    if not texts:
        return None
    files = [one for path, one in texts.items() if path]
    values = {"version": texts.get(""), "files": files, "device_id": device.id}
    return Panel("inspections/drift/_panel.html", values)


def round_panel(device: Device, actor: Actor) -> Panel | None:
    """Whoever scans the device's label goes on with the round that is open there."""
    if not actor.allows(Permission.INSPECTION_RUN, device.client_id, device.site_id):
        return None
    row = db.session.execute(open_round(device.id)).first()
    return Panel("inspections/manual/_device_round.html", {"row": row}) if row else None


DEVICE_PANELS = (
    ("round", 5, round_panel),
    ("health", 10, health_panel),
    ("tickets", 21, tickets_panel),
    ("configuration", 21, configuration_panel),
    ("composition", 21, composition_panel),
    ("addresses", 22, addresses_panel),
    ("facts", 30, facts_panel),
)
