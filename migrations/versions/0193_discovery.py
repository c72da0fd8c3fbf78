"""Discovery: ranges that may be swept, sweeps, and hosts they found

Revision: 0193
After: 0192
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0193"
down_revision = "0192"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "discovery_ranges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("prefix", sa.String(length=43), nullable=False),
        sa.Column("special", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("allowed_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_discovery_ranges_client_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_discovery_ranges_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discovery_ranges")),
        sa.UniqueConstraint("site_id", "prefix", name=op.f("uq_discovery_ranges_site_id_prefix")),
    )
    op.create_index(op.f("ix_discovery_ranges_client_id"), "discovery_ranges", ["client_id"])
    op.create_table(
        "discovery_sweeps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("prefix", sa.String(length=43), nullable=False),
        sa.Column("methods", sa.JSON(), nullable=False),
        sa.Column("tcp_ports", sa.JSON(), nullable=False),
        sa.Column("ssh_port", sa.Integer(), nullable=False),
        sa.Column("snmp_port", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.Integer(), nullable=True),
        sa.Column("packets_per_s", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("started_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enqueued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_discovery_sweeps_client_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_discovery_sweeps_site_id")),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["credentials.id"],
            name=op.f("fk_discovery_sweeps_credential_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discovery_sweeps")),
    )
    op.create_index("ix_discovery_sweeps_client_id_id", "discovery_sweeps", ["client_id", "id"])
    op.create_index(op.f("ix_discovery_sweeps_site_id"), "discovery_sweeps", ["site_id"])
    op.create_index(op.f("ix_discovery_sweeps_credential_id"), "discovery_sweeps", ["credential_id"])
    op.create_index("ix_discovery_sweeps_state", "discovery_sweeps", ["state"])
    op.create_table(
        "discovery_chunks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sweep_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["sweep_id"],
            ["discovery_sweeps.id"],
            name=op.f("fk_discovery_chunks_sweep_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discovery_chunks")),
        sa.UniqueConstraint("sweep_id", "number", name=op.f("uq_discovery_chunks_sweep_id_number")),
    )
    op.create_table(
        "discovery_hosts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sweep_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=33), nullable=False),
        sa.Column("address", sa.String(length=39), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.Column("answered", sa.JSON(), nullable=False),
        sa.Column("banner", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("platform", sa.String(length=64), nullable=False),
        sa.Column("vendor", sa.String(length=100), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("serial", sa.String(length=100), nullable=False),
        sa.Column("version", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=300), nullable=False),
        sa.Column("interfaces", sa.Integer(), nullable=False),
        sa.Column("neighbours", sa.JSON(), nullable=False),
        sa.Column("differences", sa.JSON(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("imported", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sweep_id"],
            ["discovery_sweeps.id"],
            name=op.f("fk_discovery_hosts_sweep_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_discovery_hosts_device_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discovery_hosts")),
        sa.UniqueConstraint("sweep_id", "key", name=op.f("uq_discovery_hosts_sweep_id_key")),
    )
    op.create_index(
        "ix_discovery_hosts_sweep_id_verdict_key", "discovery_hosts", ["sweep_id", "verdict", "key"]
    )
    op.create_index(op.f("ix_discovery_hosts_device_id"), "discovery_hosts", ["device_id"])


def downgrade() -> None:
    for table in ("discovery_hosts", "discovery_chunks", "discovery_sweeps", "discovery_ranges"):
        op.drop_table(table)
