"""Plans of deep inspections, once in each half-year

Revision: 0160
After: 0150
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0160"
down_revision = "0150"
branch_labels = None
depends_on = None

INDEX = "uq_inspection_runs_half_year"
ONCE = sa.text("half_year <> '' AND trigger = 'schedule'")
NUMBERS = (("first_month", "1"), ("opens_on", "1"), ("open_days", "14"))


def upgrade() -> None:
    # Plans that exist are daily ones.
    op.add_column(
        "inspection_plans", sa.Column("kind", sa.String(length=8), nullable=False, server_default="daily")
    )
    for name, default in NUMBERS:
        op.add_column(
            "inspection_plans", sa.Column(name, sa.Integer(), nullable=False, server_default=default)
        )
    op.add_column(
        "inspection_runs", sa.Column("half_year", sa.String(length=8), nullable=False, server_default="")
    )
    op.create_index(
        INDEX,
        "inspection_runs",
        ["plan_id", "half_year"],
        unique=True,
        sqlite_where=ONCE,
        postgresql_where=ONCE,
    )


def downgrade() -> None:
    op.drop_index(INDEX, "inspection_runs")
    op.drop_column("inspection_runs", "half_year")
    for name, _default in NUMBERS:
        op.drop_column("inspection_plans", name)
    op.drop_column("inspection_plans", "kind")
