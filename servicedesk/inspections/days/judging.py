"""How a day of inspection went, from what its runs say. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

# From good to bad; a day is as its worst run.
DONE, PENDING, LATE, INCOMPLETE, MISSED = "done", "pending", "late", "incomplete", "missed"
_ORDER = (DONE, PENDING, LATE, INCOMPLETE, MISSED)
TO_EXPLAIN = (INCOMPLETE, MISSED)
OFF, NONE = "off", "none"  # no working day; a working day on which nothing was due


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a run says. ``signed_on``: the local date of its signature. ``scheduled``: not begun by hand."""

    id: int
    plan_id: int
    name: str
    scheduled: bool
    state: str
    device_count: int
    inspected_count: int
    manual_count: int
    manual_done: int
    signed_on: date | None


def state_of_run(run: RunFacts, day: date, today: date) -> str:
    """One run that took place: done is complete, looked at by hand as asked, and signed on its day.

    Single devices that could not be inspected do not make it incomplete, they are findings of their own;
    none of them inspected does.
    """
    nothing = run.device_count > 0 and run.inspected_count == 0 and run.manual_done == 0
    left = run.state != "complete" or run.signed_on is None or run.manual_done < run.manual_count
    if nothing or left:
        return PENDING if day >= today else INCOMPLETE
    return DONE if run.signed_on is not None and run.signed_on <= day else LATE


def state_of_day(runs: Sequence[RunFacts], day: date, today: date) -> str:
    """The worst of the due runs; one that was missed and made up for by hand on its day is late.

    Returns:
        ``NONE`` when nothing was due.
    """
    worst = NONE
    for run in runs:
        if not run.scheduled:
            continue
        state = state_of_run(run, day, today)
        if run.state == "missed":
            state = _made_up(run, runs, day, today)
        worst = state if worst == NONE else max(worst, state, key=_ORDER.index)
    return worst


def _made_up(missed: RunFacts, runs: Sequence[RunFacts], day: date, today: date) -> str:
    instead = [run for run in runs if not run.scheduled and run.plan_id == missed.plan_id]
    if any(state_of_run(run, day, today) in (DONE, LATE) for run in instead):
        return LATE
    return MISSED
