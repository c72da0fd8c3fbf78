"""Forecasts: right where there is a trend, and silent where nothing can be said honestly."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicedesk.reports.deep.forecast import (
    JUMP,
    NO_TREND,
    REFUSALS,
    TOO_FEW,
    TOO_SHORT,
    Point,
    crossing,
    fit,
    predict,
)

WEEKS = 26


def weekly(value: Callable[[int], float], count: int = WEEKS) -> list[Point]:
    return [(7.0 * week, float(value(week))) for week in range(count)]


def noise(seed: int, size: float) -> list[float]:
    dice = random.Random(seed)
    return [dice.uniform(-size, size) for _ in range(WEEKS)]


def test_a_filling_disk_crosses_its_limit_when_the_line_says() -> None:
    shaken = noise(1, 0.5)
    points = weekly(lambda week: 50 + week + shaken[week])  # one percent a week
    found = predict(points)
    assert found.refusal == ""
    assert found.line is not None
    assert found.error is not None
    assert found.error < 1
    when = crossing(found.line, points[-1][0], 90.0)
    assert when.earliest is not None
    assert when.expected is not None
    assert when.latest is not None
    assert when.expected == pytest.approx(15 * 7, rel=0.1)
    assert when.earliest < when.expected < when.latest


@pytest.mark.parametrize(
    ("points", "refusal"),
    [
        ([], TOO_FEW),
        (weekly(lambda week: week, 7), TOO_FEW),
        ([(float(day), float(day)) for day in range(20)], TOO_SHORT),
        (weekly(lambda _week: 42), NO_TREND),
        (weekly(lambda week: noise(3, 5)[week] + 40), NO_TREND),
        (weekly(lambda week: 60 + week if week < 14 else 30 + week), JUMP),  # somebody cleaned it up
        (weekly(lambda week: 20 if week < 10 else 70), JUMP),
    ],
)
def test_what_cannot_be_said_is_refused_by_name(points: list[Point], refusal: str) -> None:
    found = predict(points)
    assert (found.refusal, found.line) == (refusal, None)
    assert refusal in REFUSALS


def test_one_odd_week_is_neither_a_jump_nor_a_trend_of_its_own() -> None:
    calm = predict(weekly(lambda week: 40 + week * 0.8))
    odd = predict(weekly(lambda week: 40 + week * 0.8 + (45 if week == 12 else 0)))
    assert calm.line is not None
    assert odd.line is not None
    assert odd.line.slope == pytest.approx(calm.line.slope, rel=0.05)


def test_a_trend_that_turned_is_worse_than_no_change_and_refused() -> None:
    points = weekly(lambda week: 30 + 2 * week if week < 17 else 64 - 0.2 * (week - 17))
    assert predict(points).refusal == "unreliable"


def test_a_falling_value_never_crosses_and_a_full_one_has() -> None:
    falling = fit(weekly(lambda week: 80 - week))
    assert crossing(falling, 175.0, 90.0).expected is None
    full = fit(weekly(lambda week: 80 + week))
    assert crossing(full, 175.0, 90.0).expected == 0.0


SLOPES = st.floats(0.3, 3.0)
LEVELS = st.floats(5.0, 60.0)


@given(SLOPES, LEVELS, st.integers(0, 10_000))
def test_the_true_slope_lies_in_the_interval_and_the_truth_in_the_band(
    slope: float, level: float, seed: int
) -> None:
    shaken = noise(seed, 0.01)
    line = fit(weekly(lambda week: level + slope * week + shaken[week]))
    assert line.slope_low <= line.slope <= line.slope_high
    assert line.slope == pytest.approx(slope / 7, abs=0.001)
    low, middle, high = line.at(300.0)
    assert low <= middle <= high


@given(st.lists(st.floats(-1e6, 1e6), min_size=8, max_size=40), st.floats(-1e5, 1e5), st.floats(0.01, 100.0))
def test_whatever_is_measured_there_is_an_answer(values: list[float], shift: float, scale: float) -> None:
    points = [(7.0 * week, value) for week, value in enumerate(values)]
    found = predict(points)
    assert (found.line is None) == bool(found.refusal)
    if found.line is not None:
        assert all(math.isfinite(value) for value in found.line.at(500.0))
    moved = fit([(day, value * scale + shift) for day, value in points])
    assert moved.slope == pytest.approx(fit(points).slope * scale, rel=1e-4, abs=1e-3)


@given(SLOPES, LEVELS, st.floats(61.0, 100.0))
def test_a_higher_limit_is_never_reached_earlier(slope: float, level: float, limit: float) -> None:
    line = fit(weekly(lambda week: level + slope * week))
    nearer, farther = (crossing(line, 175.0, value, 1e9).expected for value in (limit, limit + 5))
    assert nearer is not None
    assert farther is not None
    assert nearer <= farther
