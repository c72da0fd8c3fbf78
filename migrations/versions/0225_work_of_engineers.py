"""The index that counts tickets also gives them in order

Revision: 0225
After: 0220
"""

from __future__ import annotations

from alembic import op

revision = "0225"
down_revision = "0220"
branch_labels = None
depends_on = None

_BEFORE = "ix_tickets_client_id_phase_assignee_id_site_id"
_NAME = "ix_tickets_work"
_COLUMNS = ["client_id", "phase", "assignee_id", "site_id"]


def upgrade() -> None:
    op.create_index(_NAME, "tickets", [*_COLUMNS, "updated_at", "id"])
    op.drop_index(_BEFORE, "tickets")


def downgrade() -> None:
    op.create_index(_BEFORE, "tickets", _COLUMNS)
    op.drop_index(_NAME, "tickets")
