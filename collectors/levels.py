"""Which limits a value is judged by, and the judgement itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from collectors.model import LevelRule, Levels, SensorLimits
from collectors.outcome import Outcome

DEVICE_PROVENANCE = "device"


def resolve(
    default: Levels,
    check: str,
    item: str,
    rules: Iterable[LevelRule] = (),
    device: SensorLimits | None = None,
) -> Levels:
    """Climb the ladder from the product's default to the most special rung.

    Rungs, lowest first: default; rules for all items ("*"); the device's own limits; rules that name
    items by a glob; rules that name this very item. Of rules on one rung the later wins. A rule
    replaces only the numbers it gives. The provenance is that of the last rung that gave one.
    """
    matching = [rule for rule in rules if rule.check == check and fnmatchcase(item, rule.item)]
    levels = default
    for rule in (rule for rule in matching if rule.item == "*"):
        levels = _apply(levels, rule)
    if device is not None:
        levels = _apply_device(levels, device)
    for rule in (rule for rule in matching if rule.item not in ("*", item)):
        levels = _apply(levels, rule)
    for rule in (rule for rule in matching if rule.item == item):
        levels = _apply(levels, rule)
    return levels


def _apply(levels: Levels, rule: LevelRule) -> Levels:
    if rule.warning is None and rule.critical is None:
        return levels
    given = {
        f"{name}_{rule.direction}": value
        for name, value in (("warning", rule.warning), ("critical", rule.critical))
        if value is not None
    }
    return replace(levels, provenance=rule.provenance, **given)


def _apply_device(levels: Levels, device: SensorLimits) -> Levels:
    upper = (device.high_warning, device.high_critical)
    lower = (device.low_warning, device.low_critical)
    # A device that gives one limit of a side is not mixed with the other of ours.
    if upper != (None, None):
        levels = replace(
            levels, warning_upper=upper[0], critical_upper=upper[1], provenance=DEVICE_PROVENANCE
        )
    if lower != (None, None):
        levels = replace(
            levels, warning_lower=lower[0], critical_lower=lower[1], provenance=DEVICE_PROVENANCE
        )
    return levels


def judge_upper(value: float, levels: Levels) -> tuple[Outcome, float | None]:
    """A value at or above a level is abnormal. Returns the outcome and the level it reached."""
    if levels.critical_upper is not None and value >= levels.critical_upper:
        return Outcome.CRITICAL, levels.critical_upper
    if levels.warning_upper is not None and value >= levels.warning_upper:
        return Outcome.WARNING, levels.warning_upper
    return Outcome.OK, None


def judge_lower(value: float, levels: Levels) -> tuple[Outcome, float | None]:
    """A value at or below a level is abnormal. Returns the outcome and the level it reached."""
    if levels.critical_lower is not None and value <= levels.critical_lower:
        return Outcome.CRITICAL, levels.critical_lower
    if levels.warning_lower is not None and value <= levels.warning_lower:
        return Outcome.WARNING, levels.warning_lower
    return Outcome.OK, None
