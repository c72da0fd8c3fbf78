"""At which marks of a clock somebody is told, and who, as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

MARKS = (50, 75, 90, 100)  # percent of the time; 100 is a breach
DEFAULT_MARKS = (75, 90, 100)
ASSIGNEE, ASSIGNEE_SUPERVISOR, SUPERVISORS = "assignee", "assignee_supervisor", "supervisors"
URGENT_PRIORITY = 1


class Urgency(Protocol):
    """What of a ticket decides how early its supervisors are told."""

    @property
    def priority(self) -> int: ...

    @property
    def major(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Rule:
    """From ``mark`` percent on these are told; ``urgent_only`` rules are for major faults and priority 1."""

    mark: int
    tell: tuple[str, ...]
    urgent_only: bool = False


RULES = (
    Rule(50, (ASSIGNEE, SUPERVISORS), urgent_only=True),
    Rule(50, (ASSIGNEE,)),
    Rule(75, (ASSIGNEE,)),
    Rule(90, (ASSIGNEE, ASSIGNEE_SUPERVISOR)),
    Rule(100, (ASSIGNEE, ASSIGNEE_SUPERVISOR, SUPERVISORS)),
)


def is_urgent(facts: Urgency) -> bool:
    """A major fault, or the highest priority."""
    return facts.major or facts.priority == URGENT_PRIORITY


def who_is_told(mark: int, facts: Urgency, rules: Iterable[Rule] = RULES) -> tuple[str, ...]:
    """Names of recipients at a mark, each once, in the order of the rules; later marks tell no fewer people.

    Args:
        mark: one of ``MARKS``.
    """
    urgent = is_urgent(facts)
    told = (
        name for rule in rules if rule.mark <= mark and (urgent or not rule.urgent_only) for name in rule.tell
    )
    return tuple(dict.fromkeys(told))


def with_urgent_marks(marks: Iterable[int], facts: Urgency) -> tuple[int, ...]:
    """The marks of a clock in order: what is urgent is told at half of the time whatever the policy says."""
    early = {rule.mark for rule in RULES if rule.urgent_only} if is_urgent(facts) else set()
    return tuple(sorted({*marks, *early, 100}))
