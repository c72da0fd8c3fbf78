"""Approvals: definitions, chains, seats, stand-ins

Revision: 0010
After: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (
    "approval_seats",
    "approval_reminders",
    "approval_events",
    "approval_node_runs",
    "approval_delegations",
    "approval_chains",
    "approval_versions",
    "approval_definitions",
)


def upgrade() -> None:
    _definitions()
    _chains()
    _steps()


def _definitions() -> None:
    op.create_table(
        "approval_definitions",
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("title_zh", sa.String(length=120), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("shipped", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_approval_definitions_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_definitions")),
        sa.UniqueConstraint("client_id", "key", name=op.f("uq_approval_definitions_client_id_key")),
    )
    op.create_index(
        "uq_approval_definitions_key_everywhere",
        "approval_definitions",
        ["key"],
        unique=True,
        sqlite_where=sa.text("client_id IS NULL"),
        postgresql_where=sa.text("client_id IS NULL"),
    )
    op.create_table(
        "approval_versions",
        sa.Column("definition_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("nodes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["approval_definitions.id"], name=op.f("fk_approval_versions_definition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_versions")),
        sa.UniqueConstraint(
            "definition_id", "number", name=op.f("uq_approval_versions_definition_id_number")
        ),
    )


def _chains() -> None:
    op.create_table(
        "approval_chains",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("subject_type", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("subject_label", sa.String(length=300), nullable=False),
        sa.Column("requester_id", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_approval_chains_client_id")
        ),
        sa.ForeignKeyConstraint(["requester_id"], ["users.id"], name=op.f("fk_approval_chains_requester_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_approval_chains_site_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["approval_versions.id"], name=op.f("fk_approval_chains_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_chains")),
    )
    op.create_index(op.f("ix_approval_chains_client_id"), "approval_chains", ["client_id"])
    op.create_index(op.f("ix_approval_chains_requester_id"), "approval_chains", ["requester_id"])
    op.create_index("ix_approval_chains_subject", "approval_chains", ["subject_type", "subject_id"])
    op.create_index(
        "uq_approval_chains_alive",
        "approval_chains",
        ["subject_type", "subject_id", "key"],
        unique=True,
        sqlite_where=sa.text("state IN ('running', 'sent_back')"),
        postgresql_where=sa.text("state IN ('running', 'sent_back')"),
    )
    op.create_table(
        "approval_delegations",
        sa.Column("from_user_id", sa.Integer(), nullable=False),
        sa.Column("to_user_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_approval_delegations_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["from_user_id"], ["users.id"], name=op.f("fk_approval_delegations_from_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["to_user_id"], ["users.id"], name=op.f("fk_approval_delegations_to_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_delegations")),
    )
    op.create_index(
        "ix_approval_delegations_from_user_id_ends_at", "approval_delegations", ["from_user_id", "ends_at"]
    )
    op.create_index(
        "ix_approval_delegations_to_user_id_ends_at", "approval_delegations", ["to_user_id", "ends_at"]
    )


def _steps() -> None:
    op.create_table(
        "approval_node_runs",
        sa.Column("chain_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("fallback", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chain_id"], ["approval_chains.id"], name=op.f("fk_approval_node_runs_chain_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_node_runs")),
    )
    op.create_index(op.f("ix_approval_node_runs_chain_id"), "approval_node_runs", ["chain_id"])
    op.create_index("ix_approval_node_runs_state_check_at", "approval_node_runs", ["state", "check_at"])
    op.create_table(
        "approval_events",
        sa.Column("chain_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chain_id"], ["approval_chains.id"], name=op.f("fk_approval_events_chain_id")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["approval_node_runs.id"], name=op.f("fk_approval_events_run_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_events")),
    )
    op.create_index(op.f("ix_approval_events_chain_id"), "approval_events", ["chain_id"])
    op.create_table(
        "approval_reminders",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["approval_node_runs.id"], name=op.f("fk_approval_reminders_run_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_reminders")),
        sa.UniqueConstraint("run_id", "mark", name=op.f("uq_approval_reminders_run_id_mark")),
    )
    op.create_table(
        "approval_seats",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("on_behalf_of_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_approval_seats_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["on_behalf_of_id"], ["users.id"], name=op.f("fk_approval_seats_on_behalf_of_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["approval_node_runs.id"], name=op.f("fk_approval_seats_run_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_approval_seats_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_seats")),
        sa.UniqueConstraint("run_id", "decided_by_id", name=op.f("uq_approval_seats_run_id_decided_by_id")),
        sa.UniqueConstraint("run_id", "user_id", name=op.f("uq_approval_seats_run_id_user_id")),
    )
    op.create_index(
        "ix_approval_seats_decided_by_id_decided_at", "approval_seats", ["decided_by_id", "decided_at"]
    )
    op.create_index("ix_approval_seats_user_id_state", "approval_seats", ["user_id", "state"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
