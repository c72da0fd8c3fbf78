"""Runs migrations with the application's own engine and models."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app

migrate = current_app.extensions["migrate"]


def include_name(name: str | None, type_: str, _parents: Any) -> bool:
    """Leave alone what is not ours, such as the tables behind a full-text index."""
    return type_ != "table" or name in migrate.db.metadata.tables


def render_item(type_: str, item: Any, _context: Any) -> str | bool:
    """Write our column types as the plain ones below them: a migration must not import the application."""
    if type_ == "type" and type(item).__module__.startswith("servicedesk."):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Upgrade or downgrade in one transaction where the database can."""
    engine = migrate.db.engine
    with engine.connect().execution_options(servicedesk_write=True) as connection:
        context.configure(
            connection=connection,
            target_metadata=migrate.db.metadata,
            include_name=include_name,
            render_item=render_item,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations run against a database; offline scripts are not supported.")
run()
