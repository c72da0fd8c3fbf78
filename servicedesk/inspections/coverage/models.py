"""One row for each check that was expected of a record, or performed beyond that."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicedesk.core.db import Model


class CoverageEntry(Model):
    """``reason``: see ``reasons.REASONS``; "performed" when at least one item was judged.

    ``items``: how many things were judged; ``failed``: how many could not be. ``detail``: the collector's
    own sentence for a gap, in English as all that collectors say.
    """

    __tablename__ = "coverage_entries"
    __table_args__ = ({"sqlite_with_rowid": False},)

    record_id: Mapped[int] = mapped_column(sa.ForeignKey("inspection_records.id"), primary_key=True)
    check: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    required: Mapped[bool] = mapped_column()
    reason: Mapped[str] = mapped_column(sa.String(24))
    items: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    detail: Mapped[str] = mapped_column(sa.String(300), default="")
