"""Reviews of inspection records by a sample

Revision: 0141
After: 0140
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0141"
down_revision = "0140"
branch_labels = None
depends_on = None

SETTINGS = (("sample_percent", "2"), ("sample_minimum", "5"))


def upgrade() -> None:
    for name, default in SETTINGS:
        op.add_column(
            "inspection_plans", sa.Column(name, sa.Integer(), nullable=False, server_default=default)
        )
    op.create_table(
        "inspection_reviews",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("signed_by_id", sa.Integer(), nullable=True),
        sa.Column("signed_by", sa.String(length=200), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("begun_by_id", sa.Integer(), nullable=True),
        sa.Column("begun_by", sa.String(length=200), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("closed_by", sa.String(length=200), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sampled", sa.Integer(), nullable=False),
        sa.Column("abnormal", sa.Integer(), nullable=False),
        sa.Column("objected", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["inspection_runs.id"], name=op.f("fk_inspection_reviews_run_id")
        ),
        sa.ForeignKeyConstraint(
            ["signed_by_id"], ["users.id"], name=op.f("fk_inspection_reviews_signed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["begun_by_id"], ["users.id"], name=op.f("fk_inspection_reviews_begun_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_reviews")),
    )
    op.create_index("ix_inspection_reviews_run_id", "inspection_reviews", ["run_id"])
    op.create_index("ix_inspection_reviews_closed_at_id", "inspection_reviews", ["closed_at", "id"])
    op.create_index(
        "uq_inspection_reviews_open",
        "inspection_reviews",
        ["run_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    _items()


def _items() -> None:
    table = "inspection_review_items"
    op.create_table(
        table,
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("answer_id", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))
            for column, target in (
                ("review_id", "inspection_reviews.id"),
                ("record_id", "inspection_records.id"),
                ("item_id", "reading_items.id"),
                ("answer_id", "manual_answers.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("review_id", "position", name=op.f(f"uq_{table}_review_id_position")),
    )


def downgrade() -> None:
    op.drop_table("inspection_review_items")
    op.drop_table("inspection_reviews")
    for name, _default in SETTINGS:
        op.drop_column("inspection_plans", name)
