"""Items that people look at, the answers of rounds, and what is abnormal of them

Revision: 0110
After: 0101
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0110"
down_revision = "0101"
branch_labels = None
depends_on = None

_COUNTS = ("manual_count", "manual_done", "manual_abnormal")


def upgrade() -> None:
    for name in _COUNTS:
        op.add_column("inspection_runs", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "manual_items",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("title_en", sa.String(length=100), nullable=False),
        sa.Column("title_zh", sa.String(length=100), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("looks_at", sa.String(length=8), nullable=False),
        sa.Column("device_classes", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("critical_lower", sa.Double(), nullable=True),
        sa.Column("warning_lower", sa.Double(), nullable=True),
        sa.Column("warning_upper", sa.Double(), nullable=True),
        sa.Column("critical_upper", sa.Double(), nullable=True),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("photo_required", sa.Boolean(), nullable=False),
        sa.Column("standard_en", sa.String(length=500), nullable=False),
        sa.Column("standard_zh", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["organisations.id"], name=op.f("fk_manual_items_client_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_manual_items_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_items")),
    )
    op.create_index("ix_manual_items_client_id_title_en", "manual_items", ["client_id", "title_en"])
    _answers()
    _findings()


def _answers() -> None:
    op.create_table(
        "manual_answers",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("place_key", sa.String(length=24), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("room_name", sa.String(length=100), nullable=False),
        sa.Column("place_name", sa.String(length=200), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("option", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("photo_sha256", sa.String(length=64), nullable=False),
        sa.Column("photo_type", sa.String(length=32), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_by", sa.String(length=200), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["inspection_runs.id"], name=op.f("fk_manual_answers_run_id")),
        sa.ForeignKeyConstraint(["item_id"], ["manual_items.id"], name=op.f("fk_manual_answers_item_id")),
        sa.ForeignKeyConstraint(
            ["room_id"], ["rooms.id"], name=op.f("fk_manual_answers_room_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_manual_answers_device_id")),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["users.id"], name=op.f("fk_manual_answers_answered_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_answers")),
        sa.UniqueConstraint(
            "run_id", "item_id", "place_key", name=op.f("uq_manual_answers_run_id_item_id_place_key")
        ),
    )
    op.create_index(
        "ix_manual_answers_item_id_place_key_id", "manual_answers", ["item_id", "place_key", "id"]
    )
    op.create_index(op.f("ix_manual_answers_device_id"), "manual_answers", ["device_id"])
    op.create_table(
        "manual_deliveries",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["manual_answers.id"], name=op.f("fk_manual_deliveries_answer_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_manual_deliveries_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_deliveries")),
        sa.UniqueConstraint("uuid", name=op.f("uq_manual_deliveries_uuid")),
    )
    op.create_index(op.f("ix_manual_deliveries_answer_id"), "manual_deliveries", ["answer_id"])


def _findings() -> None:
    op.create_table(
        "manual_findings",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("place_key", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_answer_id", sa.Integer(), nullable=False),
        sa.Column("occurrences", sa.Integer(), nullable=False),
        sa.Column("clean_runs", sa.Integer(), nullable=False),
        sa.Column("relapses", sa.Integer(), nullable=False),
        sa.Column("recovered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_manual_findings_client_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_manual_findings_site_id")),
        sa.ForeignKeyConstraint(["item_id"], ["manual_items.id"], name=op.f("fk_manual_findings_item_id")),
        sa.ForeignKeyConstraint(
            ["last_answer_id"], ["manual_answers.id"], name=op.f("fk_manual_findings_last_answer_id")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_manual_findings_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_findings")),
    )
    op.create_index("ix_manual_findings_client_id_state", "manual_findings", ["client_id", "state"])
    op.create_index(op.f("ix_manual_findings_ticket_id"), "manual_findings", ["ticket_id"])
    op.create_index(
        "uq_manual_findings_open",
        "manual_findings",
        ["site_id", "item_id", "place_key"],
        unique=True,
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )


def downgrade() -> None:
    for name in ("manual_findings", "manual_deliveries", "manual_answers", "manual_items"):
        op.drop_table(name)
    for name in _COUNTS:
        op.drop_column("inspection_runs", name)
