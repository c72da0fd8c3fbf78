"""What a check is: a title, a standard, the facts it needs, default levels and a pure function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from math import isfinite

from collectors import levels as ladder
from collectors.messages import N_
from collectors.model import DeviceFacts, Evidence, Finding, Levels, Message, SensorLimits, Target
from collectors.outcome import Outcome

NO_LEVELS = Levels()
# The standard of checks whose limits are the device's: it is said with the numbers once they are known.
WITHIN_LIMITS = N_("Within the device's limits, else the site's")
# Own checks: what they expect besides limits stands in their definition.
AS_DEFINED = N_("As its definition says")
WEB_AS_DEFINED = N_("Answers in time with the status and the text of its definition")
_BY_LIMITS = frozenset({WITHIN_LIMITS, AS_DEFINED, WEB_AS_DEFINED})
# Devices without a processor or memory of their own worth judging; the words are the equipment domain's.
POWER_AND_CLIMATE = frozenset({"ups", "pdu", "air_conditioner", "environment", "audio_video"})


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """One entry of the catalogue.

    ``title`` and ``standard`` are message templates; the standard may use ``%(warning)s`` and
    ``%(critical)s``. ``facts``: names of the facts it needs; a failure of any of them is a finding
    of this check. ``empty``: what it means that the fact was asked and holds nothing.
    ``quiet``: one of several checks of the same fact, which leaves it to the others to say that the
    fact failed or is empty.
    ``never_on``: classes of devices that have nothing of the kind, so that nothing is what one expects.
    ``lists_abnormal``: items appear only while they are abnormal, so one that is gone is normal again.
    """

    name: str
    title: str
    standard: str
    facts: tuple[str, ...]
    run: Callable[[Context], Iterable[Finding]] = field(repr=False)
    unit: str = ""
    levels: Levels = NO_LEVELS
    empty: Outcome = Outcome.NOT_APPLICABLE
    version: int = 1
    quiet: bool = False
    lists_abnormal: bool = False
    never_on: frozenset[str] = frozenset()

    @property
    def by_limits(self) -> bool:
        """Whether the standard is the limits that were used, on either side; without any, its words."""
        return self.standard in _BY_LIMITS

    def standard_messages(self, levels: Levels | None = None) -> tuple[Message, ...]:
        """The standard (评估标准) with the numbers that were used; several are joined when they are shown."""
        used = levels or self.levels
        if self.by_limits:
            return _limits(used, self.unit) if levels is not None else (Message(self.standard),)
        warning = used.warning_upper if used.warning_upper is not None else used.warning_lower
        critical = used.critical_upper if used.critical_upper is not None else used.critical_lower
        return (Message(self.standard, {"warning": number(warning), "critical": number(critical)}),)


# Both numbers, the warning alone, the critical one alone.
_UPPER = (
    N_("Below %(warning)s; critical from %(critical)s"),
    N_("Below %(warning)s"),
    N_("Critical from %(critical)s"),
)
_LOWER = (
    N_("Above %(warning)s; critical at %(critical)s and below"),
    N_("Above %(warning)s"),
    N_("Critical at %(critical)s and below"),
)


def _limits(levels: Levels, unit: str) -> tuple[Message, ...]:
    sides = (
        (_LOWER, levels.warning_lower, levels.critical_lower),
        (_UPPER, levels.warning_upper, levels.critical_upper),
    )
    found = []
    for templates, warning, critical in sides:
        values = {"warning": with_unit(warning, unit), "critical": with_unit(critical, unit)}
        if warning is not None and critical is not None:
            found.append(Message(templates[0], values))
        elif warning is not None:
            found.append(Message(templates[1], values))
        elif critical is not None:
            found.append(Message(templates[2], values))
    return tuple(found) or (Message(N_("No limit is known: the value is only recorded")),)


_WHOLE_FROM = 1e6  # six digits are shown; of more, all before the point


def number(value: float | None) -> str:
    """A number as people write it, never with an exponent; a missing one is a dash."""
    if value is None:
        return "–"
    if not isfinite(value) or abs(value) >= _WHOLE_FROM:
        return f"{value:.0f}"
    return format(Decimal(f"{value:.6g}"), "f")


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a check may look at."""

    spec: CheckSpec
    facts: DeviceFacts
    target: Target
    observed_at: datetime

    def fact(self, name: str) -> object:
        return self.facts.extra.get(name)

    def levels(self, item: str, device: SensorLimits | None = None, default: Levels | None = None) -> Levels:
        lowest = default if default is not None else self.spec.levels
        return ladder.resolve(lowest, self.spec.name, item, self.target.levels, device)

    def judge_upper(
        self, item: str, value: float, *, evidence: Evidence | None = None, levels: Levels | None = None
    ) -> Finding:
        """A finding for a value that must stay below its levels."""
        used = levels or self.levels(item)
        outcome, level = ladder.judge_upper(value, used)
        return self._number(item, value, outcome, level, used, _REACHED[outcome], evidence)

    def judge_lower(
        self, item: str, value: float, *, evidence: Evidence | None = None, levels: Levels | None = None
    ) -> Finding:
        """A finding for a value that must stay above its levels."""
        used = levels or self.levels(item)
        outcome, level = ladder.judge_lower(value, used)
        return self._number(item, value, outcome, level, used, _FALLEN[outcome], evidence)

    def judge_both(
        self, item: str, value: float, *, evidence: Evidence | None = None, levels: Levels | None = None
    ) -> Finding:
        """A finding for a value that must stay between its levels."""
        used = levels or self.levels(item)
        high, low = ladder.judge_upper(value, used), ladder.judge_lower(value, used)
        if low[0] is Outcome.CRITICAL or (low[0] is Outcome.WARNING and high[0] is Outcome.OK):
            return self._number(item, value, low[0], low[1], used, _FALLEN[low[0]], evidence)
        return self._number(item, value, high[0], high[1], used, _REACHED[high[0]], evidence)

    def _number(
        self,
        item: str,
        value: float,
        outcome: Outcome,
        level: float | None,
        levels: Levels,
        template: str,
        evidence: Evidence | None,
    ) -> Finding:
        unit = self.spec.unit
        limits = (levels.warning_upper, levels.critical_upper, levels.warning_lower, levels.critical_lower)
        if limits == (None, None, None, None):
            template = _NO_LEVEL
        shown = {"value": with_unit(round(value, 3), unit), "level": with_unit(level, unit)}
        return Finding(
            self.spec.name,
            item,
            outcome,
            Message(template, shown),
            value,
            unit,
            levels,
            evidence,
            self.spec.version,
        )

    def state(
        self,
        item: str,
        outcome: Outcome,
        template: str,
        values: Mapping[str, str | float | int] | None = None,
        *,
        value: float | None = None,
        evidence: Evidence | None = None,
    ) -> Finding:
        """A finding that is not a comparison of numbers."""
        message = Message(template, values or {})
        return Finding(
            self.spec.name,
            item,
            outcome,
            message,
            value,
            self.spec.unit if value is not None else "",
            None,
            evidence,
            self.spec.version,
        )


def with_unit(value: float | None, unit: str) -> str:
    """A number with its unit as people write it."""
    return f"{number(value)} {unit}".rstrip()


_NORMAL = "%(value)s"
_NO_LEVEL = N_("%(value)s; no level is set")
_REACHED = {
    Outcome.OK: _NORMAL,
    Outcome.WARNING: N_("%(value)s: at or above the warning level %(level)s"),
    Outcome.CRITICAL: N_("%(value)s: at or above the critical level %(level)s"),
}
_FALLEN = {
    Outcome.OK: _NORMAL,
    Outcome.WARNING: N_("%(value)s: at or below the warning level %(level)s"),
    Outcome.CRITICAL: N_("%(value)s: at or below the critical level %(level)s"),
}


def limits_sentence(outcome: Outcome, shown: str) -> Message:
    """A number's sentence where it is not said which of the levels was reached."""
    return Message(_SIMPLY[outcome], {"value": shown})


_SIMPLY = {
    Outcome.OK: _NORMAL,
    Outcome.WARNING: N_("%(value)s: beyond the warning level"),
    Outcome.CRITICAL: N_("%(value)s: beyond the critical level"),
}
