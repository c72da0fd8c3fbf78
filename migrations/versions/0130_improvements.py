"""Improvements: items of the plan, their devices and their history

Revision: 0130
After: 0144
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0130"
down_revision = "0144"
branch_labels = None
depends_on = None

_LINKS = {
    "client_id": "organisations",
    "site_id": "sites",
    "report_id": "deep_reports",
    "owner_id": "users",
    "ticket_id": "tickets",
    "accepted_by_id": "users",
}


def upgrade() -> None:
    op.create_table(
        "improvements",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("rule", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=400), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("wording", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("accepted_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_improvements_{name}"))
            for name, table in _LINKS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_improvements")),
    )
    op.create_index("ix_improvements_client_id_state_id", "improvements", ["client_id", "state", "id"])
    op.create_index(
        "ix_improvements_client_id_rule_subject", "improvements", ["client_id", "rule", "subject"]
    )
    for name in ("site_id", "report_id", "state", "owner_id", "ticket_id"):
        op.create_index(op.f(f"ix_improvements_{name}"), "improvements", [name])
    op.create_table(
        "improvement_devices",
        sa.Column("improvement_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["improvement_id"], ["improvements.id"], name=op.f("fk_improvement_devices_improvement_id")
        ),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_improvement_devices_device_id")),
        sa.PrimaryKeyConstraint("improvement_id", "device_id", name=op.f("pk_improvement_devices")),
    )
    op.create_index(op.f("ix_improvement_devices_device_id"), "improvement_devices", ["device_id"])
    op.create_table(
        "improvement_events",
        sa.Column("improvement_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["improvement_id"], ["improvements.id"], name=op.f("fk_improvement_events_improvement_id")
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_improvement_events_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_improvement_events")),
    )
    op.create_index(op.f("ix_improvement_events_improvement_id"), "improvement_events", ["improvement_id"])


def downgrade() -> None:
    for name in ("improvement_events", "improvement_devices", "improvements"):
        op.drop_table(name)
