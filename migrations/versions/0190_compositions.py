"""Hardware, interfaces and neighbours of devices in versions

Revision: 0190
After: 0183
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0190"
down_revision = "0183"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "composition_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=True),
        sa.Column("accepted_by", sa.String(length=200), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"], ["tickets.id"], name=op.f("fk_composition_versions_change_id")
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_composition_versions_device_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["inspection_records.id"], name=op.f("fk_composition_versions_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_composition_versions")),
        sa.UniqueConstraint("device_id", "number", name=op.f("uq_composition_versions_device_id_number")),
    )
    op.create_index("ix_composition_versions_device_id_id", "composition_versions", ["device_id", "id"])
    op.create_index(op.f("ix_composition_versions_change_id"), "composition_versions", ["change_id"])


def downgrade() -> None:
    op.drop_table("composition_versions")
