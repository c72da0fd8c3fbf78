"""An index that finds the clocks of a ticket by their state

Revision: 0046
After: 0045
"""

from __future__ import annotations

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_sla_clocks_ticket_id_state_due_at", "sla_clocks", ["ticket_id", "state", "due_at"])


def downgrade() -> None:
    op.drop_index("ix_sla_clocks_ticket_id_state_due_at", "sla_clocks")
