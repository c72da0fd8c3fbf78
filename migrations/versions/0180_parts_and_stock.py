"""Parts and stock: kinds of parts, places, pieces with serials, levels, movements

Revision: 0180
After: 0171
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0180"
down_revision = "0171"
branch_labels = None
depends_on = None


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _to(name: str, table: str, owner: str, **rules: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_{owner}_{name}"), **rules)


def _times() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
    )


def upgrade() -> None:
    op.create_table(
        "parts",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("manufacturer", sa.String(length=100), nullable=False),
        sa.Column("part_number", sa.String(length=100), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("serialised", sa.Boolean(), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        _id(),
        *_times(),
        _to("client_id", "organisations", "parts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parts")),
        sa.UniqueConstraint(
            "client_id",
            "manufacturer",
            "name",
            "part_number",
            name=op.f("uq_parts_client_id_manufacturer_name_part_number"),
        ),
    )
    op.create_index(op.f("ix_parts_client_id"), "parts", ["client_id"])
    op.create_index("ix_parts_name_id", "parts", ["name", "id"])
    op.create_table(
        "part_models",
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        _to("part_id", "parts", "part_models", ondelete="CASCADE"),
        _to("model_id", "device_models", "part_models", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("part_id", "model_id", name=op.f("pk_part_models")),
    )
    op.create_index(op.f("ix_part_models_model_id"), "part_models", ["model_id"])
    _places_and_items()
    _levels_and_movements()


def _places_and_items() -> None:
    op.create_table(
        "stock_places",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        _id(),
        *_times(),
        _to("client_id", "organisations", "stock_places"),
        _to("site_id", "sites", "stock_places"),
        _to("room_id", "rooms", "stock_places"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_places")),
        sa.UniqueConstraint("site_id", "name", name=op.f("uq_stock_places_site_id_name")),
    )
    op.create_index(op.f("ix_stock_places_client_id"), "stock_places", ["client_id"])
    op.create_index(op.f("ix_stock_places_room_id"), "stock_places", ["room_id"])
    op.create_table(
        "stock_items",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.Integer(), nullable=True),
        _id(),
        *_times(),
        _to("client_id", "organisations", "stock_items"),
        _to("site_id", "sites", "stock_items"),
        _to("part_id", "parts", "stock_items"),
        _to("place_id", "stock_places", "stock_items"),
        _to("device_id", "devices", "stock_items"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_items")),
        sa.UniqueConstraint("part_id", "serial", name=op.f("uq_stock_items_part_id_serial")),
    )
    for name in ("client_id", "site_id", "serial", "place_id", "device_id"):
        op.create_index(op.f(f"ix_stock_items_{name}"), "stock_items", [name])
    op.create_index("ix_stock_items_part_id_state", "stock_items", ["part_id", "state"])


def _levels_and_movements() -> None:
    op.create_table(
        "stock_levels",
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_stock_levels_quantity")),
        _to("part_id", "parts", "stock_levels"),
        _to("place_id", "stock_places", "stock_levels"),
        sa.PrimaryKeyConstraint("part_id", "place_id", name=op.f("pk_stock_levels")),
    )
    op.create_index(op.f("ix_stock_levels_place_id"), "stock_levels", ["place_id"])
    op.create_table(
        "stock_movements",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("to_site_id", sa.Integer(), nullable=True),
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("to_place_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("document", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        _id(),
        _to("client_id", "organisations", "stock_movements"),
        _to("site_id", "sites", "stock_movements"),
        _to("to_site_id", "sites", "stock_movements"),
        _to("part_id", "parts", "stock_movements"),
        _to("item_id", "stock_items", "stock_movements"),
        _to("place_id", "stock_places", "stock_movements"),
        _to("to_place_id", "stock_places", "stock_movements"),
        _to("device_id", "devices", "stock_movements"),
        _to("actor_id", "users", "stock_movements"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movements")),
    )
    for name in ("client_id", "site_id", "item_id", "place_id", "to_place_id"):
        op.create_index(op.f(f"ix_stock_movements_{name}"), "stock_movements", [name])
    op.create_index("ix_stock_movements_part_id_id", "stock_movements", ["part_id", "id"])
    op.create_index("ix_stock_movements_device_id_at", "stock_movements", ["device_id", "at"])


def downgrade() -> None:
    for name in ("stock_movements", "stock_levels", "stock_items", "stock_places", "part_models", "parts"):
        op.drop_table(name)
