"""Items that people look at, what each round asks and was answered, and what is abnormal of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.equipment.models import Device
from servicedesk.inspections.models import InspectionRun
from servicedesk.inspections.required import BY_HAND
from servicedesk.organisations.models import Organisation, Site
from servicedesk.tickets.models import Ticket

PREFIX = BY_HAND
SITE, ROOM, DEVICE = "site", "room", "device"
NUMBER, CHOICE, TEXT = "number", "choice", "text"


class ManualItem(Identified, Timestamped, Model):
    """One thing to look at, of a client, or of one of its sites.

    ``looks_at``: site (once), room (each room of the site), device (each of ``device_classes``).
    ``options`` of a choice: rows of English words, Chinese words, and ok, warning or critical.
    """

    __tablename__ = "manual_items"
    __table_args__ = (sa.Index("ix_manual_items_client_id_title_en", "client_id", "title_en"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    title_en: Mapped[str] = mapped_column(sa.String(100))
    title_zh: Mapped[str] = mapped_column(sa.String(100))
    active: Mapped[bool] = mapped_column(default=True)
    looks_at: Mapped[str] = mapped_column(sa.String(8))
    device_classes: Mapped[list[Any]] = mapped_column(default=list)
    kind: Mapped[str] = mapped_column(sa.String(8))
    unit: Mapped[str] = mapped_column(sa.String(16), default="")
    critical_lower: Mapped[float | None] = mapped_column()
    warning_lower: Mapped[float | None] = mapped_column()
    warning_upper: Mapped[float | None] = mapped_column()
    critical_upper: Mapped[float | None] = mapped_column()
    options: Mapped[list[Any]] = mapped_column(default=list)
    photo_required: Mapped[bool] = mapped_column(default=False)
    upkeep: Mapped[bool] = mapped_column(default=False, server_default=sa.false())  # for half-yearly reports
    standard_en: Mapped[str] = mapped_column(sa.String(500), default="")
    standard_zh: Mapped[str] = mapped_column(sa.String(500), default="")
    version: Mapped[int] = mapped_column(default=1)
    changed_by: Mapped[str] = mapped_column(sa.String(200), default="")
    client: Mapped[Organisation] = relationship()
    site: Mapped[Site | None] = relationship()

    @property
    def check(self) -> str:
        """Its name in required lists."""
        return f"{PREFIX}{self.id}"


class ManualAnswer(Identified, Model):
    """One item at one place in one run: first only due, then answered.

    ``place_key``: "site", "room:3" or "device:7". ``definition``: the item as it was when the run began.
    ``outcome`` is one of the collectors'; what nobody answered is not_inspected. ``version`` counts answers,
    so that somebody who answers what they have not seen is told.
    """

    __tablename__ = "manual_answers"
    __table_args__ = (
        sa.UniqueConstraint("run_id", "item_id", "place_key"),
        sa.Index("ix_manual_answers_item_id_place_key_id", "item_id", "place_key", "id"),
    )

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("inspection_runs.id"))
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("manual_items.id"))
    place_key: Mapped[str] = mapped_column(sa.String(24))
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms.id", ondelete="SET NULL"))
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("devices.id"), index=True)
    room_name: Mapped[str] = mapped_column(sa.String(100), default="")
    place_name: Mapped[str] = mapped_column(sa.String(200))
    definition: Mapped[dict[str, Any]] = mapped_column()
    version: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(sa.String(24), default="not_inspected")
    value: Mapped[float | None] = mapped_column()
    option: Mapped[int | None] = mapped_column()
    text: Mapped[str] = mapped_column(sa.Text, default="")
    remark: Mapped[str] = mapped_column(sa.Text, default="")
    photo_sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    photo_type: Mapped[str] = mapped_column(sa.String(32), default="")
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    answered_by: Mapped[str] = mapped_column(sa.String(200), default="")
    answered_at: Mapped[datetime | None] = mapped_column()
    run: Mapped[InspectionRun] = relationship()
    device: Mapped[Device | None] = relationship()


class ManualDelivery(Identified, Model):
    """One answer as it was sent, never changed. Who sends makes ``uuid``, so a second sending is known."""

    __tablename__ = "manual_deliveries"
    __table_args__ = (sa.UniqueConstraint("uuid"),)

    uuid: Mapped[str] = mapped_column(sa.String(36))
    answer_id: Mapped[int] = mapped_column(sa.ForeignKey("manual_answers.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    by: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime] = mapped_column()
    content: Mapped[dict[str, Any]] = mapped_column()


class ManualFinding(Identified, Model):
    """Something abnormal that people saw: one open for each item and place, with its fault ticket.

    ``state``: open, recovered, closed; as findings of collected items have it.
    """

    __tablename__ = "manual_findings"
    __table_args__ = (
        sa.Index(
            "uq_manual_findings_open",
            "site_id",
            "item_id",
            "place_key",
            unique=True,
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        ),
        sa.Index("ix_manual_findings_client_id_state", "client_id", "state"),
    )

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("manual_items.id"))
    place_key: Mapped[str] = mapped_column(sa.String(24))
    state: Mapped[str] = mapped_column(sa.String(12), default="open")
    outcome: Mapped[str] = mapped_column(sa.String(24))
    first_at: Mapped[datetime] = mapped_column()
    last_at: Mapped[datetime] = mapped_column()
    last_answer_id: Mapped[int] = mapped_column(sa.ForeignKey("manual_answers.id"))
    occurrences: Mapped[int] = mapped_column(default=1)
    clean_runs: Mapped[int] = mapped_column(default=0)
    relapses: Mapped[int] = mapped_column(default=0)
    recovered_at: Mapped[datetime | None] = mapped_column()
    proposed_at: Mapped[datetime | None] = mapped_column()
    closed_at: Mapped[datetime | None] = mapped_column()
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tickets.id"), index=True)
    ticket: Mapped[Ticket | None] = relationship()
    last_answer: Mapped[ManualAnswer] = relationship()
