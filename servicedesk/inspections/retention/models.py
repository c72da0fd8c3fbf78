"""Policies of retention, and what was removed by them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model
from servicedesk.inspections.models import InspectionRun

READINGS, EVIDENCE = "readings", "evidence"
KINDS = (READINGS, EVIDENCE)


class RetentionPolicy(Identified, Model):
    """How many months a client's readings and raw answers are kept; None: for the contract.

    The operator's is that of all clients without one of their own. Without either, all is kept.
    """

    __tablename__ = "retention_policies"

    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), unique=True)
    readings_months: Mapped[int | None] = mapped_column()
    evidence_months: Mapped[int | None] = mapped_column()
    changed_by: Mapped[str] = mapped_column(sa.String(200))
    changed_at: Mapped[datetime] = mapped_column()


class RetentionRemoval(Identified, Model):
    """That readings, or raw answers, of a run were removed: begun, counted, finished.

    ``upto``: the number of the last record that was gone through, so that whoever goes on after a crash
    counts nothing twice. The run, its records, their verdicts, signatures and hashes stay.
    """

    __tablename__ = "retention_removals"
    __table_args__ = (
        sa.UniqueConstraint("run_id", "kind"),
        sa.Index(None, "client_id", "id"),
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("inspection_runs.id"))
    kind: Mapped[str] = mapped_column(sa.String(8))
    begun_at: Mapped[datetime] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()
    upto: Mapped[int] = mapped_column(default=0)
    removed: Mapped[int] = mapped_column(default=0)  # readings, or records whose raw answers went
    run: Mapped[InspectionRun] = relationship()
