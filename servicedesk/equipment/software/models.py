"""Software products, their installations on devices, licences with an encrypted key, and seats."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.equipment.document_models import TechnicalDocument
from servicedesk.equipment.models import Device
from servicedesk.equipment.support_models import SupportContract
from servicedesk.organisations.models import Organisation
from servicedesk.staff.models import User

FAR = date(9998, 12, 31)  # a day that never comes, so that a list can be sorted by it


class SoftwareProduct(Identified, Timestamped, Model):
    """A product of a client's catalogue; versions belong to its installations."""

    __tablename__ = "software_products"
    __table_args__ = (
        sa.UniqueConstraint("client_id", "maker", "name"),
        sa.Index("ix_software_products_name_id", "name", "id"),
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    name: Mapped[str] = mapped_column(sa.String(200))
    maker: Mapped[str] = mapped_column(sa.String(100), default="")
    kind: Mapped[str] = mapped_column(sa.String(16))
    notes: Mapped[str] = mapped_column(sa.Text, default="")
    client: Mapped[Organisation] = relationship()


class SoftwareInstall(Identified, Model):
    """A product on a device, once. ``by_inspection``: recorded as an inspection found it."""

    __tablename__ = "software_installs"
    __table_args__ = (
        sa.UniqueConstraint("product_id", "device_id"),
        sa.Index("ix_software_installs_product_id_id", "product_id", "id"),
    )

    product_id: Mapped[int] = mapped_column(sa.ForeignKey("software_products.id"))
    device_id: Mapped[int] = mapped_column(sa.ForeignKey("devices.id", ondelete="CASCADE"), index=True)
    version: Mapped[str] = mapped_column(sa.String(200), default="")
    installed_on: Mapped[date | None] = mapped_column()
    by_inspection: Mapped[bool] = mapped_column(default=False)
    recorded_by: Mapped[str] = mapped_column(sa.String(200))
    recorded_at: Mapped[datetime] = mapped_column()
    product: Mapped[SoftwareProduct] = relationship()
    device: Mapped[Device] = relationship()


class Licence(Identified, Timestamped, Model):
    """The right to use a product. ``quantity`` 0: without a limit (see ``words.UNLIMITED``).

    ``ends_on`` None: perpetual. ``due_on``: the end, or that of maintenance if it is sooner; ``FAR`` for
    neither. ``secret``: the key, encrypted. ``over_reason``: why more is in use than was bought, as
    long as it is so.
    """

    __tablename__ = "licences"
    __table_args__ = (
        sa.UniqueConstraint("client_id", "number"),
        sa.Index("ix_licences_due_on_id", "due_on", "id"),
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("software_products.id"), index=True)
    number: Mapped[str] = mapped_column(sa.String(100))
    kind: Mapped[str] = mapped_column(sa.String(16))
    quantity: Mapped[int] = mapped_column(default=0)
    bought_on: Mapped[date | None] = mapped_column()
    price: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 2))
    supplier: Mapped[str] = mapped_column(sa.String(200), default="")
    contract_id: Mapped[int | None] = mapped_column(sa.ForeignKey("support_contracts.id"), index=True)
    document_id: Mapped[int | None] = mapped_column(sa.ForeignKey("technical_documents.id"), index=True)
    starts_on: Mapped[date | None] = mapped_column()
    ends_on: Mapped[date | None] = mapped_column()
    maintenance_until: Mapped[date | None] = mapped_column()
    warn_days: Mapped[int] = mapped_column(default=90)
    due_on: Mapped[date] = mapped_column(default=FAR)
    warn_from: Mapped[date] = mapped_column(default=FAR)  # ``warn_days`` before ``ends_on``
    lapse_warn_from: Mapped[date] = mapped_column(default=FAR)  # and before ``maintenance_until``
    secret: Mapped[str] = mapped_column(sa.Text, default="")
    notes: Mapped[str] = mapped_column(sa.Text, default="")
    over_reason: Mapped[str] = mapped_column(sa.String(300), default="")
    over_by: Mapped[str] = mapped_column(sa.String(200), default="")
    over_at: Mapped[datetime | None] = mapped_column()
    client: Mapped[Organisation] = relationship()
    product: Mapped[SoftwareProduct] = relationship()
    contract: Mapped[SupportContract | None] = relationship()
    document: Mapped[TechnicalDocument | None] = relationship()


class LicenceSeat(Identified, Model):
    """So much of a licence is used by a device or a person; ended ones stay as history.

    ``holder``: the name at that time, which stays when the device or the account is gone.
    """

    __tablename__ = "licence_seats"
    __table_args__ = (sa.Index("ix_licence_seats_licence_id_ended_at", "licence_id", "ended_at"),)

    licence_id: Mapped[int] = mapped_column(sa.ForeignKey("licences.id"))
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("devices.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    holder: Mapped[str] = mapped_column(sa.String(200))
    quantity: Mapped[int] = mapped_column(default=1)
    assigned_at: Mapped[datetime] = mapped_column()
    assigned_by: Mapped[str] = mapped_column(sa.String(200))
    ended_at: Mapped[datetime | None] = mapped_column()
    ended_by: Mapped[str] = mapped_column(sa.String(200), default="")
    end_reason: Mapped[str] = mapped_column(sa.String(300), default="")
    licence: Mapped[Licence] = relationship()
    device: Mapped[Device | None] = relationship()
    user: Mapped[User | None] = relationship()
