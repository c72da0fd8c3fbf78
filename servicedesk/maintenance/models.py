"""Plans of maintenance, and what became due."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.assignment.models import Team
from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.equipment.models import Device, DeviceModel
from servicedesk.equipment.support_models import SupportContract
from servicedesk.maintenance.rhythm import Rhythm, parse_dates
from servicedesk.organisations.models import Site
from servicedesk.tickets.models import Ticket


class MaintenancePlan(Identified, Timestamped, Model):
    """What is to be done again and again at a site.

    ``scope``: device, class, model or contract; with it one of ``device_id``, ``device_class``,
    ``model_id``, ``contract_id``. ``unit``, ``every``, ``starts_on``, ``dates``: see ``Rhythm``. The ticket
    is opened ``lead_days`` before the due day; the work is to be done within ``window_days`` working days
    of the site from the due day on. ``grouping``: one ticket for all devices, or one each.
    ``next_due`` None: paused, ``paused_reason`` says why.
    """

    __tablename__ = "maintenance_plans"
    __table_args__ = (sa.Index("ix_maintenance_plans_title_id", "title", "id"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(160))
    description: Mapped[str] = mapped_column(sa.Text, default="")
    scope: Mapped[str] = mapped_column(sa.String(8))
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("devices.id"), index=True)
    device_class: Mapped[str] = mapped_column(sa.String(32), default="")
    model_id: Mapped[int | None] = mapped_column(sa.ForeignKey("device_models.id"), index=True)
    contract_id: Mapped[int | None] = mapped_column(sa.ForeignKey("support_contracts.id"), index=True)
    unit: Mapped[str] = mapped_column(sa.String(8))
    every: Mapped[int] = mapped_column(default=1)
    starts_on: Mapped[date] = mapped_column()
    dates: Mapped[str] = mapped_column(sa.String(200), default="")
    lead_days: Mapped[int] = mapped_column(default=0)
    window_days: Mapped[int] = mapped_column(default=5)
    checklist: Mapped[str] = mapped_column(sa.Text, default="")  # one point a line
    runbook_key: Mapped[str] = mapped_column(sa.String(60), default="")
    category: Mapped[str] = mapped_column(sa.String(16), default="general")
    grouping: Mapped[str] = mapped_column(sa.String(4), default="one")
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("teams.id"))
    next_due: Mapped[date | None] = mapped_column(index=True)
    paused_reason: Mapped[str] = mapped_column(sa.String(300), default="")
    problem: Mapped[str] = mapped_column(sa.String(300), default="")  # why the last due day had no ticket

    site: Mapped[Site] = relationship()
    device: Mapped[Device | None] = relationship()
    model: Mapped[DeviceModel | None] = relationship()
    contract: Mapped[SupportContract | None] = relationship()
    team: Mapped[Team | None] = relationship()

    @property
    def rhythm(self) -> Rhythm:
        """When it is due."""
        dates = parse_dates(self.dates) if self.unit == "dates" else ()
        return Rhythm(self.unit, self.every, self.starts_on, dates)


class MaintenanceTask(Identified, Model):
    """One due day of a plan, or of one of its devices, and its ticket: done when that is resolved.

    ``device_key``: the device's number, 0 for all devices together; with plan and day it is there once.
    ``missed``: earlier due days that had no ticket, since nobody was there to open one.
    """

    __tablename__ = "maintenance_tasks"
    __table_args__ = (sa.UniqueConstraint("plan_id", "due_on", "device_key"),)

    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("maintenance_plans.id"))
    due_on: Mapped[date] = mapped_column(index=True)
    device_key: Mapped[int] = mapped_column(default=0)
    must_by: Mapped[date] = mapped_column()
    missed: Mapped[int] = mapped_column(default=0)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("tickets.id"), index=True)
    plan: Mapped[MaintenancePlan] = relationship()
    ticket: Mapped[Ticket] = relationship()
