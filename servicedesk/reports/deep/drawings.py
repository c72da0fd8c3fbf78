"""Stored points as charts: SVG for paper and pages without scripts, columns for a page that draws itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext

from servicedesk.core import charts
from servicedesk.core.filters import message
from servicedesk.inspections.outcomes import check_title


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart with its caption. ``trend``: the same points for a page that draws itself, ``trends.js``."""

    title: str
    svg: str
    trend: Mapping[str, Any] | None = None

    def __html__(self) -> str:
        """For pages: drawn by ``core.charts``, which escapes every word."""
        return self.svg


def draw(chart: Mapping[str, Any]) -> Drawing:
    """Stored points as a drawing."""
    title = message({"template": chart["template"], "values": chart["values"]}).strip()
    if chart.get("check"):
        title = f"{check_title(chart['check'])}: {title}"
    if chart["kind"] == "bars":
        named = [(gettext(name), values) for name, values in chart["series"]]
        return Drawing(title, charts.bar_chart(charts.BarChart(title, chart["labels"], named)))
    first = date.fromisoformat(chart["first"])
    points = [(first + timedelta(days=int(day)), value) for day, value in chart["points"]]
    ahead = [(first + timedelta(days=int(row[0])), row[1], row[2], row[3]) for row in chart["ahead"]]
    line = charts.LineChart(title, chart["unit"], points, ahead, chart["limit"])
    return Drawing(title, charts.line_chart(line), _trend(line))


def _trend(line: charts.LineChart) -> dict[str, Any]:
    """Columns over one axis of days: measured, then lower end, expected and upper end, and the limit.

    The expected goes out from the last measured point, so that both lines meet.
    """
    last = line.points[-1][0]
    days = [*(day for day, _value in line.points), *(row[0] for row in line.ahead if row[0] > last)]
    measured, ahead = dict(line.points), {row[0]: row[1:] for row in line.ahead}
    if line.ahead:
        ahead.setdefault(last, (line.points[-1][1],) * 3)
    low, expected, high = (
        [ahead[day][place] if day in ahead else None for day in days] for place in range(3)
    )
    columns = [
        ("measured", gettext("Measured"), [measured.get(day) for day in days]),
        ("low", gettext("Lower end"), low),
        ("expected", gettext("Forecast value"), expected),
        ("high", gettext("Upper end"), high),
        ("limit", gettext("Limit"), [line.limit] * len(days)),
    ]
    shown = [one for one in columns if any(value is not None for value in one[2])]
    return {
        "unit": line.unit,
        "days": [day.isoformat() for day in days],
        "series": [{"kind": kind, "label": label, "values": values} for kind, label, values in shown],
        "day": gettext("Day"),
    }
