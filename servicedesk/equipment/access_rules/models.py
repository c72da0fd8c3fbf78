"""A rule that says how devices of a group are asked."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.equipment.models import Credential
from servicedesk.organisations.models import Site


class AccessRule(Identified, Timestamped, Model):
    """Devices of a client that have an address are asked so, unless they have a way of their own.

    Empty ``site_id``, ``device_class`` and ``tag`` do not narrow the group down.
    """

    __tablename__ = "access_rules"

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    device_class: Mapped[str] = mapped_column(sa.String(32), default="")
    tag: Mapped[str] = mapped_column(sa.String(40), default="")
    protocol: Mapped[str] = mapped_column(sa.String(8))
    port: Mapped[int] = mapped_column()
    snmp_version: Mapped[str] = mapped_column(sa.String(4), default="2c")
    credential_id: Mapped[int] = mapped_column(sa.ForeignKey("credentials.id"), index=True)
    jump_host_id: Mapped[int | None] = mapped_column(sa.ForeignKey("jump_hosts.id"), index=True)  # SSH alone
    site: Mapped[Site | None] = relationship()
    credential: Mapped[Credential] = relationship()
