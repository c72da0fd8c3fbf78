"""How deep-inspection reports of a client look, and what a report was issued with

Revision: 0123
After: 0122
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0123"
down_revision = "0122"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deep_layouts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_by", sa.String(length=200), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["organisations.id"], name=op.f("fk_deep_layouts_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deep_layouts")),
        sa.UniqueConstraint("client_id", name=op.f("uq_deep_layouts_client_id")),
    )
    op.add_column("deep_reports", sa.Column("layout", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("deep_reports", "layout")
    op.drop_table("deep_layouts")
