"""Reviews of records and what was sampled in them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model
from servicedesk.inspections.models import InspectionRun

OPEN, ACCEPTED, HANDED_BACK = "open", "accepted", "handed_back"
CHECKED, OBJECTED = "checked", "objected"
ABNORMAL, RANDOM = "abnormal", "random"


class RecordReview(Identified, Model):
    """One review of a record as it was signed (``content_hash``), with how its sample was drawn.

    ``population``: items that were not abnormal; of them ``percent``, but at least ``minimum``, were drawn by
    ``seed``. The counts are written when the review ends.
    """

    __tablename__ = "inspection_reviews"
    __table_args__ = (
        sa.Index(
            "uq_inspection_reviews_open",
            "run_id",
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
        sa.Index(None, "run_id"),
        sa.Index(None, "closed_at", "id"),
    )

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("inspection_runs.id"))
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    signed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    signed_by: Mapped[str] = mapped_column(sa.String(200))
    seed: Mapped[str] = mapped_column(sa.String(64))
    percent: Mapped[int] = mapped_column()
    minimum: Mapped[int] = mapped_column()
    population: Mapped[int] = mapped_column()
    begun_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    begun_by: Mapped[str] = mapped_column(sa.String(200))
    begun_at: Mapped[datetime] = mapped_column()
    state: Mapped[str] = mapped_column(sa.String(12), default=OPEN)
    closed_by: Mapped[str] = mapped_column(sa.String(200), default="")
    closed_at: Mapped[datetime | None] = mapped_column()
    sampled: Mapped[int] = mapped_column(default=0)
    abnormal: Mapped[int] = mapped_column(default=0)  # of the sampled ones
    objected: Mapped[int] = mapped_column(default=0)
    run: Mapped[InspectionRun] = relationship()


class SampledItem(Identified, Model):
    """One item of a sample: a reading (record and item) or an answer by hand.

    ``why``: abnormal, random. ``state``: empty until looked at, then checked or objected.
    """

    __tablename__ = "inspection_review_items"
    __table_args__ = (sa.UniqueConstraint("review_id", "position"),)

    review_id: Mapped[int] = mapped_column(sa.ForeignKey("inspection_reviews.id"))
    position: Mapped[int] = mapped_column()
    record_id: Mapped[int | None] = mapped_column(sa.ForeignKey("inspection_records.id"))
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("reading_items.id"))
    answer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("manual_answers.id"))
    why: Mapped[str] = mapped_column(sa.String(8))
    state: Mapped[str] = mapped_column(sa.String(8), default="")
    remark: Mapped[str] = mapped_column(sa.Text, default="")
    decided_by: Mapped[str] = mapped_column(sa.String(200), default="")
    decided_at: Mapped[datetime | None] = mapped_column()
