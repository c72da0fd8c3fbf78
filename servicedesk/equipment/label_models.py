"""What stands on the label of a device: an address nobody can guess."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model
from servicedesk.equipment.models import Device


class DeviceLabel(Identified, Model):
    """A printed label. One of a device is valid at a time; a lost one is replaced, never removed."""

    __tablename__ = "device_labels"

    device_id: Mapped[int] = mapped_column(sa.ForeignKey("devices.id", ondelete="CASCADE"), index=True)
    token: Mapped[str] = mapped_column(sa.String(32), unique=True)
    made_at: Mapped[datetime] = mapped_column()
    made_by: Mapped[str] = mapped_column(sa.String(200))
    revoked_at: Mapped[datetime | None] = mapped_column()
    device: Mapped[Device] = relationship()
