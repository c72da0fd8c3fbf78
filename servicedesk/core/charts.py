"""Charts as SVG: the same drawing in pages, PDF and Word, readable without colours.

The measured is a line with marks, the expected dashed, the interval a pale band between thin lines, a
limit dotted with its number beside it; bars are told apart by hatching.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import escape

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 12, 26
FONT = "Noto Sans SC, Noto Sans CJK SC, sans-serif"
INK, SOFT, GRID, MAIN, BAND, BAD = "#1d2b2a", "#566664", "#d9e0de", "#17514f", "#d5e4e1", "#a3221d"
HATCHES = ("M0,6 L6,0", "M0,0 L6,6", "M3,0 L3,6")


@dataclass(frozen=True, slots=True)
class LineChart:
    """``points``: day and value. ``ahead``: day, lower end, expected, upper end, from the last point on."""

    title: str
    unit: str
    points: Sequence[tuple[date, float]]
    ahead: Sequence[tuple[date, float, float, float]] = ()
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class BarChart:
    """Groups of bars: ``series`` is a name and one value for each of ``labels``."""

    title: str
    labels: Sequence[str]
    series: Sequence[tuple[str, Sequence[float]]] = field(default=())


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers that span low … high, at least two."""
    largest = max(abs(low), abs(high))
    span = max(high - low, 1e-6, 1e-6 * largest) if high > low else max(largest, 1.0)
    power = 10.0 ** math.floor(math.log10(span / about))
    step = next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= about)
    first, last = math.floor(low / step), math.ceil(high / step)
    last = max(last, first + 1)
    return [round(number * step, 10) for number in range(first, last + 1)]


def line_chart(chart: LineChart) -> str:
    """An SVG document; coordinates are rounded, so that the same data give the same text."""
    highs = [value for _day, value in chart.points] + [row[3] for row in chart.ahead]
    lows = [value for _day, value in chart.points] + [row[1] for row in chart.ahead]
    if chart.limit is not None:
        highs, lows = [*highs, chart.limit], [*lows, chart.limit]
    if chart.unit == "%":
        highs, lows = [min(value, 110.0) for value in highs], [max(value, 0.0) for value in lows]
    marks = ticks(min(lows), max(highs))
    days = [day for day, _value in chart.points] + [row[0] for row in chart.ahead]
    plane = _Plane(min(days), max(days), marks[0], marks[-1])
    parts = [*_value_axis(plane, marks, chart.unit), *_day_axis(plane)]
    if chart.ahead:
        parts += _ahead(plane, chart)
    if chart.limit is not None:
        parts.append(_limit(plane, chart.limit, chart.unit))
    way = " ".join(plane.at(day, value) for day, value in chart.points)
    parts.append(f'<polyline points="{way}" fill="none" stroke="{MAIN}" stroke-width="1.8"/>')
    parts += [_mark(plane, day, value) for day, value in chart.points]
    return _svg(chart.title, parts)


@dataclass(frozen=True, slots=True)
class _Plane:
    first: date
    last: date
    low: float
    high: float

    def x(self, day: date) -> float:
        span = max((self.last - self.first).days, 1)
        return LEFT + (WIDTH - LEFT - RIGHT) * (day - self.first).days / span

    def y(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        return TOP + (HEIGHT - TOP - BOTTOM) * (self.high - inside) / (self.high - self.low)

    def at(self, day: date, value: float) -> str:
        return f"{self.x(day):.1f},{self.y(value):.1f}"


def _text(x: float, y: float, words: str, anchor: str = "middle", colour: str = SOFT) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="{FONT}" font-size="11" fill="{colour}" '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )


def _value_axis(plane: _Plane, marks: Sequence[float], unit: str) -> list[str]:
    parts = []
    for value in marks:
        y = plane.y(value)
        parts.append(
            f'<path d="M{LEFT},{y:.1f} H{WIDTH - RIGHT}" stroke="{GRID}" stroke-width="0.8" fill="none"/>'
        )
        parts.append(_text(LEFT - 6, y + 4, f"{value:g}", "end"))
    if unit:
        parts.append(_text(LEFT + 4, TOP + 8, unit, "start"))
    return parts


def _day_axis(plane: _Plane) -> list[str]:
    """The first of each month, or of each second or third where they are many."""
    months = [date(plane.first.year + number // 12, number % 12 + 1, 1) for number in _months(plane)]
    step = max(1, math.ceil(len(months) / 10))
    base = HEIGHT - BOTTOM
    parts = [f'<path d="M{LEFT},{base} H{WIDTH - RIGHT}" stroke="{INK}" stroke-width="1" fill="none"/>']
    for day in months[::step]:
        x = plane.x(day)
        parts.append(f'<path d="M{x:.1f},{base} v4" stroke="{INK}" stroke-width="1" fill="none"/>')
        if LEFT + 16 <= x <= WIDTH - RIGHT - 16:
            parts.append(_text(x, base + 17, f"{day:%Y-%m}"))
    return parts


def _months(plane: _Plane) -> range:
    begin = plane.first.month - 1 + (1 if plane.first.day > 1 else 0)
    return range(begin, (plane.last.year - plane.first.year) * 12 + plane.last.month)


def _ahead(plane: _Plane, chart: LineChart) -> list[str]:
    upper = [plane.at(row[0], row[3]) for row in chart.ahead]
    lower = [plane.at(row[0], row[1]) for row in chart.ahead]
    middle = " ".join(plane.at(row[0], row[2]) for row in chart.ahead)
    thin = f'fill="none" stroke="{SOFT}" stroke-width="0.7"'
    return [
        f'<polygon points="{" ".join([*upper, *reversed(lower)])}" fill="{BAND}"/>',
        f'<polyline points="{" ".join(upper)}" {thin}/>',
        f'<polyline points="{" ".join(lower)}" {thin}/>',
        f'<polyline points="{middle}" fill="none" stroke="{MAIN}" stroke-width="1.8" '
        'stroke-dasharray="7 4"/>',
    ]


def _limit(plane: _Plane, limit: float, unit: str) -> str:
    y = plane.y(limit)
    line = (
        f'<path d="M{LEFT},{y:.1f} H{WIDTH - RIGHT}" stroke="{BAD}" stroke-width="1.3" '
        'stroke-dasharray="2 3" fill="none"/>'
    )
    below = y + 13 if y < TOP + 14 else y - 4
    return line + _text(WIDTH - RIGHT - 2, below, f"{limit:g} {unit}".strip(), "end", BAD)


def _mark(plane: _Plane, day: date, value: float) -> str:
    return f'<circle cx="{plane.x(day):.1f}" cy="{plane.y(value):.1f}" r="2.2" fill="{MAIN}"/>'


def bar_chart(chart: BarChart) -> str:
    """An SVG document with a legend when there is more than one series."""
    marks = ticks(0.0, max((max(values, default=0.0) for _n, values in chart.series), default=0.0) or 1.0)
    plane = _Plane(date.min, date.min + timedelta(days=1), marks[0], marks[-1])
    base, parts = HEIGHT - BOTTOM, _value_axis(plane, marks, "")
    parts.append(f'<path d="M{LEFT},{base} H{WIDTH - RIGHT}" stroke="{INK}" stroke-width="1" fill="none"/>')
    slot = (WIDTH - LEFT - RIGHT) / max(len(chart.labels), 1)
    wide = min(slot * 0.7 / max(len(chart.series), 1), 40.0)
    for number, label in enumerate(chart.labels):
        middle = LEFT + slot * (number + 0.5)
        parts.append(_text(middle, base + 17, label))
        start = middle - wide * len(chart.series) / 2
        for place, (_name, values) in enumerate(chart.series):
            parts.append(_bar(start + wide * place, wide, plane.y(values[number]), base, place))
    if len(chart.series) > 1:
        parts += _legend([name for name, _values in chart.series])
    hatches = [
        f'<pattern id="hatch{number}" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<rect width="6" height="6" fill="#fff"/><path d="{way}" stroke="{MAIN}" stroke-width="1.4"/>'
        "</pattern>"
        for number, way in enumerate(HATCHES)
    ]
    return _svg(chart.title, [f"<defs>{''.join(hatches)}</defs>", *parts])


def _fill(place: int) -> str:
    return MAIN if place == 0 else f"url(#hatch{(place - 1) % len(HATCHES)})"


def _bar(x: float, wide: float, top: float, base: float, place: int) -> str:
    return (
        f'<rect x="{x:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{base - top:.1f}" '
        f'fill="{_fill(place)}" stroke="{MAIN}" stroke-width="0.8"/>'
    )


def _legend(names: Sequence[str]) -> list[str]:
    parts, x = [], float(WIDTH - RIGHT)
    for place, name in reversed(list(enumerate(names))):
        parts.append(_text(x, TOP + 9, name, "end"))
        x -= sum(11.0 if ord(character) > 0x2E7F else 6.2 for character in name) + 18
        parts.append(
            f'<rect x="{x:.1f}" y="{TOP}" width="12" height="9" fill="{_fill(place)}" stroke="{MAIN}"/>'
        )
        x -= 14
    return parts


def _svg(title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )
