"""After a visit: what the device is made of, kept when it changed and judged against what was accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from collectors.checks.device.configuration import INTERFACE_DRIFT, MODULE_DRIFT, NEIGHBOUR_DRIFT
from collectors.messages import N_
from collectors.model import Finding as Judgement
from collectors.model import Levels, Message, Visit
from collectors.outcome import Outcome
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.equipment.models import Device
from servicedesk.inspections.drift import adopting, contradicting
from servicedesk.inspections.drift.changes import approved_change
from servicedesk.inspections.drift.comparing import Difference, compared
from servicedesk.inspections.drift.composition import (
    MODULES,
    NEIGHBOURS,
    PORTS,
    Composition,
    observed,
)
from servicedesk.inspections.drift.models import ACCEPTED, UNREGISTERED, CompositionVersion
from servicedesk.inspections.models import InspectionRecord
from servicedesk.tickets import service as tickets

CHECKS = {MODULES: MODULE_DRIFT, PORTS: INTERFACE_DRIFT, NEIGHBOURS: NEIGHBOUR_DRIFT}
ACTOR = Actor.system(N_("inspection"))
# A neighbour that restarts is away for one visit: only the second in a row makes a finding.
_LEVELS = {NEIGHBOURS: Levels(runs=2)}
TOLD = 10  # differences that a change's timeline lists


@dataclass(frozen=True, slots=True)
class _Seen:
    device: Device
    record: InspectionRecord
    now: datetime


def note_composition(
    device: Device, record: InspectionRecord, visit: Visit, *, now: datetime
) -> list[Judgement]:
    """A judgement for each kind that the visit told, in the caller's transaction.

    One query for a device that is as it was; nothing is written for it.
    """
    if not visit.facts.asked:
        return []
    version = newest(device.id)
    before = version.composition if version is not None else Composition()
    found, told = observed(visit.facts, before)
    if not told:
        return []
    if version is None or found != before:
        version = _keep(_Seen(device, record, now), version, found)
    differences = [] if version.state == ACCEPTED else open_differences(version)
    differences = differences + recorded_otherwise(device, found, differences)
    return [_judged(kind, differences, version) for kind in CHECKS if kind in told]


def recorded_otherwise(
    device: Device, found: Composition, known: Sequence[Difference] = ()
) -> list[Difference]:
    """What the record says and the device contradicts, besides what is known to differ."""
    others = contradicting.other_modules(device, found)
    others += contradicting.other_neighbours(device, found)
    there = {(one.kind, one.item) for one in known}
    return [one for one in others if (one.kind, one.item) not in there]


def newest(device_id: int) -> CompositionVersion | None:
    """What the device is made of now."""
    return _last(CompositionVersion.device_id == device_id)


def last_accepted(device_id: int) -> CompositionVersion | None:
    """What it is to be compared with."""
    return _last(CompositionVersion.device_id == device_id, CompositionVersion.state == ACCEPTED)


def _last(*conditions: sa.ColumnElement[bool]) -> CompositionVersion | None:
    statement = sa.select(CompositionVersion).where(*conditions)
    return db.session.scalar(statement.order_by(CompositionVersion.id.desc()).limit(1))


def open_differences(version: CompositionVersion) -> list[Difference]:
    """What nobody accepted yet."""
    accepted = last_accepted(version.device_id)
    return compared(accepted.composition, version.composition) if accepted is not None else []


def _keep(seen: _Seen, before: CompositionVersion | None, found: Composition) -> CompositionVersion:
    device, now = seen.device, seen.now
    sha256, content = found.packed()
    accepted = None if before is None else last_accepted(device.id)
    version = CompositionVersion(
        device_id=device.id,
        number=before.number + 1 if before is not None else 1,
        sha256=sha256,
        content=content,
        first_at=now,
        record_id=seen.record.id,
        state=UNREGISTERED,
    )
    differences = compared(accepted.composition, found) if accepted is not None else []
    version.differences = len(differences)
    db.session.add(version)
    if before is None or not differences:
        version.state, version.accepted_at = ACCEPTED, now
    else:
        _within_a_change(seen, before, version, found)
    db.session.flush()
    return version


def _within_a_change(
    seen: _Seen, before: CompositionVersion, version: CompositionVersion, found: Composition
) -> None:
    """Evidence of an approved change, if there is one. What was found before it stays somebody's work."""
    new = compared(before.composition, found)
    change = (
        approved_change(seen.device, seen.device.last_inspected_at or seen.now, seen.now) if new else None
    )
    if change is None:
        return
    version.change_id = change.id
    data = {
        "event": "composition",
        "device_id": seen.device.id,
        "device": seen.device.name,
        "number": version.number,
        "count": len(new),
        "differences": [one.data for one in new[:TOLD]],
        "record_id": seen.record.id,
    }
    tickets.add_entry(change, "drift", actor=ACTOR, now=seen.now, data=data)
    if before.state == ACCEPTED:
        version.state, version.accepted_at = ACCEPTED, seen.now
        adopting.adopt(seen.device, found, only={one.item for one in new}, actor=ACTOR, now=seen.now)


def _judged(kind: str, differences: Sequence[Difference], version: CompositionVersion) -> Judgement:
    mine = [one for one in differences if one.kind == kind]
    if not mine:
        sentence = Message(N_("As accepted: version %(number)s"), {"number": version.number})
        return Judgement(CHECKS[kind], "", Outcome.OK, sentence, levels=_LEVELS.get(kind))
    return Judgement(CHECKS[kind], "", Outcome.WARNING, in_one(mine), levels=_LEVELS.get(kind))


def in_one(differences: Sequence[Difference]) -> Message:
    """The sentence itself when there is but one, else how many there are, and the first."""
    if len(differences) == 1:
        return differences[0].message
    values: dict[str, str | float | int] = {"count": len(differences), "reason": str(differences[0].message)}
    return Message(N_("%(count)s differences, the first: %(reason)s"), values)
