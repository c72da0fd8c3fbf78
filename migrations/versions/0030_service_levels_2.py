"""Service levels: contracts, marks, corrections, changed promises

Revision: 0030
After: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sla_corrections",
        sa.Column("clock_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["clock_id"], ["sla_clocks.id"], name=op.f("fk_sla_corrections_clock_id")),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_sla_corrections_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_corrections")),
    )
    op.create_index(op.f("ix_sla_corrections_clock_id"), "sla_corrections", ["clock_id"])
    with op.batch_alter_table("sla_policies") as table:
        table.add_column(sa.Column("contract_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("marks", sa.JSON(), nullable=True))
        table.create_foreign_key(op.f("fk_sla_policies_contract_id"), "contracts", ["contract_id"], ["id"])
    with op.batch_alter_table("sla_clocks") as table:
        table.add_column(sa.Column("marks", sa.JSON(), nullable=True))
    with op.batch_alter_table("sla_intervals") as table:
        table.add_column(sa.Column("target_seconds", sa.Integer(), nullable=True))
        table.add_column(sa.Column("snapshot_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("correction_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_sla_intervals_snapshot_id"), "sla_snapshots", ["snapshot_id"], ["id"]
        )
        table.create_foreign_key(
            op.f("fk_sla_intervals_correction_id"), "sla_corrections", ["correction_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("sla_intervals") as table:
        for name in ("snapshot_id", "correction_id"):
            table.drop_constraint(op.f(f"fk_sla_intervals_{name}"), type_="foreignkey")
        for name in ("target_seconds", "snapshot_id", "correction_id"):
            table.drop_column(name)
    with op.batch_alter_table("sla_clocks") as table:
        table.drop_column("marks")
    with op.batch_alter_table("sla_policies") as table:
        table.drop_constraint(op.f("fk_sla_policies_contract_id"), type_="foreignkey")
        table.drop_column("contract_id")
        table.drop_column("marks")
    op.drop_table("sla_corrections")
