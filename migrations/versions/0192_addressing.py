"""Prefixes and addresses

Revision: 0192
After: 0191
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0192"
down_revision = "0191"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ip_prefixes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("vrf", sa.String(length=64), nullable=False),
        sa.Column("first", sa.String(length=33), nullable=False),
        sa.Column("last", sa.String(length=33), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("prefix", sa.String(length=43), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("vlan_id", sa.Integer(), nullable=True),
        sa.Column("vlan_name", sa.String(length=64), nullable=False),
        sa.Column("gateway", sa.String(length=39), nullable=False),
        sa.Column("description", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["organisations.id"], name=op.f("fk_ip_prefixes_client_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_ip_prefixes_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ip_prefixes")),
        sa.UniqueConstraint(
            "client_id", "vrf", "first", "length", name=op.f("uq_ip_prefixes_client_id_vrf_first_length")
        ),
    )
    op.create_index(op.f("ix_ip_prefixes_site_id"), "ip_prefixes", ["site_id"])
    op.create_index("ix_ip_prefixes_first_length", "ip_prefixes", ["first", "length"])
    op.create_table(
        "ip_addresses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("vrf", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=33), nullable=False),
        sa.Column("address", sa.String(length=39), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("dns_name", sa.String(length=253), nullable=False),
        sa.Column("description", sa.String(length=300), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("interface_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["organisations.id"], name=op.f("fk_ip_addresses_client_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_ip_addresses_site_id")),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_ip_addresses_device_id")),
        sa.ForeignKeyConstraint(
            ["interface_id"],
            ["device_interfaces.id"],
            name=op.f("fk_ip_addresses_interface_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ip_addresses")),
        sa.UniqueConstraint("client_id", "vrf", "key", name=op.f("uq_ip_addresses_client_id_vrf_key")),
    )
    op.create_index(op.f("ix_ip_addresses_site_id"), "ip_addresses", ["site_id"])
    op.create_index(op.f("ix_ip_addresses_device_id"), "ip_addresses", ["device_id"])
    op.create_index(op.f("ix_ip_addresses_interface_id"), "ip_addresses", ["interface_id"])
    op.create_index("ix_ip_addresses_key", "ip_addresses", ["key"])


def downgrade() -> None:
    op.drop_table("ip_addresses")
    op.drop_table("ip_prefixes")
