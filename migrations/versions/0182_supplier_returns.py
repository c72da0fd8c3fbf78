"""Returns to suppliers

Revision: 0182
After: 0181
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0182"
down_revision = "0181"
branch_labels = None
depends_on = None

TABLE = "supplier_returns"
_LINKS = {
    "client_id": "organisations",
    "site_id": "sites",
    "item_id": "stock_items",
    "device_id": "devices",
    "repair_id": "repairs",
    "contract_id": "support_contracts",
    "sent_by_id": "users",
}


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("repair_id", sa.Integer(), nullable=True),
        sa.Column("serial", sa.String(length=100), nullable=False),
        sa.Column("supplier", sa.String(length=200), nullable=False),
        sa.Column("rma_number", sa.String(length=100), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("warranty", sa.Boolean(), nullable=False),
        sa.Column("carrier", sa.String(length=100), nullable=False),
        sa.Column("tracking", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("new_serial", sa.String(length=100), nullable=False),
        sa.Column("credit", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("sent_by_id", sa.Integer(), nullable=True),
        sa.Column("sent_by", sa.String(length=200), nullable=False),
        sa.Column("received_by", sa.String(length=200), nullable=False),
        sa.Column("reminded_for", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(item_id IS NULL) <> (device_id IS NULL)", name=op.f("ck_supplier_returns_subject")
        ),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_{TABLE}_{name}"))
            for name, table in _LINKS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_returns")),
        sa.UniqueConstraint("number", name=op.f("uq_supplier_returns_number")),
    )
    for name in ("site_id", "item_id", "device_id", "repair_id", "contract_id"):
        op.create_index(op.f(f"ix_{TABLE}_{name}"), TABLE, [name])
    op.create_index("ix_supplier_returns_client_id_outcome_id", TABLE, ["client_id", "outcome", "id"])
    op.create_index("ix_supplier_returns_outcome_expected_on", TABLE, ["outcome", "expected_on"])


def downgrade() -> None:
    op.drop_table(TABLE)
