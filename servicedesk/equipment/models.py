"""Buildings, rooms, racks, device models, devices, the ways to reach them, credentials, pinned host keys."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.organisations.models import Department, Organisation, Site
from servicedesk.staff.models import User

if TYPE_CHECKING:
    from servicedesk.equipment.jump_host_models import JumpHost


class Building(Identified, Timestamped, Model):
    """A building of a site; small sites do without."""

    __tablename__ = "buildings"
    __table_args__ = (sa.UniqueConstraint("site_id", "name"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    name: Mapped[str] = mapped_column(sa.String(100))


class Room(Identified, Timestamped, Model):
    """A machine room or wiring closet of a site; its plan is a grid of ``grid_rows`` by ``grid_columns``."""

    __tablename__ = "rooms"
    __table_args__ = (sa.UniqueConstraint("site_id", "name"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    name: Mapped[str] = mapped_column(sa.String(100))
    building_id: Mapped[int | None] = mapped_column(sa.ForeignKey("buildings.id"), index=True)
    floor: Mapped[str] = mapped_column(sa.String(32), default="")
    grid_rows: Mapped[int] = mapped_column(default=4)
    grid_columns: Mapped[int] = mapped_column(default=8)
    site: Mapped[Site] = relationship()
    building: Mapped[Building | None] = relationship()


class Rack(Identified, Timestamped, Model):
    """A rack of a room; positions are counted in units from the bottom, starting at 1.

    ``grid_row`` and ``grid_column`` are its square on the room's plan, counted from 1; None: not on it yet.
    """

    __tablename__ = "racks"
    __table_args__ = (sa.UniqueConstraint("room_id", "name"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    room_id: Mapped[int] = mapped_column(sa.ForeignKey("rooms.id"))
    name: Mapped[str] = mapped_column(sa.String(100))
    height_u: Mapped[int] = mapped_column(default=42)
    grid_row: Mapped[int | None] = mapped_column()
    grid_column: Mapped[int | None] = mapped_column()
    room: Mapped[Room] = relationship()


class DeviceModel(Identified, Timestamped, Model):
    """A manufacturer's product, with what follows from it: size, ports, the days it is sold and supported."""

    __tablename__ = "device_models"
    __table_args__ = (sa.UniqueConstraint("client_id", "manufacturer", "name"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    manufacturer: Mapped[str] = mapped_column(sa.String(100))
    name: Mapped[str] = mapped_column(sa.String(200))
    device_class: Mapped[str] = mapped_column(sa.String(32), default="other")
    height_u: Mapped[int] = mapped_column(default=1)
    full_depth: Mapped[bool] = mapped_column(default=True)
    port_count: Mapped[int] = mapped_column(default=0)
    end_of_sale_on: Mapped[date | None] = mapped_column()
    end_of_support_on: Mapped[date | None] = mapped_column()
    end_of_life_on: Mapped[date | None] = mapped_column()
    notes: Mapped[str] = mapped_column(sa.Text, default="")


class Device(Identified, Timestamped, Model):
    """One piece of equipment. ``state`` is its life-cycle; only active ones are inspected."""

    __tablename__ = "devices"
    __table_args__ = (
        sa.UniqueConstraint("client_id", "name"),
        sa.Index("ix_devices_client_id_site_id", "client_id", "site_id"),
        sa.Index("ix_devices_name_id", "name", "id"),
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms.id"))
    rack_id: Mapped[int | None] = mapped_column(sa.ForeignKey("racks.id"), index=True)
    rack_unit: Mapped[int | None] = mapped_column()  # lowest unit it fills
    height_u: Mapped[int] = mapped_column(default=1)
    face: Mapped[str] = mapped_column(sa.String(8), default="front")  # of the rack: front or rear
    full_depth: Mapped[bool] = mapped_column(default=True)  # then it fills both faces
    model_id: Mapped[int | None] = mapped_column(sa.ForeignKey("device_models.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    device_class: Mapped[str] = mapped_column(sa.String(32), default="other", index=True)
    state: Mapped[str] = mapped_column(sa.String(16), default="active", index=True)
    vendor: Mapped[str] = mapped_column(sa.String(100), default="")
    model: Mapped[str] = mapped_column(sa.String(200), default="")
    serial: Mapped[str] = mapped_column(sa.String(100), default="", index=True)
    software_version: Mapped[str] = mapped_column(sa.String(200), default="")
    platform: Mapped[str] = mapped_column(sa.String(64), default="")
    asset_tag: Mapped[str] = mapped_column(sa.String(64), default="")
    address: Mapped[str] = mapped_column(sa.String(255), default="", index=True)
    department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("departments.id"))
    responsible_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    standby_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    warranty_until: Mapped[date | None] = mapped_column()
    disposal_proof: Mapped[str] = mapped_column(sa.String(300), default="")
    notes: Mapped[str] = mapped_column(sa.Text, default="")
    watched_interfaces: Mapped[str] = mapped_column(sa.Text, default="")  # globs, one a line
    # The newest inspection, repeated here so that lists need no join: outcome and when.
    last_outcome: Mapped[str] = mapped_column(sa.String(24), default="not_inspected")
    last_inspected_at: Mapped[datetime | None] = mapped_column()

    client: Mapped[Organisation] = relationship()
    site: Mapped[Site] = relationship()
    room: Mapped[Room | None] = relationship()
    rack: Mapped[Rack | None] = relationship()
    product: Mapped[DeviceModel | None] = relationship()
    department: Mapped[Department | None] = relationship()
    responsible: Mapped[User | None] = relationship(foreign_keys=[responsible_id])
    standby: Mapped[User | None] = relationship(foreign_keys=[standby_id])
    accesses: Mapped[list[DeviceAccess]] = relationship(
        back_populates="device", cascade="all, delete-orphan", order_by="DeviceAccess.id"
    )


class Credential(Identified, Timestamped, Model):
    """A secret by reference. ``secret`` is encrypted; it is written and used, never shown again.

    ``kind``: snmp_community, snmp_v3, ssh_password, ssh_key. ``public`` holds what is not secret
    (user name, protocols), for the form.
    """

    __tablename__ = "credentials"
    __table_args__ = (sa.UniqueConstraint("client_id", "name"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    name: Mapped[str] = mapped_column(sa.String(100))
    kind: Mapped[str] = mapped_column(sa.String(24))
    username: Mapped[str] = mapped_column(sa.String(100), default="")
    auth_protocol: Mapped[str] = mapped_column(sa.String(16), default="")
    priv_protocol: Mapped[str] = mapped_column(sa.String(16), default="")
    aaa_group: Mapped[str] = mapped_column(
        sa.String(64), default="", server_default=""
    )  # see inspections.limits
    secret: Mapped[str] = mapped_column(sa.Text)
    secret_changed_at: Mapped[datetime] = mapped_column()
    secret_set_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    last_used_at: Mapped[datetime | None] = mapped_column()
    client: Mapped[Organisation] = relationship()


class DeviceAccess(Identified, Model):
    """A way to ask a device: SNMP, SSH, or "local" for the machine the collector runs on."""

    __tablename__ = "device_accesses"
    __table_args__ = (sa.UniqueConstraint("device_id", "protocol"),)

    device_id: Mapped[int] = mapped_column(sa.ForeignKey("devices.id", ondelete="CASCADE"))
    protocol: Mapped[str] = mapped_column(sa.String(8))  # snmp, ssh, local
    port: Mapped[int] = mapped_column(default=0)
    snmp_version: Mapped[str] = mapped_column(sa.String(4), default="2c")
    legacy_crypto: Mapped[bool] = mapped_column(default=False)
    credential_id: Mapped[int | None] = mapped_column(sa.ForeignKey("credentials.id"), index=True)
    # The rule that gave it; None: somebody set it on this device.
    rule_id: Mapped[int | None] = mapped_column(sa.ForeignKey("access_rules.id"), index=True)
    jump_host_id: Mapped[int | None] = mapped_column(sa.ForeignKey("jump_hosts.id"), index=True)  # SSH alone
    device: Mapped[Device] = relationship(back_populates="accesses")
    credential: Mapped[Credential | None] = relationship()
    jump_host: Mapped[JumpHost | None] = relationship()
    host_keys: Mapped[list[HostKey]] = relationship(cascade="all, delete-orphan", order_by="HostKey.id")


class HostKey(Identified, Model):
    """An SSH host key a device showed. Only approved ones are accepted in a visit."""

    __tablename__ = "host_keys"
    __table_args__ = (sa.UniqueConstraint("access_id", "public_key"),)

    access_id: Mapped[int] = mapped_column(sa.ForeignKey("device_accesses.id", ondelete="CASCADE"))
    public_key: Mapped[str] = mapped_column(sa.Text)  # "ssh-ed25519 AAAA…"
    fingerprint: Mapped[str] = mapped_column(sa.String(100))
    state: Mapped[str] = mapped_column(sa.String(16), default="pending", index=True)
    first_seen_at: Mapped[datetime] = mapped_column()
    decided_at: Mapped[datetime | None] = mapped_column()
    decided_by: Mapped[str] = mapped_column(sa.String(200), default="")
    access: Mapped[DeviceAccess] = relationship(back_populates="host_keys")


class DeviceRelation(Identified, Model):
    """``device`` depends_on, runs_on, powered_by, backs_up or is connected_to ``other``."""

    __tablename__ = "device_relations"
    __table_args__ = (sa.UniqueConstraint("device_id", "other_id", "kind"),)

    device_id: Mapped[int] = mapped_column(sa.ForeignKey("devices.id"))
    other_id: Mapped[int] = mapped_column(sa.ForeignKey("devices.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    created_at: Mapped[datetime] = mapped_column()
    actor_name: Mapped[str] = mapped_column(sa.String(200))
