"""What the database knows of its own tables, so that it chooses the right index."""

from __future__ import annotations

import sqlalchemy as sa

from servicedesk.core.db import db, unit_of_work

ROWS_PER_INDEX = 2000  # looked at by SQLite's ANALYZE: some milliseconds, however large the table is


def gather_statistics() -> None:
    """Let SQLite count; without it every index looks as good as any other. PostgreSQL does so by itself."""
    if db.engine.dialect.name != "sqlite":
        return
    with unit_of_work() as session:
        session.execute(sa.text(f"PRAGMA analysis_limit={ROWS_PER_INDEX}"))
        session.execute(sa.text("ANALYZE"))
