"""Utilisation and capacity: weekly medians, where they are going, and when a limit is reached."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from servicedesk.core.sentences import N_
from servicedesk.reports.deep.content import (
    ADVICE,
    ANALYSIS,
    STATE,
    Column,
    Content,
    Drill,
    Row,
    Section,
    Table,
)
from servicedesk.reports.deep.forecast import HORIZON_DAYS, Crossing, Forecast, crossing, predict
from servicedesk.reports.deep.gathering.ground import Ground, Series

CHARTS = 12
AHEAD_DAYS = (0, 30, 61, 91, 122, 152, 183)
FORECAST = "forecast"

CAPACITY_SECTION = Section(
    "capacity",
    _l("Utilisation and capacity"),
    _l(
        "Weekly medians of processor, memory, file system, file handle and UPS use. The trend is the robust "
        "line of Theil and Sen; the interval holds nine tenths. The error is that of the last third of the "
        "weeks, forecast from those before. Where no honest forecast is possible, the reason stands instead."
    ),
    figures=(
        Column("series", _l("Measured quantities"), "count", Drill("all")),
        Column("forecasts", _l("With a forecast"), "count", Drill("all", {"verdict": FORECAST})),
        Column("crossing", _l("Reach their limit within a year"), "count", Drill("crossing")),
    ),
    tables=(
        Table(
            "crossing",
            _l("Reach their limit within a year"),
            (
                Column("device", _l("Device"), "device"),
                Column("check", lazy_pgettext("forecast", "Quantity"), "check"),
                Column("item", lazy_pgettext("inspection", "Of which")),
                Column("now", _l("Now"), "measure"),
                Column("limit", _l("Limit"), "measure"),
                Column("monthly", _l("Change in 30 days"), "measure"),
                Column("earliest", _l("Earliest"), "day"),
                Column("expected", lazy_pgettext("forecast", "Expected"), "day"),
                Column("latest", _l("Latest"), "day"),
                Column("error", _l("Error tried on the past"), "measure"),
            ),
            shown=40,
        ),
        Table(
            "all",
            _l("All measured quantities"),
            (
                Column("device", _l("Device"), "device"),
                Column("check", lazy_pgettext("forecast", "Quantity"), "check"),
                Column("item", lazy_pgettext("inspection", "Of which")),
                Column("weeks", _l("Weeks"), "count"),
                Column("now", _l("Now"), "measure"),
                Column("peak", _l("Highest week"), "measure"),
                Column("limit", _l("Limit"), "measure"),
                Column("monthly", _l("Change in 30 days"), "measure"),
                Column("error", _l("Error tried on the past"), "measure"),
                Column("verdict", _l("Forecast"), "refusal"),
            ),
            shown=0,
        ),
    ),
)


def gather_capacity(ground: Ground) -> Content:
    """Every series is fitted once; only those that matter most are drawn."""
    found = Content()
    drawn: list[tuple[float, int, Series, Forecast]] = []
    rows: list[Row] = []
    crossings: list[Row] = []
    for series in ground.series():
        forecast = predict(series.points)
        rows.append(_row(ground, series, forecast))
        when = _when(series, forecast)
        if when is not None and (when.expected is not None or when.earliest is not None):
            crossings.append(_crossing(ground, series, forecast, when))
            drawn.append((_urgency(when), len(drawn), series, forecast))
            drawn = sorted(drawn, key=lambda one: one[:2])[:CHARTS]
    crossings.sort(key=lambda row: (row[7] or "9", row[6] or "9", row[0], row[2]))
    found.tables = {"all": rows, "crossing": crossings}
    forecasts = sum(row[9] == FORECAST for row in rows)
    found.figures = {"series": len(rows), "forecasts": forecasts, "crossing": len(crossings)}
    found.charts = [_chart(ground, series, forecast) for _when, _n, series, forecast in drawn]
    _say(found, forecasts)
    return found


def _say(found: Content, forecasts: int) -> None:
    rows, crossings = found.tables["all"], found.tables["crossing"]
    if not rows:
        found.empty = N_("No use of processors, memory or file systems was measured in this half-year.")
        return
    found.say(
        STATE,
        N_("%(all)s quantities were measured; for %(count)s of them a forecast can be given."),
        all=len(rows),
        count=forecasts,
    )
    if crossings:
        first = crossings[0]
        found.say(
            ANALYSIS,
            N_("%(count)s may reach their limit within a year, the first is %(name)s %(item)s."),
            count=len(crossings),
            name=first[0][1],
            item=first[2],
        )
        found.say(ADVICE, N_("Enlarge or clean up what reaches its limit before the earliest day given."))


def _urgency(when: Crossing) -> float:
    return when.expected if when.expected is not None else HORIZON_DAYS + (when.earliest or 0.0)


def _when(series: Series, forecast: Forecast) -> Crossing | None:
    """Only rising lines end; a value that stays at its limit is for the findings."""
    if forecast.line is None or series.limit is None or forecast.line.slope <= 0:
        return None
    return crossing(forecast.line, series.points[-1][0], series.limit)


def _name(ground: Ground, series: Series) -> list[Any]:
    return [series.device_id, ground.devices[series.device_id].name]


def _measure(value: float | None, unit: str) -> list[Any] | None:
    return None if value is None else [round(value, 2), unit]


def _row(ground: Ground, series: Series, forecast: Forecast) -> Row:
    values = [value for _day, value in series.points]
    line = forecast.line
    return [
        _name(ground, series),
        series.check,
        series.item,
        len(series.points),
        _measure(values[-1], series.unit),
        _measure(max(values), series.unit),
        _measure(series.limit, series.unit),
        _measure(line.slope * 30 if line else None, series.unit),
        _measure(forecast.error, series.unit),
        forecast.refusal or FORECAST,
    ]


def _crossing(ground: Ground, series: Series, forecast: Forecast, when: Crossing) -> Row:
    def day(days: float | None) -> str | None:
        if days is None:
            return None
        return ground.period.first.fromordinal(
            ground.period.first.toordinal() + int(series.points[-1][0] + days)
        ).isoformat()

    assert forecast.line is not None
    return [
        _name(ground, series),
        series.check,
        series.item,
        _measure(series.points[-1][1], series.unit),
        _measure(series.limit, series.unit),
        _measure(forecast.line.slope * 30, series.unit),
        day(when.earliest),
        day(when.expected),
        day(when.latest),
        _measure(forecast.error, series.unit),
    ]


def _chart(ground: Ground, series: Series, forecast: Forecast) -> dict[str, Any]:
    assert forecast.line is not None
    last = series.points[-1][0]
    return {
        "kind": "line",
        "template": "%(name)s %(item)s",
        "values": {"name": ground.devices[series.device_id].name, "item": series.item},
        "check": series.check,
        "unit": series.unit,
        "first": ground.period.first.isoformat(),
        "points": [[day, value] for day, value in series.points],
        "ahead": [
            [last + days, *(round(value, 3) for value in forecast.line.at(last + days))]
            for days in AHEAD_DAYS
        ],
        "limit": series.limit,
    }
