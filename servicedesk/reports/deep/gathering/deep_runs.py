"""The deep inspections of the half-year: when they were carried out, and on which devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from servicedesk.core.db import db
from servicedesk.core.sentences import N_
from servicedesk.inspections.models import InspectionRecord, InspectionRun
from servicedesk.inspections.runs import NO_ACCESS as NO_LOGIN
from servicedesk.organisations.models import Site
from servicedesk.reports.deep.content import ANALYSIS, STATE, Column, Content, Drill, Row, Table
from servicedesk.reports.deep.gathering.ground import ANSWERED, Ground

NO_ACCESS = "no_access"
RUNS = Table(
    "deep",
    _l("Deep inspections"),
    (
        Column("site", _l("Site"), "site"),
        Column("half", _l("Half-year of the contract")),
        Column("plan", _l("Plan")),
        Column("day", _l("Day"), "day"),
        Column("missed", _l("Missed"), "yes"),
        Column("signed", _l("Signed"), "yes"),
        Column("devices", _l("Devices"), "count"),
        Column("inspected", _l("Inspected"), "count"),
    ),
)
DEVICES = Table(
    "deep_devices",
    _l("Devices of the deep inspections"),
    (
        Column("device", _l("Device"), "device"),
        Column("class", _l("Class"), "class"),
        Column("site", _l("Site"), "site"),
        Column("half", _l("Half-year of the contract")),
        Column("inspected", _l("Inspected"), "yes"),
        Column("reason", _l("Reason"), "reason"),
        Column("record", _l("Record"), "record"),
    ),
    shown=60,
)
FIGURES = (
    Column("deep_inspected", _l("Deeply inspected"), "count", Drill("deep_devices", {"inspected": "yes"})),
    Column(
        "deep_missing",
        _l("Could not be deeply inspected"),
        "count",
        Drill("deep_devices", {"inspected": "no"}),
    ),
)


def gather_deep(ground: Ground, found: Content) -> None:
    """Add to the scope what deep inspections did; two queries. A run repeated by hand counts for a device."""
    found.tables["deep"] = _runs(ground)
    found.tables["deep_devices"] = devices = _devices(ground)
    inspected = sum(row[4] == "yes" for row in devices)
    found.figures |= {"deep_inspected": inspected, "deep_missing": len(devices) - inspected}
    if not found.tables["deep"]:
        found.say(STATE, N_("No deep inspection is recorded for this half-year."))
        return
    found.say(
        STATE,
        N_("Deep inspections reached %(seen)s of %(all)s devices; %(missing)s could not be inspected."),
        seen=inspected,
        all=len(devices),
        missing=len(devices) - inspected,
    )
    missed = sum(row[4] == "yes" for row in found.tables["deep"])
    if missed:
        found.say(ANALYSIS, N_("%(count)s deep inspections were missed."), count=missed)


def _runs(ground: Ground) -> list[Row]:
    run = InspectionRun
    rows = db.session.execute(
        sa.select(
            run.half_year,
            run.name,
            run.day,
            run.state,
            run.signed_at,
            run.device_count,
            run.inspected_count,
            Site.id.label("site_id"),
            Site.name.label("site_name"),
        )
        .join(Site, Site.id == run.site_id)
        .where(*ground.runs_in, run.half_year != "")
        .order_by(run.slot, run.id)
    )
    return [
        [
            [row.site_id, row.site_name],
            row.half_year,
            row.name,
            row.day.isoformat(),
            "yes" if row.state == "missed" else "no",
            "yes" if row.signed_at is not None else "no",
            row.device_count,
            row.inspected_count,
        ]
        for row in rows
    ]


def _devices(ground: Ground) -> list[Row]:
    record = InspectionRecord
    rows: Sequence[Any] = db.session.execute(
        sa.select(record.id, record.device_id, record.outcome, record.error, InspectionRun.half_year)
        .join(InspectionRun, InspectionRun.id == record.run_id)
        .where(*ground.runs_in, InspectionRun.half_year != "", record.state == "done")
        .order_by(record.id)
    ).all()
    newest: dict[tuple[str, int], Any] = {}
    for row in rows:
        key = (row.half_year, row.device_id)
        if key not in newest or row.outcome in ANSWERED or newest[key].outcome not in ANSWERED:
            newest[key] = row
    place = {number: at for at, number in enumerate(ground.devices)}
    shown = [row for row in newest.values() if row.device_id in place]
    return [_device(ground, row) for row in sorted(shown, key=lambda row: (place[row.device_id], row.id))]


def _device(ground: Ground, row: Any) -> Row:
    device, seen = ground.devices[row.device_id], row.outcome in ANSWERED
    reason = NO_ACCESS if row.error == NO_LOGIN else row.outcome
    return [
        [row.device_id, device.name],
        device.device_class,
        [device.site_id, device.site_name],
        row.half_year,
        "yes" if seen else "no",
        "" if seen else reason,
        row.id,
    ]
