"""The ledger as far as an actor may see it: sums for the head of the page, gaps for its list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.equipment.models import Device
from servicedesk.inspections.coverage.models import CoverageEntry
from servicedesk.inspections.coverage.reasons import PERFORMED
from servicedesk.inspections.models import InspectionRecord, InspectionRun
from servicedesk.inspections.queries import scope_of
from servicedesk.organisations.models import Site


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the ledger is looked at; a run or a device alone needs no period."""

    run_id: int | None = None
    device_id: int | None = None
    site_id: int | None = None
    since: datetime | None = None
    reason: str = ""
    required_only: bool = True


@dataclass(slots=True)
class Line:
    """One check: how often expected, how often performed, and the reasons of the gaps."""

    check: str
    expected: int = 0
    performed: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Summary:
    """Sums over everything filtered, but for the reason: it is what one chooses from."""

    lines: Sequence[Line]
    reasons: Mapping[str, int]

    @property
    def expected(self) -> int:
        return sum(line.expected for line in self.lines)

    @property
    def performed(self) -> int:
        return sum(line.performed for line in self.lines)


def _filtered(statement: Any, filters: Filters, actor: Actor) -> Any:
    statement = (
        statement.join(InspectionRecord, InspectionRecord.id == CoverageEntry.record_id)
        .join(InspectionRun, InspectionRun.id == InspectionRecord.run_id)
        .where(scope_of(actor, InspectionRun))
    )
    for column, value in (
        (InspectionRun.id, filters.run_id),
        (InspectionRecord.device_id, filters.device_id),
        (InspectionRun.site_id, filters.site_id),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if filters.since is not None and filters.run_id is None:
        statement = statement.where(InspectionRun.started_at >= filters.since)
    if filters.required_only:
        statement = statement.where(CoverageEntry.required)
    return statement


def summary(actor: Actor, filters: Filters) -> Summary:
    """Counted in one query by check and reason."""
    rows = db.session.execute(
        _filtered(
            sa.select(CoverageEntry.check, CoverageEntry.reason, sa.func.count().label("number")),
            filters,
            actor,
        ).group_by(CoverageEntry.check, CoverageEntry.reason)
    )
    lines: dict[str, Line] = {}
    reasons: dict[str, int] = defaultdict(int)
    for row in rows:
        line = lines.setdefault(row.check, Line(row.check))
        line.expected += row.number
        reasons[row.reason] += row.number
        if row.reason == PERFORMED:
            line.performed += row.number
        else:
            line.reasons[row.reason] = row.number
    ordered = sorted(lines.values(), key=lambda line: (line.performed - line.expected, line.check))
    return Summary(ordered, dict(sorted(reasons.items(), key=lambda pair: -pair[1])))


def entries(actor: Actor, filters: Filters, *, gaps_only: bool) -> sa.Select[*tuple[Any, ...]]:
    """Rows of the ledger with device, site and run; newest first when they are paged."""
    statement: sa.Select[*tuple[Any, ...]] = (
        _filtered(
            sa.select(
                CoverageEntry.record_id,
                CoverageEntry.check,
                CoverageEntry.required,
                CoverageEntry.reason,
                CoverageEntry.items,
                CoverageEntry.failed,
                CoverageEntry.detail,
                InspectionRecord.device_id,
                InspectionRun.id.label("run_id"),
                InspectionRun.name.label("run_name"),
                InspectionRun.day,
                Device.name.label("device_name"),
                Device.platform,
                Site.name.label("site_name"),
            ),
            filters,
            actor,
        )
        .join(Device, Device.id == InspectionRecord.device_id)
        .join(Site, Site.id == InspectionRun.site_id)
    )
    if filters.reason:
        return statement.where(CoverageEntry.reason == filters.reason)
    return statement.where(CoverageEntry.reason != PERFORMED) if gaps_only else statement
