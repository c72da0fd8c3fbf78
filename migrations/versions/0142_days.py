"""Plans by the calendar of their place, and explanations of missed days

Revision: 0142
After: 0141
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0142"
down_revision = "0141"
branch_labels = None
depends_on = None

TABLE = "inspection_explanations"


def upgrade() -> None:
    # Plans that exist keep the weekdays somebody chose for them.
    op.add_column(
        "inspection_plans",
        sa.Column("by_calendar", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        TABLE,
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=True),
        sa.Column("written_by", sa.String(length=200), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{TABLE}_{column}"))
            for column, target in (
                ("client_id", "organisations.id"),
                ("site_id", "sites.id"),
                ("written_by_id", "users.id"),
                ("decided_by_id", "users.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("site_id", "day", name=op.f(f"uq_{TABLE}_site_id_day")),
    )
    op.create_index(op.f(f"ix_{TABLE}_client_id_day"), TABLE, ["client_id", "day"])


def downgrade() -> None:
    op.drop_table(TABLE)
    op.drop_column("inspection_plans", "by_calendar")
