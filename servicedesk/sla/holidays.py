"""Official holidays that come with the product, one data file a country."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from servicedesk.sla.calendar import Hours

DATA = Path(__file__).parent / "data"
COUNTRY_OF_ZONE = {"Asia/Shanghai": "cn", "Asia/Urumqi": "cn"}


@dataclass(frozen=True, slots=True)
class OfficialYear:
    """Days off, and days of the weekend that are worked instead."""

    year: int
    holidays: tuple[date, ...]
    make_up: tuple[date, ...]


@cache
def official_years(country: str) -> tuple[OfficialYear, ...]:
    """All years we know of a country, in order."""
    data = tomllib.loads((DATA / f"{country}.toml").read_text(encoding="utf-8"))
    return tuple(
        OfficialYear(
            year=entry["year"],
            holidays=tuple(day for first, last in entry["holidays"] for day in _days(first, last)),
            make_up=tuple(date.fromisoformat(day) for day in entry["make_up"]),
        )
        for entry in data["year"]
    )


def _days(first: str, last: str) -> list[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def official_days(timezone: str, working_hours: Hours) -> dict[date, Hours]:
    """The special days of a zone's country: holidays without hours, make-up days with the usual ones."""
    country = COUNTRY_OF_ZONE.get(timezone)
    days: dict[date, Hours] = {}
    for year in official_years(country) if country else ():
        days |= dict.fromkeys(year.holidays, ())
        days |= dict.fromkeys(year.make_up, working_hours)
    return days
