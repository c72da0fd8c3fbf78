"""Readings take less room on PostgreSQL: columns in the order in which none needs filling bytes

Revision: 0171
After: 0170

PostgreSQL lays columns out in the order they were made, each at a multiple of its own size. The table is
written anew once; SQLite packs its rows anyway and is left alone. Nothing refers to the table.
"""

from __future__ import annotations

from alembic import op

revision = "0171"
down_revision = "0170"
branch_labels = None
depends_on = None

_COLUMNS = {
    "value": "double precision",
    "record_id": "integer NOT NULL",
    "item_id": "integer NOT NULL",
    "level_set_id": "integer",
    "line": "integer",
    "outcome": "smallint NOT NULL",
    "exchange": "smallint",
    "versions": "smallint NOT NULL",
    "message": "json",
}
_AS_BEFORE = (
    "record_id",
    "item_id",
    "outcome",
    "value",
    "level_set_id",
    "exchange",
    "line",
    "versions",
    "message",
)
_TARGETS = {"record_id": "inspection_records", "item_id": "reading_items", "level_set_id": "level_sets"}


def upgrade() -> None:
    _write_anew(tuple(_COLUMNS))


def downgrade() -> None:
    _write_anew(_AS_BEFORE)


def _write_anew(order: tuple[str, ...]) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    names = ", ".join(order)
    op.execute("ALTER TABLE readings RENAME TO readings_before")
    op.execute(f"CREATE TABLE readings ({', '.join(f'{name} {_COLUMNS[name]}' for name in order)})")
    op.execute(f"INSERT INTO readings ({names}) SELECT {names} FROM readings_before")  # noqa: S608  # names above
    op.execute("DROP TABLE readings_before")
    op.execute("ALTER TABLE readings ADD CONSTRAINT pk_readings PRIMARY KEY (record_id, item_id)")
    for column, target in _TARGETS.items():
        op.create_foreign_key(f"fk_readings_{column}", "readings", target, [column], ["id"])
