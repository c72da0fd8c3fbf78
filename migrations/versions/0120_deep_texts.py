"""Texts of deep-inspection reports in versions; signatures cover them

Revision: 0120
After: 0111
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0120"
down_revision = "0111"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deep_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("restored", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["deep_reports.id"], name=op.f("fk_deep_texts_report_id")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_deep_texts_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deep_texts")),
        sa.UniqueConstraint("report_id", "slot", "number", name=op.f("uq_deep_texts_report_id_slot_number")),
    )
    op.add_column(
        "deep_signatures", sa.Column("texts_sha256", sa.String(length=64), nullable=False, server_default="")
    )


def downgrade() -> None:
    op.drop_column("deep_signatures", "texts_sha256")
    op.drop_table("deep_texts")
