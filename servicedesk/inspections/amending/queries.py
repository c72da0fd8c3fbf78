"""Amendments as far as an actor may see their records, and in the words of pages and sheets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import joinedload

from collectors.outcome import Outcome
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.filters import number as number_text
from servicedesk.core.i18n import enumeration
from servicedesk.inspections.amending.models import ACCEPTED, OPEN, REFUSED, Amendment
from servicedesk.inspections.manual import definitions
from servicedesk.inspections.manual.models import ManualAnswer
from servicedesk.inspections.models import InspectionRecord, InspectionRun
from servicedesk.inspections.outcomes import check_title, item_title, verdict, verdict_label
from servicedesk.inspections.queries import scope_of

STATES: dict[str, LazyString] = {
    OPEN: _l("waits for review"),
    ACCEPTED: lazy_pgettext("inspection", "accepted"),
    REFUSED: _l("refused"),
}
# Of a record's item: record, check and item; of an answer by hand: "answer" and its number.
Key = tuple[object, ...]


def amendments_of(run_id: int) -> Sequence[Amendment]:
    """A run's amendments in the order they were signed."""
    return db.session.scalars(
        sa.select(Amendment)
        .where(Amendment.run_id == run_id)
        .options(joinedload(Amendment.answer))
        .order_by(Amendment.number)
    ).all()


def get_visible_amendment(amendment_id: int, actor: Actor) -> Amendment:
    """The amendment with its run, or NotFoundError."""
    found = db.session.scalar(
        sa.select(Amendment)
        .join(Amendment.run)
        .where(Amendment.id == amendment_id, scope_of(actor, InspectionRun))
        .options(joinedload(Amendment.run))
    )
    if found is None:
        raise NotFoundError
    return found


def key_of(amendment: Amendment) -> Key:
    """The item it is of; empty for a general one."""
    if amendment.answer_id is not None:
        return ("answer", amendment.answer_id)
    if amendment.record_id is not None:
        return (amendment.record_id, amendment.check, amendment.item)
    return ()


def by_key(amendments: Sequence[Amendment]) -> dict[Key, list[Amendment]]:
    """Amendments by the item they are of."""
    found: dict[Key, list[Amendment]] = {}
    for amendment in amendments:
        found.setdefault(key_of(amendment), []).append(amendment)
    return found


def counts_by_device(run_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """How many amendments that were not refused a device has, by run and device; one query."""
    device = sa.func.coalesce(InspectionRecord.device_id, ManualAnswer.device_id)
    rows = db.session.execute(
        sa.select(Amendment.run_id, device, sa.func.count())
        .outerjoin(InspectionRecord, InspectionRecord.id == Amendment.record_id)
        .outerjoin(ManualAnswer, ManualAnswer.id == Amendment.answer_id)
        .where(Amendment.run_id.in_(run_ids), Amendment.state != REFUSED, device.is_not(None))
        .group_by(Amendment.run_id, device)
    )
    return {(run_id, device_id): count for run_id, device_id, count in rows}


def subject_words(amendment: Amendment) -> str:
    """What it is of: the item's name, or that it is of the record as a whole."""
    if amendment.answer is not None:
        return definitions.title(amendment.answer.definition)
    if amendment.record_id is None:
        return _("The record as a whole")
    part = item_title(amendment.check, amendment.item)
    return f"{check_title(amendment.check)} · {part}" if part else check_title(amendment.check)


def side_words(amendment: Amendment, side: dict[str, Any]) -> str:
    """One side of before → after: result, verdict and remark, as far as there are any."""
    words = []
    if amendment.answer is not None:
        words.append(
            definitions.result_of(
                amendment.answer.definition, side.get("value"), side.get("option"), side.get("text", "")
            )
        )
    elif (value := side.get("value")) is not None:
        words.append(f"{number_text(value)} {amendment.unit}".strip())
    else:
        words.append(side.get("text", ""))
    if outcome := side.get("outcome"):
        words.append(str(verdict_label(verdict(Outcome(outcome)))))
    words.append(side.get("remark", ""))
    return enumeration(filter(None, words))


def change_words(amendment: Amendment) -> str:
    """Before → after; of a general one its remark."""
    after = side_words(amendment, amendment.after)
    return f"{side_words(amendment, amendment.before)} → {after}" if amendment.before else after


def mark(amendment: Amendment) -> str:
    """For the line of the item in sheets."""
    return _(
        "amendment %(number)s (%(state)s): %(change)s",
        number=amendment.number,
        state=str(STATES[amendment.state]),
        change=change_words(amendment),
    )
