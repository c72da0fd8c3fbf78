"""Drawing a sample, looking at each item of it, and ending the review."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.inspections import signing
from servicedesk.inspections.manual.models import ManualAnswer
from servicedesk.inspections.models import InspectionRecord, InspectionRun, Reading
from servicedesk.inspections.outcomes import BY_CODE, CODES, Verdict, verdict, verdict_of
from servicedesk.inspections.reviewing import sampling
from servicedesk.inspections.reviewing.models import (
    ABNORMAL,
    ACCEPTED,
    CHECKED,
    HANDED_BACK,
    OBJECTED,
    OPEN,
    RecordReview,
    SampledItem,
)
from servicedesk.inspections.reviewing.sampling import Candidate

MAX_REMARK = 2000


def candidates(run: InspectionRun) -> list[Candidate]:
    """Everything of the record that was judged, by machine or by hand."""
    abnormal = {code for code in CODES.values() if verdict(BY_CODE[code]) is Verdict.ABNORMAL}
    readings = db.session.execute(
        sa.select(Reading.record_id, Reading.item_id, Reading.outcome)
        .join(InspectionRecord, InspectionRecord.id == Reading.record_id)
        .where(InspectionRecord.run_id == run.id)
    )
    answers = db.session.execute(
        sa.select(ManualAnswer.id, ManualAnswer.outcome).where(
            ManualAnswer.run_id == run.id, ManualAnswer.answered_at.is_not(None)
        )
    )
    found = [Candidate(row.record_id, row.item_id, 0, row.outcome in abnormal) for row in readings]
    found += [Candidate(0, 0, row.id, verdict_of(row.outcome) is Verdict.ABNORMAL) for row in answers]
    return found


def _require_reviewer(run: InspectionRun, actor: Actor) -> None:
    if not actor.allows(Permission.INSPECTION_REVIEW, run.client_id, run.site_id) or actor.user_id is None:
        raise NotAllowedError
    if run.signed_by_id == actor.user_id:
        raise InvalidError(_("Nobody reviews the record they signed. Ask another supervisor."))


def begin(run: InspectionRun, *, actor: Actor, now: datetime) -> RecordReview:
    """Draw the sample of a signed record; the one that is drawn already stays, whoever asks.

    Raises:
        NotAllowedError, ConflictError: not a reviewer here; not signed, or reviewed already.
    """
    run = signing.locked_run(run)
    _require_reviewer(run, actor)
    if run.signed_at is None:
        raise ConflictError(_("The record is not signed yet."))
    if run.reviewed_at is not None:
        raise ConflictError(_("%(name)s reviewed this record already.", name=run.reviewed_by))
    if (known := open_review(run)) is not None:
        return known
    percent = run.plan.sample_percent if run.plan else sampling.DEFAULT_PERCENT
    minimum = run.plan.sample_minimum if run.plan else sampling.DEFAULT_MINIMUM
    found, seed = candidates(run), secrets.token_hex(16)
    drawn = sampling.draw(found, seed, percent, minimum)
    review = RecordReview(
        run_id=run.id,
        content_hash=run.content_hash,
        signed_by_id=run.signed_by_id,
        signed_by=run.signed_by,
        seed=seed,
        percent=percent,
        minimum=minimum,
        population=sum(not one.abnormal for one in found),
        begun_by_id=actor.user_id,
        begun_by=actor.name,
        begun_at=now,
        state=OPEN,
        sampled=len(drawn),
        abnormal=sum(one.why == ABNORMAL for one in drawn),
    )
    db.session.add(review)
    db.session.flush()
    rows = [_row(review, number, one) for number, one in enumerate(drawn, start=1)]
    if rows:
        db.session.execute(sa.insert(SampledItem), rows)
    after = {"seed": seed, "percent": percent, "minimum": minimum, "sampled": len(rows)}
    audit.record(actor, "inspection.sample_drawn", run, now=now, label=run.name, after=after)
    return review


def _row(review: RecordReview, position: int, drawn: sampling.Drawn) -> dict[str, object]:
    one = drawn.candidate
    return {
        "review_id": review.id,
        "position": position,
        "record_id": one.record_id or None,
        "item_id": one.item_id or None,
        "answer_id": one.answer_id or None,
        "why": drawn.why,
    }


def open_review(run: InspectionRun) -> RecordReview | None:
    """The review that is under way."""
    return db.session.scalar(
        sa.select(RecordReview).where(RecordReview.run_id == run.id, RecordReview.state == OPEN)
    )


def drawn_again(review: RecordReview) -> bool:
    """Whether the seed gives the very sample that was kept; false too if the record was altered since."""
    drawn = sampling.draw(candidates(review.run), review.seed, review.percent, review.minimum)
    kept = db.session.execute(
        sa.select(SampledItem.record_id, SampledItem.item_id, SampledItem.answer_id)
        .where(SampledItem.review_id == review.id)
        .order_by(SampledItem.position)
    )
    wanted = [(d.candidate.record_id, d.candidate.item_id, d.candidate.answer_id) for d in drawn]
    return [(row.record_id or 0, row.item_id or 0, row.answer_id or 0) for row in kept] == wanted


def look_at(
    review: RecordReview, decided: Mapping[int, tuple[str, str]], *, actor: Actor, now: datetime
) -> int:
    """Note what the reviewer found at sampled items; how many were noted.

    Args:
        decided: by number of the sampled item: checked or objected, and a remark.

    Raises:
        InvalidError: an objection without a remark.
    """
    signing.locked_run(review.run)
    _require_reviewer(review.run, actor)
    if review.state != OPEN:
        raise ConflictError(_("This review has ended."))
    items = db.session.scalars(
        sa.select(SampledItem).where(SampledItem.review_id == review.id, SampledItem.id.in_(decided))
    ).all()
    noted = 0
    for item in items:
        state, remark = decided[item.id][0], decided[item.id][1].strip()
        if state not in (CHECKED, OBJECTED) or len(remark) > MAX_REMARK:
            raise InvalidError(_("Say of each item whether it is right."))
        if state == OBJECTED and not remark:
            raise InvalidError(
                _("Say at item %(number)s what is wrong with it.", number=item.position), f"remark-{item.id}"
            )
        if (item.state, item.remark) != (state, remark):
            item.state, item.remark = state, remark
            item.decided_by, item.decided_at = actor.name, now
            noted += 1
    db.session.flush()
    return noted


def accept(review: RecordReview, *, note: str, actor: Actor, now: datetime) -> None:
    """End the review: the record stands, and each objection asks its inspector for an amendment.

    Raises:
        InvalidError: items of the sample were not looked at.
    """
    run = signing.locked_run(review.run)
    _require_reviewer(run, actor)
    _require_open(review)
    left = _count(review, SampledItem.state == "")
    if left:
        raise InvalidError(
            ngettext(
                "%(num)s item of the sample was not looked at.",
                "%(num)s items of the sample were not looked at.",
                left,
            )
        )
    signing.review(run, accept=True, note=note, actor=actor, now=now)
    _close(review, ACCEPTED, actor, now)


def hand_back(run: InspectionRun, *, note: str, actor: Actor, now: datetime) -> None:
    """Give the record back to its inspector; a sample that was drawn is kept with what was found."""
    run = signing.locked_run(run)
    signing.review(run, accept=False, note=note, actor=actor, now=now)
    review = open_review(run)
    if review is not None:
        _close(review, HANDED_BACK, actor, now)


def _require_open(review: RecordReview) -> None:
    db.session.refresh(review)
    if review.state != OPEN:
        raise ConflictError(_("This review has ended."))


def _close(review: RecordReview, state: str, actor: Actor, now: datetime) -> None:
    review.state, review.closed_by, review.closed_at = state, actor.name, now
    review.objected = _count(review, SampledItem.state == OBJECTED)
    after = {"state": state, "sampled": review.sampled, "objected": review.objected, "seed": review.seed}
    run = review.run
    audit.record(actor, "inspection.sample_closed", run, now=now, label=run.name, after=after)


def _count(review: RecordReview, condition: sa.ColumnElement[bool]) -> int:
    return (
        db.session.scalar(sa.select(sa.func.count()).where(SampledItem.review_id == review.id, condition))
        or 0
    )
