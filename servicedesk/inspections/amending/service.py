"""Writing an amendment, which is signing it, and reviewing it by somebody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from collectors.outcome import Outcome
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.inspections.amending import chain
from servicedesk.inspections.amending.models import ACCEPTED, OPEN, REFUSED, Amendment
from servicedesk.inspections.amending.subjects import Reference, Subject, subject_of, waits
from servicedesk.inspections.manual.definitions import judged, number_of
from servicedesk.inspections.models import InspectionRun
from servicedesk.inspections.signing import locked_run

# What a person may say of an item a machine is to read.
SAYABLE = (Outcome.OK, Outcome.WARNING, Outcome.CRITICAL, Outcome.NOT_APPLICABLE, Outcome.NOT_INSPECTED)
MAX_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Correction:
    """What should stand there instead.

    Args:
        said: the outcome of a reading; of an answer by hand as ``definitions.judged`` takes it.
        value: the number, the option's number, or the text.
    """

    reason: str
    said: str = ""
    value: str = ""
    remark: str = ""


def amend(
    run: InspectionRun, reference: Reference, given: Correction, *, actor: Actor, now: datetime
) -> Amendment:
    """Correct one item of a signed record, or remark on the whole; the record itself is not touched.

    Raises:
        NotAllowedError, NotFoundError: not an inspector here; the run has no such item.
        ConflictError: the record is not signed, or an amendment of this item waits for its review.
        InvalidError: no reason, nothing different, or no answer to this item; with the field's name.
    """
    run = locked_run(run)
    if not actor.allows(Permission.INSPECTION_SIGN, run.client_id, run.site_id) or actor.user_id is None:
        raise NotAllowedError
    if run.signed_at is None:
        raise ConflictError(_("This record is not signed yet: correct it in the record itself."))
    subject = subject_of(run, reference)
    if not reference.general and waits(run, subject.reference):
        raise ConflictError(_("An amendment of this item waits for its review. That comes first."))
    reason, remark = given.reason.strip(), given.remark.strip()
    if not reason:
        raise InvalidError(_("Say why this is corrected."), "reason")
    if max(len(reason), len(remark), len(given.value)) > MAX_TEXT:
        raise InvalidError(_("The remark is too long."), "remark")
    after = _after(subject, given, remark)
    if after == subject.standing:
        raise InvalidError(_("This is what the record says already."), "remark")
    number, previous = _last(run)
    amendment = Amendment(
        run_id=run.id,
        number=number + 1,
        record_id=subject.reference.record_id,
        check=subject.reference.check,
        item=subject.reference.item,
        unit=subject.unit,
        answer_id=subject.reference.answer_id,
        place=subject.place,
        before=subject.standing,
        after=after,
        reason=reason,
        signed_by_id=actor.user_id,
        signed_by=actor.name,
        signed_at=now,
        previous_hash=previous,
        state=OPEN,
    )
    amendment.content_hash = chain.link(amendment)
    db.session.add(amendment)
    db.session.flush()
    told = {"number": amendment.number, "reason": reason, "content_hash": amendment.content_hash}
    audit.record(
        actor,
        "inspection.amended",
        run,
        now=now,
        label=f"{run.name}: {subject.place}"[:200],
        before=subject.standing,
        after=after | told,
    )
    return amendment


def _after(subject: Subject, given: Correction, remark: str) -> dict[str, Any]:
    if subject.reference.general:
        if not remark:
            raise InvalidError(_("Write the remark."), "remark")
        return {"remark": remark}
    if subject.answer is not None:
        outcome, columns = judged(subject.answer.definition, given.said, given.value)
        _require_remark(outcome, remark)
        return {"outcome": outcome.value, **columns, "remark": remark}
    try:
        outcome = Outcome(given.said)
    except ValueError:
        outcome = Outcome.STALE
    if outcome not in SAYABLE:
        raise InvalidError(_("Choose a verdict."), "said")
    _require_remark(outcome, remark)
    after = {**subject.standing, "outcome": outcome.value, "remark": remark}
    if "text" in after:  # no machine read it: words as well as numbers
        return after | {"text": given.value.strip()}
    return after | {"value": number_of(given.value) if given.value.strip() else None}


def _require_remark(outcome: Outcome, remark: str) -> None:
    if outcome in (Outcome.NOT_APPLICABLE, Outcome.NOT_INSPECTED) and not remark:
        raise InvalidError(_("Say in the remark why."), "remark")


def _last(run: InspectionRun) -> tuple[int, str]:
    row = db.session.execute(
        sa.select(Amendment.number, Amendment.content_hash)
        .where(Amendment.run_id == run.id)
        .order_by(Amendment.number.desc())
        .limit(1)
    ).first()
    return (row.number, row.content_hash) if row is not None else (0, run.content_hash)


def review(amendment: Amendment, *, accept: bool, note: str, actor: Actor, now: datetime) -> None:
    """Accept or refuse; a refused amendment stays visible and changes nothing.

    Raises:
        InvalidError: one's own amendment, or refused without a reason.
    """
    run = locked_run(amendment.run)
    amendment = db.session.scalars(
        for_update(sa.select(Amendment).where(Amendment.id == amendment.id)).execution_options(
            populate_existing=True
        )
    ).one()
    if not actor.allows(Permission.INSPECTION_REVIEW, run.client_id, run.site_id) or actor.user_id is None:
        raise NotAllowedError
    if amendment.state != OPEN:
        raise ConflictError(_("%(name)s reviewed this amendment already.", name=amendment.reviewed_by))
    if amendment.signed_by_id == actor.user_id:
        raise InvalidError(_("Nobody reviews the amendment they signed. Ask another supervisor."))
    if not accept and not note.strip():
        raise InvalidError(_("Say why the amendment is refused."), "note")
    amendment.state = ACCEPTED if accept else REFUSED
    amendment.reviewed_by_id, amendment.reviewed_by = actor.user_id, actor.name
    amendment.reviewed_at, amendment.review_note = now, note.strip()
    audit.record(
        actor,
        "inspection.amendment_accepted" if accept else "inspection.amendment_refused",
        run,
        now=now,
        label=f"{run.name}: {amendment.place}"[:200],
        after={
            "number": amendment.number,
            "content_hash": amendment.content_hash,
            "note": amendment.review_note,
        },
    )
