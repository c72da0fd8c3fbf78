"""Working time: what counts, on ordinary days and when the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicedesk.sla.calendar import (
    CalendarError,
    WorkCalendar,
    add_working,
    from_data,
    to_data,
    working_seconds,
)

OFFICE = ((510, 720), (840, 1050))  # 08:30-12:00, 14:00-17:30
NIGHT = ((0, 180), (180, 360), (1200, 1440))  # across the hours in which clocks change
HOLIDAYS = {date(2026, 10, d): () for d in range(1, 8)}
MAKE_UP = {date(2026, 10, 10): OFFICE}
SHANGHAI = WorkCalendar("Asia/Shanghai", (OFFICE,) * 5 + ((), ()), {**HOLIDAYS, **MAKE_UP})
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/Havana", "Australia/Lord_Howe", "UTC")
HOUR = 3600


def at(text: str, zone: str = "Asia/Shanghai") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


calendars = st.one_of(
    st.just(SHANGHAI),
    st.builds(WorkCalendar, timezone=st.sampled_from(ZONES), always=st.just(True)),
    st.builds(
        WorkCalendar,
        timezone=st.sampled_from(ZONES),
        weekly=st.lists(st.sampled_from((OFFICE, NIGHT, ((0, 1440),), ())), min_size=7, max_size=7)
        .filter(any)
        .map(tuple),
        days=st.dictionaries(
            st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.sampled_from((OFFICE, NIGHT, ())), max_size=12
        ),
    ),
)
moments = st.datetimes(
    datetime.fromisoformat("2026-01-01"),
    datetime.fromisoformat("2027-12-31"),
    timezones=st.sampled_from(ZONES).map(ZoneInfo),
)
targets = st.integers(0, 60 * HOUR)


@given(calendars, moments, moments, moments)
def test_the_parts_of_a_stretch_add_up(
    calendar: WorkCalendar, one: datetime, two: datetime, three: datetime
) -> None:
    a, b, c = sorted((one, two, three), key=lambda m: m.astimezone(UTC))
    whole = working_seconds(calendar, a, c)
    assert whole == working_seconds(calendar, a, b) + working_seconds(calendar, b, c)


@given(calendars, moments, targets)
def test_what_was_added_is_what_is_measured(calendar: WorkCalendar, start: datetime, seconds: int) -> None:
    end = add_working(calendar, start, seconds)
    assert working_seconds(calendar, start, end) == seconds
    if seconds:
        assert working_seconds(calendar, start, end - timedelta(seconds=1)) == seconds - 1


@given(calendars, moments, moments)
def test_working_time_is_never_negative_nor_longer_than_time(
    calendar: WorkCalendar, start: datetime, end: datetime
) -> None:
    passed = (end.astimezone(UTC) - start.astimezone(UTC)).total_seconds()
    assert 0 <= working_seconds(calendar, start, end) <= max(0, passed + 1)


@given(st.sampled_from(sorted(HOLIDAYS)), st.integers(0, 86399), st.integers(0, 86399))
def test_holidays_count_nothing(day: date, one: int, two: int) -> None:
    midnight = at(day.isoformat())
    start, end = (midnight + timedelta(seconds=s) for s in sorted((one, two)))
    assert working_seconds(SHANGHAI, start, end) == 0


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(0, 7200), st.integers(0, 7200))
def test_lunch_counts_nothing(day: date, one: int, two: int) -> None:
    noon = at(f"{day}T12:00")
    start, end = (noon + timedelta(seconds=s) for s in sorted((one, two)))
    assert working_seconds(SHANGHAI, start, end) == 0


@given(calendars)
def test_a_stored_calendar_is_the_same_calendar(calendar: WorkCalendar) -> None:
    assert from_data(to_data(calendar)) == calendar


def test_a_working_day_is_seven_hours() -> None:
    assert working_seconds(SHANGHAI, at("2026-11-24"), at("2026-11-25")) == 7 * HOUR


def test_a_make_up_saturday_is_worked() -> None:
    assert working_seconds(SHANGHAI, at("2026-10-10"), at("2026-10-11")) == 7 * HOUR
    assert working_seconds(SHANGHAI, at("2026-10-17"), at("2026-10-18")) == 0


def test_a_target_that_ends_with_the_day_is_due_that_day() -> None:
    assert add_working(SHANGHAI, at("2026-11-24T08:30"), 7 * HOUR) == at("2026-11-24T17:30")


def test_four_hours_reported_on_friday_afternoon_are_due_on_monday() -> None:
    assert add_working(SHANGHAI, at("2026-11-27T16:30"), 4 * HOUR) == at("2026-11-30T11:30")


def test_a_report_in_the_golden_week_is_due_after_it() -> None:
    assert add_working(SHANGHAI, at("2026-10-02T10:00"), HOUR) == at("2026-10-08T09:30")


def test_the_night_the_clocks_go_forward_is_an_hour_shorter() -> None:
    berlin = WorkCalendar("Europe/Berlin", (((0, 1440),),) * 7)
    day = at("2026-03-29", "Europe/Berlin")
    assert working_seconds(berlin, day, at("2026-03-30", "Europe/Berlin")) == 23 * HOUR


def test_the_night_the_clocks_go_back_is_an_hour_longer() -> None:
    berlin = WorkCalendar("Europe/Berlin", (((0, 1440),),) * 7)
    day = at("2026-10-25", "Europe/Berlin")
    assert working_seconds(berlin, day, at("2026-10-26", "Europe/Berlin")) == 25 * HOUR


def test_hours_that_begin_in_the_skipped_hour_begin_after_it() -> None:
    night = WorkCalendar("Europe/Berlin", (((150, 240),),) * 7)  # 02:30-04:00; 02:00-03:00 does not happen
    day = at("2026-03-29", "Europe/Berlin")
    assert working_seconds(night, day, at("2026-03-30", "Europe/Berlin")) == HOUR


def test_an_hour_that_happens_twice_is_not_counted_three_times() -> None:
    night = WorkCalendar("Europe/Berlin", (((60, 150), (150, 240)),) * 7)  # meets at 02:30, which is twice
    day = at("2026-10-25", "Europe/Berlin")
    assert working_seconds(night, day, at("2026-10-26", "Europe/Berlin")) == 4 * HOUR


@pytest.mark.parametrize(
    ("weekly", "reason"),
    [
        ((OFFICE,) * 6, "seven days"),
        (((),) * 7, "at least one day"),
        ((((600, 500),),) * 7, "begin before they end"),
        ((((0, 1441),),) * 7, "within one day"),
        ((((0, 600), (500, 700)),) * 7, "without overlap"),
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused(weekly: tuple[object, ...], reason: str) -> None:
    with pytest.raises(CalendarError, match=reason):
        WorkCalendar("Asia/Shanghai", weekly)  # type: ignore[arg-type]


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(CalendarError, match="no time zone"):
        WorkCalendar("Mars/Olympus", always=True)


@pytest.mark.parametrize(
    "data", [{}, {"timezone": "UTC", "weekly": [[["8", "9"]]] * 7}, {"timezone": "UTC", "weekly": 3}]
)
def test_a_damaged_stored_calendar_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(CalendarError):
        from_data(data)


def test_naive_times_and_negative_targets_are_programming_errors() -> None:
    with pytest.raises(ValueError, match="naive"):
        working_seconds(SHANGHAI, datetime.fromisoformat("2026-01-01"), at("2026-01-02"))
    with pytest.raises(ValueError, match="negative"):
        add_working(SHANGHAI, at("2026-01-01"), -1)


def test_a_calendar_of_closed_days_ends_the_search() -> None:
    one_day = WorkCalendar("UTC", (((0, 1),),) + ((),) * 6)
    with pytest.raises(CalendarError, match="too few"):
        add_working(one_day, at("2026-01-01", "UTC"), 600 * HOUR)
