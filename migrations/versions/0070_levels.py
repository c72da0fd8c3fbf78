"""Levels set by people, findings that are watched first, own checks and their trials, the coverage ledger

Revision: 0070
After: 0055
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "level_settings",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("rung", sa.String(length=10), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("check", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=300), nullable=False),
        sa.Column("direction", sa.String(length=5), nullable=False),
        sa.Column("warning", sa.Double(), nullable=True),
        sa.Column("critical", sa.Double(), nullable=True),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("margin", sa.Double(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("set_by", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_level_settings_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_level_settings_device_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_level_settings_site_id")),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contracts.id"], name=op.f("fk_level_settings_contract_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level_settings")),
    )
    op.create_index("ix_level_settings_client_id_check", "level_settings", ["client_id", "check"])
    op.create_index(op.f("ix_level_settings_device_id"), "level_settings", ["device_id"])
    _own_checks()
    op.create_table(
        "coverage_entries",
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("check", sa.String(length=64), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["inspection_records.id"], name=op.f("fk_coverage_entries_record_id")
        ),
        sa.PrimaryKeyConstraint("record_id", "check", name=op.f("pk_coverage_entries")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("findings") as table:
        table.add_column(sa.Column("needed_runs", sa.Integer(), nullable=False, server_default="1"))


def _own_checks() -> None:
    op.create_table(
        "own_checks",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("question", sa.String(length=200), nullable=False),
        sa.Column("dialects", sa.JSON(), nullable=False),
        sa.Column("names_oid", sa.String(length=200), nullable=False),
        sa.Column("pattern", sa.String(length=300), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("scale", sa.Double(), nullable=False),
        sa.Column("states", sa.JSON(), nullable=False),
        sa.Column("direction", sa.String(length=5), nullable=False),
        sa.Column("warning", sa.Double(), nullable=True),
        sa.Column("critical", sa.Double(), nullable=True),
        sa.Column("applies_to", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["organisations.id"], name=op.f("fk_own_checks_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_checks")),
        sa.UniqueConstraint("client_id", "title", name=op.f("uq_own_checks_client_id_title")),
    )
    op.create_table(
        "own_check_trials",
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=True),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_own_check_trials_device_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_own_check_trials_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["users.id"], name=op.f("fk_own_check_trials_requested_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_check_trials")),
    )
    op.create_index(op.f("ix_own_check_trials_device_id"), "own_check_trials", ["device_id"])
    op.create_index(op.f("ix_own_check_trials_state"), "own_check_trials", ["state"])


def downgrade() -> None:
    with op.batch_alter_table("findings") as table:
        table.drop_column("needed_runs")
    for name in ("coverage_entries", "own_check_trials", "own_checks", "level_settings"):
        op.drop_table(name)
