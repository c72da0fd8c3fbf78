"""Files that somebody brought in: looked at first, carried out as a whole, or taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicedesk.core.db import Identified, Model


class DeviceImport(Identified, Model):
    """One file of devices, or of another kind (``importing.KINDS``).

    ``state``: previewed, queued, done, failed, undone. ``changes`` holds what undoing needs, in the form of
    its kind. ``moment`` is the time it wrote into its records.
    """

    __tablename__ = "device_imports"
    __table_args__ = (sa.Index("ix_device_imports_client_id_id", "client_id", "id"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    kind: Mapped[str] = mapped_column(sa.String(16), default="devices", server_default="devices")
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    file_name: Mapped[str] = mapped_column(sa.String(255))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    state: Mapped[str] = mapped_column(sa.String(16), default="previewed", index=True)
    row_count: Mapped[int] = mapped_column(default=0)
    created_count: Mapped[int] = mapped_column(default=0)
    updated_count: Mapped[int] = mapped_column(default=0)
    unchanged_count: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(sa.Text, default="")
    changes: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column()
    moment: Mapped[datetime | None] = mapped_column()
