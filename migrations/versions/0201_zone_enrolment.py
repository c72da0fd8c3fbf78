"""Workers of zones are enrolled with a token and have a login of their own at Redis

Revision: 0201
After: 0200
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0201"
down_revision = "0200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("zone_workers", sa.Column("redis_secret", sa.Text(), nullable=False, server_default=""))
    op.add_column("zone_workers", sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("zone_workers", sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "zone_tokens",
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by", sa.String(length=100), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["zone_id"], ["zones.id"], name=op.f("fk_zone_tokens_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_zone_tokens_token_hash")),
    )
    op.create_index(op.f("ix_zone_tokens_zone_id"), "zone_tokens", ["zone_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_zone_tokens_zone_id"), "zone_tokens")
    op.drop_table("zone_tokens")
    for column in ("revoked_at", "enrolled_at", "redis_secret"):
        op.drop_column("zone_workers", column)
