"""The daily record on paper: A4, the table people file, both signatures, the hash, small photos."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any

import typst
from flask_babel import gettext as _
from flask_babel import pgettext

from servicedesk.core import typesetting
from servicedesk.core.blobs import BlobMissingError, BlobStore
from servicedesk.core.filters import date_text, datetime_text, weekday
from servicedesk.core.i18n import enumeration
from servicedesk.inspections import day_sheet
from servicedesk.inspections.amending.queries import amendments_of
from servicedesk.inspections.manual import definitions
from servicedesk.inspections.manual.queries import answers_of
from servicedesk.inspections.models import InspectionRun
from servicedesk.inspections.outcomes import VERDICT_LABELS, Verdict
from servicedesk.inspections.reviewing.labels import sample_words
from servicedesk.inspections.reviewing.queries import reviews_of

MAX_PHOTOS = 60  # more would make a book of it; all of them stay in the record
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png"}


def pdf(run: InspectionRun, *, blobs: BlobStore) -> bytes:
    """The record as it stands; the same record gives the same bytes."""
    photos, images = _photos(run, blobs)
    data = _data(run)
    made_at = _amended_at(run) or run.reviewed_at or run.signed_at or run.finished_at or run.started_at
    try:
        return typesetting.pdf("day", data | {"photos": photos}, made_at=made_at, images=images)
    except typst.TypstError:
        if not images:
            raise
        # A photo that is broken inside must not keep the record from being printed; the page has it still.
        told = data | {"photos": [], "unreadable": _("The photos cannot be shown on paper; see the record.")}
        return typesetting.pdf("day", told, made_at=made_at)


def _amended_at(run: InspectionRun) -> datetime | None:
    return max((one.reviewed_at or one.signed_at for one in amendments_of(run.id)), default=None)


def _data(run: InspectionRun) -> dict[str, Any]:
    title = _("Daily inspection record")
    groups = [
        {"name": name, "address": address, "rows": [_row(line) for line in lines]}
        for (name, address), lines in groupby(day_sheet.lines(run), key=lambda line: (line[0], line[1]))
    ]
    counted: dict[str, int] = {}
    for group in groups:
        for row in group["rows"]:
            counted[row[3]] = counted.get(row[3], 0) + 1
    return {
        "title": f"{title} {run.site.name} {run.day.isoformat()}",
        "header": f"{title} · {run.site.name} · {date_text(run.day)}",
        "heading": title,
        "head": [
            [_("Inspection"), run.name],
            [_("Site"), run.site.name],
            [_("Day"), f"{date_text(run.day)} {weekday(run.day)}"],
            [_("Began"), datetime_text(run.started_at)],
            [_("Ended"), datetime_text(run.finished_at)],
            [_("Verdict"), enumeration(f"{name} {counted[name]}" for name in _verdicts() if name in counted)],
        ],
        "columns": [
            pgettext("inspection", "Item"),
            pgettext("inspection", "Standard"),
            _("Result"),
            _("Verdict"),
            _("Remark"),
        ],
        "groups": groups,
        "abnormal": str(VERDICT_LABELS[Verdict.ABNORMAL]),
        "note": run.note and _("Missed"),
        "signatures": [
            [name, who, datetime_text(at) if at else "", note]
            for name, who, at, note in day_sheet.signatures(run)
        ],
        "signed_at": _("Date and time"),
        "remark": _("Remark"),
        "hash": run.content_hash,
        "samples": [f"{_('Sample')}: {sample_words(review)}" for review in reviews_of(run.id)],
        "amendment_heading": _("Amendments after signing"),
        "amendment_columns": day_sheet.amendment_heading()[:-1],
        "amendments": day_sheet.amendments(run),
        "photo_heading": _("Photos"),
    }


def _verdicts() -> list[str]:
    return [str(label) for label in VERDICT_LABELS.values()]


def _row(line: list[Any]) -> list[str]:
    """Device, address, item, of which, standard, result, verdict, remark: the last six as five cells."""
    item, part, standard, result, verdict, remark = (str(cell) for cell in line[2:])
    return [f"{item} · {part}" if part else item, standard, result, verdict, remark]


def _photos(run: InspectionRun, blobs: BlobStore) -> tuple[list[dict[str, str]], dict[str, bytes]]:
    shown: list[dict[str, str]] = []
    images: dict[str, bytes] = {}
    for answer in answers_of(run.id):
        ending = _ENDINGS.get(answer.photo_type)
        if ending is None or len(images) >= MAX_PHOTOS:
            continue
        name = f"photo{answer.id}.{ending}"
        try:
            images[name] = blobs.get(answer.photo_sha256)
        except BlobMissingError:
            continue  # its hash in the record tells that there was one
        words = f"{answer.place_name} · {definitions.title(answer.definition)}"
        shown.append({"file": name, "words": words, "by": answer.answered_by})
    return shown, images
