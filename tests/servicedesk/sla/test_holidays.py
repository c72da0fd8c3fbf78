"""The kept files of official holidays have the form the calendars rely on."""

from __future__ import annotations

from datetime import date

import pytest

from servicedesk.sla.holidays import COUNTRY_OF_ZONE, OfficialYear, official_days, official_years
from servicedesk.sla.policies import OFFICE_HOURS, office_calendar

YEARS = [
    (country, year) for country in sorted(set(COUNTRY_OF_ZONE.values())) for year in official_years(country)
]


@pytest.mark.parametrize(("country", "year"), YEARS)
def test_days_lie_in_their_year_once(country: str, year: OfficialYear) -> None:
    days = [*year.holidays, *year.make_up]
    assert {day.year for day in days} == {year.year}
    assert len(days) == len(set(days))


@pytest.mark.parametrize(("country", "year"), YEARS)
def test_make_up_days_are_weekends(country: str, year: OfficialYear) -> None:
    assert [day for day in year.make_up if day.weekday() < 5] == []


def test_china_has_eleven_to_thirteen_statutory_days_and_pays_for_the_bridges() -> None:
    for year in official_years("cn"):
        off = sum(1 for day in year.holidays if day.weekday() < 5)
        # Since 2025 the law gives 13 days; bridges are worked on weekends, and days that fall on one return.
        assert 9 <= off - len(year.make_up) <= 13, year.year


def test_chinese_sites_know_them_and_others_do_not() -> None:
    assert official_days("Europe/Berlin", OFFICE_HOURS) == {}
    calendar = office_calendar("Asia/Shanghai")
    assert calendar.hours_on(date(2026, 2, 16)) == ()
    assert calendar.hours_on(date(2026, 2, 28)) == OFFICE_HOURS
    assert calendar.hours_on(date(2026, 3, 1)) == ()
    assert calendar.hours_on(date(2026, 3, 2)) == OFFICE_HOURS
