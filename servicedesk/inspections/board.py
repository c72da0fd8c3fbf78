"""The day at a site: devices by groups of items, the worst of each; what was not seen is never normal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from collectors.outcome import Outcome, worst
from servicedesk.core.db import db
from servicedesk.equipment.models import Device
from servicedesk.inspections.amending.queries import counts_by_device
from servicedesk.inspections.manual.models import ManualAnswer
from servicedesk.inspections.models import InspectionRecord, InspectionRun, Reading, ReadingItem
from servicedesk.inspections.outcomes import BY_CODE
from servicedesk.inspections.required import from_json

# Beginnings of checks' names, the first that fits counts.
GROUPS: tuple[tuple[str, LazyString, tuple[str, ...]], ...] = (
    ("reach", _l("Reachable"), ("reachable",)),
    ("cpu", _l("Processor"), ("cpu_", "load_")),
    ("memory", _l("Memory"), ("memory_", "swap_")),
    ("disk", _l("Disks"), ("filesystem_", "inodes_", "readonly_", "raid_", "smart")),
    ("ports", _l("Ports"), ("interface_", "bond_", "error_disabled_")),
    ("hardware", _l("Hardware"), ("sensor_", "device_", "supply_")),
    ("power", _l("Power supply"), ("ups_",)),
    ("services", _l("Services"), ("failed_", "clock_", "ntp_", "uptime", "reboot_", "zombies", "conntrack")),
    ("security", _l("Security"), ("sshd_", "empty_", "root_", "legacy_", "certificate_", "updates_")),
)
OTHER = ("other", _l("Other"))
BY_HAND = ("hand", _l("By hand"))
PAGE = 100  # devices


@dataclass(frozen=True, slots=True)
class Cell:
    """``outcome`` is a collectors' outcome, or empty where nothing is expected; the others count items."""

    outcome: str = ""
    items: int = 0
    abnormal: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One device. ``record_id`` None: it was not in any inspection of the day."""

    device_id: int
    name: str
    device_class: str
    record_id: int | None
    cells: dict[str, Cell]
    run_id: int | None = None
    amended: int = 0  # amendments of the record after it was signed


def group_of(check: str) -> str:
    """The column a check belongs to."""
    return next((name for name, _label, begins in GROUPS if check.startswith(begins)), OTHER[0])


def columns(lines: Sequence[Line]) -> list[tuple[str, str]]:
    """The groups of which any device has something, in order, with their words in the reader's language."""
    used = {name for line in lines for name, cell in line.cells.items() if cell.outcome}
    return [
        (name, str(label))
        for name, label in (*((n, lab) for n, lab, _b in GROUPS), OTHER, BY_HAND)
        if name in used
    ]


def day_of(site_id: int, day: date, after: str = "") -> tuple[list[Line], str]:
    """The lines of a page (``PAGE`` devices by name) and the name after which the next begins; seven queries.

    Args:
        day: in the site's time zone, as runs name it.
        after: the last device's name of the page before.
    """
    devices = db.session.execute(
        sa.select(Device.id, Device.name, Device.device_class, Device.last_inspected_at)
        .where(Device.site_id == site_id, Device.state == "active", Device.name > after)
        .order_by(Device.name, Device.id)
        .limit(PAGE + 1)
    ).all()
    more, devices = len(devices) > PAGE, devices[:PAGE]
    ids = [device.id for device in devices]
    records = _newest(ids, site_id, day)
    judged = _judged([record.id for record in records.values()])
    for record_id, outcomes in _by_hand(records).items():
        judged.setdefault(record_id, {})[BY_HAND[0]] = outcomes
    amended = counts_by_device({record.run_id for record in records.values()})
    lines = [_line(device, records.get(device.id), judged, amended) for device in devices]
    return lines, devices[-1].name if more else ""


def _newest(device_ids: Sequence[int], site_id: int, day: date) -> dict[int, Any]:
    """The last finished record of the day for each device."""
    # The runs first and by number: a database that starts from the devices reads half a year of each.
    of_day = sa.select(InspectionRun.id).where(InspectionRun.site_id == site_id, InspectionRun.day == day)
    newest = (
        sa.select(sa.func.max(InspectionRecord.id))
        .where(
            InspectionRecord.run_id.in_(db.session.scalars(of_day).all()),
            InspectionRecord.state == "done",
            InspectionRecord.device_id.in_(device_ids),
        )
        .group_by(InspectionRecord.device_id)
    )
    rows = db.session.execute(
        sa.select(
            InspectionRecord.id,
            InspectionRecord.device_id,
            InspectionRecord.outcome,
            InspectionRecord.run_id,
            InspectionRun.required,
        )
        .join(InspectionRun, InspectionRun.id == InspectionRecord.run_id)
        .where(InspectionRecord.id.in_(newest))
    )
    return {row.device_id: row for row in rows}


def _judged(record_ids: Sequence[int]) -> dict[int, dict[str, list[tuple[Outcome, int]]]]:
    """Outcomes with how often, by record and group."""
    rows = db.session.execute(
        sa.select(Reading.record_id, ReadingItem.check, Reading.outcome, sa.func.count().label("items"))
        .join(ReadingItem, ReadingItem.id == Reading.item_id)
        .where(Reading.record_id.in_(record_ids))
        .group_by(Reading.record_id, ReadingItem.check, Reading.outcome)
    )
    found: dict[int, dict[str, list[tuple[Outcome, int]]]] = {}
    for row in rows:
        of_record = found.setdefault(row.record_id, {})
        of_record.setdefault(group_of(row.check), []).append((BY_CODE[row.outcome], row.items))
    return found


def _by_hand(records: dict[int, Any]) -> dict[int, list[tuple[Outcome, int]]]:
    """What people looked at on these devices in the same runs, by record."""
    by_place: dict[tuple[int, int | None], int] = {
        (record.run_id, device_id): record.id for device_id, record in records.items()
    }
    rows = db.session.execute(
        sa.select(ManualAnswer.run_id, ManualAnswer.device_id, ManualAnswer.outcome, sa.func.count())
        .where(
            ManualAnswer.run_id.in_({record.run_id for record in records.values()}),
            ManualAnswer.device_id.in_(records),
        )
        .group_by(ManualAnswer.run_id, ManualAnswer.device_id, ManualAnswer.outcome)
    )
    found: dict[int, list[tuple[Outcome, int]]] = {}
    for run_id, device_id, outcome, count in rows:
        if (record_id := by_place.get((run_id, device_id))) is not None:
            found.setdefault(record_id, []).append((Outcome(outcome), count))
    return found


def places_of(site_id: int, day: date) -> list[tuple[int, str, Cell]]:
    """The site and its rooms: the run of the day that looked at them last, the name, how it was."""
    newest = (
        sa.select(sa.func.max(ManualAnswer.run_id))
        .join(ManualAnswer.run)
        .where(InspectionRun.site_id == site_id, InspectionRun.day == day)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(ManualAnswer.run_id, ManualAnswer.place_name, ManualAnswer.outcome, sa.func.count())
        .where(ManualAnswer.run_id == newest, ManualAnswer.device_id.is_(None))
        .group_by(ManualAnswer.run_id, ManualAnswer.place_key, ManualAnswer.place_name, ManualAnswer.outcome)
        .order_by(ManualAnswer.place_name)
    )
    found: dict[tuple[int, str], list[tuple[Outcome, int]]] = {}
    for run_id, name, outcome, count in rows:
        found.setdefault((run_id, name), []).append((Outcome(outcome), count))
    return [(run_id, name, _cell(outcomes)) for (run_id, name), outcomes in found.items()]


def _line(
    device: Any,
    record: Any,
    judged: dict[int, dict[str, list[tuple[Outcome, int]]]],
    amended: dict[tuple[int, int], int],
) -> Line:
    if record is None:
        # Known from an earlier day is not known today.
        outcome = Outcome.STALE if device.last_inspected_at is not None else Outcome.NOT_INSPECTED
        cells = {name: Cell(outcome.value) for name, _label, _begins in GROUPS[:1]}
        return Line(device.id, device.name, device.device_class, None, cells)
    found = judged.get(record.id, {})
    cells = {name: _cell(outcomes) for name, outcomes in found.items()}
    for item in from_json(record.required):
        if item.applies_to(device.device_class):
            cells.setdefault(group_of(item.check), _missing(record))
    count = amended.get((record.run_id, device.id), 0)
    return Line(device.id, device.name, device.device_class, record.id, cells, record.run_id, count)


def _cell(outcomes: list[tuple[Outcome, int]]) -> Cell:
    abnormal = sum(count for outcome, count in outcomes if outcome in (Outcome.WARNING, Outcome.CRITICAL))
    judged = [outcome for outcome, _count in outcomes]
    return Cell(worst(judged).value, sum(count for _outcome, count in outcomes), abnormal)


def _missing(record: Any) -> Cell:
    """Required and not there: as the visit ended, never normal."""
    failed = record.outcome not in (Outcome.OK.value, Outcome.PARSE_FAILED.value)
    return Cell(record.outcome if failed else Outcome.NOT_INSPECTED.value)
