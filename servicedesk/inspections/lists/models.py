"""Required lists and each of their versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model
from servicedesk.organisations.models import Contract, Organisation


class RequiredList(Identified, Model):
    """The checks required of one profile: by a contract, or by all of a client's contracts.

    ``checks``: names as in ``RequiredItem``. An empty list requires nothing; lists are not deleted.
    """

    __tablename__ = "required_lists"
    __table_args__ = (
        sa.UniqueConstraint("contract_id", "profile"),
        sa.Index(
            "uq_required_lists_client",
            "client_id",
            "profile",
            unique=True,
            sqlite_where=sa.text("contract_id IS NULL"),
            postgresql_where=sa.text("contract_id IS NULL"),
        ),
        sa.Index(None, "client_id"),
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    contract_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contracts.id"))
    profile: Mapped[str] = mapped_column(sa.String(16))
    checks: Mapped[list[Any]] = mapped_column(default=list)
    version: Mapped[int] = mapped_column(default=1)
    changed_by: Mapped[str] = mapped_column(sa.String(200))
    changed_at: Mapped[datetime] = mapped_column()
    client: Mapped[Organisation] = relationship()
    contract: Mapped[Contract | None] = relationship()
    versions: Mapped[list[RequiredListVersion]] = relationship(order_by="RequiredListVersion.number.desc()")


class RequiredListVersion(Identified, Model):
    """A list as it was from one change to the next; written once."""

    __tablename__ = "required_list_versions"
    __table_args__ = (sa.UniqueConstraint("list_id", "number"),)

    list_id: Mapped[int] = mapped_column(sa.ForeignKey("required_lists.id"))
    number: Mapped[int] = mapped_column()
    checks: Mapped[list[Any]] = mapped_column()
    note: Mapped[str] = mapped_column(sa.Text, default="")
    changed_by: Mapped[str] = mapped_column(sa.String(200))
    changed_at: Mapped[datetime] = mapped_column()
