"""What several sections stand on: the devices, their visits, the newest verdicts, the weekly values.

Readings are millions: they are summed by the database or stream through in parts, by device.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from collectors.outcome import Outcome
from servicedesk.core.db import db
from servicedesk.equipment.lifecycle import RUNNING
from servicedesk.equipment.models import Device, DeviceModel
from servicedesk.inspections.models import InspectionRecord, InspectionRun, LevelSet, Reading, ReadingItem
from servicedesk.organisations.models import Site
from servicedesk.tickets.periods import Period

PART = 50  # devices read at once
RECORDS = 500  # of them whose readings are read at once
ANSWERED = (Outcome.OK.value, Outcome.PARSE_FAILED.value)
CAPACITY = ("cpu_used", "memory_used", "swap_used", "filesystem_used", "file_descriptors", "ups_load")
SCORES = {"ok": 100, "warning": 60, "critical": 20}
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Visits:
    """Of one device in the period."""

    made: int = 0
    answered: int = 0
    scores: float = 0.0
    judged: int = 0
    abnormal: int = 0
    last_id: int = 0  # newest that gave readings
    last_at: datetime | None = None
    failure: str = ""  # outcome of the newest that did not
    failure_id: int = 0

    @property
    def score(self) -> float | None:
        """Mean over the visits that could judge anything: 100 all normal, 60 warning, 20 critical."""
        return round(self.scores / self.judged, 1) if self.judged else None


@dataclass(frozen=True, slots=True)
class Series:
    """Weekly medians of one item of one device: the middle day of each week since the first day."""

    device_id: int
    check: str
    item: str
    unit: str
    points: tuple[tuple[float, float], ...]
    limit: float | None


@dataclass
class Ground:
    """What is reported on: a client, or one of its sites; ``end`` is no part of the period."""

    client_id: int
    site_id: int | None
    period: Period
    as_of: date
    zone: ZoneInfo
    progress: Progress = field(default=lambda _done, _total: None)

    @cached_property
    def moments(self) -> tuple[datetime, datetime]:
        """Beginning and end of the period."""
        return self.period.moments(self.zone)

    def at(self, model: Any) -> list[sa.ColumnElement[bool]]:
        """Rows of the client, and of the site when there is one."""
        found = [model.client_id == self.client_id]
        return [*found, model.site_id == self.site_id] if self.site_id is not None else found

    def before(self) -> Ground:
        """The same half a year earlier."""
        earlier = self.period.moved(-1)
        return Ground(self.client_id, self.site_id, earlier, earlier.last, self.zone)

    @cached_property
    def runs_in(self) -> list[sa.ColumnElement[bool]]:
        """Runs of the period."""
        return [
            *self.at(InspectionRun),
            InspectionRun.day >= self.period.first,
            InspectionRun.day <= self.period.last,
        ]

    @cached_property
    def devices(self) -> dict[int, Any]:
        """Devices in use, and those visited in the period, by number, in the order of their names."""
        begun = Device.created_at < self.moments[1]
        visited = list(self.visits)
        rows = db.session.execute(
            sa.select(
                Device.id,
                Device.name,
                Device.device_class,
                Device.state,
                Device.site_id,
                Site.name.label("site_name"),
                Device.vendor,
                Device.model,
                Device.software_version,
                Device.warranty_until,
                DeviceModel.end_of_support_on,
                DeviceModel.end_of_life_on,
                DeviceModel.port_count,
            )
            .join(Site, Site.id == Device.site_id)
            .outerjoin(DeviceModel, DeviceModel.id == Device.model_id)
            .where(*self.at(Device))
            .where(sa.or_(sa.and_(Device.state.in_(sorted(RUNNING)), begun), Device.id.in_(visited)))
            .order_by(Device.name, Device.id)
        )
        return {row.id: row for row in rows}

    @cached_property
    def visits(self) -> dict[int, Visits]:
        """By device; one query, grouped by what came out."""
        record = InspectionRecord
        rows = db.session.execute(
            sa.select(
                record.device_id,
                record.outcome,
                record.worst,
                sa.func.count().label("number"),
                sa.func.sum(record.abnormal_count).label("abnormal"),
                sa.func.max(record.id).label("last_id"),
                sa.func.max(record.finished_at).label("last_at"),
            )
            .join(InspectionRun, InspectionRun.id == record.run_id)
            .where(*self.runs_in, record.state == "done")
            .group_by(record.device_id, record.outcome, record.worst)
            .order_by(record.device_id, record.outcome, record.worst)
        )
        found: dict[int, Visits] = defaultdict(Visits)
        for row in rows:
            _add(found[row.device_id], row)
        return dict(found)

    def latest(self, checks: Sequence[str] | None = None) -> Iterator[Any]:
        """Rows of the newest readings of every device: the whole is never held at once.

        Yields: device_id, record_id, check, item, unit, outcome (number), value, message.
        """
        records = [visits.last_id for visits in self.visits.values() if visits.last_id]
        for start in range(0, len(records), PART):
            statement = (
                sa.select(
                    InspectionRecord.device_id,
                    Reading.record_id,
                    ReadingItem.check,
                    ReadingItem.item,
                    ReadingItem.unit,
                    Reading.outcome,
                    Reading.value,
                    Reading.message,
                )
                .join(InspectionRecord, InspectionRecord.id == Reading.record_id)
                .join(ReadingItem, ReadingItem.id == Reading.item_id)
                .where(Reading.record_id.in_(records[start : start + PART]))
                .order_by(Reading.record_id, ReadingItem.check, ReadingItem.item)
            )
            if checks is not None:
                statement = statement.where(ReadingItem.check.in_(checks))
            yield from db.session.execute(statement)

    def series(self) -> Iterator[Series]:
        """Weekly medians of everything whose capacity ends; device by device."""
        items = {
            row.id: row
            for row in db.session.scalars(sa.select(ReadingItem).where(ReadingItem.check.in_(CAPACITY)))
        }
        limits = {row.id: row for row in db.session.scalars(sa.select(LevelSet))}
        devices = [number for number in self.devices if number in self.visits]
        for start in range(0, len(devices), PART):
            self.progress(start, len(devices))
            yield from self._series(devices[start : start + PART], items, limits)
        self.progress(len(devices), len(devices))

    def _series(
        self, devices: Sequence[int], items: dict[int, ReadingItem], limits: dict[int, LevelSet]
    ) -> Iterator[Series]:
        weeks: dict[tuple[int, int], dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
        level: dict[tuple[int, int], int | None] = {}
        begin = self.moments[0].timestamp()
        records = {row.id: row for row in db.session.execute(self._records(devices))}
        ids = sorted(records)
        for start in range(0, len(ids), RECORDS):
            # By the primary key alone: whatever the database thinks of joins, it must not walk all readings.
            # "+ 0": one walk through a record's readings is cheaper than a search for each item.
            readings = sa.select(
                Reading.record_id, Reading.item_id, Reading.value, Reading.level_set_id
            ).where(
                Reading.record_id.in_(ids[start : start + RECORDS]),
                (Reading.item_id + 0).in_(items),
                Reading.value.is_not(None),
            )
            for record_id, item_id, value, level_id in db.session.execute(
                readings.order_by(Reading.record_id, Reading.item_id)
            ):
                if value is None:
                    continue
                record = records[record_id]
                key = (record.device_id, item_id)
                weeks[key][int((record.finished_at.timestamp() - begin) // 604_800)].append(value)
                level[key] = level_id
        for key in sorted(weeks):
            item = items[key[1]]
            points = tuple((7.0 * week + 3, round(median(v), 4)) for week, v in sorted(weeks[key].items()))
            yield Series(key[0], item.check, item.item, item.unit, points, _upper(limits, level[key]))

    def _records(self, devices: Sequence[int]) -> sa.Select[*tuple[Any, ...]]:
        record = InspectionRecord
        return (
            sa.select(record.id, record.device_id, record.finished_at)
            .join(InspectionRun, InspectionRun.id == record.run_id)
            .where(*self.runs_in, record.device_id.in_(devices), record.finished_at.is_not(None))
        )


def _upper(limits: dict[int, LevelSet], number: int | None) -> float | None:
    """The limit the newest reading was judged by: the critical one, else the warning."""
    found = limits.get(number or 0)
    if found is None:
        return None
    return found.critical_upper if found.critical_upper is not None else found.warning_upper


def _add(visits: Visits, row: Any) -> None:
    visits.made += row.number
    visits.abnormal += int(row.abnormal or 0)
    if row.outcome not in ANSWERED:
        if row.last_id > visits.failure_id:
            visits.failure, visits.failure_id = row.outcome, row.last_id
        return
    visits.answered += row.number
    if row.worst in SCORES:
        visits.scores += SCORES[row.worst] * row.number
        visits.judged += row.number
    visits.last_id = max(visits.last_id, row.last_id)
    last_at = row.last_at
    if last_at is not None and (visits.last_at is None or last_at > visits.last_at):
        visits.last_at = last_at
