"""Room in a calendar: overlaps and the next free stretch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from servicedesk.tickets.slots import HORIZON, Span, next_free

START = datetime(2026, 12, 5, 14, 0, tzinfo=UTC)


def span(from_h: float, to_h: float) -> Span:
    return Span(START + timedelta(hours=from_h), START + timedelta(hours=to_h))


def test_one_that_begins_where_another_ends_does_not_overlap() -> None:
    assert not span(0, 1).overlaps(span(1, 2))
    assert span(0, 2).overlaps(span(1, 3))
    assert span(0, 3).contains(span(1, 3))


def test_with_nothing_planned_it_is_free_at_once() -> None:
    assert next_free(timedelta(hours=2), START, busy=[]) == span(0, 2)


def test_the_gap_between_two_is_found_when_it_is_long_enough() -> None:
    busy = [span(0, 1), span(3, 5)]
    assert next_free(timedelta(hours=2), START, busy=busy) == span(1, 3)
    assert next_free(timedelta(hours=3), START, busy=busy) == span(5, 8)


def test_agreed_maintenance_is_where_it_is_looked_for() -> None:
    within = [span(8, 10), span(32, 36)]
    assert next_free(timedelta(hours=2), START, busy=[], within=within) == span(8, 10)
    assert next_free(timedelta(hours=3), START, busy=[], within=within) == span(32, 35)
    assert next_free(timedelta(hours=2), START, busy=[span(9, 9.5)], within=within) == span(32, 34)
    assert next_free(timedelta(hours=5), START, busy=[], within=within) is None


def test_a_time_within_an_hour_begins_at_the_next_half() -> None:
    late = START + timedelta(minutes=7)
    assert next_free(timedelta(hours=1), late, busy=[]) == span(0.5, 1.5)


def test_nothing_takes_no_time() -> None:
    assert next_free(timedelta(0), START, busy=[]) is None


HOURS = st.floats(min_value=-24, max_value=500, allow_nan=False)
SPANS = st.lists(st.tuples(HOURS, st.floats(min_value=0.01, max_value=48)), max_size=12)


@given(busy=SPANS, within=SPANS, minutes=st.integers(min_value=1, max_value=600))
def test_what_is_found_is_free_inside_and_not_before(
    busy: list[tuple[float, float]], within: list[tuple[float, float]], minutes: int
) -> None:
    taken = [span(start, start + length) for start, length in busy]
    agreed = [span(start, start + length) for start, length in within]
    found = next_free(timedelta(minutes=minutes), START, busy=taken, within=agreed)
    if found is None:
        assert agreed or taken
        return
    assert START <= found.start <= START + HORIZON
    assert found.end - found.start == timedelta(minutes=minutes)
    assert not any(found.overlaps(one) for one in taken)
    assert not agreed or any(one.contains(found) for one in agreed)
