"""Orders to judge a period again, and what would be otherwise."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model
from servicedesk.equipment.models import Device
from servicedesk.inspections.models import InspectionRun
from servicedesk.organisations.models import Site

QUEUED, RUNNING, DONE = "queued", "running", "done"


class Rejudging(Identified, Model):
    """One question about a site, or one of its devices, and a period of days in the site's time zone.

    ``changed`` … ``gone`` count every difference by its kind; rows are kept up to a limit. ``problems``:
    records that could not be judged again. ``run_id``: the inspection that was begun because of it.
    """

    __tablename__ = "rejudgings"
    __table_args__ = (sa.Index(None, "client_id", "id"), sa.Index(None, "state"))

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("devices.id"))
    first: Mapped[date] = mapped_column()
    last: Mapped[date] = mapped_column()
    occasion: Mapped[str] = mapped_column(sa.Text, default="")  # what was changed
    state: Mapped[str] = mapped_column(sa.String(8), default=QUEUED)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    value: Mapped[int] = mapped_column(default=0)
    appeared: Mapped[int] = mapped_column(default=0)
    gone: Mapped[int] = mapped_column(default=0)
    problems: Mapped[int] = mapped_column(default=0)
    ordered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    ordered_by: Mapped[str] = mapped_column(sa.String(200))
    ordered_at: Mapped[datetime] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()
    run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("inspection_runs.id"))
    site: Mapped[Site] = relationship()
    device: Mapped[Device | None] = relationship()
    run: Mapped[InspectionRun | None] = relationship()


class RejudgedItem(Identified, Model):
    """One difference: the columns of ``rejudging.Change``."""

    __tablename__ = "rejudged_items"
    __table_args__ = (sa.Index(None, "rejudging_id", "id"),)

    rejudging_id: Mapped[int] = mapped_column(sa.ForeignKey("rejudgings.id"))
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("inspection_records.id"))
    check: Mapped[str] = mapped_column(sa.String(64))
    item: Mapped[str] = mapped_column(sa.String(300), default="")
    kind: Mapped[str] = mapped_column(sa.String(8))
    old: Mapped[str] = mapped_column(sa.String(24), default="")
    new: Mapped[str] = mapped_column(sa.String(24), default="")
    old_value: Mapped[float | None] = mapped_column()
    new_value: Mapped[float | None] = mapped_column()
