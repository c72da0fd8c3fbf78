"""When something is due again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from servicedesk.maintenance.rhythm import Rhythm, parse_dates


def days(rhythm: Rhythm, first: date, last: date) -> list[str]:
    return [day.isoformat() for day in rhythm.between(first, last)]


def test_days_and_weeks_are_counted_from_the_first_day() -> None:
    first = date(2026, 1, 5)
    assert days(Rhythm("day", 10, first), date(2026, 1, 1), date(2026, 1, 31)) == [
        "2026-01-05",
        "2026-01-15",
        "2026-01-25",
    ]
    assert days(Rhythm("week", 2, first), date(2026, 1, 6), date(2026, 2, 2)) == ["2026-01-19", "2026-02-02"]


def test_the_31st_of_a_shorter_month_is_its_last_day_and_comes_back() -> None:
    found = days(Rhythm("month", 1, date(2026, 1, 31)), date(2026, 2, 1), date(2026, 5, 31))
    assert found == ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]
    assert days(Rhythm("month", 6, date(2025, 8, 31)), date(2026, 1, 1), date(2028, 2, 29)) == [
        "2026-02-28",
        "2026-08-31",
        "2027-02-28",
        "2027-08-31",
        "2028-02-29",
    ]


def test_fixed_dates_come_each_year() -> None:
    rhythm = Rhythm("dates", 1, date(2026, 3, 20), parse_dates("09-15, 03-15;02-29"))
    assert days(rhythm, date(2026, 1, 1), date(2028, 3, 1)) == [
        "2026-09-15",
        "2027-02-28",
        "2027-03-15",
        "2027-09-15",
        "2028-02-29",
    ]


@pytest.mark.parametrize("unit", ["day", "week", "month", "dates"])
@pytest.mark.parametrize("every", [1, 3, 7, 366])
def test_the_next_day_is_the_first_that_lies_behind(unit: str, every: int) -> None:
    rhythm = Rhythm(unit, every, date(2024, 1, 31), ((2, 29), (12, 31)))
    all_days = rhythm.between(date(2024, 1, 1), date(2034, 1, 1))
    for number in range(0, 3000, 37):
        day = date(2024, 1, 1) + timedelta(days=number)
        behind = [one for one in all_days if one > day]
        if behind:
            assert rhythm.due_after(day) == behind[0]
    assert all_days == sorted(set(all_days))


@pytest.mark.parametrize("text", ["", "13-01", "02-30", "3-15", "03-15 x", "2026-03-15", "03-15\x00"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_dates(text)
