"""Technical documents of the equipment, their versions, and the devices they are about."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.organisations.models import Organisation, Site


class TechnicalDocument(Identified, Timestamped, Model):
    """A document of a client, or of one of its sites. It is archived, never deleted."""

    __tablename__ = "technical_documents"
    __table_args__ = (sa.Index("ix_technical_documents_client_id_title_id", "client_id", "title", "id"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    title: Mapped[str] = mapped_column(sa.String(200))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    review_on: Mapped[date | None] = mapped_column()
    archived_at: Mapped[datetime | None] = mapped_column()
    current_number: Mapped[int] = mapped_column(default=0)  # of the newest version; versions count from 1
    client: Mapped[Organisation] = relationship()
    site: Mapped[Site | None] = relationship()


class TechnicalDocumentVersion(Identified, Model):
    """One file of a document as it was handed in; never overwritten. ``label`` is what people call it."""

    __tablename__ = "technical_document_versions"
    __table_args__ = (sa.UniqueConstraint("document_id", "number"),)

    document_id: Mapped[int] = mapped_column(sa.ForeignKey("technical_documents.id"))
    number: Mapped[int] = mapped_column()
    label: Mapped[str] = mapped_column(sa.String(64))
    changes: Mapped[str] = mapped_column(sa.Text, default="")
    file_name: Mapped[str] = mapped_column(sa.String(200))
    content_type: Mapped[str] = mapped_column(sa.String(100))
    size_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    author_name: Mapped[str] = mapped_column(sa.String(200))
    created_at: Mapped[datetime] = mapped_column()


technical_document_devices = sa.Table(
    "technical_document_devices",
    Model.metadata,
    sa.Column("document_id", sa.ForeignKey("technical_documents.id"), primary_key=True),
    sa.Column("device_id", sa.ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True, index=True),
)
