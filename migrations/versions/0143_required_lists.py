"""Required lists of contracts and profiles, with their versions

Revision: 0143
After: 0142
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0143"
down_revision = "0142"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "required_lists",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("profile", sa.String(length=16), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_required_lists_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contracts.id"], name=op.f("fk_required_lists_contract_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_required_lists")),
        sa.UniqueConstraint("contract_id", "profile", name=op.f("uq_required_lists_contract_id_profile")),
    )
    op.create_index(op.f("ix_required_lists_client_id"), "required_lists", ["client_id"])
    op.create_index(
        "uq_required_lists_client",
        "required_lists",
        ["client_id", "profile"],
        unique=True,
        sqlite_where=sa.text("contract_id IS NULL"),
        postgresql_where=sa.text("contract_id IS NULL"),
    )
    table = "required_list_versions"
    op.create_table(
        table,
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["required_lists.id"], name=op.f(f"fk_{table}_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("list_id", "number", name=op.f(f"uq_{table}_list_id_number")),
    )


def downgrade() -> None:
    op.drop_table("required_list_versions")
    op.drop_table("required_lists")
