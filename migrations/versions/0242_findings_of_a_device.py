"""Findings of one device are found by an index, the closed ones too

Revision: 0242
After: 0241
"""

from __future__ import annotations

from alembic import op

revision = "0242"
down_revision = "0241"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_findings_device_id_last_at", "findings", ["device_id", "last_at"])


def downgrade() -> None:
    op.drop_index("ix_findings_device_id_last_at", "findings")
