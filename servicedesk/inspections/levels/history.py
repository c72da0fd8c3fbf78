"""What a draft level would have done: stored readings judged again, before anything is saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import sqlalchemy as sa

from collectors.levels import DEVICE_PROVENANCE, is_back, judge_value, resolve
from collectors.model import LevelRule, Levels, SensorLimits
from collectors.outcome import Outcome
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.inspections.levels.models import LevelSetting
from servicedesk.inspections.levels.rules import default_levels, holds_for, rule_of
from servicedesk.inspections.models import InspectionRecord, LevelSet, Reading, ReadingItem
from servicedesk.organisations.models import Contract

DAYS = 180
MAX_READINGS = 200_000
FEW_ITEMS = 500  # so many numbers may stand in a condition
ENOUGH_READINGS, ENOUGH_DAYS = 30, 14  # fewer say nothing about what is usual


@dataclass(frozen=True, slots=True)
class Past:
    """One item of one device under the draft: how often, since when, how far."""

    device_id: int
    device_name: str
    item: str
    unit: str
    readings: int
    beyond: int  # readings at or past the draft's levels
    fired: int  # findings that would have begun
    fired_now: int  # findings under the levels as they are
    last_at: datetime | None
    extreme: float
    overruled_by: str = ""  # the rule that holds instead of the draft


@dataclass(frozen=True, slots=True)
class BackTest:
    """All of it. ``cut``: there was more history than could be read; only the newest part was."""

    rows: Sequence[Past]
    days: int
    span_days: int
    cut: bool = False
    quantiles: Mapping[int, float] = field(default_factory=dict)  # percent: value

    @property
    def readings(self) -> int:
        return sum(row.readings for row in self.rows)

    @property
    def beyond(self) -> int:
        return sum(row.beyond for row in self.rows)

    @property
    def fired(self) -> int:
        return sum(row.fired for row in self.rows)

    @property
    def fired_now(self) -> int:
        return sum(row.fired_now for row in self.rows)

    @property
    def devices(self) -> int:
        return len({row.device_id for row in self.rows if row.fired})

    @property
    def devices_now(self) -> int:
        return len({row.device_id for row in self.rows if row.fired_now})

    @property
    def enough(self) -> bool:
        """Whether the history can say what is usual; a first reading never can."""
        return self.readings >= ENOUGH_READINGS and self.span_days >= ENOUGH_DAYS


def back_test(
    draft: LevelSetting, *, replaces: int | None, actor: Actor, now: datetime, days: int = DAYS
) -> BackTest:
    """Judge the stored readings the draft would hold for.

    Args:
        draft: not in the session; ``replaces`` is the number of the setting it would change.
    Only devices whose inspections the actor may see are read. What a device reported as its limits is
    known from readings that were judged by them.
    """
    devices = _devices(draft, actor, now)
    settings = _other_settings(draft, replaces)
    contracts = _contracts(draft.client_id, devices.values(), now)
    present = _present(replaces)
    rows, cut = _readings(draft, sorted(devices), now - timedelta(days=days))
    past: list[Past] = []
    values: list[float] = []
    times = [row.finished_at for row in rows]
    for (device_id, item), group in _grouped(rows).items():
        device = devices[device_id]
        rules = [rule_of(s) for s in settings if holds_for(s, device, contracts[device.site_id])]
        old = [rule_of(s) for s in present if holds_for(s, device, contracts[device.site_id])]
        past.append(_judge(device, item, group, [*rules, rule_of(draft)], [*rules, *old]))
        values += [row.value for row in group]
    past.sort(key=lambda row: (-row.fired, -row.beyond, row.device_name, row.item))
    span = (max(times) - min(times)).days if times else 0
    return BackTest(past, days, span, cut, _quantiles(values))


def _judge(
    device: Device, item: str, group: Sequence[Any], rules: Sequence[LevelRule], old: Sequence[LevelRule]
) -> Past:
    draft = rules[-1]
    default = default_levels(draft.check)
    upper = draft.direction == "upper"
    new = cache(lambda limits: resolve(default, draft.check, item, rules, limits))
    before = cache(lambda limits: resolve(default, draft.check, item, old, limits))
    new_levels = [(row.value, new(_limits(row))) for row in group]
    old_levels = [(row.value, before(_limits(row))) for row in group]
    beyond = [row for row, (value, levels) in zip(group, new_levels, strict=True) if _abnormal(value, levels)]
    last = new_levels[-1][1]
    values = [row.value for row in group]
    return Past(
        device_id=device.id,
        device_name=device.name,
        item=item,
        unit=group[-1].unit,
        readings=len(group),
        beyond=len(beyond),
        fired=begun(new_levels),
        fired_now=begun(old_levels),
        last_at=beyond[-1].finished_at if beyond else None,
        extreme=max(values) if upper else min(values),
        overruled_by="" if last.provenance == draft.provenance else last.provenance,
    )


def begun(readings: Iterable[tuple[float, Levels]]) -> int:
    """How many findings begin along readings in the order of time, by ``runs`` and ``margin``."""
    count = row = 0
    is_open = False
    for value, levels in readings:
        if _abnormal(value, levels):
            row += 1
            if not is_open and row >= levels.runs:
                is_open, count = True, count + 1
        elif row or is_open:
            row = 0
            is_open = is_open and not is_back(value, levels)
    return count


def _abnormal(value: float, levels: Levels) -> bool:
    """As ``judge_value`` says, but without the words: it is asked for hundreds of thousands of readings."""
    return not (
        (levels.warning_upper is None or value < levels.warning_upper)
        and (levels.critical_upper is None or value < levels.critical_upper)
        and (levels.warning_lower is None or value > levels.warning_lower)
        and (levels.critical_lower is None or value > levels.critical_lower)
    )


def _limits(row: Any) -> SensorLimits | None:
    if row.provenance != DEVICE_PROVENANCE:
        return None
    return SensorLimits(row.critical_lower, row.warning_lower, row.warning_upper, row.critical_upper)


def _grouped(rows: Sequence[Any]) -> Mapping[tuple[int, str], list[Any]]:
    """By device and item, oldest first."""
    groups: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for row in reversed(rows):
        groups[row.device_id, row.item].append(row)
    return groups


def _devices(draft: LevelSetting, actor: Actor, now: datetime) -> dict[int, Device]:
    scope = actor.scope(Permission.INSPECTION_VIEW).clause(Device.client_id, Device.site_id)
    statement = sa.select(Device).where(Device.client_id == draft.client_id, scope)
    if draft.rung == "device":
        statement = statement.where(Device.id == draft.device_id)
    elif draft.rung == "site":
        statement = statement.where(Device.site_id == draft.site_id)
    found = db.session.scalars(statement.order_by(Device.id)).all()
    contracts = _contracts(draft.client_id, found, now)
    return {device.id: device for device in found if holds_for(draft, device, contracts[device.site_id])}


def _contracts(client_id: int, devices: Iterable[Device], now: datetime) -> dict[int, frozenset[int]]:
    """Contracts in force by site; one query and one for their sites."""
    day = now.date()
    in_force = db.session.scalars(
        sa.select(Contract)
        .where(Contract.client_id == client_id, Contract.starts_on <= day, Contract.ends_on >= day)
        .options(sa.orm.selectinload(Contract.sites))
    ).all()
    return {
        site_id: frozenset(
            one.id for one in in_force if not one.sites or site_id in {site.id for site in one.sites}
        )
        for site_id in {device.site_id for device in devices}
    }


def _other_settings(draft: LevelSetting, replaces: int | None) -> Sequence[LevelSetting]:
    return db.session.scalars(
        sa.select(LevelSetting)
        .where(
            LevelSetting.client_id == draft.client_id,
            LevelSetting.check == draft.check,
            LevelSetting.id != (replaces or 0),
        )
        .options(
            sa.orm.joinedload(LevelSetting.device),
            sa.orm.joinedload(LevelSetting.site),
            sa.orm.joinedload(LevelSetting.contract),
        )
        .order_by(LevelSetting.id)
    ).all()


def _present(replaces: int | None) -> list[LevelSetting]:
    found = db.session.get(LevelSetting, replaces) if replaces else None
    return [found] if found is not None else []


# A stored number with what it was judged by.
_JUDGED = (
    ReadingItem.unit,
    Reading.value,
    LevelSet.provenance,
    LevelSet.warning_upper,
    LevelSet.critical_upper,
    LevelSet.warning_lower,
    LevelSet.critical_lower,
)


def _readings(draft: LevelSetting, device_ids: Sequence[int], since: datetime) -> tuple[Sequence[Any], bool]:
    """Stored values of the check, newest first."""
    items = {
        row.id: row
        for row in db.session.scalars(sa.select(ReadingItem).where(ReadingItem.check == draft.check))
        if fnmatchcase(row.item, draft.item)
    }
    if not items or not device_ids:
        return [], False
    statement = (
        sa.select(
            InspectionRecord.device_id,
            InspectionRecord.finished_at,
            ReadingItem.item,
            *_JUDGED,
        )
        .join(Reading, Reading.record_id == InspectionRecord.id)
        .join(ReadingItem, ReadingItem.id == Reading.item_id)
        .outerjoin(LevelSet, LevelSet.id == Reading.level_set_id)
        .where(
            Reading.item_id.in_(items) if len(items) <= FEW_ITEMS else ReadingItem.check == draft.check,
            Reading.value.is_not(None),
            InspectionRecord.device_id.in_(device_ids),
            InspectionRecord.finished_at >= since,
        )
        .order_by(InspectionRecord.id.desc())
        .limit(MAX_READINGS + 1)
    )
    names = {row.item for row in items.values()}
    rows = db.session.execute(statement).all()
    return [row for row in rows[:MAX_READINGS] if row.item in names], len(rows) > MAX_READINGS


def _quantiles(values: list[float]) -> dict[int, float]:
    """The values below which 1, 50 and 99 percent of the readings lie."""
    if not values:
        return {}
    ordered = sorted(values)
    return {percent: ordered[(len(ordered) - 1) * percent // 100] for percent in (1, 50, 99)}


@dataclass(frozen=True, slots=True)
class Applied:
    """One line of the preview: what would hold for an item of a device, and from where."""

    check: str
    item: str
    unit: str
    value: float | None
    levels: Levels
    outcome: Outcome | None  # of the newest value under these levels


def applied(device: Device, rules: Sequence[LevelRule]) -> Iterator[Applied]:
    """The levels of every number in a device's newest record, resolved anew."""
    newest = sa.select(sa.func.max(InspectionRecord.id)).where(
        InspectionRecord.device_id == device.id, InspectionRecord.outcome == Outcome.OK.value
    )
    rows = db.session.execute(
        sa.select(
            ReadingItem.check,
            ReadingItem.item,
            *_JUDGED,
        )
        .join(ReadingItem, ReadingItem.id == Reading.item_id)
        .join(LevelSet, LevelSet.id == Reading.level_set_id)
        .where(Reading.record_id == newest.scalar_subquery())
        .order_by(ReadingItem.check, ReadingItem.item)
    ).all()
    for row in rows:
        levels = resolve(default_levels(row.check), row.check, row.item, rules, _limits(row))
        outcome = judge_value(row.value, levels) if row.value is not None else None
        yield Applied(row.check, row.item, row.unit, row.value, levels, outcome)
