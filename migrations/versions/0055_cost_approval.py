"""Costs of tickets know their approval

Revision: 0055
After: 0050
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0050"
branch_labels = None
depends_on = None
NAME = "fk_ticket_costs_approval_id"


def upgrade() -> None:
    with op.batch_alter_table("ticket_costs") as batch:  # nothing refers to it
        batch.add_column(sa.Column("approval_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f(NAME), "approval_chains", ["approval_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("ticket_costs") as batch:
        batch.drop_constraint(op.f(NAME), type_="foreignkey")
        batch.drop_column("approval_id")
