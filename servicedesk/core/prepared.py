"""PostgreSQL keeps its plans from request to request.

Psycopg prepares a statement that a connection has run five times, and forgets all of them at a rollback,
lest a table that the transaction made be remembered. Every request that only reads ends with a rollback, so
nothing was ever prepared: PostgreSQL planned each statement of each page anew, which takes longer than the
rest. Requests and jobs change no tables; whatever does (migrations) clears the plans as before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg._preparing import PrepareManager
from sqlalchemy import event
from sqlalchemy.engine import Engine

# Of a connection. A plan takes PostgreSQL some 10 to 100 KB; the statements of all pages are more than these,
# those of the pages that somebody works with are fewer.
MOST_STATEMENTS = 200
_CHANGES_TABLES = re.compile(rb"(?:CREATE|DROP|ALTER|DISCARD ALL|DEALLOCATE ALL)\b").match


class KeptStatements(PrepareManager):
    """Forgets prepared statements when tables change, not when a transaction is rolled back."""

    prepared_max = MOST_STATEMENTS

    def __init__(self) -> None:
        super().__init__()
        self._tables_changed = False

    def validate(self, key: Any, prep: Any, name: bytes, results: Sequence[Any]) -> None:
        """See psycopg; notes besides whether a statement changed tables."""
        if any(_CHANGES_TABLES(result.command_status or b"") for result in results):
            self._tables_changed = True
        super().validate(key, prep, name, results)

    def clear(self) -> bool:
        """Psycopg's word for "the transaction was rolled back, or a table is gone"."""
        if not self._tables_changed:
            return False
        self._tables_changed = False
        return super().clear()


def keep_statements() -> None:
    """From now on each new connection to PostgreSQL keeps its statements; said twice it is the same."""
    if not event.contains(Engine, "connect", _keep):
        event.listen(Engine, "connect", _keep)


def _keep(connection: Any, _record: Any) -> None:
    if isinstance(connection, psycopg.Connection):
        connection._prepared = KeptStatements()
