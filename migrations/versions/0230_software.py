"""Software, its installations, licences and their seats

Revision: 0230
After: 0225
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0230"
down_revision = "0225"
branch_labels = None
depends_on = None


def _key(table: str, column: str, other: str, **more: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, **more)


def upgrade() -> None:
    op.create_table(
        "software_products",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("maker", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        _key("software_products", "client_id", "organisations"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_software_products")),
        sa.UniqueConstraint(
            "client_id", "maker", "name", name=op.f("uq_software_products_client_id_maker_name")
        ),
    )
    op.create_index("ix_software_products_name_id", "software_products", ["name", "id"])
    op.create_table(
        "software_installs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("installed_on", sa.Date(), nullable=True),
        sa.Column("by_inspection", sa.Boolean(), nullable=False),
        sa.Column("recorded_by", sa.String(200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        _key("software_installs", "product_id", "software_products"),
        _key("software_installs", "device_id", "devices", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_software_installs")),
        sa.UniqueConstraint(
            "product_id", "device_id", name=op.f("uq_software_installs_product_id_device_id")
        ),
    )
    op.create_index(op.f("ix_software_installs_device_id"), "software_installs", ["device_id"])
    op.create_index("ix_software_installs_product_id_id", "software_installs", ["product_id", "id"])
    _licences()
    op.create_table(
        "licence_seats",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("licence_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("holder", sa.String(200), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assigned_by", sa.String(200), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(200), nullable=False),
        sa.Column("end_reason", sa.String(300), nullable=False),
        _key("licence_seats", "licence_id", "licences"),
        _key("licence_seats", "device_id", "devices"),
        _key("licence_seats", "user_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_seats")),
    )
    for column in ("device_id", "user_id"):
        op.create_index(op.f(f"ix_licence_seats_{column}"), "licence_seats", [column])
    op.create_index("ix_licence_seats_licence_id_ended_at", "licence_seats", ["licence_id", "ended_at"])


def _licences() -> None:
    op.create_table(
        "licences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("bought_on", sa.Date(), nullable=True),
        sa.Column("price", sa.Numeric(12, 2), nullable=True),
        sa.Column("supplier", sa.String(200), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("maintenance_until", sa.Date(), nullable=True),
        sa.Column("warn_days", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("warn_from", sa.Date(), nullable=False),
        sa.Column("lapse_warn_from", sa.Date(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("over_reason", sa.String(300), nullable=False),
        sa.Column("over_by", sa.String(200), nullable=False),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        _key("licences", "client_id", "organisations"),
        _key("licences", "product_id", "software_products"),
        _key("licences", "contract_id", "support_contracts"),
        _key("licences", "document_id", "technical_documents"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licences")),
        sa.UniqueConstraint("client_id", "number", name=op.f("uq_licences_client_id_number")),
    )
    for column in ("product_id", "contract_id", "document_id"):
        op.create_index(op.f(f"ix_licences_{column}"), "licences", [column])
    op.create_index("ix_licences_due_on_id", "licences", ["due_on", "id"])


def downgrade() -> None:
    for table in ("licence_seats", "licences", "software_installs", "software_products"):
        op.drop_table(table)
