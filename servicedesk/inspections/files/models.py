"""Lists of chosen files."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import Organisation, Site

DEVICE, CLASS, SITE, CLIENT = "device", "class", "site", "client"


class ChosenFileList(Identified, Model):
    """Files that are read of the devices of one place: all lists that hold for a device are read together.

    ``rung`` says which of ``device_id``, ``device_class`` and ``site_id`` names the place; "client" none.
    ``paths``: whole paths, or patterns in the last part, one a line.
    """

    __tablename__ = "chosen_file_lists"

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    rung: Mapped[str] = mapped_column(sa.String(8))
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("devices.id", ondelete="CASCADE"), index=True)
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    device_class: Mapped[str] = mapped_column(sa.String(32), default="")
    paths: Mapped[str] = mapped_column(sa.Text)
    reason: Mapped[str] = mapped_column(sa.String(500))
    set_by: Mapped[str] = mapped_column(sa.String(200))
    set_at: Mapped[datetime] = mapped_column()
    client: Mapped[Organisation] = relationship()
    device: Mapped[Device | None] = relationship()
    site: Mapped[Site | None] = relationship()

    @property
    def lines(self) -> list[str]:
        """The paths."""
        return [line for line in self.paths.splitlines() if line]
