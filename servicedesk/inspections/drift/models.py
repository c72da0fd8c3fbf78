"""Versions of devices' configurations, and of what they are made of."""

from __future__ import annotations

import zlib
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model
from servicedesk.equipment.models import Device
from servicedesk.inspections.drift.composition import Composition
from servicedesk.tickets.models import Ticket

ACCEPTED, UNREGISTERED = "accepted", "unregistered"
ABSENT = "absent"


class ConfigurationVersion(Identified, Model):
    """A configuration of a device, or one of its chosen files, from the first visit that read it to the last
    in a row that did.

    ``path``: of a file; "" for the configuration of network gear. A file that is gone has a version, too,
    without a text: its ``sha256`` is ``ABSENT``.
    ``content``: the text in UTF-8, zlib; secrets were hidden before it left the visit.
    ``state``: accepted (the first one, within an approved change, or by a person's word) or unregistered.
    """

    __tablename__ = "configuration_versions"
    __table_args__ = (
        sa.UniqueConstraint("device_id", "path", "number"),
        sa.Index("ix_configuration_versions_device_id_id", "device_id", "id"),
    )

    device_id: Mapped[int] = mapped_column(sa.ForeignKey("devices.id"))
    path: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")
    number: Mapped[int] = mapped_column()  # of the device and path, from 1
    sha256: Mapped[str] = mapped_column(sa.String(64))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    lines: Mapped[int] = mapped_column()
    added: Mapped[int] = mapped_column(default=0)  # lines against the version before
    removed: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime] = mapped_column()
    last_at: Mapped[datetime] = mapped_column()
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("inspection_records.id"))  # that read it first
    state: Mapped[str] = mapped_column(sa.String(12))
    change_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tickets.id"), index=True)
    accepted_by: Mapped[str] = mapped_column(sa.String(200), default="")
    accepted_at: Mapped[datetime | None] = mapped_column()
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    device: Mapped[Device] = relationship()
    change: Mapped[Ticket | None] = relationship()

    @property
    def absent(self) -> bool:
        """Whether this version says that the file is gone."""
        return self.sha256 == ABSENT

    @property
    def text(self) -> str:
        """The configuration."""
        return zlib.decompress(self.content).decode()

    @staticmethod
    def packed(text: str) -> bytes:
        """As ``content`` holds it."""
        return zlib.compress(text.encode(), 6)


class CompositionVersion(Identified, Model):
    """Hardware, ports and neighbours of a device, from the first visit that saw them so.

    Kept only when they are otherwise than before. ``content``: ``Composition.packed``. ``state`` as that of
    a configuration. ``differences``: against what was accepted before.
    """

    __tablename__ = "composition_versions"
    __table_args__ = (
        sa.UniqueConstraint("device_id", "number"),
        sa.Index("ix_composition_versions_device_id_id", "device_id", "id"),
    )

    device_id: Mapped[int] = mapped_column(sa.ForeignKey("devices.id"))
    number: Mapped[int] = mapped_column()  # of the device, from 1
    sha256: Mapped[str] = mapped_column(sa.String(64))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
    differences: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime] = mapped_column()
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("inspection_records.id"))  # that saw it first
    state: Mapped[str] = mapped_column(sa.String(12))
    change_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tickets.id"), index=True)
    accepted_by: Mapped[str] = mapped_column(sa.String(200), default="")
    accepted_at: Mapped[datetime | None] = mapped_column()
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    change: Mapped[Ticket | None] = relationship()

    @property
    def composition(self) -> Composition:
        """What the device was made of."""
        return Composition.unpacked(self.content)
