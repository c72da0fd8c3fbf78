"""Stock-takings of devices

Revision: 0220
After: 0210
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0220"
down_revision = "0210"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stock_takings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by", sa.String(200), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_stock_takings_client_id_organisations")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_stock_takings_site_id_sites")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_stock_takings_room_id_rooms")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_takings")),
    )
    op.create_index("ix_stock_takings_site_id_id", "stock_takings", ["site_id", "id"])
    for column in ("client_id", "room_id"):
        op.create_index(op.f(f"ix_stock_takings_{column}"), "stock_takings", [column])
    op.create_table(
        "stock_taking_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("taking_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.String(300), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("found_by", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["taking_id"],
            ["stock_takings.id"],
            name=op.f("fk_stock_taking_lines_taking_id_stock_takings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_stock_taking_lines_device_id_devices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_taking_lines")),
        sa.UniqueConstraint("taking_id", "device_id", name=op.f("uq_stock_taking_lines_taking_id_device_id")),
    )
    op.create_index(op.f("ix_stock_taking_lines_device_id"), "stock_taking_lines", ["device_id"])


def downgrade() -> None:
    op.drop_table("stock_taking_lines")
    op.drop_table("stock_takings")
