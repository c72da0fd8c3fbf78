"""Buildings, plans, models, interfaces, links, vendors' contracts, imports; a device's face and life-cycle

Revision: 0060
After: 0070
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0070"
branch_labels = None
depends_on = None

_TABLES = (
    "device_tags",
    "custom_values",
    "custom_fields",
    "device_imports",
    "support_contract_devices",
    "support_contracts",
    "device_links",
    "device_interfaces",
)
_DEVICE_COLUMNS = ("face", "full_depth", "disposal_proof")
_ROOM_COLUMNS = ("floor", "grid_rows", "grid_columns")


def upgrade() -> None:
    _new_tables()
    op.add_column("devices", sa.Column("face", sa.String(8), nullable=False, server_default="front"))
    op.add_column("devices", sa.Column("full_depth", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("devices", sa.Column("disposal_proof", sa.String(300), nullable=False, server_default=""))
    op.add_column("rooms", sa.Column("floor", sa.String(32), nullable=False, server_default=""))
    op.add_column("rooms", sa.Column("grid_rows", sa.Integer(), nullable=False, server_default="4"))
    op.add_column("rooms", sa.Column("grid_columns", sa.Integer(), nullable=False, server_default="8"))
    op.add_column("racks", sa.Column("grid_row", sa.Integer(), nullable=True))
    op.add_column("racks", sa.Column("grid_column", sa.Integer(), nullable=True))
    for table, column, other in (
        ("devices", "model_id", "device_models"),
        ("rooms", "building_id", "buildings"),
    ):
        # Not as a batch: on SQLite that drops the table, and with it what goes when a device goes.
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} INTEGER "
            f"CONSTRAINT fk_{table}_{column} REFERENCES {other} (id)"
        )
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
    for table, column in (("devices", "model_id"), ("rooms", "building_id")):
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    for column in _DEVICE_COLUMNS:
        op.drop_column("devices", column)
    for column in _ROOM_COLUMNS:
        op.drop_column("rooms", column)
    for column in ("grid_row", "grid_column"):
        op.drop_column("racks", column)
    op.drop_table("buildings")
    op.drop_table("device_models")


def _new_tables() -> None:
    op.create_table(
        "device_models",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("manufacturer", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("device_class", sa.String(length=32), nullable=False),
        sa.Column("height_u", sa.Integer(), nullable=False),
        sa.Column("full_depth", sa.Boolean(), nullable=False),
        sa.Column("port_count", sa.Integer(), nullable=False),
        sa.Column("end_of_sale_on", sa.Date(), nullable=True),
        sa.Column("end_of_support_on", sa.Date(), nullable=True),
        sa.Column("end_of_life_on", sa.Date(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["organisations.id"], name=op.f("fk_device_models_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_models")),
        sa.UniqueConstraint(
            "client_id", "manufacturer", "name", name=op.f("uq_device_models_client_id_manufacturer_name")
        ),
    )
    op.create_table(
        "support_contracts",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("vendor", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("sla_text", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("warn_days", sa.Integer(), nullable=False),
        sa.Column("warn_from", sa.Date(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_support_contracts_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_contracts")),
        sa.UniqueConstraint("client_id", "number", name=op.f("uq_support_contracts_client_id_number")),
    )
    op.create_index("ix_support_contracts_ends_on_id", "support_contracts", ["ends_on", "id"], unique=False)
    op.create_table(
        "buildings",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["organisations.id"], name=op.f("fk_buildings_client_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_buildings_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_buildings")),
        sa.UniqueConstraint("site_id", "name", name=op.f("uq_buildings_site_id_name")),
    )
    op.create_index(op.f("ix_buildings_client_id"), "buildings", ["client_id"], unique=False)
    op.create_table(
        "device_imports",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("created_count", sa.Integer(), nullable=False),
        sa.Column("updated_count", sa.Integer(), nullable=False),
        sa.Column("unchanged_count", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_device_imports_client_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_device_imports_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_imports")),
    )
    op.create_index("ix_device_imports_client_id_id", "device_imports", ["client_id", "id"], unique=False)
    op.create_index(op.f("ix_device_imports_state"), "device_imports", ["state"], unique=False)
    op.create_table(
        "device_interfaces",
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("speed_mbps", sa.Integer(), nullable=True),
        sa.Column("mac", sa.String(length=17), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_device_interfaces_device_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_interfaces")),
        sa.UniqueConstraint("device_id", "name", name=op.f("uq_device_interfaces_device_id_name")),
    )
    op.create_table(
        "support_contract_devices",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["support_contracts.id"],
            name=op.f("fk_support_contract_devices_contract_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["devices.id"],
            name=op.f("fk_support_contract_devices_device_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contract_id", "device_id", name=op.f("pk_support_contract_devices")),
    )
    op.create_index(
        op.f("ix_support_contract_devices_device_id"), "support_contract_devices", ["device_id"], unique=False
    )
    op.create_index("ix_device_interfaces_device_id_id", "device_interfaces", ["device_id", "id"])
    op.create_table(
        "device_links",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("a_id", sa.Integer(), nullable=False),
        sa.Column("b_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("cable", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["a_id"], ["device_interfaces.id"], name=op.f("fk_device_links_a_id")),
        sa.ForeignKeyConstraint(["b_id"], ["device_interfaces.id"], name=op.f("fk_device_links_b_id")),
        sa.ForeignKeyConstraint(["client_id"], ["organisations.id"], name=op.f("fk_device_links_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_links")),
        sa.UniqueConstraint("a_id", name=op.f("uq_device_links_a_id")),
        sa.UniqueConstraint("b_id", name=op.f("uq_device_links_b_id")),
    )
    op.create_index(op.f("ix_device_links_client_id"), "device_links", ["client_id"], unique=False)
    op.create_table(
        "custom_fields",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("device_class", sa.String(length=32), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["organisations.id"], name=op.f("fk_custom_fields_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_fields")),
        sa.UniqueConstraint("client_id", "name", name=op.f("uq_custom_fields_client_id_name")),
    )
    op.create_table(
        "custom_values",
        sa.Column("device_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("field_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_custom_values_device_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["field_id"], ["custom_fields.id"], name=op.f("fk_custom_values_field_id")),
        sa.PrimaryKeyConstraint("device_id", "field_id", name=op.f("pk_custom_values")),
    )
    op.create_index(op.f("ix_custom_values_field_id"), "custom_values", ["field_id"])
    op.create_table(
        "device_tags",
        sa.Column("device_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tag", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_device_tags_device_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("device_id", "tag", name=op.f("pk_device_tags")),
    )
    op.create_index("ix_device_tags_tag_device_id", "device_tags", ["tag", "device_id"])
