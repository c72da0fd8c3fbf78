"""Where a run stands: a pure function of the runbook and of what was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from servicedesk.runbooks.definition import END, Runbook, Step


class Done(Protocol):
    """What is needed to know of a step that was begun."""

    step: str
    state: str
    answer: str
    accepted_by: str


@dataclass(frozen=True, slots=True)
class Progress:
    """``passed``: steps behind us, in order. ``current``: None at the end. ``ahead``: what may follow.

    ``blocking``: mandatory steps that keep the ticket open: those that were skipped without a
    supervisor's word, the present one, and those that follow unless a decision turns away from them.
    """

    passed: tuple[Step, ...]
    current: Step | None
    ahead: tuple[Step, ...]
    blocking: int

    @property
    def total(self) -> int:
        """How many steps it will be as far as one can see."""
        return len(self.passed) + (self.current is not None) + len(self.ahead)


def progress(runbook: Runbook, done: Iterable[Done]) -> Progress:
    """Walk from the first step along what was answered."""
    records = {record.step: record for record in done}
    passed: list[Step] = []
    at = 0
    while at < len(runbook.steps):
        step = runbook.steps[at]
        record = records.get(step.key)
        if record is None or record.state not in ("done", "skipped"):
            break
        passed.append(step)
        at = _after(runbook, at, record)
    current = runbook.steps[at] if at < len(runbook.steps) else None
    ahead = _straight(runbook, at) if current is not None else ()
    open_steps = (*((current,) if current else ()), *ahead)
    blocking = sum(_unexcused(step, records) for step in passed) + sum(step.mandatory for step in open_steps)
    return Progress(tuple(passed), current, ahead, blocking)


def _after(runbook: Runbook, at: int, record: Done | None) -> int:
    """The index that follows; ``len(steps)`` at the end."""
    step = runbook.steps[at]
    target = step.following
    if step.kind == "decision" and record is not None and record.state == "done":
        chosen = next((option for option in step.options if option.key == record.answer), None)
        target = (chosen.target if chosen else "") or target
    if target == END:
        return len(runbook.steps)
    return next((i for i, other in enumerate(runbook.steps) if other.key == target), at + 1)


def _straight(runbook: Runbook, at: int) -> tuple[Step, ...]:
    """What follows when every open decision goes on with its next step."""
    ahead: list[Step] = []
    at = _after(runbook, at, None)
    while at < len(runbook.steps):
        ahead.append(runbook.steps[at])
        at = _after(runbook, at, None)
    return tuple(ahead)


def _unexcused(step: Step, records: Mapping[str, Done]) -> bool:
    record = records[step.key]
    return step.mandatory and record.state == "skipped" and not record.accepted_by
