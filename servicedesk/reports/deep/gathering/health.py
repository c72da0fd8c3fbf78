"""Overall health: a score for each device, site and class, and the devices that stand out."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from servicedesk.core.db import db
from servicedesk.core.sentences import N_
from servicedesk.inspections.models import InspectionRecord, InspectionRun
from servicedesk.reports.deep.content import ANALYSIS, STATE, Column, Content, Drill, Row, Section, Table
from servicedesk.reports.deep.gathering.ground import Ground

POOR = 70.0  # a score below this stands out

HEALTH = Section(
    "health",
    _l("Overall health"),
    _l(
        "The score of a device is the mean of its visits: 100 when all items were normal, 60 with a warning, "
        "20 with something critical. That of a site or class is the mean of its devices. Visits that could "
        "judge nothing do not count."
    ),
    figures=(
        Column("score", _l("Overall score"), "number"),
        Column("judged", _l("Devices judged"), "count", Drill("scores")),
        Column("poor", _l("Devices below 70"), "count", Drill("scores", {"poor": "yes"})),
        Column("abnormal", _l("Abnormal items in all visits"), "count"),
    ),
    tables=(
        Table(
            "classes",
            _l("Score by class"),
            (
                Column("class", _l("Class"), "class"),
                Column("devices", _l("Devices"), "count", Drill("scores", {"class": "=class"})),
                Column("score", _l("Score"), "number"),
                Column("poor", _l("Below 70"), "count", Drill("scores", {"class": "=class", "poor": "yes"})),
                Column("abnormal", _l("Abnormal items"), "count"),
            ),
            shown=40,
        ),
        Table(
            "sites",
            _l("Score by site"),
            (
                Column("site", _l("Site"), "site"),
                Column("devices", _l("Devices"), "count", Drill("scores", {"site": "=site"})),
                Column("score", _l("Score"), "number"),
                Column("poor", _l("Below 70"), "count", Drill("scores", {"site": "=site", "poor": "yes"})),
                Column("abnormal", _l("Abnormal items"), "count"),
            ),
            shown=40,
        ),
        Table(
            "scores",
            _l("Devices with the lowest scores"),
            (
                Column("device", _l("Device"), "device"),
                Column("class", _l("Class"), "class"),
                Column("site", _l("Site"), "site"),
                Column("score", _l("Score"), "number"),
                Column("poor", _l("Below 70"), "yes"),
                Column("visits", _l("Visits judged"), "count"),
                Column("abnormal", _l("Abnormal items"), "count"),
                Column("record", _l("Newest record"), "record"),
            ),
            shown=15,
        ),
    ),
)


def gather_health(ground: Ground) -> Content:
    """Scores from the visits; one more query for the weeks."""
    found = Content()
    scores: list[Row] = []
    for number, row in ground.devices.items():
        visits = ground.visits.get(number)
        if visits is None or visits.score is None:
            continue
        scores.append(
            [
                [number, row.name],
                row.device_class,
                [row.site_id, row.site_name],
                visits.score,
                "yes" if visits.score < POOR else "no",
                visits.judged,
                visits.abnormal,
                visits.last_id,
            ]
        )
    scores.sort(key=lambda row: (row[3], -row[6], row[0]))
    found.tables = {"scores": scores, "classes": _grouped(scores, 1), "sites": _grouped(scores, 2)}
    if not scores:
        found.empty = N_("No visit of this half-year could judge anything.")
        return found
    poor = sum(row[4] == "yes" for row in scores)
    mean = _mean(scores)
    abnormal = sum(row[6] for row in scores)
    found.figures = {"score": mean, "judged": len(scores), "poor": poor, "abnormal": abnormal}
    found.charts.append(_by_week(ground))
    found.say(
        STATE,
        N_("The overall score is %(score)s of 100 for %(count)s devices."),
        score=mean,
        count=len(scores),
    )
    if poor:
        found.say(
            ANALYSIS,
            N_("%(count)s devices stay below 70; the lowest is %(name)s with %(score)s."),
            count=poor,
            name=scores[0][0][1],
            score=scores[0][3],
        )
    return found


def _mean(rows: list[Row]) -> float:
    return round(float(sum(row[3] for row in rows)) / len(rows), 1)


def _grouped(scores: list[Row], place: int) -> list[Row]:
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in scores:
        groups[tuple(row[place]) if isinstance(row[place], list) else row[place]].append(row)
    rows = [
        [
            list(key) if isinstance(key, tuple) else key,
            len(rows),
            _mean(rows),
            sum(row[4] == "yes" for row in rows),
            sum(row[6] for row in rows),
        ]
        for key, rows in groups.items()
    ]
    return sorted(rows, key=lambda row: (row[2], str(row[0])))


def _by_week(ground: Ground) -> dict[str, Any]:
    """Share of visits in which something was abnormal, week by week."""
    record = InspectionRecord
    rows = db.session.execute(
        sa.select(
            InspectionRun.day,
            sa.func.count().label("visits"),
            sa.func.count().filter(record.worst.in_(("warning", "critical"))).label("abnormal"),
        )
        .join(record, record.run_id == InspectionRun.id)
        .where(*ground.runs_in, record.worst.in_(("ok", "warning", "critical")))
        .group_by(InspectionRun.day)
    )
    weeks: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for day, visits, abnormal in rows:
        week = weeks[(day - ground.period.first).days // 7]
        week[0] += visits
        week[1] += abnormal
    return {
        "kind": "line",
        "template": N_("Visits with something abnormal, by week"),
        "values": {},
        "unit": "%",
        "first": ground.period.first.isoformat(),
        "points": [
            [7 * week + 3, round(100 * abnormal / visits, 2)]
            for week, (visits, abnormal) in sorted(weeks.items())
        ],
        "ahead": [],
        "limit": None,
    }
