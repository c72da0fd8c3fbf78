"""Scope and method; which devices were inspected, and which were not and why."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from servicedesk.core.db import db
from servicedesk.core.sentences import N_
from servicedesk.equipment.models import DeviceAccess
from servicedesk.inspections.models import InspectionRun
from servicedesk.organisations.models import Site
from servicedesk.reports.deep.content import ADVICE, ANALYSIS, STATE, Column, Content, Drill, Section, Table
from servicedesk.reports.deep.gathering import deep_runs
from servicedesk.reports.deep.gathering.ground import Ground

NO_ACCESS, NO_PLAN = "no_access", "no_plan"
NEVER_BEFORE = N_("No inspection of a device in use is recorded for this half-year.")

SCOPE = Section(
    "scope",
    _l("Scope and method"),
    _l(
        "All devices of the place that are in use, and all inspections of the half-year. Devices were asked "
        "unattended by reading commands and SNMP; each verdict is kept with its evidence and the limit that "
        "held. All figures are counted from these records."
    ),
    figures=deep_runs.FIGURES,
    tables=(
        Table(
            "sites",
            _l("Sites and inspections"),
            (
                Column("site", _l("Site"), "site"),
                Column("devices", _l("Devices"), "count"),
                Column("runs", _l("Inspections due"), "count"),
                Column("complete", _l("Carried out"), "count"),
                Column("missed", _l("Missed"), "count"),
                Column("due", _l("Visits due"), "count"),
                Column("made", _l("Visits that gave an answer"), "count"),
                Column("share", _l("Share"), "share"),
                Column("signed", _l("Signed"), "count"),
            ),
        ),
        deep_runs.RUNS,
        deep_runs.DEVICES,
    ),
)

COVERAGE = Section(
    "coverage",
    _l("Devices inspected and not inspected"),
    _l("A device counts as inspected when at least one visit of the half-year gave readings."),
    figures=(
        Column("devices", _l("Devices"), "count", Drill("devices")),
        Column("inspected", _l("Inspected"), "count", Drill("devices", {"inspected": "yes"})),
        Column("missing", _l("Not inspected"), "count", Drill("missing")),
        Column("share", _l("Share inspected"), "share"),
    ),
    tables=(
        Table(
            "missing",
            _l("Devices that could not be inspected"),
            (
                Column("device", _l("Device"), "device"),
                Column("class", _l("Class"), "class"),
                Column("site", _l("Site"), "site"),
                Column("reason", _l("Reason"), "reason"),
                Column("visits", _l("Visits tried"), "count"),
                Column("record", _l("Newest record"), "record"),
            ),
            shown=60,
        ),
        Table(
            "devices",
            _l("All devices of the report"),
            (
                Column("device", _l("Device"), "device"),
                Column("class", _l("Class"), "class"),
                Column("site", _l("Site"), "site"),
                Column("model", _l("Model")),
                Column("inspected", _l("Inspected"), "yes"),
                Column("visits", _l("Visits"), "count"),
                Column("answered", _l("Visits that gave an answer"), "count"),
                Column("last", _l("Last inspected"), "moment"),
                Column("record", _l("Newest record"), "record"),
            ),
            shown=0,
        ),
    ),
)


def gather_scope(ground: Ground) -> Content:
    """Runs counted by site; due are those of plans."""
    found = Content()
    planned = InspectionRun.plan_id.is_not(None)

    def number(*conditions: Any) -> Any:
        return sa.func.count().filter(planned, *conditions)

    statement = (
        sa.select(
            Site.id,
            Site.name,
            number().label("runs"),
            number(InspectionRun.state == "complete").label("complete"),
            number(InspectionRun.state == "missed").label("missed"),
            sa.func.sum(InspectionRun.device_count).label("due"),
            sa.func.sum(InspectionRun.inspected_count).label("made"),
            number(InspectionRun.signed_at.is_not(None)).label("signed"),
        )
        .join(InspectionRun, InspectionRun.site_id == Site.id)
        .where(*ground.runs_in)
        .group_by(Site.id, Site.name)
        .order_by(Site.name, Site.id)
    )
    devices = [row.site_id for row in ground.devices.values()]
    found.tables["sites"] = [
        [
            [row.id, row.name],
            devices.count(row.id),
            row.runs,
            row.complete,
            row.missed,
            int(row.due or 0),
            int(row.made or 0),
            round(row.made / row.due, 4) if row.due else None,
            row.signed,
        ]
        for row in db.session.execute(statement)
    ]
    if not found.tables["sites"]:
        found.empty = NEVER_BEFORE
    missed = sum(row[4] for row in found.tables["sites"])
    if missed:
        found.say(
            ANALYSIS,
            N_("%(count)s inspections that were due were missed; their records say so and why."),
            count=missed,
        )
    deep_runs.gather_deep(ground, found)
    return found


def gather_coverage(ground: Ground) -> Content:
    """Every device with its visits; those without readings with the reason."""
    found = Content()
    reached = set(
        db.session.scalars(
            sa.select(DeviceAccess.device_id).where(DeviceAccess.device_id.in_(ground.devices))
        )
    )
    devices, missing = [], []
    for number, row in ground.devices.items():
        visits = ground.visits.get(number)
        seen = visits is not None and visits.last_id > 0
        name, site = [number, row.name], [row.site_id, row.site_name]
        devices.append(
            [
                name,
                row.device_class,
                site,
                " ".join(filter(None, (row.vendor, row.model))),
                "yes" if seen else "no",
                visits.made if visits else 0,
                visits.answered if visits else 0,
                visits.last_at.isoformat() if visits and visits.last_at else None,
                (visits.last_id or visits.failure_id or None) if visits else None,
            ]
        )
        if not seen:
            reason = visits.failure if visits else NO_PLAN if number in reached else NO_ACCESS
            tried, record = (visits.made, visits.failure_id) if visits else (0, None)
            missing.append([name, row.device_class, site, reason, tried, record])
    found.tables = {"devices": devices, "missing": missing}
    seen_count = len(devices) - len(missing)
    share = round(seen_count / len(devices), 4) if devices else None
    found.figures = {
        "devices": len(devices),
        "inspected": seen_count,
        "missing": len(missing),
        "share": share,
    }
    if not devices:
        found.empty = N_("No device of this place is in use.")
    found.say(
        STATE,
        N_("%(seen)s of %(all)s devices were inspected, %(missing)s could not be."),
        seen=seen_count,
        all=len(devices),
        missing=len(missing),
    )
    without = sum(row[3] in (NO_ACCESS, NO_PLAN) for row in missing)
    if without:
        found.say(
            ADVICE,
            N_("Set up an access and a plan for the %(count)s devices nobody asks, or take them out of use."),
            count=without,
        )
    return found
