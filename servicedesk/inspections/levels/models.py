"""Levels set by people; the product's own are in the catalogue of checks."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import Contract, Organisation, Site


class LevelSetting(Identified, Model):
    """One rule of the ladder device → model → site → contract → product default, of one client.

    ``rung`` names the rung, and which of ``device_id``, ``model`` (a glob on model or platform),
    ``site_id``, ``contract_id`` says where it holds. ``item``: a glob on what is judged, "*" for all.
    ``direction``: "upper" (a value at or above the level is abnormal) or "lower". ``runs`` and
    ``margin`` (in the check's unit) work against flapping. The history is in the audit trail.
    """

    __tablename__ = "level_settings"
    __table_args__ = (sa.Index("ix_level_settings_client_id_check", "client_id", "check"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    rung: Mapped[str] = mapped_column(sa.String(10))
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("devices.id", ondelete="CASCADE"), index=True)
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    contract_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contracts.id"))
    model: Mapped[str] = mapped_column(sa.String(200), default="")
    check: Mapped[str] = mapped_column(sa.String(64))
    item: Mapped[str] = mapped_column(sa.String(300), default="*")
    direction: Mapped[str] = mapped_column(sa.String(5), default="upper")
    warning: Mapped[float | None] = mapped_column()
    critical: Mapped[float | None] = mapped_column()
    runs: Mapped[int] = mapped_column(default=1)
    margin: Mapped[float] = mapped_column(default=0.0)
    reason: Mapped[str] = mapped_column(sa.String(500))
    set_by: Mapped[str] = mapped_column(sa.String(200))
    set_at: Mapped[datetime] = mapped_column()
    client: Mapped[Organisation] = relationship()
    device: Mapped[Device | None] = relationship()
    site: Mapped[Site | None] = relationship()
    contract: Mapped[Contract | None] = relationship()

    @property
    def place(self) -> str:
        """Where it holds, by name."""
        named = {"device": self.device, "site": self.site}.get(self.rung)
        if named is not None:
            return named.name
        return self.contract.number if self.contract is not None else self.model
