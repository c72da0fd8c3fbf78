"""Remarks on chapters of deep-inspection reports

Revision: 0121
After: 0120
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0121"
down_revision = "0120"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deep_remarks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("chapter", sa.String(length=32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_by", sa.String(length=200), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["deep_reports.id"], name=op.f("fk_deep_remarks_report_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["deep_remarks.id"], name=op.f("fk_deep_remarks_parent_id")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_deep_remarks_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deep_remarks")),
    )
    op.create_index(op.f("ix_deep_remarks_report_id"), "deep_remarks", ["report_id"])


def downgrade() -> None:
    op.drop_table("deep_remarks")
