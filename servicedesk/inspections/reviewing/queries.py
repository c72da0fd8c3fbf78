"""Reviews, their items and their figures, as far as an actor may see the records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.inspections.amending.models import REFUSED, Amendment
from servicedesk.inspections.manual.models import ManualAnswer
from servicedesk.inspections.models import InspectionRecord, InspectionRun, Reading, ReadingItem
from servicedesk.inspections.queries import scope_of
from servicedesk.inspections.reviewing.models import ACCEPTED, OBJECTED, OPEN, RecordReview, SampledItem
from servicedesk.organisations.models import Site

PAGE = 50


def reviews_of(run_id: int) -> Sequence[RecordReview]:
    """A run's reviews, the newest first."""
    return db.session.scalars(
        sa.select(RecordReview).where(RecordReview.run_id == run_id).order_by(RecordReview.id.desc())
    ).all()


def get_visible_review(review_id: int, actor: Actor) -> RecordReview:
    """The review with its run, or NotFoundError."""
    found = db.session.scalar(
        sa.select(RecordReview)
        .join(RecordReview.run)
        .where(RecordReview.id == review_id, scope_of(actor, InspectionRun))
        .options(joinedload(RecordReview.run).joinedload(InspectionRun.site))
    )
    if found is None:
        raise NotFoundError
    return found


def _item_rows() -> sa.Select[*tuple[Any, ...]]:
    """Sampled items with what the record says of them; ``ManualAnswer`` is None for readings."""
    return (
        sa.select(
            SampledItem,
            Device.name.label("device_name"),
            ReadingItem.check,
            ReadingItem.item,
            ReadingItem.unit,
            Reading.outcome,
            Reading.value,
            Reading.exchange,
            Reading.line,
            InspectionRecord.transcript_sha256,
            ManualAnswer,
        )
        .outerjoin(InspectionRecord, InspectionRecord.id == SampledItem.record_id)
        .outerjoin(Device, Device.id == InspectionRecord.device_id)
        .outerjoin(ReadingItem, ReadingItem.id == SampledItem.item_id)
        .outerjoin(
            Reading,
            sa.and_(Reading.record_id == SampledItem.record_id, Reading.item_id == SampledItem.item_id),
        )
        .outerjoin(ManualAnswer, ManualAnswer.id == SampledItem.answer_id)
    )


def item_rows(review_id: int, after: int = 0) -> tuple[Sequence[Any], int]:
    """A page of a sample, and the position after which the next one begins (0: none); one query."""
    rows = db.session.execute(
        _item_rows()
        .where(SampledItem.review_id == review_id, SampledItem.position > after)
        .order_by(SampledItem.position)
        .limit(PAGE + 1)
    ).all()
    return rows[:PAGE], rows[PAGE - 1][0].position if len(rows) > PAGE else 0


def left(review_id: int) -> int:
    """How many items of a sample were not looked at."""
    return (
        db.session.scalar(
            sa.select(sa.func.count()).where(SampledItem.review_id == review_id, SampledItem.state == "")
        )
        or 0
    )


def requests_of(run_id: int) -> Sequence[Any]:
    """Objections of an accepted review that no amendment has answered; rows as ``item_rows``."""
    answered = sa.exists().where(
        Amendment.run_id == RecordReview.run_id,
        Amendment.signed_at >= RecordReview.closed_at,
        Amendment.state != REFUSED,
        sa.or_(
            Amendment.answer_id == SampledItem.answer_id,
            sa.and_(
                Amendment.record_id == SampledItem.record_id,
                Amendment.check == ReadingItem.check,
                Amendment.item == ReadingItem.item,
            ),
        ),
    )
    return db.session.execute(
        _item_rows()
        .join(RecordReview, RecordReview.id == SampledItem.review_id)
        .where(
            RecordReview.run_id == run_id,
            RecordReview.state == ACCEPTED,
            SampledItem.state == OBJECTED,
            ~answered,
        )
        .order_by(SampledItem.position)
    ).all()


def _scoped(actor: Actor, since: datetime, site_id: int | None) -> list[sa.ColumnElement[bool]]:
    """Reviews that ended since then, where the actor reviews records."""
    reach = actor.scope(Permission.INSPECTION_REVIEW)
    conditions = [
        reach.clause(InspectionRun.client_id, InspectionRun.site_id),
        RecordReview.state != OPEN,
        RecordReview.closed_at >= since,
    ]
    return [*conditions, InspectionRun.site_id == site_id] if site_id else conditions


def review_rows(actor: Actor, since: datetime, site_id: int | None) -> sa.Select[*tuple[Any, ...]]:
    """Columns of the list of reviews that ended."""
    return (
        sa.select(
            RecordReview.id,
            RecordReview.run_id,
            RecordReview.closed_at,
            RecordReview.closed_by,
            RecordReview.signed_by,
            RecordReview.state,
            RecordReview.population,
            RecordReview.sampled,
            RecordReview.abnormal,
            RecordReview.objected,
            InspectionRun.name,
            InspectionRun.day,
            Site.name.label("site_name"),
        )
        .join(InspectionRun, InspectionRun.id == RecordReview.run_id)
        .join(Site, Site.id == InspectionRun.site_id)
        .where(*_scoped(actor, since, site_id))
    )


def by_engineer(actor: Actor, since: datetime, site_id: int | None) -> Sequence[Any]:
    """For each inspector: records reviewed, handed back, items sampled, objections; one query."""
    review = RecordReview
    return db.session.execute(
        sa.select(
            review.signed_by_id,
            sa.func.max(review.signed_by).label("signed_by"),
            sa.func.count().label("reviews"),
            sa.func.count().filter(review.state != ACCEPTED).label("handed_back"),
            sa.func.sum(review.sampled).label("sampled"),
            sa.func.sum(review.abnormal).label("abnormal"),
            sa.func.sum(review.objected).label("objected"),
        )
        .join(InspectionRun, InspectionRun.id == review.run_id)
        .where(*_scoped(actor, since, site_id))
        .group_by(review.signed_by_id)
        .order_by(sa.func.max(review.signed_by), review.signed_by_id)
    ).all()
