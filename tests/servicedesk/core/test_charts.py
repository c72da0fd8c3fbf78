"""Charts: well-formed whatever the data, inert whatever the words, the same text for the same data."""

from __future__ import annotations

import re
from datetime import date, timedelta
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from servicedesk.core.charts import HEIGHT, BarChart, LineChart, bar_chart, line_chart, ticks

DAY = date(2026, 7, 1)
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
VALUES = st.floats(-1e9, 1e9)


def drawn(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


@given(WORDS, st.lists(VALUES, min_size=1, max_size=30), st.none() | VALUES)
def test_any_line_is_a_drawing_inside_its_frame(title: str, values: list[float], limit: float | None) -> None:
    points = [(DAY + timedelta(days=7 * number), value) for number, value in enumerate(values)]
    last = points[-1][0]
    ahead = [(last + timedelta(days=step), -1.0, 0.0, 1.0) for step in (0, 90)]
    chart = LineChart(title, "%", points, ahead, limit)
    root = drawn(line_chart(chart))
    marks = root.findall("{http://www.w3.org/2000/svg}circle")
    assert len(marks) == len(values)
    assert all(0 <= float(mark.attrib["cy"]) <= HEIGHT for mark in marks)
    assert line_chart(chart) == line_chart(chart)


@given(st.lists(st.tuples(WORDS, st.floats(0, 1e6), st.floats(0, 1e6)), min_size=1, max_size=12))
def test_bars_are_told_apart_without_colour(rows: list[tuple[str, float, float]]) -> None:
    labels = [row[0] for row in rows]
    chart = BarChart("x", labels, [("new", [row[1] for row in rows]), ("closed", [row[2] for row in rows])])
    svg = bar_chart(chart)
    drawn(svg)
    assert svg.count("url(#hatch0)") == len(rows) + 1  # and once in the legend


def test_words_are_no_markup() -> None:
    svg = line_chart(LineChart("<script>alert(1)</script>", '"><b>', [(DAY, 1.0)]))
    assert "<script" not in svg
    assert "<b>" not in svg


@given(VALUES, st.floats(0, 1e9))
def test_ticks_are_round_and_span_everything(low: float, span: float) -> None:
    found = ticks(low, low + span)
    assert 2 <= len(found) <= 8
    assert found == sorted(found)


def test_a_forecast_is_dashed_and_the_limit_named() -> None:
    ahead = [(DAY + timedelta(days=7), 60.0, 62.0, 64.0), (DAY + timedelta(days=97), 70.0, 80.0, 90.0)]
    svg = line_chart(LineChart("disk", "%", [(DAY, 60.0)], ahead, 85.0))
    assert re.search(r'stroke-dasharray="7 4"', svg)
    assert ">85 %</text>" in svg
