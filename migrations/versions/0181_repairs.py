"""Repair orders: history, time, lines of cost, limits of clients

Revision: 0181
After: 0180
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0181"
down_revision = "0180"
branch_labels = None
depends_on = None

_LINKS = {
    "client_id": "organisations",
    "site_id": "sites",
    "device_id": "devices",
    "ticket_id": "tickets",
    "contract_id": "support_contracts",
    "assignee_id": "users",
}


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _to(name: str, table: str, owner: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_{owner}_{name}"))


def upgrade() -> None:
    op.create_table(
        "repairs",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("symptom", sa.Text(), nullable=False),
        sa.Column("diagnosis", sa.Text(), nullable=False),
        sa.Column("work_done", sa.Text(), nullable=False),
        sa.Column("supplier", sa.String(length=200), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("down_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("down_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        _id(),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        *(_to(name, table, "repairs") for name, table in _LINKS.items()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repairs")),
        sa.UniqueConstraint("number", name=op.f("uq_repairs_number")),
    )
    for name in ("site_id", "ticket_id", "contract_id", "assignee_id"):
        op.create_index(op.f(f"ix_repairs_{name}"), "repairs", [name])
    op.create_index("ix_repairs_client_id_state_id", "repairs", ["client_id", "state", "id"])
    op.create_index("ix_repairs_device_id_id", "repairs", ["device_id", "id"])
    _history_and_work()
    op.create_table(
        "repair_costs",
        sa.Column("repair_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("serial_old", sa.String(length=100), nullable=False),
        sa.Column("serial_new", sa.String(length=100), nullable=False),
        sa.Column("movement_id", sa.Integer(), nullable=True),
        sa.Column("approval_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _id(),
        _to("repair_id", "repairs", "repair_costs"),
        _to("movement_id", "stock_movements", "repair_costs"),
        _to("approval_id", "approval_chains", "repair_costs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair_costs")),
        sa.UniqueConstraint("movement_id", name=op.f("uq_repair_costs_movement_id")),
    )
    op.create_index(op.f("ix_repair_costs_repair_id"), "repair_costs", ["repair_id"])
    op.create_table(
        "repair_limits",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        _to("client_id", "organisations", "repair_limits"),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_repair_limits")),
    )


def _history_and_work() -> None:
    op.create_table(
        "repair_events",
        sa.Column("repair_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        _id(),
        _to("repair_id", "repairs", "repair_events"),
        _to("actor_id", "users", "repair_events"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair_events")),
    )
    op.create_index(op.f("ix_repair_events_repair_id"), "repair_events", ["repair_id"])
    op.create_table(
        "repair_work",
        sa.Column("repair_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        _id(),
        _to("repair_id", "repairs", "repair_work"),
        _to("user_id", "users", "repair_work"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair_work")),
    )
    for name in ("repair_id", "user_id"):
        op.create_index(op.f(f"ix_repair_work_{name}"), "repair_work", [name])


def downgrade() -> None:
    for name in ("repair_limits", "repair_costs", "repair_work", "repair_events", "repairs"):
        op.drop_table(name)
