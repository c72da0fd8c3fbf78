"""Hours as people write them, and who is on duty by them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicedesk.assignment.schedule import DAY, format_span, on_duty, parse_span, shifts_on

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Entry:
    user_id: int | None
    from_minute: int
    until_minute: int
    weekday: int | None = None
    day: date | None = None


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("08:30-17:30", (510, 1050)),
        (" 8:30 \u2013 17:30 ", (510, 1050)),
        ("\uff10\uff18\uff1a\uff13\uff10\uff0d\uff11\uff17\uff1a\uff13\uff10", (510, 1050)),  # wide signs
        ("18:00-08:00", (1080, 1920)),
        ("00:00-24:00", (0, 1440)),
        ("00:00-00:00", (0, 1440)),
        ("24:00-08:00", None),
        ("08:60-09:00", None),
        ("08:00-24:01", None),
        ("8-9", None),
        ("", None),
        ("08:00-09:00-10:00", None),
        ("9" * 5000, None),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, span: tuple[int, int] | None) -> None:
    assert parse_span(text) == span


@given(st.integers(0, DAY - 1), st.integers(1, DAY))
def test_hours_read_the_same_after_they_were_written(start: int, length: int) -> None:
    assert parse_span(format_span(start, start + length)) == (start, start + length)


def test_a_single_day_stands_instead_of_the_week_and_may_leave_nobody() -> None:
    weekly, single = Entry(1, 480, 1080, weekday=0), Entry(2, 480, 1080, day=MONDAY)
    assert shifts_on([weekly, single], MONDAY) == [single]
    assert shifts_on([weekly, single], MONDAY + timedelta(days=7)) == [weekly]
    nobody = Entry(None, 0, DAY, day=MONDAY)
    assert on_duty([weekly, nobody], at(MONDAY, 9), SHANGHAI) == []


def test_the_last_minute_counts_and_the_next_does_not() -> None:
    shift = Entry(1, 480, 1080, weekday=0)
    found = [on_duty([shift], at(MONDAY, *time), SHANGHAI) for time in ((7, 59), (8, 0), (17, 59), (18, 0))]
    assert found == [[], [1], [1], []]


def test_a_night_goes_on_into_a_day_that_has_entries_of_its_own() -> None:
    night = Entry(1, 1080, 1920, weekday=0)
    tuesday = Entry(2, 480, 1080, day=MONDAY + timedelta(days=1))
    found = [on_duty([night, tuesday], at(MONDAY + timedelta(days=1), hour), SHANGHAI) for hour in (3, 8)]
    assert found == [[1], [2]]


@given(st.integers(0, 15 * 366 * DAY), st.sampled_from(["UTC", "America/New_York"]))
def test_round_the_clock_somebody_is_always_there(minutes: int, zone: str) -> None:
    """Also when clocks are put forward or back."""
    week = [Entry(1, 0, DAY, weekday=number) for number in range(7)]
    assert on_duty(week, datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes), ZoneInfo(zone)) == [1]
