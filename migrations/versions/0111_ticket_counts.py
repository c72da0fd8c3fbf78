"""An index that the counts of the start page are read from alone

Revision: 0111
After: 0110
"""

from __future__ import annotations

from alembic import op

revision = "0111"
down_revision = "0110"
branch_labels = None
depends_on = None

_NAME = "ix_tickets_client_id_phase_assignee_id_site_id"


def upgrade() -> None:
    op.create_index(_NAME, "tickets", ["client_id", "phase", "assignee_id", "site_id"])


def downgrade() -> None:
    op.drop_index(_NAME, table_name="tickets")
