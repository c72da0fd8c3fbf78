"""The service catalogue: what can be asked for behind each of the four doors."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicedesk.core.db import Identified, Model, Timestamped


class CatalogueService(Identified, Timestamped, Model):
    """One thing that can be asked for. Switched off, never removed: tickets name it.

    ``client_id`` None: for every client. ``department_id``: for the people of this department alone.
    ``fields``: what its form asks besides the category's own, read by ``catalogue_fields.parse``.
    ``impact`` and ``urgency`` None: as the form has them anyway.
    """

    __tablename__ = "catalogue_services"
    __table_args__ = (sa.Index("ix_catalogue_services_category_position", "category", "position"),)

    client_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("departments.id"))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    category: Mapped[str] = mapped_column(sa.String(16))
    title_zh: Mapped[str] = mapped_column(sa.String(100))
    title_en: Mapped[str] = mapped_column(sa.String(100))
    help_zh: Mapped[str] = mapped_column(sa.String(300), default="")
    help_en: Mapped[str] = mapped_column(sa.String(300), default="")
    icon: Mapped[str] = mapped_column(sa.String(40), default="")
    impact: Mapped[int | None] = mapped_column()
    urgency: Mapped[int | None] = mapped_column()
    fields: Mapped[list[Any]] = mapped_column(default=list)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
