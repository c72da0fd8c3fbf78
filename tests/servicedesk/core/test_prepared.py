"""Statements that PostgreSQL has prepared stay from request to request."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from servicedesk.core.prepared import MOST_STATEMENTS, keep_statements
from tests.support.postgres import Postgres

pytestmark = pytest.mark.postgres
ROUNDS = 8  # psycopg prepares after five
KEPT = sa.text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE :begin")


@pytest.fixture
def connection(postgres: Postgres) -> Iterator[sa.Connection]:
    keep_statements()
    engine = sa.create_engine(postgres.url(postgres.new_database()))
    with engine.connect() as made:
        yield made
    engine.dispose()


def read(connection: sa.Connection, statement: str, rounds: int = ROUNDS) -> object:
    """The last answer; each round ends as a request does that only read."""
    for _ in range(rounds):
        row = connection.execute(sa.text(statement), {"number": 1}).fetchone()
        connection.rollback()
    return row


def prepared(connection: sa.Connection, begin: str) -> int:
    count: int = connection.execute(KEPT, {"begin": f"{begin}%"}).scalar_one()
    connection.rollback()
    return count


def test_a_rollback_leaves_what_was_prepared(connection: sa.Connection) -> None:
    read(connection, "SELECT 17 + CAST(:number AS integer)")
    assert prepared(connection, "SELECT 17 +") == 1
    read(connection, "SELECT 17 + CAST(:number AS integer)")
    assert prepared(connection, "SELECT 17 +") == 1


def test_a_table_that_was_taken_back_is_not_remembered(connection: sa.Connection) -> None:
    for column in ("one integer", "two text, three text"):
        connection.execute(sa.text(f"CREATE TABLE passing ({column})"))
        for _ in range(ROUNDS):
            connection.execute(sa.text("SELECT * FROM passing")).fetchall()
        assert connection.execute(KEPT, {"begin": "SELECT * FROM passing%"}).scalar_one() == 1
        connection.rollback()
        assert prepared(connection, "SELECT * FROM passing") == 0


def test_a_column_that_changes_is_read_as_it_is(connection: sa.Connection) -> None:
    connection.execute(sa.text("CREATE TABLE changing (amount integer)"))
    connection.execute(sa.text("INSERT INTO changing VALUES (12)"))
    connection.commit()
    assert read(connection, "SELECT * FROM changing") == (12,)
    connection.execute(sa.text("ALTER TABLE changing ALTER amount TYPE text, ADD more integer"))
    connection.commit()
    assert read(connection, "SELECT * FROM changing") == ("12", None)
    connection.execute(sa.text("DROP TABLE changing"))
    connection.commit()


def test_a_connection_keeps_no_more_than_so_many(connection: sa.Connection) -> None:
    for number in range(MOST_STATEMENTS + 20):
        for _ in range(6):
            connection.execute(sa.text(f"SELECT {number} + 0")).fetchone()
    # One that was let go is still there until the next statement.
    assert 0 < prepared(connection, "SELECT ") <= MOST_STATEMENTS + 1
