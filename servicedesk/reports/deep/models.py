"""Deep-inspection reports: what was gathered lies in the blob store, its hash stands here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model
from servicedesk.organisations.models import Organisation, Site


class DeepReport(Identified, Model):
    """One edition for a client, or one of its sites, and a half-year (``period``: "2026-H2").

    ``state``: see ``states.py``. ``reason``: why there is another edition after an issued one.
    ``as_of``: the day that ends of support and contracts are counted from.
    ``data_sha256``: of the canonical JSON; ``data_blob``: where it lies, compressed.
    """

    __tablename__ = "deep_reports"
    __table_args__ = (
        sa.Index("ix_deep_reports_client_id_id", "client_id", "id"),
        sa.Index("ix_deep_reports_state", "state"),
        sa.Index("ix_deep_reports_data_sha256", "data_sha256"),
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    period: Mapped[str] = mapped_column(sa.String(8))
    edition: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    state: Mapped[str] = mapped_column(sa.String(12), default="building")
    as_of: Mapped[date] = mapped_column()
    timezone: Mapped[str] = mapped_column(sa.String(64))
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(sa.Text, default="")
    data_sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    data_blob: Mapped[str] = mapped_column(sa.String(64), default="")
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    created_by: Mapped[str] = mapped_column(sa.String(200))
    created_at: Mapped[datetime] = mapped_column()
    built_at: Mapped[datetime | None] = mapped_column()
    layout: Mapped[dict[str, Any] | None] = mapped_column()  # as it was issued with; none before
    client: Mapped[Organisation] = relationship()
    site: Mapped[Site | None] = relationship()


class DeepLayout(Identified, Model):
    """How reports of a client look, or of all clients without one of their own; see ``layouts.py``."""

    __tablename__ = "deep_layouts"

    client_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), unique=True)
    content: Mapped[dict[str, Any]] = mapped_column()
    revision: Mapped[int] = mapped_column()
    updated_by: Mapped[str] = mapped_column(sa.String(200))
    updated_at: Mapped[datetime] = mapped_column()


class DeepSignature(Identified, Model):
    """Somebody's step of the chain, bound to what it was signed over. A report that is handed back keeps the
    signatures it had, ``void_at`` says since when they no longer count."""

    __tablename__ = "deep_signatures"

    report_id: Mapped[int] = mapped_column(sa.ForeignKey("deep_reports.id"), index=True)
    step: Mapped[str] = mapped_column(sa.String(12))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime] = mapped_column()
    data_sha256: Mapped[str] = mapped_column(sa.String(64))
    texts_sha256: Mapped[str] = mapped_column(sa.String(64), default="")  # empty: before there were texts
    note: Mapped[str] = mapped_column(sa.Text, default="")
    void_at: Mapped[datetime | None] = mapped_column()


class DeepFile(Identified, Model):
    """A document as it was issued; ``sha256`` is that of its bytes, and their place in the blob store."""

    __tablename__ = "deep_files"
    __table_args__ = (
        sa.UniqueConstraint("report_id", "kind"),
        sa.Index("ix_deep_files_sha256", "sha256"),
    )

    report_id: Mapped[int] = mapped_column(sa.ForeignKey("deep_reports.id"))
    kind: Mapped[str] = mapped_column(sa.String(8))  # pdf, docx, xlsx, texts
    sha256: Mapped[str] = mapped_column(sa.String(64))
    size_bytes: Mapped[int] = mapped_column()


class DeepText(Identified, Model):
    """A version of a text that people wrote into a report; ``slot`` says where it stands, see ``texts.Slot``.

    ``number`` counts the versions of a slot, ``revision`` every save: a burst of one author's saves is one
    version. ``restored``: the number of the older version that this one repeats.
    """

    __tablename__ = "deep_texts"
    __table_args__ = (sa.UniqueConstraint("report_id", "slot", "number"),)

    report_id: Mapped[int] = mapped_column(sa.ForeignKey("deep_reports.id"))
    slot: Mapped[str] = mapped_column(sa.String(80))
    number: Mapped[int] = mapped_column()
    revision: Mapped[int] = mapped_column()
    body: Mapped[str] = mapped_column(sa.Text)
    restored: Mapped[int | None] = mapped_column()
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    author: Mapped[str] = mapped_column(sa.String(200))
    begun_at: Mapped[datetime] = mapped_column()
    saved_at: Mapped[datetime] = mapped_column()


class DeepRemark(Identified, Model):
    """What somebody says to the authors about a chapter; answers name the remark they belong to."""

    __tablename__ = "deep_remarks"

    report_id: Mapped[int] = mapped_column(sa.ForeignKey("deep_reports.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deep_remarks.id"))
    chapter: Mapped[str] = mapped_column(sa.String(32))
    body: Mapped[str] = mapped_column(sa.Text)
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    author: Mapped[str] = mapped_column(sa.String(200))
    created_at: Mapped[datetime] = mapped_column()
    resolved_by: Mapped[str] = mapped_column(sa.String(200), default="")
    resolved_at: Mapped[datetime | None] = mapped_column()
