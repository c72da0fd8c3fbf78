"""Where a measured quantity is going, with an interval and an error that was tried on the past. Pure.

A robust line (Theil 1950, Sen 1968) through medians; the interval of its slope is Sen's, from Kendall's
statistic; that of values adds the spread about the line. What cannot be said honestly is refused by name.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

MIN_POINTS = 8
MIN_SPAN_DAYS = 49.0
HORIZON_DAYS = 366.0
Z90 = 1.645  # both sides together leave out a tenth
JUMP_SPREADS = 6.0
JUMP_SHARE = 0.25  # of the whole range
FLOOR_SHARE = 0.005  # of the largest value: finer differences are the rounding of devices

TOO_FEW, TOO_SHORT, JUMP, NO_TREND, UNRELIABLE = "too_few", "too_short", "jump", "no_trend", "unreliable"
REFUSALS: dict[str, LazyString] = {
    TOO_FEW: _l("Insufficient data: too few weeks with readings"),
    TOO_SHORT: _l("Insufficient data: the readings cover too short a time"),
    JUMP: _l("No forecast: the values jumped, for instance since something was cleaned up or enlarged"),
    NO_TREND: _l("Steady: no trend beyond the usual ups and downs"),
    UNRELIABLE: _l("No forecast: tried on the past, it was worse than assuming no change"),
}

Point = tuple[float, float]  # day, value


@dataclass(frozen=True, slots=True)
class Line:
    """``value(day) = level + slope * (day - middle)``; slopes per day, all in the unit of the values."""

    middle: float
    level: float
    slope: float
    slope_low: float
    slope_high: float
    spread: float  # nine tenths of the points lie closer to the line

    def at(self, day: float) -> tuple[float, float, float]:
        """The lower end of the interval, the line and the upper end on a day."""
        away = day - self.middle
        ends = (self.slope_low * away, self.slope_high * away)
        return (
            self.level + min(ends) - self.spread,
            self.level + self.slope * away,
            self.level + max(ends) + self.spread,
        )


@dataclass(frozen=True, slots=True)
class Crossing:
    """Days after the last point until an upper limit is reached; None: not within the horizon."""

    earliest: float | None
    expected: float | None
    latest: float | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """``refusal`` is empty or one of ``REFUSALS``; then there is no line.

    ``error``: mean absolute error of the last third when only what came before it is known.
    """

    refusal: str
    line: Line | None = None
    error: float | None = None


def predict(points: Sequence[Point]) -> Forecast:
    """Fit and try a line.

    Args:
        points: day and value in the order of days, one for each week at most.
    """
    if len(points) < MIN_POINTS:
        return Forecast(TOO_FEW)
    if points[-1][0] - points[0][0] < MIN_SPAN_DAYS:
        return Forecast(TOO_SHORT)
    if jumps(points):
        return Forecast(JUMP)
    line = fit(points)
    change = abs(line.slope) * (points[-1][0] - points[0][0])
    if line.slope_low <= 0 <= line.slope_high or change <= max(line.spread, _floor(points)):
        return Forecast(NO_TREND)
    error, naive = back_test(points)
    if error > naive + _floor(points):
        return Forecast(UNRELIABLE, error=error)
    return Forecast("", line, error)


def fit(points: Sequence[Point]) -> Line:
    """The robust line through at least three points of different days."""
    slopes = sorted(
        (second[1] - first[1]) / (second[0] - first[0])
        for number, first in enumerate(points)
        for second in points[number + 1 :]
    )
    slope = _middle(slopes)
    low, high = _slope_interval(slopes, len(points))
    middle = (points[0][0] + points[-1][0]) / 2
    level = median(value - slope * (day - middle) for day, value in points)
    away = sorted(abs(value - level - slope * (day - middle)) for day, value in points)
    spread = away[min(len(away) - 1, math.ceil(0.9 * len(away)) - 1)]
    return Line(middle, level, slope, low, high, spread)


def _middle(ordered: Sequence[float]) -> float:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _slope_interval(slopes: Sequence[float], count: int) -> tuple[float, float]:
    """Sen's interval: the slopes that lie as far from the middle as chance alone would bring them."""
    reach = Z90 * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    lower = math.floor((len(slopes) - reach) / 2)
    upper = math.ceil((len(slopes) + reach) / 2)
    return slopes[max(lower, 0)], slopes[min(upper, len(slopes) - 1)]


def _floor(points: Sequence[Point]) -> float:
    return FLOOR_SHARE * max(abs(value) for _day, value in points)


def jumps(points: Sequence[Point]) -> bool:
    """Whether one step stands out so far that the values before and after belong to different stories."""
    steps = [after[1] - before[1] for before, after in pairwise(points)]
    usual = median(steps)
    spread = 1.4826 * median(abs(step - usual) for step in steps)
    values = [value for _day, value in points]
    least = JUMP_SHARE * (max(values) - min(values))
    far = max(JUMP_SPREADS * max(spread, _floor(points)), least)
    lasting = (
        number
        for number, step in enumerate(steps, 1)
        if abs(step - usual) > far and _stays(values, number, abs(step - usual))
    )
    return next(lasting, None) is not None


def _stays(values: Sequence[float], number: int, size: float) -> bool:
    """Whether the new height is kept; a single odd week is no jump."""
    before, after = values[max(0, number - 3) : number], values[number : number + 3]
    return abs(median(after) - median(before)) > size / 2


def back_test(points: Sequence[Point]) -> tuple[float, float]:
    """Mean absolute error over the last third: of the line of what came before, and of "no change"."""
    known = max(3, 2 * len(points) // 3)
    line, last = fit(points[:known]), median(value for _day, value in points[known - 3 : known])
    later = points[known:]
    return (
        sum(abs(line.at(day)[1] - value) for day, value in later) / len(later),
        sum(abs(last - value) for _day, value in later) / len(later),
    )


def crossing(line: Line, last_day: float, limit: float, horizon: float = HORIZON_DAYS) -> Crossing:
    """When the interval's upper end, the line, and its lower end reach an upper limit.

    Zero: it is reached already. The lower end may never reach it: then it is not said when at the latest.
    """
    low, mid, high = (_reached(line, which, last_day, limit, horizon) for which in range(3))
    return Crossing(earliest=high, expected=mid, latest=low)


def _reached(line: Line, which: int, last_day: float, limit: float, horizon: float) -> float | None:
    """Each end is straight after the last day, so two of its points say where it crosses."""
    here, there = line.at(last_day)[which], line.at(last_day + 1)[which]
    if here >= limit:
        return 0.0
    step = there - here
    if step <= 0:
        return None
    days = (limit - here) / step
    return days if days <= horizon else None
