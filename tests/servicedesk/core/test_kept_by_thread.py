"""What is put together once in each thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import sqlalchemy as sa

from servicedesk.core.db import kept_by_thread


def test_a_thread_makes_it_once_for_each_argument() -> None:
    made: list[int] = []

    @kept_by_thread
    def statement(number: int) -> sa.Select[int]:
        made.append(number)
        return sa.select(sa.literal(number))

    assert statement(1) is statement(1)
    assert statement(1) is not statement(2)
    assert made == [1, 2]


def test_no_thread_is_given_what_another_one_made() -> None:
    both = Barrier(2)  # neither may end before the other began: its number would be given out again

    @kept_by_thread
    def statement() -> sa.Select[int]:
        return sa.select(sa.literal(1))

    def ask(_turn: int) -> tuple[sa.Select[int], sa.Select[int]]:
        both.wait(10)
        answer = statement(), statement()
        both.wait(10)
        return answer

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(ask, range(2))
    assert one[0] is one[1]
    assert other[0] is other[1]
    assert one[0] is not other[0]
