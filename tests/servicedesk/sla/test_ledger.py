"""What a clock shows: running, paused, corrected, reopened."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from servicedesk.sla.calendar import add_working, working_seconds
from servicedesk.sla.ledger import GRACE_S, REOPENED, Stretch, read_clock
from tests.servicedesk.sla.test_calendar import HOUR, SHANGHAI, at

MONDAY = at("2026-11-23T08:30")
minutes = st.integers(0, 14 * 24 * 60)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Stretch], datetime]:
    """Stretches one after the other as tickets make them, the last one open; and a later moment."""
    edges = sorted(draw(st.sets(minutes, min_size=2, max_size=8)))
    moments = [MONDAY + timedelta(minutes=m) for m in edges]
    runs = draw(st.lists(st.booleans(), min_size=len(moments), max_size=len(moments)))
    closed = [Stretch(a, b, run) for (a, b), run in zip(pairwise(moments), runs, strict=False)]
    return [*closed, Stretch(moments[-1], None, runs[-1])], moments[-1] + timedelta(minutes=draw(minutes))


@given(histories())
def test_elapsed_is_the_sum_of_the_running_stretches(history: tuple[list[Stretch], datetime]) -> None:
    stretches, now = history
    expected = sum(
        working_seconds(SHANGHAI, s.from_at, min(s.to_at or now, now)) for s in stretches if s.running
    )
    assert read_clock(stretches, SHANGHAI, 8 * HOUR, now).elapsed_s == expected


@given(histories(), minutes, st.integers(1, 600))
def test_a_pause_never_makes_it_due_earlier(
    history: tuple[list[Stretch], datetime], start: int, length: int
) -> None:
    stretches, now = history
    begin = MONDAY + timedelta(minutes=start)
    pause = Stretch(begin, begin + timedelta(minutes=length), running=False)
    without, paused = (read_clock(s, SHANGHAI, 40 * HOUR, now) for s in (stretches, [*stretches, pause]))
    assert paused.elapsed_s <= without.elapsed_s
    if paused.due_at and without.due_at:
        assert paused.due_at >= without.due_at


@given(histories(), st.lists(st.tuples(minutes, minutes), max_size=3), st.randoms(use_true_random=False))
def test_the_order_of_corrections_does_not_matter(
    history: tuple[list[Stretch], datetime], spans: list[tuple[int, int]], random: st.DataObject
) -> None:
    stretches, now = history
    corrections = [
        Stretch(MONDAY + timedelta(minutes=a), MONDAY + timedelta(minutes=b), running=False)
        for a, b in map(sorted, spans)
    ]
    together = [*stretches, *corrections]
    shuffled = list(together)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert read_clock(shuffled, SHANGHAI, 8 * HOUR, now) == read_clock(together, SHANGHAI, 8 * HOUR, now)


@given(st.integers(0, 120), st.integers(0, 120), st.integers(1, 60 * HOUR))
def test_a_pause_over_lunch_eats_nothing(one: int, two: int, target: int) -> None:
    start, end = (at("2026-11-24T12:00") + timedelta(minutes=m) for m in sorted((one, two)))
    ran = [Stretch(MONDAY, None, running=True)]
    paused = [
        Stretch(MONDAY, start, running=True),
        Stretch(start, end, running=False, reason="waiting"),
        Stretch(end, None, running=True),
    ]
    now = at("2026-11-26T10:00")
    assert read_clock(paused, SHANGHAI, target, now) == read_clock(ran, SHANGHAI, target, now)


@given(histories(), st.integers(60, 20 * HOUR))
def test_what_is_due_and_what_is_left_agree(history: tuple[list[Stretch], datetime], target: int) -> None:
    stretches, now = history
    reading = read_clock(stretches, SHANGHAI, target, now)
    assert reading.remaining_s == max(0, target - reading.elapsed_s)
    assert (reading.level == 100) == (reading.elapsed_s >= target)
    if reading.running and reading.late_since is None:
        assert reading.due_at == add_working(SHANGHAI, now, reading.remaining_s)
    if reading.late_since is not None:
        at_that_moment = read_clock(stretches, SHANGHAI, target, reading.late_since)
        assert at_that_moment.elapsed_s == target


def test_a_paused_clock_is_not_due() -> None:
    stretches = [
        Stretch(MONDAY, MONDAY + timedelta(hours=1), True),
        Stretch(MONDAY + timedelta(hours=1), None, False),
    ]
    reading = read_clock(stretches, SHANGHAI, 4 * HOUR, at("2026-12-20T10:00"))
    assert (reading.due_at, reading.elapsed_s, reading.level) == (None, HOUR, 0)


def test_levels_rise_with_the_time_used() -> None:
    ran = [Stretch(MONDAY, None, True)]
    shown = [
        read_clock(ran, SHANGHAI, 2 * HOUR, MONDAY + timedelta(minutes=m)).level
        for m in (59, 60, 90, 108, 120)
    ]
    assert shown == [0, 50, 75, 90, 100]


def test_two_entries_for_the_same_time_count_once() -> None:
    twice = [Stretch(MONDAY, None, True), Stretch(MONDAY, None, True)]
    assert read_clock(twice, SHANGHAI, 8 * HOUR, MONDAY + timedelta(hours=1)).elapsed_s == HOUR


def reopened(after_minutes: int) -> list[Stretch]:
    """Two hours promised, resolved after so long, reopened an hour later."""
    resolved = MONDAY + timedelta(minutes=after_minutes)
    again = resolved + timedelta(hours=1)
    return [
        Stretch(MONDAY, resolved, True),
        Stretch(resolved, again, False, "resolved"),
        Stretch(again, None, True, REOPENED),
    ]


@given(st.integers(0, 119))
def test_a_reopening_never_breaches_at_once(after_minutes: int) -> None:
    history = reopened(after_minutes)
    again = history[-1].from_at
    reading = read_clock(history, SHANGHAI, 2 * HOUR, again)
    assert reading.level < 100
    assert reading.remaining_s >= min(GRACE_S, 2 * HOUR - after_minutes * 60)
    assert reading.remaining_s >= GRACE_S
    late = add_working(SHANGHAI, again, reading.remaining_s)
    assert read_clock(history, SHANGHAI, 2 * HOUR, late).level == 100


def test_a_reopening_with_time_left_gives_none_back() -> None:
    history = reopened(60)
    reading = read_clock(history, SHANGHAI, 2 * HOUR, history[-1].from_at)
    assert (reading.elapsed_s, reading.remaining_s) == (HOUR, HOUR)


def test_who_was_late_before_stays_late_after_a_reopening() -> None:
    history = reopened(130)
    reading = read_clock(history, SHANGHAI, 2 * HOUR, history[-1].from_at)
    assert reading.level == 100
    assert reading.late_since == MONDAY + timedelta(hours=2)
