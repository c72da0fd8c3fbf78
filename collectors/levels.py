"""Which limits a value is judged by, and the judgement itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from collectors.model import LevelRule, Levels, SensorLimits
from collectors.outcome import Outcome, worst

DEVICE_PROVENANCE = "device"
RUNGS = ("contract", "site", "model", "device")  # lowest first, above the product's default


def resolve(
    default: Levels,
    check: str,
    item: str,
    rules: Iterable[LevelRule] = (),
    device: SensorLimits | None = None,
) -> Levels:
    """Climb the ladder from the product's default to the most special rung.

    Rungs, lowest first: default, contract, site, model, device. On one rung a rule for all items ("*")
    comes first, then globs, then the item's very name; of rules alike the later wins. What the device
    itself reports as its limits stands above every rule for all items but those of the device's rung,
    and below every rule that names items. A rule replaces only the numbers it gives. The provenance is
    that of the last one that gave a number.
    """
    matching = [rule for rule in rules if rule.check == check and fnmatchcase(item, rule.item)]
    matching.sort(key=lambda rule: (RUNGS.index(rule.rung), rule.item != "*", rule.item == item))
    reported = _reported_sides(device)
    levels = default if device is None else _apply_device(default, device)
    for rule in matching:
        if rule.direction in reported and rule.item == "*" and rule.rung != "device":
            continue
        levels = _apply(levels, rule)
    return levels


def _reported_sides(device: SensorLimits | None) -> frozenset[str]:
    if device is None:
        return frozenset()
    upper = (device.high_warning, device.high_critical) != (None, None)
    lower = (device.low_warning, device.low_critical) != (None, None)
    return frozenset(side for side, given in (("upper", upper), ("lower", lower)) if given)


def is_back(value: float, levels: Levels) -> bool:
    """Whether a value that was abnormal lies beyond the margin on the normal side of every level."""
    upper = [level for level in (levels.warning_upper, levels.critical_upper) if level is not None]
    lower = [level for level in (levels.warning_lower, levels.critical_lower) if level is not None]
    return (not upper or value < min(upper) - levels.margin) and (
        not lower or value > max(lower) + levels.margin
    )


def _apply(levels: Levels, rule: LevelRule) -> Levels:
    if rule.warning is None and rule.critical is None:
        return levels
    given = {
        f"{name}_{rule.direction}": value
        for name, value in (("warning", rule.warning), ("critical", rule.critical))
        if value is not None
    }
    return replace(levels, provenance=rule.provenance, runs=rule.runs, margin=rule.margin, **given)


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


def judge_value(value: float, levels: Levels) -> Outcome:
    """The worse of both sides, for values whose check is not at hand."""
    return worst((judge_upper(value, levels)[0], judge_lower(value, levels)[0]))
