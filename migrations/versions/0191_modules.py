"""Modules of devices

Revision: 0191
After: 0190
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0191"
down_revision = "0190"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "device_modules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("part_number", sa.String(length=200), nullable=False),
        sa.Column("serial", sa.String(length=100), nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("by_inspection", sa.Boolean(), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_device_modules_device_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_modules")),
        sa.UniqueConstraint("device_id", "slot", name=op.f("uq_device_modules_device_id_slot")),
    )
    op.create_index("ix_device_modules_device_id_id", "device_modules", ["device_id", "id"])
    op.create_index("ix_device_modules_serial_id", "device_modules", ["serial", "id"])
    op.create_index("ix_device_modules_kind_serial_id", "device_modules", ["kind", "serial", "id"])
    op.create_index("ix_device_modules_part_number", "device_modules", ["part_number"])


def downgrade() -> None:
    op.drop_table("device_modules")
