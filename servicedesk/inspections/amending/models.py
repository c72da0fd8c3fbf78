"""Amendments of signed records, chained by hashes to the record's own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model
from servicedesk.inspections.manual.models import ManualAnswer
from servicedesk.inspections.models import InspectionRun

OPEN, ACCEPTED, REFUSED = "open", "accepted", "refused"


class Amendment(Identified, Model):
    """One correction of one item of a signed record, or a remark on the whole of it; never changed.

    It is of a reading (``record_id``, ``check``, ``item``), of an answer by hand (``answer_id``), or general.
    ``before`` and ``after``: outcome, value, option, text, remark, as far as the item has them.
    ``previous_hash`` is the record's hash for the first one, then that of the amendment before.
    """

    __tablename__ = "inspection_amendments"
    __table_args__ = (sa.UniqueConstraint("run_id", "number"), sa.Index(None, "state"))

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("inspection_runs.id"))
    number: Mapped[int] = mapped_column()  # from 1 on, within the run
    record_id: Mapped[int | None] = mapped_column(sa.ForeignKey("inspection_records.id"), index=True)
    check: Mapped[str] = mapped_column(sa.String(64), default="")
    item: Mapped[str] = mapped_column(sa.String(300), default="")
    unit: Mapped[str] = mapped_column(sa.String(16), default="")
    answer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("manual_answers.id"), index=True)
    place: Mapped[str] = mapped_column(sa.String(200), default="")
    before: Mapped[dict[str, Any]] = mapped_column()
    after: Mapped[dict[str, Any]] = mapped_column()
    reason: Mapped[str] = mapped_column(sa.Text)
    signed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    signed_by: Mapped[str] = mapped_column(sa.String(200))
    signed_at: Mapped[datetime] = mapped_column()
    previous_hash: Mapped[str] = mapped_column(sa.String(64))
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    state: Mapped[str] = mapped_column(sa.String(8), default=OPEN)
    reviewed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    reviewed_by: Mapped[str] = mapped_column(sa.String(200), default="")
    reviewed_at: Mapped[datetime | None] = mapped_column()
    review_note: Mapped[str] = mapped_column(sa.Text, default="")
    run: Mapped[InspectionRun] = relationship()
    answer: Mapped[ManualAnswer | None] = relationship()
