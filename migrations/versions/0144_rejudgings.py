"""Questions about history judged again, and their answers

Revision: 0144
After: 0143
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0144"
down_revision = "0143"
branch_labels = None
depends_on = None

_COUNTS = ("total", "done", "changed", "value", "appeared", "gone", "problems")


def upgrade() -> None:
    table = "rejudgings"
    op.create_table(
        table,
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.Column("ordered_by_id", sa.Integer(), nullable=True),
        sa.Column("ordered_by", sa.String(length=200), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))
            for column, target in (
                ("client_id", "organisations.id"),
                ("site_id", "sites.id"),
                ("device_id", "devices.id"),
                ("ordered_by_id", "users.id"),
                ("run_id", "inspection_runs.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_client_id_id"), table, ["client_id", "id"])
    op.create_index(op.f(f"ix_{table}_state"), table, ["state"])
    items = "rejudged_items"
    op.create_table(
        items,
        sa.Column("rejudging_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("check", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("old", sa.String(length=24), nullable=False),
        sa.Column("new", sa.String(length=24), nullable=False),
        sa.Column("old_value", sa.Double(), nullable=True),
        sa.Column("new_value", sa.Double(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["rejudging_id"], ["rejudgings.id"], name=op.f(f"fk_{items}_rejudging_id")),
        sa.ForeignKeyConstraint(["record_id"], ["inspection_records.id"], name=op.f(f"fk_{items}_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{items}")),
    )
    op.create_index(op.f(f"ix_{items}_rejudging_id_id"), items, ["rejudging_id", "id"])


def downgrade() -> None:
    op.drop_table("rejudged_items")
    op.drop_table("rejudgings")
