"""How long what sweeps found is kept; a sweep keeps its figures

Revision: 0232
After: 0231
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0232"
down_revision = "0231"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "discovery_keepings",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_discovery_keepings_client_id_organisations")
        ),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_discovery_keepings")),
    )
    op.add_column("discovery_sweeps", sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("discovery_sweeps", sa.Column("figures", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("discovery_sweeps", "figures")
    op.drop_column("discovery_sweeps", "cleared_at")
    op.drop_table("discovery_keepings")
