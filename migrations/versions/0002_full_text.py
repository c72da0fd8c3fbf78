"""Full text, and ticket lists in the order of an index

Revision: 0002
After: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# https://www.sqlite.org/fts5.html#external_content_tables
SQLITE = (
    """CREATE VIRTUAL TABLE search_index USING fts5(
        words, content='search_texts', content_rowid='id', tokenize='ascii', prefix='2 3')""",
    """CREATE TRIGGER search_texts_insert AFTER INSERT ON search_texts BEGIN
        INSERT INTO search_index(rowid, words) VALUES (new.id, new.words);
    END""",
    """CREATE TRIGGER search_texts_delete AFTER DELETE ON search_texts BEGIN
        INSERT INTO search_index(search_index, rowid, words) VALUES ('delete', old.id, old.words);
    END""",
    """CREATE TRIGGER search_texts_update AFTER UPDATE ON search_texts BEGIN
        INSERT INTO search_index(search_index, rowid, words) VALUES ('delete', old.id, old.words);
        INSERT INTO search_index(rowid, words) VALUES (new.id, new.words);
    END""",
)
POSTGRES = (
    """ALTER TABLE search_texts ADD COLUMN vector tsvector
        GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED""",
    "CREATE INDEX ix_search_texts_vector ON search_texts USING gin (vector)",
)


LISTS = (("client_id", "updated_at", "id"), ("site_id", "updated_at", "id"), ("updated_at", "id"))


def upgrade() -> None:
    op.create_table(
        "search_texts",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(length=8), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_texts")),
        sa.UniqueConstraint(
            "kind", "object_id", "audience", name=op.f("uq_search_texts_kind_object_id_audience")
        ),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.execute(statement)
    with op.batch_alter_table("tickets") as batch:
        batch.drop_index(op.f("ix_tickets_site_id"))
        for columns in LISTS:
            batch.create_index("ix_tickets_" + "_".join(columns), list(columns))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_index")
    op.drop_table("search_texts")
    with op.batch_alter_table("tickets") as batch:
        for columns in LISTS:
            batch.drop_index("ix_tickets_" + "_".join(columns))
        batch.create_index(op.f("ix_tickets_site_id"), ["site_id"])
