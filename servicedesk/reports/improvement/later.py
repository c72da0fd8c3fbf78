"""What inspections read of a device after a moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from collectors.outcome import ABNORMAL, JUDGED
from servicedesk.core.db import db
from servicedesk.inspections.models import InspectionRecord, Reading, ReadingItem
from servicedesk.inspections.outcomes import BY_CODE
from servicedesk.reports.deep.gathering.ground import ANSWERED

RUNS = 3  # later inspections it takes
MOST_ROWS = 2000  # of one check of one device


@dataclass(slots=True)
class Run:
    """One later inspection in which the check was judged."""

    record_id: int
    abnormal: bool = False
    values: list[float] = field(default_factory=list)


def cell(kind: str, value: Any) -> dict[str, Any]:
    """Evidence, as reports have it."""
    return {"kind": kind, "value": value}


def runs(device_id: int, check: str, since: datetime, *, item: str | None = None) -> list[Run]:
    """The newest ``RUNS`` inspections after ``since`` that judged the check, the newest first."""
    statement = (
        sa.select(Reading.record_id, Reading.outcome, Reading.value)
        .join(InspectionRecord, InspectionRecord.id == Reading.record_id)
        .join(ReadingItem, ReadingItem.id == Reading.item_id)
        .where(
            InspectionRecord.device_id == device_id,
            InspectionRecord.state == "done",
            InspectionRecord.finished_at > since,
            ReadingItem.check == check,
        )
    )
    if item is not None:
        statement = statement.where(ReadingItem.item == item)
    found: dict[int, Run] = {}
    for record_id, code, value in db.session.execute(
        statement.order_by(Reading.record_id.desc()).limit(MOST_ROWS)
    ):
        outcome = BY_CODE[code]
        if outcome not in JUDGED:
            continue
        if record_id not in found and len(found) == RUNS:
            break
        run = found.setdefault(record_id, Run(record_id))
        run.abnormal = run.abnormal or outcome in ABNORMAL
        if value is not None:
            run.values.append(value)
    return list(found.values())


def answered(device_id: int, since: datetime, least: int) -> int | None:
    """The newest inspection after ``since`` that gave readings, when there were ``least`` of them."""
    numbers = db.session.scalars(
        sa.select(InspectionRecord.id)
        .where(
            InspectionRecord.device_id == device_id,
            InspectionRecord.state == "done",
            InspectionRecord.finished_at > since,
            InspectionRecord.outcome.in_(ANSWERED),
        )
        .order_by(InspectionRecord.id.desc())
        .limit(least)
    ).all()
    return numbers[0] if len(numbers) >= least else None
