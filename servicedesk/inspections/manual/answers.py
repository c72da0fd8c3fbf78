"""Answering: each answer is saved at once, once, and never over somebody else's unseen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.blobs import BlobStore
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.core.uploads import content_type
from servicedesk.inspections.manual import troubles
from servicedesk.inspections.manual.definitions import judged
from servicedesk.inspections.manual.models import ManualAnswer, ManualDelivery
from servicedesk.inspections.models import InspectionRun

PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_AUDITED = ("outcome", "value", "option", "text", "remark", "photo_sha256", "answered_by")


class Sent(StrEnum):
    """What became of a delivery."""

    SAVED = "saved"
    REPEATED = "repeated"  # it was here already; nothing changed
    CONFLICT = "conflict"  # somebody else answered meanwhile; nothing changed
    CLOSED = "closed"  # the record is signed; nothing changed


@dataclass(frozen=True, slots=True)
class Given:
    """One answer as it was sent.

    Args:
        uuid: made by the sender; the same one again changes nothing.
        seen: the answer's ``version`` that the sender saw.
        said: empty, or normal, abnormal, not_applicable, not_inspected.
        value: the number, the option's number, or the text.
        photo: its bytes, or None.
        given_at: the sender's clock, as it is: only to be shown.
    """

    uuid: str
    seen: int
    value: str = ""
    said: str = ""
    remark: str = ""
    photo: bytes | None = None
    given_at: str = ""


def answer(
    answer_id: int, given: Given, *, actor: Actor, now: datetime, blobs: BlobStore, max_bytes: int
) -> tuple[Sent, ManualAnswer]:
    """Save an answer, unless it came before, somebody else was faster, or the record is signed.

    Raises:
        NotFoundError, NotAllowedError: not the actor's to see, or to inspect.
        InvalidError: it is no answer to this item; with the field's name.
    """
    run, row = _locked(answer_id)
    if run is None or row is None or not actor.allows(Permission.INSPECTION_VIEW, run.client_id, run.site_id):
        raise NotFoundError
    if not actor.allows(Permission.INSPECTION_RUN, run.client_id, run.site_id):
        raise NotAllowedError
    if _came_before(given.uuid, row, actor):
        return Sent.REPEATED, row
    if run.signed_at is not None:
        return Sent.CLOSED, row
    if row.version != given.seen and row.answered_by_id != actor.user_id:
        return Sent.CONFLICT, row
    before = audit.snapshot(row, _AUDITED)
    _fill(row, given, blobs, max_bytes)
    row.version += 1
    row.answered_by_id, row.answered_by, row.answered_at = actor.user_id, actor.name, now
    _note_delivery(row, given, actor, now)
    _count(run)
    troubles.apply(run, row, now=now)
    label = f"{row.place_name}: {row.definition['title'][0]}"[:200]
    audit.record(
        actor,
        "inspection.answered",
        run,
        now=now,
        label=label,
        before=before,
        after=audit.snapshot(row, _AUDITED),
    )
    return Sent.SAVED, row


def _locked(answer_id: int) -> tuple[InspectionRun | None, ManualAnswer | None]:
    """The run first, as signing locks it, then the answer."""
    run = db.session.scalar(
        for_update(
            sa.select(InspectionRun).where(
                InspectionRun.id
                == sa.select(ManualAnswer.run_id).where(ManualAnswer.id == answer_id).scalar_subquery()
            )
        )
    )
    row = db.session.scalar(for_update(sa.select(ManualAnswer).where(ManualAnswer.id == answer_id)))
    return run, row


def _came_before(uuid: str, row: ManualAnswer, actor: Actor) -> bool:
    if not _UUID.fullmatch(uuid):
        raise InvalidError(_("This answer has no valid number of its own. Reload the page."))
    known = db.session.scalar(sa.select(ManualDelivery).where(ManualDelivery.uuid == uuid))
    if known is not None and (known.answer_id, known.user_id) != (row.id, actor.user_id):
        raise InvalidError(_("This answer has the number of another one. Reload the page."))
    return known is not None


def _fill(row: ManualAnswer, given: Given, blobs: BlobStore, max_bytes: int) -> None:
    outcome, columns = judged(row.definition, given.said, given.value)
    remark = given.remark.strip()
    if any(ord(c) < 32 and c not in "\t\r\n" for c in remark + str(columns["text"])):
        raise InvalidError(_("This text contains control characters. Please type it again."), "remark")
    if len(remark) > 2000:
        raise InvalidError(_("The remark is too long."), "remark")
    looked = given.said not in ("not_applicable", "not_inspected")
    if not looked and not remark:
        raise InvalidError(_("Say in the remark why."), "remark")
    if looked and row.definition["photo_required"] and not given.photo and not row.photo_sha256:
        raise InvalidError(_("This item needs a photo."), "photo")
    if given.photo:
        row.photo_sha256, row.photo_type = _kept_photo(given.photo, blobs, max_bytes)
    row.outcome, row.remark = outcome.value, remark
    row.value, row.option, row.text = columns["value"], columns["option"], columns["text"]


def _kept_photo(content: bytes, blobs: BlobStore, max_bytes: int) -> tuple[str, str]:
    if len(content) > max_bytes:
        raise InvalidError(_("The photo is larger than %(size)s MB.", size=max_bytes // 1024**2), "photo")
    kind = content_type(content)
    if kind not in PHOTO_TYPES:
        raise InvalidError(_("This is no photo in JPEG, PNG or WebP."), "photo")
    return blobs.put(content), kind


def _note_delivery(row: ManualAnswer, given: Given, actor: Actor, now: datetime) -> None:
    content: dict[str, Any] = audit.snapshot(row, _AUDITED) | {
        "version": row.version,
        "given_at": given.given_at[:40],
    }
    db.session.add(
        ManualDelivery(
            uuid=given.uuid, answer_id=row.id, user_id=actor.user_id, by=actor.name, at=now, content=content
        )
    )
    db.session.flush()


def _count(run: InspectionRun) -> None:
    """The run's figures for lists; what was only excused is not done."""
    done = ManualAnswer.outcome != "not_inspected"
    abnormal = ManualAnswer.outcome.in_(("warning", "critical"))
    row = db.session.execute(
        sa.select(sa.func.count().filter(done), sa.func.count().filter(abnormal)).where(
            ManualAnswer.run_id == run.id
        )
    ).one()
    run.manual_done, run.manual_abnormal = row[0], row[1]
