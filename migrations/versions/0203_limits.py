"""Limits for accounts of one AAA group, starts spread over minutes, visits marked as made in maintenance

Revision: 0203
After: 0202
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0203"
down_revision = "0202"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "credentials", sa.Column("aaa_group", sa.String(length=64), nullable=False, server_default="")
    )
    op.add_column(
        "inspection_plans", sa.Column("spread_minutes", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column(
        "inspection_records",
        sa.Column("maintenance", sa.String(length=200), nullable=False, server_default=""),
    )


def downgrade() -> None:
    op.drop_column("inspection_records", "maintenance")
    op.drop_column("inspection_plans", "spread_minutes")
    op.drop_column("credentials", "aaa_group")
