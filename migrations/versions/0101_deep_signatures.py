"""Signatures of deep-inspection reports and their issued documents

Revision: 0101
After: 0100
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0101"
down_revision = "0100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deep_signatures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data_sha256", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("void_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["report_id"], ["deep_reports.id"], name=op.f("fk_deep_signatures_report_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_deep_signatures_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deep_signatures")),
    )
    op.create_index(op.f("ix_deep_signatures_report_id"), "deep_signatures", ["report_id"])
    op.create_table(
        "deep_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["deep_reports.id"], name=op.f("fk_deep_files_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deep_files")),
        sa.UniqueConstraint("report_id", "kind", name=op.f("uq_deep_files_report_id_kind")),
    )
    op.create_index("ix_deep_files_sha256", "deep_files", ["sha256"])


def downgrade() -> None:
    op.drop_table("deep_files")
    op.drop_table("deep_signatures")
