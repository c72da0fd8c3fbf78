"""Plans, runs, records, readings and findings.

Readings are the bulk of the database (millions a year), so their words live in dictionaries
(``reading_items``, ``level_sets``) and a row holds numbers alone.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.equipment.models import Device
from servicedesk.inspections.half_years import Window
from servicedesk.organisations.models import Site
from servicedesk.tickets.models import Ticket

plan_devices = sa.Table(
    "plan_devices",
    Model.metadata,
    sa.Column("plan_id", sa.ForeignKey("inspection_plans.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("device_id", sa.ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True),
)


class InspectionPlan(Identified, Timestamped, Model):
    """What is inspected at a site, and when, in the site's time zone.

    ``times``: "08:30,14:00"; ``weekdays``: ISO numbers "12345"; ``by_calendar``: on the working days of the
    place instead. A run that could not begin within
    ``window_minutes`` after its time is written down as missed. ``required``: see ``required.py``.
    ``kind``: daily; deep ones run once in each half-year, see ``half_years.py``. A plan stays what it is.
    """

    __tablename__ = "inspection_plans"
    __table_args__ = (sa.UniqueConstraint("site_id", "name"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    name: Mapped[str] = mapped_column(sa.String(200))
    kind: Mapped[str] = mapped_column(sa.String(8), default="daily", server_default="daily")
    active: Mapped[bool] = mapped_column(default=True)
    times: Mapped[str] = mapped_column(sa.String(200), default="08:30")
    weekdays: Mapped[str] = mapped_column(sa.String(7), default="12345")
    by_calendar: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    first_month: Mapped[int] = mapped_column(default=1, server_default="1")
    opens_on: Mapped[int] = mapped_column(default=1, server_default="1")
    open_days: Mapped[int] = mapped_column(default=14, server_default="14")
    window_minutes: Mapped[int] = mapped_column(default=120)
    spread_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    retries: Mapped[int] = mapped_column(default=2)
    retry_gap_minutes: Mapped[int] = mapped_column(default=5)
    all_devices: Mapped[bool] = mapped_column(default=True)
    required: Mapped[list[Any]] = mapped_column(default=list)
    # Of a record's items that are not abnormal, how many its reviewer looks at: ``reviewing/sampling.py``.
    sample_percent: Mapped[int] = mapped_column(default=2, server_default="2")
    sample_minimum: Mapped[int] = mapped_column(default=5, server_default="5")
    scheduled_until: Mapped[datetime] = mapped_column()  # slots up to here have their run
    site: Mapped[Site] = relationship()
    devices: Mapped[list[Device]] = relationship(secondary=plan_devices, order_by="Device.name")

    @property
    def window(self) -> Window | None:
        """Of a deep inspection's half-years; None: the plan is a daily one."""
        return Window(self.first_month, self.opens_on, self.open_days) if self.kind == "deep" else None


class InspectionRun(Identified, Model):
    """One carrying-out of a plan, or of an "inspect now": the day's inspection record.

    ``state``: running, complete, missed. ``required`` is the plan's list as it was at the start.
    """

    __tablename__ = "inspection_runs"
    __table_args__ = (
        sa.UniqueConstraint("plan_id", "slot"),
        sa.Index("ix_inspection_runs_client_id_started_at_id", "client_id", "started_at", "id"),
        sa.Index("ix_inspection_runs_started_at_id", "started_at", "id"),
        sa.Index("ix_inspection_runs_state", "state"),
        sa.Index(
            "uq_inspection_runs_half_year",
            "plan_id",
            "half_year",
            unique=True,
            sqlite_where=sa.text("half_year <> '' AND trigger = 'schedule'"),
            postgresql_where=sa.text("half_year <> '' AND trigger = 'schedule'"),
        ),
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    plan_id: Mapped[int | None] = mapped_column(sa.ForeignKey("inspection_plans.id"))
    name: Mapped[str] = mapped_column(sa.String(200))
    day: Mapped[date] = mapped_column()  # in the site's time zone
    slot: Mapped[datetime] = mapped_column()
    half_year: Mapped[str] = mapped_column(sa.String(8), default="", server_default="")  # of deep inspections
    trigger: Mapped[str] = mapped_column(sa.String(16))  # schedule, manual, first_start
    requested_by: Mapped[str] = mapped_column(sa.String(200), default="")
    state: Mapped[str] = mapped_column(sa.String(12))
    required: Mapped[list[Any]] = mapped_column(default=list)
    retries: Mapped[int] = mapped_column(default=0)
    retry_gap_minutes: Mapped[int] = mapped_column(default=5)
    ends_by: Mapped[datetime] = mapped_column()  # no retry is begun after this
    started_at: Mapped[datetime] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()
    note: Mapped[str] = mapped_column(sa.Text, default="")
    # Counted once, when the run completes, for lists.
    device_count: Mapped[int] = mapped_column(default=0)
    inspected_count: Mapped[int] = mapped_column(default=0)
    abnormal_count: Mapped[int] = mapped_column(default=0)
    # Of what people look at: rows of the round, answered ones, abnormal ones.
    manual_count: Mapped[int] = mapped_column(default=0, server_default="0")
    manual_done: Mapped[int] = mapped_column(default=0, server_default="0")
    manual_abnormal: Mapped[int] = mapped_column(default=0, server_default="0")
    content_hash: Mapped[str] = mapped_column(sa.String(64), default="")
    signed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    signed_by: Mapped[str] = mapped_column(sa.String(200), default="")
    signed_at: Mapped[datetime | None] = mapped_column()
    sign_note: Mapped[str] = mapped_column(sa.Text, default="")
    reviewed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    reviewed_by: Mapped[str] = mapped_column(sa.String(200), default="")
    reviewed_at: Mapped[datetime | None] = mapped_column()
    review_note: Mapped[str] = mapped_column(sa.Text, default="")
    site: Mapped[Site] = relationship()
    plan: Mapped[InspectionPlan | None] = relationship()


class InspectionRecord(Identified, Model):
    """One device in one run: first the visit still to be made, then what it gave.

    ``state``: queued (``not_before`` says when), running (until ``lease_until``), done. A visit whose
    lease ran out is queued again; ``attempt`` tells a late answer from the present one.
    """

    __tablename__ = "inspection_records"
    __table_args__ = (
        sa.UniqueConstraint("run_id", "device_id"),
        sa.Index("ix_inspection_records_device_id_id", "device_id", "id"),
        sa.Index("ix_inspection_records_state_not_before", "state", "not_before"),
    )

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("inspection_runs.id"))
    device_id: Mapped[int] = mapped_column(sa.ForeignKey("devices.id"))
    state: Mapped[str] = mapped_column(sa.String(8), default="queued")
    attempt: Mapped[int] = mapped_column(default=0)
    interruptions: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime] = mapped_column()
    enqueued_at: Mapped[datetime | None] = mapped_column()
    lease_until: Mapped[datetime | None] = mapped_column()
    outcome: Mapped[str] = mapped_column(sa.String(24), default="not_inspected")  # of the visit
    worst: Mapped[str] = mapped_column(sa.String(24), default="not_inspected")  # of its readings
    error: Mapped[str] = mapped_column(sa.Text, default="")
    started_at: Mapped[datetime | None] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()
    duration_ms: Mapped[int | None] = mapped_column()
    transcript_sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    platform: Mapped[str] = mapped_column(sa.String(64), default="")
    abnormal_count: Mapped[int] = mapped_column(default=0)
    # The change or agreed maintenance in whose time the visit was made: ``maintenance.py``.
    maintenance: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    attempts: Mapped[list[Any]] = mapped_column(default=list)  # earlier tries: at, outcome, error, transcript
    run: Mapped[InspectionRun] = relationship()
    device: Mapped[Device] = relationship()


class ReadingItem(Identified, Model):
    """Dictionary: a check applied to something, e.g. filesystem_used of /var in %."""

    __tablename__ = "reading_items"
    __table_args__ = (sa.UniqueConstraint("check", "item", "unit"),)

    check: Mapped[str] = mapped_column(sa.String(64))
    item: Mapped[str] = mapped_column(sa.String(300))
    unit: Mapped[str] = mapped_column(sa.String(16), default="")


class LevelSet(Identified, Model):
    """Dictionary: limits and where they came from."""

    __tablename__ = "level_sets"
    __table_args__ = (
        sa.UniqueConstraint(
            "warning_upper", "critical_upper", "warning_lower", "critical_lower", "provenance"
        ),
    )

    warning_upper: Mapped[float | None] = mapped_column()
    critical_upper: Mapped[float | None] = mapped_column()
    warning_lower: Mapped[float | None] = mapped_column()
    critical_lower: Mapped[float | None] = mapped_column()
    provenance: Mapped[str] = mapped_column(sa.String(300), default="")

    @property
    def has_numbers(self) -> bool:
        """Whether there is any limit; only then its provenance means something."""
        limits = (self.warning_upper, self.critical_upper, self.warning_lower, self.critical_lower)
        return any(limit is not None for limit in limits)


class Reading(Model):
    """One judged item of a record. ``outcome`` is the number of ``outcomes.CODES``.

    ``exchange`` and ``line`` (1-based) point into the record's transcript. ``message`` (template and
    values) is kept for what is not normal.
    """

    __tablename__ = "readings"
    __table_args__ = ({"sqlite_with_rowid": False},)

    record_id: Mapped[int] = mapped_column(sa.ForeignKey("inspection_records.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("reading_items.id"), primary_key=True)
    outcome: Mapped[int] = mapped_column(sa.SmallInteger)
    value: Mapped[float | None] = mapped_column()
    level_set_id: Mapped[int | None] = mapped_column(sa.ForeignKey("level_sets.id"))
    exchange: Mapped[int | None] = mapped_column(sa.SmallInteger)
    line: Mapped[int | None] = mapped_column()
    versions: Mapped[int] = mapped_column(sa.SmallInteger, default=257)  # rule * 256 + parser
    message: Mapped[dict[str, Any] | None] = mapped_column()


class DeviceSnapshot(Model):
    """The newest facts of a device, in the form of ``servicedesk collect --json``, for its page."""

    __tablename__ = "device_snapshots"

    device_id: Mapped[int] = mapped_column(sa.ForeignKey("devices.id"), primary_key=True, autoincrement=False)
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("inspection_records.id"))
    at: Mapped[datetime] = mapped_column()
    document: Mapped[dict[str, Any]] = mapped_column()


class Finding(Identified, Model):
    """Something abnormal on a device, from its first sighting until it is closed.

    One at most is open per device, check and item. ``state``: watched (abnormal, but not yet for
    ``needed_runs`` readings in a row: no ticket), open, recovered, closed.
    """

    __tablename__ = "findings"
    __table_args__ = (
        sa.Index(
            "uq_findings_open",
            "device_id",
            "check",
            "item",
            unique=True,
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        ),
        sa.Index("ix_findings_client_id_state", "client_id", "state"),
        sa.Index("ix_findings_device_id_last_at", "device_id", "last_at"),  # those that were closed, too
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    device_id: Mapped[int] = mapped_column(sa.ForeignKey("devices.id"))
    check: Mapped[str] = mapped_column(sa.String(64))
    item: Mapped[str] = mapped_column(sa.String(300), default="")
    state: Mapped[str] = mapped_column(sa.String(12), default="open")
    outcome: Mapped[str] = mapped_column(sa.String(24))  # the newest abnormal one
    message: Mapped[dict[str, Any]] = mapped_column()
    first_at: Mapped[datetime] = mapped_column()
    last_at: Mapped[datetime] = mapped_column()
    last_record_id: Mapped[int] = mapped_column(sa.ForeignKey("inspection_records.id"))
    occurrences: Mapped[int] = mapped_column(default=1)
    needed_runs: Mapped[int] = mapped_column(default=1)
    clean_runs: Mapped[int] = mapped_column(default=0)
    relapses: Mapped[int] = mapped_column(default=0)
    recovered_at: Mapped[datetime | None] = mapped_column()
    proposed_at: Mapped[datetime | None] = mapped_column()  # when resolution was proposed
    closed_at: Mapped[datetime | None] = mapped_column()
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tickets.id"), index=True)
    device: Mapped[Device] = relationship()
    ticket: Mapped[Ticket | None] = relationship()
