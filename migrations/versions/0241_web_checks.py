"""Own checks of web addresses

Revision: 0241
After: 0240
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0241"
down_revision = "0240"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("own_checks", sa.Column("web", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM own_checks WHERE kind = 'web'")
    op.drop_column("own_checks", "web")
