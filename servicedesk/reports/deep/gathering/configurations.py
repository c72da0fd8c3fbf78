"""Configurations and their backups: which devices have a good one, how old it is, and who changed what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from servicedesk.core.db import db
from servicedesk.core.sentences import N_
from servicedesk.equipment.models import Device
from servicedesk.inspections.drift.models import UNREGISTERED, ConfigurationVersion
from servicedesk.inspections.required import NETWORK
from servicedesk.reports.deep.content import (
    ADVICE,
    ANALYSIS,
    STATE,
    Column,
    Content,
    Drill,
    Row,
    Section,
    Table,
)
from servicedesk.reports.deep.gathering.ground import Ground
from servicedesk.tickets.models import Ticket

OLD_DAYS = 31  # since the configuration was last read
FRESH, OLD, NONE = "fresh", "old", "none"

CONFIGURATIONS = Section(
    "configurations",
    _l("Configurations and their backups"),
    _l(
        "Each inspection that reads a configuration keeps it; secrets are hidden before. A backup is good "
        "when it was read within 31 days before the day of this report. Changes are versions that differ "
        "from the one before; a change is registered when it fell into an approved window or a person "
        "accepted it."
    ),
    figures=(
        Column(FRESH, _l("Devices with a good backup"), "count", Drill("devices", {"backup": FRESH})),
        Column(OLD, _l("Backup too old"), "count", Drill("devices", {"backup": OLD})),
        Column(NONE, _l("Network devices without a backup"), "count", Drill("devices", {"backup": NONE})),
        Column("changes", _l("Configurations changed"), "count", Drill("changes")),
        Column(UNREGISTERED, _l("Unregistered changes"), "count", Drill("changes", {"registered": "no"})),
    ),
    tables=(
        Table(
            "devices",
            _l("Backups by device"),
            (
                Column("device", _l("Device"), "device"),
                Column("class", _l("Class"), "class"),
                Column("site", _l("Site"), "site"),
                Column("backup", _l("Backup"), "backup"),
                Column("last", _l("Last read"), "moment"),
                Column("age", _l("Days old"), "count"),
                Column(
                    "changes",
                    _l("Changes in the half-year"),
                    "count",
                    Drill("changes", {"device": "=device"}),
                ),
                Column("unregistered", _l("Unregistered changes"), "count"),
            ),
            shown=40,
        ),
        Table(
            "changes",
            _l("Changes of configurations"),
            (
                Column("device", _l("Device"), "device"),
                Column("number", _l("Version"), "count"),
                Column("at", _l("First seen"), "moment"),
                Column("added", _l("Lines added"), "count"),
                Column("removed", _l("Lines removed"), "count"),
                Column("registered", _l("Registered"), "yes"),
                Column("change", _l("Change"), "ticket"),
                Column("by", _l("Accepted by")),
                Column("record", _l("Record"), "record"),
            ),
            shown=30,
        ),
    ),
)


def versions_between(ground: Ground, begin: datetime, end: datetime) -> Sequence[Any]:
    """Versions that differ from the one before, by the moment they were first seen; without their texts."""
    one = ConfigurationVersion
    return db.session.execute(
        sa.select(
            one.device_id,
            one.number,
            one.first_at,
            one.added,
            one.removed,
            one.state,
            one.accepted_by,
            one.record_id,
            Ticket.id.label("ticket_id"),
            Ticket.number.label("ticket_number"),
            Ticket.title.label("ticket_title"),
        )
        .outerjoin(Ticket, Ticket.id == one.change_id)
        .where(one.device_id.in_(sa.select(_devices_at(ground).c.id)))
        .where(one.number > 1, one.first_at >= begin, one.first_at < end)
        .order_by(one.first_at, one.id)
    ).all()


def _devices_at(ground: Ground) -> sa.Subquery:
    return sa.select(Device.id).where(*ground.at(Device)).subquery()


def _last_read(ground: Ground) -> dict[int, datetime]:
    one = ConfigurationVersion
    rows = db.session.execute(
        sa.select(one.device_id, sa.func.max(one.last_at).label("last_at"))
        .where(one.device_id.in_(sa.select(_devices_at(ground).c.id)), one.first_at < ground.moments[1])
        .group_by(one.device_id)
    )
    return {row.device_id: row.last_at for row in rows}


def gather_configurations(ground: Ground) -> Content:
    """Two queries; texts of configurations are not read."""
    found, last = Content(), _last_read(ground)
    changes: dict[int, list[Any]] = defaultdict(list)
    for version in versions_between(ground, *ground.moments):
        if version.device_id in ground.devices:
            changes[version.device_id].append(version)
    rows: list[Row] = []
    for number, device in ground.devices.items():
        at = last.get(number)
        if at is None and device.device_class not in NETWORK:
            continue  # nobody reads the configuration of a printer
        age = (ground.as_of - at.astimezone(ground.zone).date()).days if at is not None else None
        own = changes[number]
        rows.append(
            [
                [number, device.name],
                device.device_class,
                [device.site_id, device.site_name],
                NONE if age is None else FRESH if age <= OLD_DAYS else OLD,
                at.isoformat() if at is not None else None,
                max(age, 0) if age is not None else None,
                len(own),
                sum(version.state == UNREGISTERED for version in own),
            ]
        )
    order = (NONE, OLD, FRESH)
    rows.sort(key=lambda row: (order.index(row[3]), -row[7], -row[6], row[0][1]))
    found.tables = {
        "devices": rows,
        "changes": [_change(ground, version) for number in ground.devices for version in changes[number]],
    }
    _say(found)
    return found


def _change(ground: Ground, version: Any) -> Row:
    return [
        [version.device_id, ground.devices[version.device_id].name],
        version.number,
        version.first_at.isoformat(),
        version.added,
        version.removed,
        "no" if version.state == UNREGISTERED else "yes",
        [version.ticket_id, version.ticket_number, version.ticket_title] if version.ticket_id else None,
        version.accepted_by,
        version.record_id,
    ]


def _say(found: Content) -> None:
    rows, changes = found.tables["devices"], found.tables["changes"]
    found.figures = {key: sum(row[3] == key for row in rows) for key in (FRESH, OLD, NONE)}
    unregistered = sum(row[5] == "no" for row in changes)
    found.figures |= {"changes": len(changes), UNREGISTERED: unregistered}
    if not rows:
        found.empty = N_("No device of this place has a configuration that inspections read.")
        return
    found.say(
        STATE,
        N_("%(count)s of %(all)s devices have a good backup of their configuration."),
        count=found.figures[FRESH],
        all=len(rows),
    )
    if unregistered:
        found.say(
            ANALYSIS,
            N_("%(count)s of %(all)s changes of configurations fell into no approved window."),
            count=unregistered,
            all=len(changes),
        )
        found.say(
            ADVICE, N_("Register changes before they are made, and accept or undo those that were not.")
        )
    if found.figures[OLD] or found.figures[NONE]:
        found.say(ADVICE, N_("Let inspections read the configurations that have no good backup."))
