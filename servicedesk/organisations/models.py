"""Who is served, by whom, where. Every record of other domains belongs to a client organisation."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped

CLIENT, SERVICE, OPERATOR = "client", "service", "operator"
# Who may report a fault by scanning a label: anyone, those with a badge number, or nobody.
PUBLIC_ANYONE, PUBLIC_BADGE, PUBLIC_NOBODY = "anyone", "badge", "nobody"


class Organisation(Identified, Timestamped, Model):
    """``kind``: a client, a service company, or the operator of this installation."""

    __tablename__ = "organisations"

    kind: Mapped[str] = mapped_column(sa.String(16), index=True)
    name: Mapped[str] = mapped_column(sa.String(200), unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    public_reports: Mapped[str] = mapped_column(sa.String(8), default=PUBLIC_ANYONE)


class Department(Identified, Timestamped, Model):
    """A part of an organisation; parts may nest."""

    __tablename__ = "departments"
    __table_args__ = (sa.UniqueConstraint("organisation_id", "parent_id", "name"),)

    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("departments.id"))
    name: Mapped[str] = mapped_column(sa.String(200))
    organisation: Mapped[Organisation] = relationship()


class Site(Identified, Timestamped, Model):
    """A place of a client with its own time zone; inspection plans run in it."""

    __tablename__ = "sites"
    __table_args__ = (sa.UniqueConstraint("client_id", "name"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    address: Mapped[str] = mapped_column(sa.String(500), default="")
    timezone: Mapped[str] = mapped_column(sa.String(64), default="Asia/Shanghai")
    active: Mapped[bool] = mapped_column(default=True)
    client: Mapped[Organisation] = relationship()


class Contract(Identified, Timestamped, Model):
    """What binds a service company to a client; while it runs, the company sees the client's sites.

    Without rows in ``contract_sites`` it covers all sites of the client.
    """

    __tablename__ = "contracts"

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    service_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    number: Mapped[str] = mapped_column(sa.String(64), unique=True)
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    starts_on: Mapped[date] = mapped_column()
    ends_on: Mapped[date] = mapped_column()
    client: Mapped[Organisation] = relationship(foreign_keys=[client_id])
    service: Mapped[Organisation] = relationship(foreign_keys=[service_id])
    sites: Mapped[list[Site]] = relationship(secondary="contract_sites", order_by="Site.name")

    def runs_on(self, day: date) -> bool:
        """Whether the contract is in force on ``day``; both ends count."""
        return self.starts_on <= day <= self.ends_on


contract_sites = sa.Table(
    "contract_sites",
    Model.metadata,
    sa.Column("contract_id", sa.ForeignKey("contracts.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("site_id", sa.ForeignKey("sites.id", ondelete="CASCADE"), primary_key=True),
)

__all__ = [
    "CLIENT",
    "OPERATOR",
    "PUBLIC_ANYONE",
    "PUBLIC_BADGE",
    "PUBLIC_NOBODY",
    "SERVICE",
    "Contract",
    "Department",
    "Organisation",
    "Site",
]
