"""Chosen files of servers, kept in versions beside configurations

Revision: 0240
After: 0232
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0240"
down_revision = "0232"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chosen_file_lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("rung", sa.String(length=8), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("device_class", sa.String(length=32), nullable=False),
        sa.Column("paths", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("set_by", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_chosen_file_lists_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_chosen_file_lists_device_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_chosen_file_lists_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chosen_file_lists")),
    )
    op.create_index(op.f("ix_chosen_file_lists_client_id"), "chosen_file_lists", ["client_id"])
    op.create_index(op.f("ix_chosen_file_lists_device_id"), "chosen_file_lists", ["device_id"])
    op.add_column(
        "configuration_versions", sa.Column("path", sa.String(length=300), nullable=False, server_default="")
    )
    # No table refers to this one, so SQLite may write it anew.
    with op.batch_alter_table("configuration_versions") as table:
        table.drop_constraint("uq_configuration_versions_device_id_number", type_="unique")
        table.create_unique_constraint(
            "uq_configuration_versions_device_id_path_number", ["device_id", "path", "number"]
        )


def downgrade() -> None:
    op.execute("DELETE FROM configuration_versions WHERE path <> ''")
    with op.batch_alter_table("configuration_versions") as table:
        table.drop_constraint("uq_configuration_versions_device_id_path_number", type_="unique")
        table.create_unique_constraint("uq_configuration_versions_device_id_number", ["device_id", "number"])
        table.drop_column("path")
    op.drop_table("chosen_file_lists")
