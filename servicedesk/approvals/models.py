"""Definitions with their versions; chains with their steps, seats, reminders and events; stand-ins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.organisations.models import Organisation
from servicedesk.staff.models import User

RUNNING, APPROVED, REJECTED, SENT_BACK, WITHDRAWN = (
    "running",
    "approved",
    "rejected",
    "sent_back",
    "withdrawn",
)
# Of steps and seats as well: APPROVED, REJECTED, SENT_BACK, WITHDRAWN, and
OPEN, SKIPPED, LAPSED, VOID = "open", "skipped", "lapsed", "void"
# Why somebody has a seat.
APPROVER, FALLBACK, ESCALATION, COUNTERSIGNER = "approver", "fallback", "escalation", "countersigner"
_ALIVE = sa.text("state IN ('running', 'sent_back')")
_EVERYWHERE = sa.text("client_id IS NULL")


class ApprovalDefinition(Identified, Timestamped, Model):
    """What an approval asks, of one client or (``client_id`` empty) of the whole installation.

    ``shipped``: brought by the product and not edited by anybody since.
    """

    __tablename__ = "approval_definitions"
    __table_args__ = (
        sa.UniqueConstraint("client_id", "key"),
        sa.Index(
            "uq_approval_definitions_key_everywhere",
            "key",
            unique=True,
            sqlite_where=_EVERYWHERE,
            postgresql_where=_EVERYWHERE,
        ),
    )

    client_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    key: Mapped[str] = mapped_column(sa.String(64))
    title_en: Mapped[str] = mapped_column(sa.String(120))
    title_zh: Mapped[str] = mapped_column(sa.String(120))
    active: Mapped[bool] = mapped_column(default=True)
    shipped: Mapped[bool] = mapped_column(default=False)
    client: Mapped[Organisation | None] = relationship()
    versions: Mapped[list[ApprovalVersion]] = relationship(
        back_populates="definition", order_by="ApprovalVersion.number"
    )


class ApprovalVersion(Identified, Model):
    """The steps as they were saved once; never changed, since running chains go by it."""

    __tablename__ = "approval_versions"
    __table_args__ = (sa.UniqueConstraint("definition_id", "number"),)

    definition_id: Mapped[int] = mapped_column(sa.ForeignKey("approval_definitions.id"))
    number: Mapped[int] = mapped_column()
    nodes: Mapped[list[Any]] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()
    created_by: Mapped[str] = mapped_column(sa.String(200))
    definition: Mapped[ApprovalDefinition] = relationship(back_populates="versions")


class ApprovalChain(Identified, Model):
    """One approval of one subject. ``facts`` is what the subject stated when it was (re)submitted."""

    __tablename__ = "approval_chains"
    __table_args__ = (
        sa.Index("ix_approval_chains_subject", "subject_type", "subject_id"),
        sa.Index(
            "uq_approval_chains_alive",
            "subject_type",
            "subject_id",
            "key",
            unique=True,
            sqlite_where=_ALIVE,
            postgresql_where=_ALIVE,
        ),
    )

    version_id: Mapped[int] = mapped_column(sa.ForeignKey("approval_versions.id"))
    key: Mapped[str] = mapped_column(sa.String(64))
    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    subject_type: Mapped[str] = mapped_column(sa.String(32))
    subject_id: Mapped[int] = mapped_column()
    subject_label: Mapped[str] = mapped_column(sa.String(300))
    requester_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(sa.String(12))
    round: Mapped[int] = mapped_column(default=1)  # raised by every return
    position: Mapped[int] = mapped_column(default=-1)  # of the step under way, or that sent back
    started_at: Mapped[datetime] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()
    version: Mapped[ApprovalVersion] = relationship()
    client: Mapped[Organisation] = relationship()
    requester: Mapped[User] = relationship()
    runs: Mapped[list[ApprovalNodeRun]] = relationship(back_populates="chain", order_by="ApprovalNodeRun.id")


class ApprovalNodeRun(Identified, Model):
    """A step as it was taken, once for each round; ``check_at``: when the sweep looks at it again."""

    __tablename__ = "approval_node_runs"
    __table_args__ = (sa.Index("ix_approval_node_runs_state_check_at", "state", "check_at"),)

    chain_id: Mapped[int] = mapped_column(sa.ForeignKey("approval_chains.id"), index=True)
    position: Mapped[int] = mapped_column()
    round: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column(sa.String(12))
    fallback: Mapped[bool] = mapped_column(default=False)  # nobody qualified; others were asked instead
    opened_at: Mapped[datetime] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    escalated_at: Mapped[datetime | None] = mapped_column()
    closed_at: Mapped[datetime | None] = mapped_column()
    check_at: Mapped[datetime | None] = mapped_column()
    chain: Mapped[ApprovalChain] = relationship(back_populates="runs")
    seats: Mapped[list[ApprovalSeat]] = relationship(back_populates="run", order_by="ApprovalSeat.id")


class ApprovalSeat(Identified, Model):
    """One person asked at one step.

    ``source`` is why ("role:supervisor"); ``on_behalf_of``: whose seat it was before it was handed on;
    ``decided_by`` differs from ``user`` when a stand-in decided. Nobody decides twice at one step.
    """

    __tablename__ = "approval_seats"
    __table_args__ = (
        sa.UniqueConstraint("run_id", "user_id"),
        sa.UniqueConstraint("run_id", "decided_by_id"),
        sa.Index("ix_approval_seats_user_id_state", "user_id", "state"),
        sa.Index("ix_approval_seats_decided_by_id_decided_at", "decided_by_id", "decided_at"),
    )

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("approval_node_runs.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    on_behalf_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    source: Mapped[str] = mapped_column(sa.String(80), default="")
    state: Mapped[str] = mapped_column(sa.String(12))
    opened_at: Mapped[datetime] = mapped_column()
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    decided_at: Mapped[datetime | None] = mapped_column()
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    run: Mapped[ApprovalNodeRun] = relationship(back_populates="seats")
    user: Mapped[User] = relationship(foreign_keys=[user_id])
    on_behalf_of: Mapped[User | None] = relationship(foreign_keys=[on_behalf_of_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])


class ApprovalDelegation(Identified, Model):
    """A period in which somebody else may decide too; ends early when ``cancelled_at`` is set."""

    __tablename__ = "approval_delegations"
    __table_args__ = (
        sa.Index("ix_approval_delegations_to_user_id_ends_at", "to_user_id", "ends_at"),
        sa.Index("ix_approval_delegations_from_user_id_ends_at", "from_user_id", "ends_at"),
    )

    from_user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    to_user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    client_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))  # None: all clients
    starts_at: Mapped[datetime] = mapped_column()
    ends_at: Mapped[datetime] = mapped_column()  # no longer in force at this moment
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    created_at: Mapped[datetime] = mapped_column()
    cancelled_at: Mapped[datetime | None] = mapped_column()
    from_user: Mapped[User] = relationship(foreign_keys=[from_user_id])
    to_user: Mapped[User] = relationship(foreign_keys=[to_user_id])
    client: Mapped[Organisation | None] = relationship()


class ApprovalReminder(Identified, Model):
    """A mark of a step that was told; the constraint lets nobody be told twice."""

    __tablename__ = "approval_reminders"
    __table_args__ = (sa.UniqueConstraint("run_id", "mark"),)

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("approval_node_runs.id"))
    mark: Mapped[str] = mapped_column(sa.String(24))
    at: Mapped[datetime] = mapped_column()


class ApprovalEvent(Identified, Model):
    """Who must be told what: written in the same transaction, in the order it happened."""

    __tablename__ = "approval_events"

    chain_id: Mapped[int] = mapped_column(sa.ForeignKey("approval_chains.id"), index=True)
    run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("approval_node_runs.id"))
    kind: Mapped[str] = mapped_column(sa.String(24))
    at: Mapped[datetime] = mapped_column()
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    recipients: Mapped[list[Any]] = mapped_column(default=list)  # numbers of accounts
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
