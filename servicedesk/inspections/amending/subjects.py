"""What an amendment is of: a reading, an item no machine read, an answer by hand, or the whole record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.equipment.models import Device
from servicedesk.inspections.amending.models import ACCEPTED, OPEN, Amendment
from servicedesk.inspections.manual.models import ManualAnswer
from servicedesk.inspections.models import InspectionRecord, InspectionRun, Reading, ReadingItem
from servicedesk.inspections.outcomes import BY_CODE
from servicedesk.inspections.required import from_json

NOT_INSPECTED = "not_inspected"


@dataclass(frozen=True, slots=True)
class Reference:
    """How an address names a subject; empty means the record as a whole."""

    record_id: int | None = None
    check: str = ""
    item: str = ""
    answer_id: int | None = None

    @property
    def general(self) -> bool:
        """Whether it names no single item."""
        return self.record_id is None and self.answer_id is None


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject as it stands now: as recorded, or as the last accepted amendment left it."""

    reference: Reference
    place: str = ""
    unit: str = ""
    standing: dict[str, Any] = field(default_factory=dict)
    answer: ManualAnswer | None = None


def subject_of(run: InspectionRun, reference: Reference) -> Subject:
    """The subject within this run.

    Raises:
        NotFoundError: the run has no such item.
    """
    if reference.general:
        return Subject(reference)
    found = _answer(run, reference) if reference.answer_id is not None else _reading(run, reference)
    last = db.session.scalar(
        of(run, reference).where(Amendment.state == ACCEPTED).order_by(Amendment.number.desc()).limit(1)
    )
    if last is None:
        return found
    return Subject(found.reference, found.place, found.unit, dict(last.after), found.answer)


def waits(run: InspectionRun, reference: Reference) -> bool:
    """Whether an amendment of this item has not been reviewed yet."""
    return db.session.scalar(of(run, reference).where(Amendment.state == OPEN).limit(1)) is not None


def of(run: InspectionRun, reference: Reference) -> sa.Select[Amendment]:
    """The amendments of one subject."""
    return sa.select(Amendment).where(
        Amendment.run_id == run.id,
        Amendment.record_id == reference.record_id,
        Amendment.check == reference.check,
        Amendment.item == reference.item,
        Amendment.answer_id == reference.answer_id,
    )


def _answer(run: InspectionRun, reference: Reference) -> Subject:
    answer = db.session.get(ManualAnswer, reference.answer_id)
    if answer is None or answer.run_id != run.id:
        raise NotFoundError
    names = ("outcome", "value", "option", "text", "remark")
    standing = {name: getattr(answer, name) for name in names}
    unit = str(answer.definition["unit"])
    return Subject(Reference(answer_id=answer.id), answer.place_name, unit, standing, answer)


def _reading(run: InspectionRun, reference: Reference) -> Subject:
    record = db.session.get(InspectionRecord, reference.record_id)
    if record is None or record.run_id != run.id:
        raise NotFoundError
    device = db.session.get_one(Device, record.device_id)
    row = db.session.execute(
        sa.select(Reading.outcome, Reading.value, ReadingItem.unit)
        .join(ReadingItem, ReadingItem.id == Reading.item_id)
        .where(
            Reading.record_id == record.id,
            ReadingItem.check == reference.check,
            ReadingItem.item == reference.item,
        )
    ).first()
    if row is not None:
        standing = {"outcome": BY_CODE[row.outcome].value, "value": row.value, "remark": ""}
        return Subject(reference, device.name, row.unit, standing)
    # Required of this device and not read by a machine: somebody may have looked meanwhile.
    required = from_json(run.required)
    if reference.item or not any(
        one.check == reference.check and one.applies_to(device.device_class) for one in required
    ):
        raise NotFoundError
    return Subject(
        reference, device.name, "", {"outcome": NOT_INSPECTED, "value": None, "text": "", "remark": ""}
    )
