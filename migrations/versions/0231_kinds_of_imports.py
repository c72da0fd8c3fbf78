"""Files of modules, software and licences are imports beside those of devices

Revision: 0231
After: 0230
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0231"
down_revision = "0230"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = sa.Column("kind", sa.String(16), nullable=False, server_default="devices")
    op.add_column("device_imports", kind)


def downgrade() -> None:
    op.drop_column("device_imports", "kind")
