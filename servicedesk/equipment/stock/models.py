"""Kinds of parts, places where they lie, single pieces with a serial, how many there are, every movement."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.equipment.models import Device, DeviceModel, Room
from servicedesk.organisations.models import Organisation, Site


class Part(Identified, Timestamped, Model):
    """A kind of part of a client's catalogue.

    ``serialised``: every piece has a serial and is followed one by one (``StockItem``); else pieces are
    only counted. ``minimum``: with fewer usable pieces at the client, somebody is to order.
    """

    __tablename__ = "parts"
    __table_args__ = (
        sa.UniqueConstraint("client_id", "manufacturer", "name", "part_number"),
        sa.Index("ix_parts_name_id", "name", "id"),
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    manufacturer: Mapped[str] = mapped_column(sa.String(100), default="")
    part_number: Mapped[str] = mapped_column(sa.String(100), default="")
    unit: Mapped[str] = mapped_column(sa.String(16), default="")
    serialised: Mapped[bool] = mapped_column(default=False)
    minimum: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    notes: Mapped[str] = mapped_column(sa.Text, default="")
    client: Mapped[Organisation] = relationship()
    fits: Mapped[list[DeviceModel]] = relationship(
        secondary="part_models", order_by=(DeviceModel.manufacturer, DeviceModel.name)
    )


part_models = sa.Table(
    "part_models",
    Model.metadata,
    sa.Column("part_id", sa.ForeignKey("parts.id", ondelete="CASCADE"), primary_key=True),
    sa.Column(
        "model_id", sa.ForeignKey("device_models.id", ondelete="CASCADE"), primary_key=True, index=True
    ),
)


class StockPlace(Identified, Timestamped, Model):
    """Where parts lie: a shelf or a store of a site, in a room of the equipment where it is one."""

    __tablename__ = "stock_places"
    __table_args__ = (sa.UniqueConstraint("site_id", "name"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    active: Mapped[bool] = mapped_column(default=True)
    site: Mapped[Site] = relationship()
    room: Mapped[Room | None] = relationship()


class StockItem(Identified, Timestamped, Model):
    """One piece with a serial. ``state`` moves by ``items.STEPS`` only.

    ``place_id``: where it lies, unless it is in a device (``device_id``), away or gone. ``site_id``: where
    it was last, so that who keeps one site alone sees it.
    """

    __tablename__ = "stock_items"
    __table_args__ = (
        sa.UniqueConstraint("part_id", "serial"),
        sa.Index("ix_stock_items_part_id_state", "part_id", "state"),
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    part_id: Mapped[int] = mapped_column(sa.ForeignKey("parts.id"))
    serial: Mapped[str] = mapped_column(sa.String(100), index=True)
    state: Mapped[str] = mapped_column(sa.String(12))
    place_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stock_places.id"), index=True)
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("devices.id"), index=True)
    part: Mapped[Part] = relationship()
    place: Mapped[StockPlace | None] = relationship()
    device: Mapped[Device | None] = relationship()


class StockLevel(Model):
    """How many usable pieces of a part lie at a place; written together with its movement."""

    __tablename__ = "stock_levels"
    __table_args__ = (sa.CheckConstraint("quantity >= 0", name="quantity"),)

    part_id: Mapped[int] = mapped_column(sa.ForeignKey("parts.id"), primary_key=True)
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("stock_places.id"), primary_key=True, index=True)
    quantity: Mapped[int] = mapped_column(default=0)


class StockMovement(Identified, Model):
    """What happened to stock; appended, never changed.

    ``kind``: see ``words.MOVEMENTS``. ``quantity``: what it changed at ``place_id`` (below zero: less); a
    move puts the same number, the other way round, at ``to_place_id``. ``state``: of the piece afterwards.
    """

    __tablename__ = "stock_movements"
    __table_args__ = (
        sa.Index("ix_stock_movements_part_id_id", "part_id", "id"),
        sa.Index("ix_stock_movements_device_id_at", "device_id", "at"),
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    to_site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    part_id: Mapped[int] = mapped_column(sa.ForeignKey("parts.id"))
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stock_items.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(8))
    quantity: Mapped[int] = mapped_column(default=0)
    place_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stock_places.id"), index=True)
    to_place_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stock_places.id"), index=True)
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("devices.id"))
    state: Mapped[str] = mapped_column(sa.String(12), default="")
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    document: Mapped[str] = mapped_column(sa.String(100), default="")
    at: Mapped[datetime] = mapped_column()
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(sa.String(200))
