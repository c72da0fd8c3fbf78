"""Fields that a client defines itself, their values on devices, and tags."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.organisations.models import Organisation


class CustomField(Identified, Timestamped, Model):
    """A field of a client's devices. ``device_class`` empty: of all; ``choices`` for the kind choice."""

    __tablename__ = "custom_fields"
    __table_args__ = (sa.UniqueConstraint("client_id", "name"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    kind: Mapped[str] = mapped_column(sa.String(12))
    device_class: Mapped[str] = mapped_column(sa.String(32), default="")
    choices: Mapped[list[Any]] = mapped_column(default=list)
    required: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    client: Mapped[Organisation] = relationship()


class CustomValue(Model):
    """One value of one device, as text in a form that sorts: days as 2028-12-31, yes as 1, no as 0."""

    __tablename__ = "custom_values"

    device_id: Mapped[int] = mapped_column(
        sa.ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    field_id: Mapped[int] = mapped_column(
        sa.ForeignKey("custom_fields.id"), primary_key=True, autoincrement=False, index=True
    )
    value: Mapped[str] = mapped_column(sa.String(500))


class DeviceTag(Model):
    """A word somebody hangs on a device, to find it with others."""

    __tablename__ = "device_tags"
    __table_args__ = (sa.Index("ix_device_tags_tag_device_id", "tag", "device_id"),)

    device_id: Mapped[int] = mapped_column(
        sa.ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    tag: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
