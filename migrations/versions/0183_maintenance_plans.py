"""Plans of recurring maintenance and what became due

Revision: 0183
After: 0182
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0183"
down_revision = "0182"
branch_labels = None
depends_on = None

PLANS, TASKS = "maintenance_plans", "maintenance_tasks"
_LINKS = {
    "client_id": "organisations",
    "site_id": "sites",
    "device_id": "devices",
    "model_id": "device_models",
    "contract_id": "support_contracts",
    "team_id": "teams",
}


def upgrade() -> None:
    op.create_table(
        PLANS,
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("device_class", sa.String(length=32), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("dates", sa.String(length=200), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("window_days", sa.Integer(), nullable=False),
        sa.Column("checklist", sa.Text(), nullable=False),
        sa.Column("runbook_key", sa.String(length=60), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("grouping", sa.String(length=4), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("next_due", sa.Date(), nullable=True),
        sa.Column("paused_reason", sa.String(length=300), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_{PLANS}_{name}"))
            for name, table in _LINKS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenance_plans")),
    )
    for name in ("client_id", "site_id", "device_id", "model_id", "contract_id", "next_due"):
        op.create_index(op.f(f"ix_{PLANS}_{name}"), PLANS, [name])
    op.create_index("ix_maintenance_plans_title_id", PLANS, ["title", "id"])
    op.create_table(
        TASKS,
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("device_key", sa.Integer(), nullable=False),
        sa.Column("must_by", sa.Date(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], [f"{PLANS}.id"], name=op.f(f"fk_{TASKS}_plan_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f(f"fk_{TASKS}_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenance_tasks")),
        sa.UniqueConstraint(
            "plan_id", "due_on", "device_key", name=op.f("uq_maintenance_tasks_plan_id_due_on_device_key")
        ),
    )
    for name in ("due_on", "ticket_id"):
        op.create_index(op.f(f"ix_{TASKS}_{name}"), TASKS, [name])


def downgrade() -> None:
    op.drop_table(TASKS)
    op.drop_table(PLANS)
