"""The daily record in the form it is filed in: item, standard, result, verdict, remark, and who signed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import pgettext

from collectors.checks.spec import with_unit
from collectors.outcome import Outcome
from servicedesk.core.db import db
from servicedesk.core.filters import date_text, datetime_text, message
from servicedesk.core.sentences import translate
from servicedesk.equipment.models import Device
from servicedesk.inspections import queries
from servicedesk.inspections.amending.queries import (
    STATES,
    Key,
    amendments_of,
    by_key,
    change_words,
    mark,
    subject_words,
)
from servicedesk.inspections.manual import definitions
from servicedesk.inspections.manual.models import ManualAnswer
from servicedesk.inspections.manual.queries import answers_of
from servicedesk.inspections.models import InspectionRecord, InspectionRun
from servicedesk.inspections.outcomes import (
    check_title,
    item_title,
    outcome_label,
    standard_text,
    verdict,
    verdict_label,
)
from servicedesk.inspections.own.checks import spec_of
from servicedesk.inspections.reviewing.labels import sample_words
from servicedesk.inspections.reviewing.queries import reviews_of

BATCH = 50  # records whose readings are fetched together


def heading() -> tuple[str, ...]:
    """The columns, in the reader's language."""
    return (
        _("Device"),
        _("Address"),
        pgettext("inspection", "Item"),
        pgettext("inspection", "Of which"),
        pgettext("inspection", "Standard"),
        _("Result"),
        _("Verdict"),
        _("Remark"),
    )


def rows(run: InspectionRun) -> Iterator[list[Any]]:
    """A head of four lines, each device's required items, then the signatures."""
    yield [_("Inspection"), run.name, _("Site"), run.site.name, _("Day"), date_text(run.day)]
    yield [_("Began"), datetime_text(run.started_at), _("Ended"), datetime_text(run.finished_at)]
    yield []
    yield from lines(run)
    yield []
    for title, name, at, note in signatures(run):
        yield [title, name or "", datetime_text(at) if at else "", note]
    if run.content_hash:
        yield ["sha256", run.content_hash]
    for review in reviews_of(run.id):
        yield [_("Sample"), sample_words(review)]
    amended = amendments(run)
    if amended:
        yield []
        yield [_("Amendments after signing")]
        yield list(amendment_heading())
        yield from amended


def signatures(run: InspectionRun) -> tuple[tuple[str, str, datetime | None, str], ...]:
    """Inspector and reviewer: title, name, when, remark."""
    return (
        (_("Inspector"), run.signed_by, run.signed_at, run.sign_note),
        (_("Reviewer"), run.reviewed_by, run.reviewed_at, run.review_note),
    )


def amendment_heading() -> tuple[str, ...]:
    """The columns of ``amendments``."""
    return (
        _("Number"),
        _("Place"),
        pgettext("inspection", "Item"),
        _("Before → after"),
        _("Reason"),
        _("Signed"),
        pgettext("inspection", "Review"),
        "sha256",
    )


def amendments(run: InspectionRun) -> list[list[str]]:
    """Each amendment with who signed and who reviewed it, in order."""
    return [
        [
            str(one.number),
            one.place,
            subject_words(one),
            change_words(one),
            one.reason,
            f"{one.signed_by}, {datetime_text(one.signed_at)}",
            "; ".join(
                filter(
                    None,
                    (
                        str(STATES[one.state]),
                        f"{one.reviewed_by}, {datetime_text(one.reviewed_at)}" if one.reviewed_at else "",
                        one.review_note,
                    ),
                )
            ),
            one.content_hash,
        ]
        for one in amendments_of(run.id)
    ]


def lines(run: InspectionRun) -> Iterator[list[Any]]:
    """Each device's required items, then what was looked at by hand; columns as in ``heading``."""
    records = db.session.execute(
        sa.select(InspectionRecord, Device)
        .join(Device, Device.id == InspectionRecord.device_id)
        .where(InspectionRecord.run_id == run.id)
        .order_by(Device.name, Device.id)
    )
    marks = {key: [mark(one) for one in some] for key, some in by_key(amendments_of(run.id)).items()}
    for part in _batches(records.all()):
        found = queries.readings_of([record.id for record, _device in part])
        for record, device in part:
            yield from _of_device(run, record, device, found.get(record.id, []), marks)
    for answer in answers_of(run.id):
        yield _by_hand(answer, marks)


def _of_device(
    run: InspectionRun,
    record: InspectionRecord,
    device: Device,
    found: list[queries.ReadingRow],
    marks: dict[Key, list[str]],
) -> Iterator[list[Any]]:
    for line in queries.required_rows(run, record, device.device_class, found):
        title = check_title(line.check)
        if not line.readings:
            reason = translate(line.reason) or str(outcome_label(line.outcome.value))
            remark = "; ".join(filter(None, [reason, *marks.get((record.id, line.check, ""), ())]))
            yield [device.name, device.address, title, "", "", "", str(verdict_label(line.verdict)), remark]
        for reading in line.readings:
            yield [
                device.name,
                device.address,
                title,
                item_title(line.check, reading.item),
                standard_text(spec_of(line.check), reading.levels),
                "" if reading.value is None else with_unit(reading.value, reading.unit),
                str(verdict_label(reading.verdict)),
                "; ".join(
                    filter(
                        None,
                        [message(reading.message), *marks.get((record.id, line.check, reading.item), ())],
                    )
                ),
            ]


def _by_hand(answer: ManualAnswer, marks: dict[Key, list[str]]) -> list[Any]:
    remark = [answer.remark, _("photo kept") if answer.photo_sha256 else "", answer.answered_by]
    remark += marks.get(("answer", answer.id), [])
    return [
        answer.place_name,
        answer.room_name if answer.device_id else "",
        definitions.title(answer.definition),
        _("By hand"),
        definitions.standard(answer.definition),
        definitions.result(answer),
        str(verdict_label(verdict(Outcome(answer.outcome)))),
        "; ".join(filter(None, remark)),
    ]


def _batches(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]
