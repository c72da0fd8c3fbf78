"""Devices may be reached through jump hosts

Revision: 0202
After: 0201

The new column of device_accesses is added in place: host keys refer to that table.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0202"
down_revision = "0201"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = "jump_hosts"
    op.create_table(
        table,
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.Integer(), nullable=False),
        sa.Column("legacy_crypto", sa.Boolean(), nullable=False),
        sa.Column("via_id", sa.Integer(), nullable=True),
        sa.Column("max_visits", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("shown_key", sa.Text(), nullable=False),
        sa.Column("shown_fingerprint", sa.String(length=100), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key_decided_by", sa.String(length=200), nullable=False),
        sa.Column("key_decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["organisations.id"], name=op.f(f"fk_{table}_client_id")),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["credentials.id"], name=op.f(f"fk_{table}_credential_id")
        ),
        sa.ForeignKeyConstraint(["via_id"], ["jump_hosts.id"], name=op.f(f"fk_{table}_via_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("client_id", "name", name=op.f(f"uq_{table}_client_id_name")),
    )
    op.create_index(op.f(f"ix_{table}_credential_id"), table, ["credential_id"])
    op.create_index(op.f(f"ix_{table}_via_id"), table, ["via_id"])
    op.execute(
        "ALTER TABLE device_accesses ADD COLUMN jump_host_id INTEGER "
        "CONSTRAINT fk_device_accesses_jump_host_id REFERENCES jump_hosts (id)"
    )
    op.create_index(op.f("ix_device_accesses_jump_host_id"), "device_accesses", ["jump_host_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_device_accesses_jump_host_id"), "device_accesses")
    op.execute("ALTER TABLE device_accesses DROP COLUMN jump_host_id")
    op.drop_table("jump_hosts")
