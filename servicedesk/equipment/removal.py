"""What may be deleted: nothing that another record still names. The sentence says what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit.labels import object_label
from servicedesk.core.db import Base, db
from servicedesk.core.errors import ConflictError


def references(table: str) -> Iterator[sa.Column[Any]]:
    """Columns of all tables, also of domains above, that name a row of ``table`` and do not go with it."""
    for other in Base.metadata.sorted_tables:
        for column in other.columns:
            for key in column.foreign_keys:
                if key.column.table.name == table and key.ondelete != "CASCADE":
                    yield column


def require_unused(record: Any, table: str, name: str) -> None:
    """Refuse to delete what is named elsewhere.

    Raises:
        ConflictError: with the kinds of records and their number.
    """
    found: dict[str, int] = {}
    for column in references(table):
        statement = sa.select(sa.func.count()).select_from(column.table).where(column == record.id)
        count = db.session.scalar(statement) or 0
        if count:
            label = str(object_label(column.table.name))
            found[label] = found.get(label, 0) + count
    if found:
        raise ConflictError(
            _(
                "%(name)s is still used by: %(uses)s. Its history stays with it, so it cannot be deleted.",
                name=name,
                uses=", ".join(f"{label} ({count})" for label, count in sorted(found.items())),
            )
        )
