"""Faults and changes of the half-year with their causes; service levels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.sentences import N_
from servicedesk.reports.deep.content import (
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
from servicedesk.tickets import quality
from servicedesk.tickets.models import ListEntry, Ticket

READER = Actor.system("report")
_TICKET_COLUMNS = (
    Column("ticket", _l("Ticket"), "ticket"),
    Column("device", _l("Device"), "device"),
    Column("class", _l("Class"), "class"),
    Column("cause", _l("Cause"), "bilingual"),
    Column("month", _l("Month")),
    Column("major", _l("Major"), "yes"),
    Column("began", _l("Registered"), "moment"),
    Column("resolved", _l("Resolved"), "moment"),
    Column("state", _l("State"), "ticket_state"),
)

FAULTS = Section(
    "faults",
    _l("Faults and changes"),
    _l("Tickets of the category fault that were registered, and changes that were closed, in the half-year."),
    figures=(
        Column("faults", _l("Faults"), "count", Drill("faults")),
        Column("major", _l("Major faults"), "count", Drill("faults", {"major": "yes"})),
        Column("changes", _l("Changes that ended"), "count", Drill("changes")),
        Column("hours", _l("Median hours until a fault was resolved"), "number"),
    ),
    tables=(
        Table(
            "causes",
            _l("Causes"),
            (
                Column("cause", _l("Cause"), "bilingual"),
                Column("faults", _l("Faults"), "count", Drill("faults", {"cause": "=cause"})),
            ),
        ),
        Table(
            "classes",
            _l("Faults by class of device"),
            (
                Column("class", _l("Class"), "class"),
                Column("faults", _l("Faults"), "count", Drill("faults", {"class": "=class"})),
            ),
        ),
        Table("faults", lazy_pgettext("list", "Faults"), _TICKET_COLUMNS, shown=0),
        Table("changes", _l("Changes that ended"), _TICKET_COLUMNS, shown=25),
    ),
)

SERVICE = Section(
    "service",
    _l("Service levels"),
    _l("Clocks that were met in the half-year, in working time of the promises that held for each ticket."),
    tables=(
        Table(
            "categories",
            _l("By category"),
            (
                Column("category", _l("Category"), "category"),
                Column("created", _l("Registered"), "count"),
                Column("resolved", _l("Resolved"), "count"),
                Column("response", _l("Response in time"), "share"),
                Column("response_median", _l("Median response"), "seconds"),
                Column("restore", _l("Restored in time"), "share"),
                Column("restore_median", _l("Median restoring"), "seconds"),
                Column("reopened", _l("Reopened"), "count"),
                Column("stars", _l("Stars"), "number"),
            ),
        ),
    ),
)


def tickets_of(ground: Ground, *conditions: Any) -> list[Row]:
    """Rows of the columns of faults and changes, in the order they were registered."""
    rows = db.session.execute(
        sa.select(Ticket, ListEntry)
        .outerjoin(ListEntry, ListEntry.id == Ticket.cause_id)
        .where(*ground.at(Ticket), Ticket.state != "merged", *conditions)
        .order_by(Ticket.created_at, Ticket.id)
    )
    return [_ticket(ground, ticket, cause) for ticket, cause in rows]


def _ticket(ground: Ground, ticket: Ticket, cause: ListEntry | None) -> Row:
    device = ground.devices.get(ticket.device_id or 0)
    return [
        [ticket.id, ticket.number, ticket.title],
        [device.id, device.name] if device else None,
        device.device_class if device else "",
        [cause.id, cause.name_zh, cause.name_en] if cause else None,
        f"{ticket.created_at.astimezone(ground.zone):%Y-%m}",
        "yes" if ticket.major else "no",
        ticket.created_at.isoformat(),
        ticket.resolved_at.isoformat() if ticket.resolved_at else None,
        [ticket.category, ticket.state],
    ]


def faults_of(ground: Ground) -> list[Row]:
    """Faults registered in the period."""
    start, end = ground.moments
    within = (Ticket.created_at >= start, Ticket.created_at < end)
    return tickets_of(ground, Ticket.category == "fault", *within)


def changes_of(ground: Ground) -> list[Row]:
    """Changes that ended in the period."""
    start, end = ground.moments
    return tickets_of(ground, Ticket.category == "change", Ticket.closed_at >= start, Ticket.closed_at < end)


def gather_faults(ground: Ground) -> Content:
    """Counted from the lists themselves, so that numbers and lists agree."""
    found = Content()
    faults, changes = faults_of(ground), changes_of(ground)
    causes = Counter(tuple(row[3]) if row[3] else () for row in faults)
    classes = Counter(row[2] for row in faults)
    found.tables = {
        "faults": faults,
        "changes": changes,
        "causes": [[list(key) or None, number] for key, number in _most(causes)],
        "classes": [[key, number] for key, number in _most(classes)],
    }
    major = sum(row[5] == "yes" for row in faults)
    found.figures = {
        "faults": len(faults),
        "major": major,
        "changes": len(changes),
        "hours": median_hours(faults),
    }
    if not faults and not changes:
        found.empty = N_("No fault was registered and no change ended in this half-year.")
        return found
    found.charts.append(_by_month(ground, faults))
    found.say(
        STATE,
        N_("%(faults)s faults were registered, %(major)s of them major; %(changes)s changes ended."),
        faults=len(faults),
        major=major,
        changes=len(changes),
    )
    without = causes[()]
    if without:
        found.say(ANALYSIS, N_("%(count)s faults have no cause recorded yet."), count=without)
    return found


def _most(counted: Counter[Any]) -> list[tuple[Any, int]]:
    return sorted(counted.items(), key=lambda pair: (-pair[1], str(pair[0])))


def median_hours(faults: Sequence[Row]) -> float | None:
    """From registration until resolved, of those that are."""
    spans = sorted(
        (datetime.fromisoformat(row[7]) - datetime.fromisoformat(row[6])).total_seconds() / 3600
        for row in faults
        if row[7]
    )
    return round(spans[len(spans) // 2], 1) if spans else None


def _by_month(ground: Ground, faults: Sequence[Row]) -> dict[str, Any]:
    first = ground.period.first
    months = [f"{first.year}-{first.month + number:02}" for number in range(6)]
    counted = Counter(row[4] for row in faults)
    inspection = Counter(row[4] for row in faults if row[5] == "yes")
    return {
        "kind": "bars",
        "template": N_("Faults by month"),
        "values": {},
        "labels": months,
        "series": [
            [N_("All faults"), [counted[month] for month in months]],
            [N_("Major faults"), [inspection[month] for month in months]],
        ],
    }


def gather_service(ground: Ground) -> Content:
    """The figures of service quality, of everybody's tickets."""
    start, end = ground.moments
    chosen = quality.Chosen(start, end, ground.client_id, ground.site_id)
    found = Content(tables={"categories": []})
    for row in quality.figures(READER, chosen, "category"):
        response, restore = row.met_share("response"), row.met_share("restore")
        found.tables["categories"].append(
            [
                row.key,
                row.created,
                row.resolved,
                round(response, 4) if response is not None else None,
                row.medians.get("response"),
                round(restore, 4) if restore is not None else None,
                row.medians.get("restore"),
                row.reopened,
                round(row.stars, 2) if row.stars is not None else None,
            ]
        )
    if not found.tables["categories"]:
        found.empty = N_("No ticket was registered, resolved or closed in this half-year.")
    return found
