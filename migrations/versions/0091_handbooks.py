"""Handbooks: ordered collections of articles and runbooks

Revision: 0091
After: 0090
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handbooks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("subtitle", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("audience", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["organisations.id"], name=op.f("fk_handbooks_client_id")),
        sa.ForeignKeyConstraint(["company_id"], ["organisations.id"], name=op.f("fk_handbooks_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handbooks")),
    )
    op.create_index(op.f("ix_handbooks_client_id"), "handbooks", ["client_id"])
    op.create_index(op.f("ix_handbooks_company_id"), "handbooks", ["company_id"])
    op.create_table(
        "handbook_parts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handbook_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("runbook_key", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_handbook_parts_article_id")),
        sa.ForeignKeyConstraint(
            ["handbook_id"], ["handbooks.id"], name=op.f("fk_handbook_parts_handbook_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handbook_parts")),
    )
    op.create_index(op.f("ix_handbook_parts_article_id"), "handbook_parts", ["article_id"])
    op.create_index(op.f("ix_handbook_parts_handbook_id"), "handbook_parts", ["handbook_id"])


def downgrade() -> None:
    op.drop_table("handbook_parts")
    op.drop_table("handbooks")
