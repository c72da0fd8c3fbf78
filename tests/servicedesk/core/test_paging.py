"""Keyset pages: forward, back, with rows coming and going, and with cursors nobody gave out."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.paging import COUNT_LIMIT, Order, Page, decode_cursor, encode_cursor, paginate
from servicedesk.organisations.models import Organisation

START = datetime(2026, 1, 1, tzinfo=UTC)
BY_TIME = Order((Organisation.created_at, Organisation.id), ("created_at", "id"))
BY_NAME = Order((Organisation.name, Organisation.id), ("name", "id"), descending=False)


def add(numbers: range, *, same_time: bool = False) -> None:
    """Organisations named by number, a minute apart or all at once."""
    with unit_of_work() as session:
        for number in numbers:
            at = START if same_time else START + timedelta(minutes=number)
            session.add(Organisation(kind="client", name=f"o{number:04}", created_at=at))


def page(order: Order, cursor: str = "", size: int = 4) -> Page[Any]:
    return paginate(sa.select(Organisation), order, cursor, size, scalars=True)


def names(found: Page[Any]) -> list[str]:
    return [row.name for row in found.rows]


def walk(order: Order, size: int = 4) -> list[list[str]]:
    """All pages from the first to the last."""
    pages, cursor = [], ""
    for _unused in range(20):
        found = page(order, cursor, size)
        pages.append(names(found))
        cursor = found.next_cursor
        if not cursor:
            return pages
    raise AssertionError(f"no end after {pages}")


@pytest.mark.parametrize("order", [BY_TIME, BY_NAME], ids=["newest first", "by name"])
def test_forward_every_row_comes_once_and_back_the_same_pages(any_app: Flask, order: Order) -> None:
    add(range(10))
    pages = walk(order)
    flat = [name for rows in pages for name in rows]
    assert flat == sorted(flat, reverse=order.descending)
    assert [len(rows) for rows in pages] == [4, 4, 2]
    third = page(order, page(order, page(order).next_cursor).next_cursor)
    second = page(order, third.previous_cursor)
    first = page(order, second.previous_cursor)
    assert [names(first), names(second), names(third)] == pages
    assert first.previous_cursor == ""
    assert page(order).previous_cursor == ""


def test_rows_of_the_same_moment_keep_one_order(any_app: Flask) -> None:
    add(range(9), same_time=True)
    flat = [name for rows in walk(BY_TIME, size=2) for name in rows]
    assert flat == sorted(flat, reverse=True)
    assert len(set(flat)) == 9


def test_a_row_that_comes_in_between_moves_nothing(app: Flask) -> None:
    add(range(8))
    first = page(BY_TIME)
    add(range(8, 11))
    assert names(page(BY_TIME, first.next_cursor)) == ["o0003", "o0002", "o0001", "o0000"]


def test_a_row_that_is_gone_leaves_no_gap(app: Flask) -> None:
    add(range(8))
    first = page(BY_TIME)
    with unit_of_work() as session:
        session.execute(sa.delete(Organisation).where(Organisation.name == "o0004"))
    assert names(page(BY_TIME, first.next_cursor)) == ["o0003", "o0002", "o0001", "o0000"]


@pytest.mark.parametrize("count", [0, 1, 4, 5, 8])
def test_pages_that_are_exactly_full_have_no_empty_one_after_them(app: Flask, count: int) -> None:
    add(range(count))
    assert sum(len(rows) for rows in walk(BY_TIME)) == count
    assert len(walk(BY_TIME)) == max(1, -(-count // 4))


def test_a_count_beyond_the_limit_is_not_made(app: Flask) -> None:
    add(range(3))
    assert page(BY_TIME).total == 3
    with unit_of_work() as session:
        rows = [
            {"kind": "client", "name": f"x{n}", "active": True, "created_at": START}
            for n in range(COUNT_LIMIT)
        ]
        session.execute(sa.insert(Organisation), rows)
    assert page(BY_TIME).total is None


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


HOSTILE = [
    "x",
    "=",
    "%%%",
    "é",
    "A" * 5000,
    packed(5),
    packed(None),
    packed([]),
    packed(["n"]),
    packed(["n", []]),
    packed(["n", ["a"]]),
    packed(["x", ["a", 1]]),
    packed([["n"], ["a", 1]]),
    packed(["n", {"t": 1}]),
    packed(["n", ["a", "1"]]),
    packed(["n", ["a", True]]),
    packed(["n", ["a", None]]),
    packed(["n", ["a", 1.5]]),
    packed(["n", ["a", float("nan")]]),
    packed(["n", ["a", 2**31]]),
    packed(["n", ["a", 10**400]]),
    packed(["n", ["a\x00b", 1]]),
    packed(["n", ["\ud800", 1]]),
    packed(["n", [{"t": "2026-01-01T00:00:00+00:00"}, 1]]),
    packed(["n", [1, 1]]),
    packed(["n", [["a"], 1]]),
    packed(["n", ["a", {"t": "2026"}]]),
]


@pytest.mark.parametrize("cursor", HOSTILE, ids=range(len(HOSTILE)))
def test_a_cursor_nobody_gave_out_means_the_first_page(app: Flask, cursor: str) -> None:
    add(range(5))
    assert decode_cursor(cursor, BY_NAME.columns) is None
    assert names(page(BY_NAME, cursor)) == names(page(BY_NAME))


@pytest.mark.parametrize(
    "moment",
    [
        "",
        "x",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        5,
        None,
    ],
)
def test_a_moment_nobody_gave_out_means_the_first_page(app: Flask, moment: object) -> None:
    assert decode_cursor(packed(["n", [{"t": moment}, 1]]), BY_TIME.columns) is None


def test_deeply_nested_cursors_are_refused(any_app: Flask) -> None:
    nested = base64.urlsafe_b64encode(b"[" * 100_000).decode()
    assert decode_cursor(nested, BY_TIME.columns) is None
    for cursor in HOSTILE:
        assert page(BY_TIME, cursor).rows == []
    assert db.session.scalar(sa.select(1)) == 1


def test_a_cursor_comes_back_as_it_went(app: Flask) -> None:
    values = [datetime(2026, 11, 24, 1, 2, 3, 456789, tzinfo=UTC), 7]
    assert decode_cursor(encode_cursor("p", values), BY_TIME.columns) == ("p", values)
