"""What a day counts as, from its runs alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from servicedesk.inspections.days.judging import RunFacts, state_of_day

DAY, NEXT = date(2026, 11, 23), date(2026, 11, 24)
GOOD = RunFacts(1, 1, "Day", True, "complete", 3, 2, 2, 2, DAY)
MISSED = RunFacts(2, 1, "Day", True, "missed", 0, 0, 0, 0, None)


@pytest.mark.parametrize(
    ("change", "then"),
    [
        ({}, "done"),
        ({"inspected_count": 1}, "done"),  # single devices are findings of their own
        ({"signed_on": NEXT}, "late"),
        ({"signed_on": None}, "incomplete"),
        ({"manual_done": 1}, "incomplete"),
        ({"state": "running", "signed_on": None}, "incomplete"),
        ({"inspected_count": 0, "manual_count": 0, "manual_done": 0}, "incomplete"),
        ({"device_count": 0, "inspected_count": 0}, "done"),  # a round of rooms alone
    ],
)
def test_a_day_that_is_over(change: dict[str, object], then: str) -> None:
    assert state_of_day([replace(GOOD, **change)], DAY, NEXT) == then  # type: ignore[arg-type]  # by field


def test_today_is_not_judged_before_it_is_over_but_a_closed_window_is_missed() -> None:
    assert state_of_day([replace(GOOD, signed_on=None)], DAY, DAY) == "pending"
    assert state_of_day([MISSED], DAY, DAY) == "missed"


def test_the_day_is_as_its_worst_run() -> None:
    assert state_of_day([GOOD, replace(GOOD, signed_on=NEXT)], DAY, NEXT) == "late"
    assert state_of_day([GOOD, MISSED], DAY, NEXT) == "missed"


def test_a_missed_run_made_up_for_by_hand_is_late() -> None:
    by_hand = replace(GOOD, id=3, scheduled=False)
    assert state_of_day([MISSED, by_hand], DAY, NEXT) == "late"
    assert state_of_day([MISSED, replace(by_hand, signed_on=None)], DAY, NEXT) == "missed"
    assert state_of_day([MISSED, replace(by_hand, plan_id=9)], DAY, NEXT) == "missed"


def test_what_was_begun_by_hand_alone_makes_no_day_due() -> None:
    assert state_of_day([replace(GOOD, scheduled=False)], DAY, NEXT) == "none"
    assert state_of_day([], DAY, NEXT) == "none"
