"""Zones: networks visited by collectors of their own

Revision: 0200
After: 0193
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0200"
down_revision = "0193"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "zones",
        sa.Column("name", sa.String(length=31), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("key_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused_count", sa.Integer(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zones")),
        sa.UniqueConstraint("name", name=op.f("uq_zones_name")),
    )
    op.create_table(
        "zone_sites",
        sa.Column("site_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_zone_sites_site_id")),
        sa.ForeignKeyConstraint(["zone_id"], ["zones.id"], name=op.f("fk_zone_sites_zone_id")),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_zone_sites")),
    )
    op.create_index(op.f("ix_zone_sites_zone_id"), "zone_sites", ["zone_id"])
    op.create_table(
        "zone_workers",
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("buffered", sa.Integer(), nullable=False),
        sa.Column("buffered_bytes", sa.BigInteger(), nullable=False),
        sa.Column("limit_bytes", sa.BigInteger(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["zone_id"], ["zones.id"], name=op.f("fk_zone_workers_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_workers")),
        sa.UniqueConstraint("zone_id", "name", name=op.f("uq_zone_workers_zone_id_name")),
    )


def downgrade() -> None:
    op.drop_table("zone_workers")
    op.drop_index(op.f("ix_zone_sites_zone_id"), "zone_sites")
    op.drop_table("zone_sites")
    op.drop_table("zones")
