"""What came back again and again, joined with what was changed in the days before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from servicedesk.core.db import db
from servicedesk.core.sentences import N_
from servicedesk.inspections.drift.models import UNREGISTERED
from servicedesk.inspections.models import Finding
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
from servicedesk.reports.deep.gathering.configurations import versions_between
from servicedesk.reports.deep.gathering.faults import faults_of, tickets_of
from servicedesk.reports.deep.gathering.ground import Ground
from servicedesk.tickets.models import Ticket

REPEATED = 2  # findings of one item, or relapses, from which it is a cluster
FAULTS_REPEATED = 3  # faults of one device
CHANGE_BEFORE = timedelta(days=14)

REPEATS = Section(
    "repeated",
    _l("Repeated faults"),
    _l(
        "The same item of the same device found abnormal twice or more, or recovered and abnormal again; and "
        "devices with three faults or more. Beside them stand changes that ended, and configurations that "
        "were first seen different, within 14 days before."
    ),
    figures=(
        Column("clusters", _l("Repeated findings"), "count", Drill("clusters")),
        Column("devices", _l("Devices with three faults or more"), "count", Drill("devices")),
        Column("after", _l("Began after a change"), "count", Drill("clusters", {"after": "yes"})),
        Column("differed", _l("Began after the configuration differed"), "count", Drill("differed")),
    ),
    tables=(
        Table(
            "clusters",
            _l("Repeated findings"),
            (
                Column("device", _l("Device"), "device"),
                Column("check", _l("Check"), "check"),
                Column("item", lazy_pgettext("inspection", "Of which")),
                Column("times", _l("Findings"), "count"),
                Column("relapses", _l("Relapses"), "count"),
                Column("first", _l("First"), "moment"),
                Column("last", _l("Last"), "moment"),
                Column("open", _l("Still open"), "yes"),
                Column("after", _l("After a change"), "yes"),
                Column("change", _l("Change"), "ticket"),
                Column("record", _l("Record"), "record"),
            ),
            shown=30,
        ),
        # A table of its own: reports that were stored before have none, and their clusters stay as they were.
        Table(
            "differed",
            _l("Repeated findings after the configuration differed"),
            (
                Column("device", _l("Device"), "device"),
                Column("check", _l("Check"), "check"),
                Column("item", lazy_pgettext("inspection", "Of which")),
                Column("began", lazy_pgettext("time", "Found"), "moment"),
                Column("seen", _l("Difference first seen"), "moment"),
                Column("added", _l("Lines added"), "count"),
                Column("removed", _l("Lines removed"), "count"),
                Column("registered", lazy_pgettext("change", "Registered"), "yes"),
                Column("record", _l("Record"), "record"),
            ),
            shown=30,
        ),
        Table(
            "devices",
            _l("Devices with three faults or more"),
            (
                Column("device", _l("Device"), "device"),
                Column("class", _l("Class"), "class"),
                Column("faults", _l("Faults"), "count"),
                Column("causes", _l("Different causes"), "count"),
            ),
        ),
    ),
)


def gather_repeats(ground: Ground) -> Content:
    """Findings by item, joined with the changes and the differences of configurations before them."""
    start, end = ground.moments
    changes: dict[int, list[Row]] = defaultdict(list)
    for change in tickets_of(
        ground, Ticket.category == "change", Ticket.closed_at >= start - CHANGE_BEFORE, Ticket.closed_at < end
    ):
        if change[1]:
            changes[change[1][0]].append(change)
    versions: dict[int, list[Any]] = defaultdict(list)
    for version in versions_between(ground, start - CHANGE_BEFORE, end):
        versions[version.device_id].append(version)
    rows = db.session.scalars(
        sa.select(Finding)
        .where(*ground.at(Finding), Finding.first_at < end, Finding.last_at >= start)
        .where(Finding.state != "watched")
        .order_by(Finding.first_at, Finding.id)
    )
    groups: dict[tuple[int, str, str], list[Finding]] = defaultdict(list)
    for finding in rows:
        groups[finding.device_id, finding.check, finding.item].append(finding)
    found = Content(tables={"clusters": [], "differed": [], "devices": _often(faults_of(ground))})
    for key, findings in groups.items():
        relapses = sum(one.relapses for one in findings)
        if (len(findings) >= REPEATED or relapses >= REPEATED) and key[0] in ground.devices:
            row = _cluster(ground, findings, relapses, changes[key[0]])
            found.tables["clusters"].append(row)
            found.tables["differed"] += _difference(row, findings, versions[key[0]])
    found.tables["clusters"].sort(key=lambda row: (-row[3] - row[4], row[0][1], row[1], row[2]))
    _say_repeats(found)
    return found


def _cluster(ground: Ground, findings: list[Finding], relapses: int, changes: list[Row]) -> Row:
    first, last = findings[0], findings[-1]
    change = next(
        (row for row in reversed(changes) if _just_before(row, [one.first_at for one in findings])), None
    )
    return [
        [first.device_id, ground.devices[first.device_id].name],
        first.check,
        first.item,
        len(findings),
        relapses,
        first.first_at.isoformat(),
        max(one.last_at for one in findings).isoformat(),
        "no" if all(one.state == "closed" for one in findings) else "yes",
        "yes" if change else "no",
        change[0] if change else None,
        last.last_record_id,
    ]


def _difference(cluster: Row, findings: list[Finding], versions: Sequence[Any]) -> list[Row]:
    """One row for the newest version of the configuration after which a finding began, within the days."""
    for one in reversed(versions):
        for finding in findings:
            if one.first_at <= finding.first_at <= one.first_at + CHANGE_BEFORE:
                began, seen = finding.first_at.isoformat(), one.first_at.isoformat()
                registered = "no" if one.state == UNREGISTERED else "yes"
                return [[*cluster[:3], began, seen, one.added, one.removed, registered, one.record_id]]
    return []


def _just_before(change: Row, moments: Sequence[datetime]) -> bool:
    """A change is told by when it was resolved; one that was cancelled changed nothing."""
    if not change[7]:
        return False
    done = datetime.fromisoformat(change[7])
    return any(done <= moment <= done + CHANGE_BEFORE for moment in moments)


def _often(faults: Sequence[Row]) -> list[Row]:
    counted: dict[int, list[Row]] = defaultdict(list)
    for row in faults:
        if row[1]:
            counted[row[1][0]].append(row)
    rows = [
        [rows[0][1], rows[0][2], len(rows), len({tuple(row[3]) for row in rows if row[3]})]
        for rows in counted.values()
        if len(rows) >= FAULTS_REPEATED
    ]
    return sorted(rows, key=lambda row: (-row[2], row[0][1]))


def _say_repeats(found: Content) -> None:
    clusters = found.tables["clusters"]
    after = sum(row[8] == "yes" for row in clusters)
    differed = len(found.tables["differed"])
    found.figures = {
        "clusters": len(clusters),
        "devices": len(found.tables["devices"]),
        "after": after,
        "differed": differed,
    }
    if not clusters and not found.tables["devices"]:
        found.empty = N_("Nothing was found abnormal twice, and no device had three faults.")
        return
    if clusters:
        found.say(STATE, N_("%(count)s items were found abnormal again and again."), count=len(clusters))
        found.say(ADVICE, N_("Look for the root cause of what repeats; a reset or a cleaning did not hold."))
    if after:
        found.say(ANALYSIS, N_("%(count)s of them began within 14 days after a change."), count=after)
    if differed:
        found.say(
            ANALYSIS,
            N_("%(count)s of them began within 14 days after the configuration of the device differed."),
            count=differed,
        )
