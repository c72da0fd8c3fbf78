"""Items by hand that are about cleaning, cabling or maintenance

Revision: 0161
After: 0160
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0161"
down_revision = "0160"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "manual_items", sa.Column("upkeep", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    # Those of the starter set that are.
    items = sa.table("manual_items", sa.column("title_en", sa.String), sa.column("upkeep", sa.Boolean))
    op.execute(
        items.update().where(items.c.title_en.in_(("Cleanliness", "Cables tidy"))).values(upkeep=sa.true())
    )


def downgrade() -> None:
    op.drop_column("manual_items", "upkeep")
