"""This half-year beside the last; and for each class of device state, analysis and recommendation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from servicedesk.core.db import db
from servicedesk.core.sentences import N_
from servicedesk.inspections.models import Finding
from servicedesk.reports.deep.content import ADVICE, ANALYSIS, STATE, Column, Content, Section, Table
from servicedesk.reports.deep.gathering.faults import changes_of, faults_of, median_hours
from servicedesk.reports.deep.gathering.ground import Ground

COMPARISON = Section(
    "comparison",
    _l("Comparison with the last half-year"),
    _l("The same figures counted in the same way from the records of both half-years."),
    tables=(
        Table(
            "figures",
            _l("Key figures"),
            (
                Column("figure", _l("Figure"), "figure"),
                Column("before", _l("Last half-year"), "number"),
                Column("now", _l("This half-year"), "number"),
                Column("change", _l("Change"), "signed"),
            ),
            shown=40,
        ),
    ),
)

CLASSES = Section(
    "classes",
    _l("Systems: state, analysis, recommendation"),
    _l("Drafted by rules from the sections of this report for each class of device, then written by people."),
)


def key_figures(ground: Ground) -> dict[str, float | None]:
    """The figures that are compared."""
    visits = [one for number, one in ground.visits.items() if number in ground.devices]
    scores = [one.score for one in visits if one.score is not None]
    made, answered = sum(one.made for one in visits), sum(one.answered for one in visits)
    start, end = ground.moments
    new = sa.func.count().filter(Finding.first_at >= start, Finding.first_at < end)
    left = sa.func.count().filter(
        Finding.first_at < end, sa.or_(Finding.closed_at.is_(None), Finding.closed_at >= end)
    )
    findings = db.session.execute(sa.select(new, left).where(*ground.at(Finding))).one()
    faults = faults_of(ground)
    return {
        "devices_inspected": sum(one.last_id > 0 for one in visits),
        "visits": made,
        "visits_answered_percent": round(100 * answered / made, 1) if made else None,
        "score": round(sum(scores) / len(scores), 1) if scores else None,
        "abnormal_items": sum(one.abnormal for one in visits),
        "findings_new": findings[0],
        "findings_open": findings[1],
        "faults": len(faults),
        "faults_major": sum(row[5] == "yes" for row in faults),
        "hours": median_hours(faults),
        "changes": len(changes_of(ground)),
    }


def gather_comparison(ground: Ground) -> Content:
    """Both half-years from their records."""
    earlier = ground.before()
    now, then = key_figures(ground), key_figures(earlier)
    found = Content()
    found.tables["figures"] = [
        [key, then[key], value, _change(then[key], value)] for key, value in now.items()
    ]
    if not then["visits"] and not then["faults"]:
        found.empty = N_(
            "No inspection and no fault of the last half-year is recorded; there is nothing to compare."
        )
        return found
    before, score = then["score"], now["score"]
    if before is not None and score is not None:
        found.say(
            ANALYSIS,
            N_("The overall score went from %(before)s to %(now)s."),
            before=before,
            now=score,
        )
    return found


def _change(before: float | None, now: float | None) -> float | None:
    return None if before is None or now is None else round(now - before, 1)


def gather_classes(ground: Ground, made: Mapping[str, Content]) -> Content:
    """Rules over what other sections found; nothing is read again."""
    found = Content()
    for row in made["health"].tables.get("classes", ()):
        found.say(
            STATE,
            N_(
                "%(count)s devices with a mean score of %(score)s; %(abnormal)s abnormal items in all visits."
            ),
            row[0],
            count=row[1],
            score=row[2],
            abnormal=row[4],
        )
        _analyse(found, row[0], made)
    if not found.sentences:
        found.empty = N_("No visit of this half-year could judge anything.")
    return found


def _analyse(found: Content, which: str, made: Mapping[str, Content]) -> None:
    begun = len(found.sentences)
    names = _names(made)[which]
    faults = dict(made["faults"].tables.get("classes", ())).get(which, 0)
    crossing = [row for row in made["capacity"].tables.get("crossing", ()) if row[0][0] in names]
    broken = [row for row in made["hardware"].tables.get("abnormal", ()) if row[1] == which]
    unsafe = [row for row in made["security"].tables.get("abnormal", ()) if row[1] == which]
    old = [row for row in made["versions"].tables.get("devices", ()) if row[1] == which and row[6] == "ended"]
    if faults:
        found.say(ANALYSIS, N_("%(count)s faults concerned these devices."), which, count=faults)
    rules: tuple[tuple[list[Any], str, str], ...] = (
        (
            crossing,
            N_("%(count)s quantities may reach their limit within a year, first on %(name)s."),
            N_("Enlarge or clean up in time; see utilisation and capacity."),
        ),
        (
            broken,
            N_("%(count)s hardware items are abnormal, among them on %(name)s."),
            N_("Repair or replace the parts; see hardware health."),
        ),
        (
            unsafe,
            N_("%(count)s deviations from the security baseline, among them on %(name)s."),
            N_("Mend the deviations by changes; see security baseline."),
        ),
        (
            old,
            N_("Support has ended for %(count)s devices, among them %(name)s."),
            N_("Plan their replacement; see versions and end of life."),
        ),
    )
    for rows, analysis, advice in rules:
        if rows:
            found.say(ANALYSIS, analysis, which, count=len(rows), name=rows[0][0][1])
            found.say(ADVICE, advice, which)
    if len(found.sentences) == begun:
        found.say(ANALYSIS, N_("Nothing stands out in this half-year."), which)
        found.say(ADVICE, N_("Go on as before."), which)


def _names(made: Mapping[str, Content]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for row in made["coverage"].tables.get("devices", ()):
        found[row[1]].add(row[0][0])
    return found
