"""One row a record and audience; the index beside it belongs to the database (see the migration)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicedesk.core.db import Identified, Model


class SearchText(Identified, Model):
    """The words of one record. ``audience``: public, or internal for what only those who work on it read."""

    __tablename__ = "search_texts"
    __table_args__ = (sa.UniqueConstraint("kind", "object_id", "audience"),)

    kind: Mapped[str] = mapped_column(sa.String(16))
    object_id: Mapped[int] = mapped_column()
    audience: Mapped[str] = mapped_column(sa.String(8), default="public")
    words: Mapped[str] = mapped_column(sa.Text)
