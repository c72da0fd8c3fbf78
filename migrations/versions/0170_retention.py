"""How long readings and raw answers are kept, and what was removed

Revision: 0170
After: 0161
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0170"
down_revision = "0161"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = "retention_policies"
    op.create_table(
        table,
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("readings_months", sa.Integer(), nullable=True),
        sa.Column("evidence_months", sa.Integer(), nullable=True),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f(f"fk_{table}_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("organisation_id", name=op.f(f"uq_{table}_organisation_id")),
    )
    removals = "retention_removals"
    op.create_table(
        removals,
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["organisations.id"], name=op.f(f"fk_{removals}_client_id")),
        sa.ForeignKeyConstraint(["run_id"], ["inspection_runs.id"], name=op.f(f"fk_{removals}_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{removals}")),
        sa.UniqueConstraint("run_id", "kind", name=op.f(f"uq_{removals}_run_id_kind")),
    )
    op.create_index(op.f(f"ix_{removals}_client_id_id"), removals, ["client_id", "id"])


def downgrade() -> None:
    op.drop_table("retention_removals")
    op.drop_table("retention_policies")
