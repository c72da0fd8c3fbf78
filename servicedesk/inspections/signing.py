"""Signing a record and reviewing it. What was signed is fixed by a hash over all its rows."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.inspections.amending.models import Amendment
from servicedesk.inspections.manual.models import ManualAnswer
from servicedesk.inspections.models import InspectionRecord, InspectionRun, Reading
from servicedesk.inspections.retention.queries import refuse_without_readings


def content_hash(run: InspectionRun) -> str:
    """sha256 over the run's list, its records and all their readings, in canonical JSON.

    Whoever recomputes it later sees whether anything that was signed was touched.
    """
    digest = hashlib.sha256()

    def add(values: object) -> None:
        digest.update(json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())

    add([run.id, run.slot.isoformat(), run.day.isoformat(), run.required])
    records = db.session.execute(
        sa.select(
            InspectionRecord.id,
            InspectionRecord.device_id,
            InspectionRecord.outcome,
            InspectionRecord.error,
            InspectionRecord.transcript_sha256,
        )
        .where(InspectionRecord.run_id == run.id)
        .order_by(InspectionRecord.id)
    ).all()
    for record in records:
        add(list(record))
    rows = db.session.execute(
        sa.select(
            Reading.record_id,
            Reading.item_id,
            Reading.outcome,
            Reading.value,
            Reading.level_set_id,
            Reading.exchange,
            Reading.line,
            Reading.versions,
        )
        .join(InspectionRecord, InspectionRecord.id == Reading.record_id)
        .where(InspectionRecord.run_id == run.id)
        .order_by(Reading.record_id, Reading.item_id)
        .execution_options(yield_per=2000)
    )
    for row in rows:
        add(list(row))
    for answer in db.session.execute(_answers(run)):
        add(["by hand", *answer])
    return digest.hexdigest()


def _answers(run: InspectionRun) -> sa.Select[*tuple[Any, ...]]:
    """What was looked at by hand; records of before there was any keep the hash they have."""
    answer = ManualAnswer
    return (
        sa.select(
            answer.id,
            answer.item_id,
            answer.place_key,
            answer.place_name,
            answer.definition,
            answer.outcome,
            answer.value,
            answer.option,
            answer.text,
            answer.remark,
            answer.photo_sha256,
            answer.answered_by,
        )
        .where(answer.run_id == run.id)
        .order_by(answer.id)
    )


def locked_run(run: InspectionRun) -> InspectionRun:
    """The run again, for change: all that is signed or reviewed of it waits for this lock."""
    return db.session.scalars(for_update(sa.select(InspectionRun).where(InspectionRun.id == run.id))).one()


def sign(run: InspectionRun, *, note: str, actor: Actor, now: datetime) -> None:
    """The inspector's signature under a complete record.

    Raises:
        NotAllowedError, ConflictError: somebody signed already, the run goes on, or its readings are gone.
        InvalidError: items by hand are not answered, and no remark says why.
    """
    run = locked_run(run)
    if not actor.allows(Permission.INSPECTION_SIGN, run.client_id, run.site_id) or actor.user_id is None:
        raise NotAllowedError
    if run.state == "running":
        raise ConflictError(_("The inspection is still running. Sign it when it is complete."))
    if run.signed_at is not None:
        raise ConflictError(_("%(name)s signed this record already.", name=run.signed_by))
    refuse_without_readings(run.id)
    if run.manual_done < run.manual_count and not note.strip():
        raise InvalidError(_("Some items by hand are not answered. Say in the remark why."), "note")
    run.content_hash = content_hash(run)
    run.signed_by_id, run.signed_by, run.signed_at = actor.user_id, actor.name, now
    run.sign_note = note.strip()
    after = {"content_hash": run.content_hash, "note": run.sign_note}
    audit.record(actor, "inspection.signed", run, now=now, label=run.name, after=after)


def review(run: InspectionRun, *, accept: bool, note: str, actor: Actor, now: datetime) -> None:
    """The supervisor's review; handing back takes the inspector's signature off again, visibly.

    Raises:
        InvalidError: handing back needs a reason.
    """
    run = locked_run(run)
    if not actor.allows(Permission.INSPECTION_REVIEW, run.client_id, run.site_id) or actor.user_id is None:
        raise NotAllowedError
    if run.signed_at is None:
        raise ConflictError(_("The record is not signed yet."))
    if run.reviewed_at is not None:
        raise ConflictError(_("%(name)s reviewed this record already.", name=run.reviewed_by))
    if run.signed_by_id == actor.user_id:
        raise InvalidError(_("Nobody reviews the record they signed. Ask another supervisor."))
    if accept:
        run.reviewed_by_id, run.reviewed_by, run.reviewed_at = actor.user_id, actor.name, now
        run.review_note = note.strip()
        after = {"content_hash": run.content_hash, "note": note.strip()}
        audit.record(actor, "inspection.reviewed", run, now=now, label=run.name, after=after)
        return
    if not note.strip():
        raise InvalidError(_("Say what the inspector should look at again."), "note")
    if db.session.scalar(sa.select(Amendment.id).where(Amendment.run_id == run.id).limit(1)) is not None:
        raise ConflictError(_("This record has amendments, which hang on its signature. Amend it further."))
    before = {"signed_by": run.signed_by, "content_hash": run.content_hash}
    run.signed_by_id, run.signed_by, run.signed_at, run.content_hash = None, "", None, ""
    run.review_note = note.strip()
    after = {"signed_by": "", "note": note.strip()}
    audit.record(actor, "inspection.handed_back", run, now=now, label=run.name, before=before, after=after)
