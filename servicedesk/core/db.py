"""The database: base class, column types, one transaction per request, job or command."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache, wraps
from threading import get_ident
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC datetime; a naive one is a programming error, refused at once."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """What rows hold; cursors of lists are checked against it."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime given to the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all models."""

    # A registry, since Flask-SQLAlchemy copies this class's attributes into a base of its own and
    # SQLAlchemy 2.1 refuses a type_annotation_map beside a registry.
    registry = registry(
        metadata=sa.MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: UtcDateTime(),
            dict[str, Any]: sa.JSON(),
            list[Any]: sa.JSON(),
        },
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


class Identified:
    """A row with a number of its own."""

    id: Mapped[int] = mapped_column(primary_key=True)


class Timestamped:
    """When the row was made and last changed; set by services, not by triggers."""

    created_at: Mapped[datetime] = mapped_column()
    updated_at: Mapped[datetime | None] = mapped_column()


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # SQLAlchemy begins transactions itself (below): the driver's own idea of when is too late.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA temp_store=MEMORY")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        immediate = connection.get_execution_options().get("servicedesk_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """Run the block as one write transaction; commit once at its end, roll back on any error.

    What was read before belongs to another snapshot, so it is let go first: attributes are read
    again inside. On SQLite the write lock is taken at the start, since a reader that becomes a
    writer half-way can only fail.
    """
    session = db.session()
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("changes were made outside of unit_of_work()")
    if session.info.get("unit_of_work"):
        raise RuntimeError("unit_of_work() inside unit_of_work()")
    session.rollback()
    session.info["unit_of_work"] = True
    try:
        session.connection(execution_options={"servicedesk_write": True})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("unit_of_work", None)


_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


def anywhere(text: str) -> str:
    """The pattern of ILIKE, with ``escape="\\"``, that finds a text anywhere; its own % and _ are letters."""
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def kept_by_thread(make: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """For parts of statements that are the same every time: putting one together costs more than asking it.

    Each thread makes its own, as a statement's parts remember what they were made into, and two threads
    that do so at once can spoil it for good. Arguments must be hashable; the oldest results are dropped.
    """

    keep: Any = lru_cache(maxsize=512)(lambda _thread, *args, **kwargs: make(*args, **kwargs))

    @wraps(make)
    def kept(*args: _Given.args, **kwargs: _Given.kwargs) -> _Made:
        made: _Made = keep(get_ident(), *args, **kwargs)
        return made

    return kept


_Select = TypeVar("_Select", bound=sa.Select[*tuple[Any, ...]])


def for_update(statement: _Select) -> _Select:
    """Lock the rows read, so that two people deciding at once are served one after the other.

    SQLite has one writer at a time and ignores it.
    """
    return statement.with_for_update().execution_options(populate_existing=True)
