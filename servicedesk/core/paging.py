"""Keyset pagination: the cost of a page does not grow with its number."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from servicedesk.core.db import db

Row = TypeVar("Row")
PAGE_SIZE = 50
COUNT_LIMIT = 1000  # an exact count of more is not worth a full scan


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list. ``total`` is None when there are more than ``COUNT_LIMIT`` rows."""

    rows: Sequence[Row]
    total: int | None
    next_cursor: str = ""
    previous_cursor: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A sort key that ends in a unique column, so that every row has one place.

    ``columns`` and ``labels`` belong together: the value of ``labels[i]`` in a row is that of
    ``columns[i]``. All columns go in one direction.
    """

    columns: tuple[Any, ...]
    labels: tuple[str, ...]
    descending: bool = True


def encode_cursor(direction: str, values: Sequence[Any]) -> str:
    """An opaque text for the URL."""
    plain = [_plain(value) for value in values]
    return base64.urlsafe_b64encode(json.dumps([direction, plain]).encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return {"t": value.isoformat()}
        case date():
            return {"d": value.isoformat()}
        case _:
            return value


def _value(plain: Any) -> Any:
    if not isinstance(plain, dict):
        return plain
    return date.fromisoformat(plain["d"]) if "d" in plain else datetime.fromisoformat(plain["t"])


def decode_cursor(cursor: str, columns: Sequence[Any]) -> tuple[str, list[Any]] | None:
    """The direction ("n" or "p") and a value for each of ``columns``; None for anything we did not make."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        direction, plain = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        values = [_value(part) for part in plain]
    except (ValueError, TypeError, KeyError, binascii.Error, RecursionError):
        return None
    if direction not in ("n", "p") or len(values) != len(columns):
        return None
    if not all(_fits(value, column.type.python_type) for value, column in zip(values, columns, strict=True)):
        return None
    return direction, values


def _fits(value: Any, kind: type) -> bool:
    """Whether the database takes ``value`` for a column of this type; it would fail on the others."""
    if type(value) is not kind:
        return False
    match value:
        case int():
            return abs(value) < 2**31
        case datetime():
            return value.tzinfo is not None and 1 < value.year < 9999
        case date():
            return 1 < value.year < 9999
        case str():
            return not any(c == "\x00" or "\ud800" <= c <= "\udfff" for c in value)
        case _:
            return False


# Takes the keys of the rows to show (their last column is the unique one) and gives the rows' columns.
Widen = Callable[[sa.Subquery], sa.Select[*tuple[Any, ...]]]


def paginate(
    statement: sa.Select[*tuple[Any, ...]],
    order: Order,
    cursor: str = "",
    size: int = PAGE_SIZE,
    *,
    scalars: bool = False,
    widen: Widen | None = None,
    sought: bool = False,
) -> Page[Any]:
    """Run ``statement`` for one page: two queries at most (with ``widen`` one), however long the list.

    Args:
        statement: filtered, without ORDER BY and LIMIT. Sort columns must not be NULL.
        cursor: from the URL; a damaged one means the first page.
        scalars: rows are entities, not tuples.
        widen: makes rows of the page's keys. With it only the sort columns are looked up for everything
            that is found, all else for the rows that are shown.
        sought: the statement looks words up, which gives all that is found at once: the first page counts
            it in the same query. Of any other list a count that is not bounded would read it whole.
    """
    position = decode_cursor(cursor, order.columns) if cursor else None
    backwards = position is not None and position[0] == "p"
    together = sought and widen is not None and position is None
    bounded = _bounded_count(statement)
    descending = order.descending != backwards
    if position is not None:
        here = sa.tuple_(*order.columns)
        there = sa.tuple_(
            *(sa.literal(v, c.type) for c, v in zip(order.columns, position[1], strict=True)),
        )
        statement = statement.where(here < there if descending else here > there)
    statement = in_order(statement, order, descending=descending)
    statement = statement.limit(size + 1)
    if widen is not None:
        keys = keys_of(statement, order, counted=together)
        statement = widen(keys)
        found = keys.c.found if together else bounded.scalar_subquery().label("found")
        statement = in_order(statement.add_columns(found), order, descending=descending)
    result = db.session.execute(statement)
    rows = list(result.scalars() if scalars else result)
    if not rows and position is None:
        total: int | None = 0
    else:
        total = rows[0].found if rows and widen is not None else db.session.scalar(bounded)
    if total is not None and total > COUNT_LIMIT:
        total = None
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    has_next = more if not backwards else True
    has_previous = more if backwards else position is not None
    key = [tuple(getattr(row, label) for label in order.labels) for row in (rows[:1] + rows[-1:])]
    return Page(
        rows=rows,
        total=total,
        next_cursor=encode_cursor("n", key[-1]) if rows and has_next else "",
        previous_cursor=encode_cursor("p", key[0]) if rows and has_previous else "",
    )


def in_order(
    statement: sa.Select[*tuple[Any, ...]], order: Order, *, descending: bool
) -> sa.Select[*tuple[Any, ...]]:
    """Sorted by the key, in one direction."""
    return statement.order_by(*(c.desc() if descending else c.asc() for c in order.columns))


def keys_of(statement: sa.Select[*tuple[Any, ...]], order: Order, *, counted: bool = False) -> sa.Subquery:
    """The sort columns alone of a statement that is sorted and limited, to be widened to whole rows.

    Args:
        counted: with ``found``, how many rows there are without the limit.
    """
    columns = [*order.columns, *([sa.func.count().over().label("found")] if counted else [])]
    return statement.with_only_columns(*columns, maintain_column_froms=True).subquery()


def _bounded_count(statement: sa.Select[*tuple[Any, ...]]) -> sa.Select[int]:
    """How many rows there are, up to one more than is told."""
    inner = statement.with_only_columns(sa.literal(1).label("one"), maintain_column_froms=True)
    return sa.select(sa.func.count()).select_from(inner.limit(COUNT_LIMIT + 1).subquery())
