"""Labels of devices, reports by scanning them, badge numbers

Revision: 0045
After: 0040
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "device_labels",
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_device_labels_device_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_labels")),
        sa.UniqueConstraint("token", name=op.f("uq_device_labels_token")),
    )
    op.create_index(op.f("ix_device_labels_device_id"), "device_labels", ["device_id"])
    op.create_table(
        "public_reports",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_public_reports_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_public_reports_device_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_public_reports_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_reports")),
        sa.UniqueConstraint("token", name=op.f("uq_public_reports_token")),
    )
    op.create_index(op.f("ix_public_reports_ticket_id"), "public_reports", ["ticket_id"])
    for column in ("source", "device_id", "client_id"):
        op.create_index(f"ix_public_reports_{column}_at", "public_reports", [column, "at"])
    # Added in place: SQLite would have to drop and copy a table that others refer to.
    op.add_column(
        "organisations",
        sa.Column("public_reports", sa.String(length=8), nullable=False, server_default="anyone"),
    )
    op.add_column("users", sa.Column("badge", sa.String(length=32), nullable=False, server_default=""))
    op.create_index("ix_users_organisation_id_badge", "users", ["organisation_id", "badge"])


def downgrade() -> None:
    op.drop_index("ix_users_organisation_id_badge", "users")
    op.drop_column("users", "badge")
    op.drop_column("organisations", "public_reports")
    op.drop_table("public_reports")
    op.drop_table("device_labels")
