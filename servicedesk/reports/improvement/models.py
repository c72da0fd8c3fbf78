"""Improvements: what is to be changed and why, the devices it is about, and what became of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import Organisation, Site
from servicedesk.reports.deep.models import DeepReport
from servicedesk.staff.models import User
from servicedesk.tickets.models import Ticket


class Improvement(Identified, Timestamped, Model):
    """One item of the plan of a client, or of one of its sites.

    ``rule``: see ``rules.RULES``; empty for what a person wrote. ``subject``: what of the devices the rule
    speaks of, so that nothing is proposed twice. ``wording``: title, reason and effect as the rule said
    them, each ``{"template", "values"}``; ``title``, ``reason`` and ``effect`` are a person's own words and
    go before. ``facts``: the figures a later verification compares with. ``evidence``: cells of a report,
    ``{"kind", "value"}``. ``period``: the half-year it was proposed in.
    """

    __tablename__ = "improvements"
    __table_args__ = (
        sa.Index("ix_improvements_client_id_state_id", "client_id", "state", "id"),
        sa.Index("ix_improvements_client_id_rule_subject", "client_id", "rule", "subject"),
        sa.Index("ix_improvements_state", "state"),
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    report_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deep_reports.id"), index=True)
    period: Mapped[str] = mapped_column(sa.String(8))
    rule: Mapped[str] = mapped_column(sa.String(16), default="")
    subject: Mapped[str] = mapped_column(sa.String(400), default="")
    state: Mapped[str] = mapped_column(sa.String(12), default="proposed")
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    effect: Mapped[str] = mapped_column(sa.Text, default="")
    wording: Mapped[dict[str, Any]] = mapped_column(default=dict)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    evidence: Mapped[list[Any]] = mapped_column(default=list)
    priority: Mapped[int] = mapped_column(default=3)  # as tickets have it: 1 critical … 5 planning
    due_on: Mapped[date] = mapped_column()
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tickets.id"), index=True)
    accepted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    approved_at: Mapped[datetime | None] = mapped_column()
    done_at: Mapped[datetime | None] = mapped_column()
    created_by: Mapped[str] = mapped_column(sa.String(200))
    # Raised by every change; a form that was opened at an older one is told so.
    version: Mapped[int] = mapped_column(default=1)

    client: Mapped[Organisation] = relationship()
    site: Mapped[Site | None] = relationship()
    report: Mapped[DeepReport | None] = relationship()
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    ticket: Mapped[Ticket | None] = relationship()
    devices: Mapped[list[Device]] = relationship(
        secondary="improvement_devices", order_by=(Device.name, Device.id)
    )


improvement_devices = sa.Table(
    "improvement_devices",
    Model.metadata,
    sa.Column("improvement_id", sa.ForeignKey("improvements.id"), primary_key=True),
    sa.Column("device_id", sa.ForeignKey("devices.id"), primary_key=True, index=True),
)


class ImprovementEvent(Identified, Model):
    """What was done with an item, by whom. ``what`` is a step of ``states.py``, or "made" or "edited".

    ``data``: a sentence as ``{"template", "values"}`` and ``evidence`` as the item has it.
    """

    __tablename__ = "improvement_events"

    improvement_id: Mapped[int] = mapped_column(sa.ForeignKey("improvements.id"), index=True)
    what: Mapped[str] = mapped_column(sa.String(16))
    state: Mapped[str] = mapped_column(sa.String(12))  # afterwards
    at: Mapped[datetime] = mapped_column()
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
