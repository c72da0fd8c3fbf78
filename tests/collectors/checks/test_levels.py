"""Whose number counts, and on which side of it a value lies."""

from __future__ import annotations

import pytest

from collectors.levels import judge_lower, judge_upper, resolve
from collectors.model import LevelRule, Levels, SensorLimits
from collectors.outcome import Outcome

DEFAULT = Levels(warning_upper=80, critical_upper=90)


def rule(provenance: str, item: str = "*", **values: float) -> LevelRule:
    return LevelRule("filesystem_used", provenance, item, **values)  # type: ignore[arg-type]  # by name


def test_without_rules_the_default_counts() -> None:
    assert resolve(DEFAULT, "filesystem_used", "/", ()) == DEFAULT


def test_a_rule_for_another_check_changes_nothing() -> None:
    assert resolve(DEFAULT, "cpu_used", "/", [rule("site", warning=1)]) == DEFAULT


def test_of_two_rules_alike_the_later_wins() -> None:
    levels = resolve(
        DEFAULT, "filesystem_used", "/", [rule("contract", warning=70), rule("site", warning=75)]
    )
    assert (levels.warning_upper, levels.critical_upper, levels.provenance) == (75, 90, "site")


@pytest.mark.parametrize("order", [1, -1])
def test_the_more_special_rule_wins_whatever_the_order(order: int) -> None:
    rules = [rule("site", warning=70), rule("glob", "/data*", warning=95), rule("this", "/data1", warning=98)]
    found = {
        item: resolve(DEFAULT, "filesystem_used", item, rules[::order]).provenance
        for item in ("/", "/data2", "/data1")
    }
    assert found == {"/": "site", "/data2": "glob", "/data1": "this"}


def test_a_rule_without_numbers_leaves_no_trace() -> None:
    assert resolve(DEFAULT, "filesystem_used", "/", [rule("empty")]) == DEFAULT


def test_the_devices_limits_come_before_the_sites() -> None:
    rules = [LevelRule("t", "site", warning=30, critical=40)]
    levels = resolve(Levels(), "t", "cpu", rules, SensorLimits(high_warning=70, high_critical=80))
    assert (levels.warning_upper, levels.critical_upper, levels.provenance) == (70, 80, "device")


def test_one_limit_of_the_device_is_not_mixed_with_ours() -> None:
    levels = resolve(DEFAULT, "t", "cpu", (), SensorLimits(high_critical=70))
    assert (levels.warning_upper, levels.critical_upper) == (None, 70)


def test_a_rule_for_this_very_sensor_comes_before_the_device() -> None:
    rules = [LevelRule("t", "device rule", "cpu", critical=60)]
    levels = resolve(Levels(), "t", "cpu", rules, SensorLimits(high_critical=80))
    assert (levels.critical_upper, levels.provenance) == (60, "device rule")


def test_a_lower_rule_leaves_the_upper_side() -> None:
    levels = resolve(DEFAULT, "t", "x", [LevelRule("t", "site", warning=10, critical=5, direction="lower")])
    assert (levels.warning_lower, levels.critical_lower, levels.warning_upper) == (10, 5, 80)


@pytest.mark.parametrize(
    ("value", "outcome"),
    [(79.9, Outcome.OK), (80, Outcome.WARNING), (89.9, Outcome.WARNING), (90, Outcome.CRITICAL)],
)
def test_reaching_an_upper_level_is_abnormal(value: float, outcome: Outcome) -> None:
    assert judge_upper(value, DEFAULT)[0] is outcome


@pytest.mark.parametrize(
    ("value", "outcome"),
    [(10.1, Outcome.OK), (10, Outcome.WARNING), (5.1, Outcome.WARNING), (5, Outcome.CRITICAL)],
)
def test_reaching_a_lower_level_is_abnormal(value: float, outcome: Outcome) -> None:
    assert judge_lower(value, Levels(warning_lower=10, critical_lower=5))[0] is outcome
