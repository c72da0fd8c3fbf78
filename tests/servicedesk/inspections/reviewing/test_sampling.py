"""The draw: all that is abnormal, and of the rest what the seed says and nobody else."""

from __future__ import annotations

from servicedesk.inspections.reviewing.models import ABNORMAL, RANDOM
from servicedesk.inspections.reviewing.sampling import MAX_RANDOM, Candidate, draw, random_count

NORMAL = [Candidate(record, item) for record in range(1, 11) for item in range(1, 11)]
BAD = [Candidate(3, 50, abnormal=True), Candidate(0, 0, 7, abnormal=True)]


def test_everything_abnormal_is_in_it_and_a_share_of_the_rest() -> None:
    drawn = draw([*NORMAL, *BAD], "seed", 10, 3)
    assert [one.candidate for one in drawn if one.why == ABNORMAL] == sorted(BAD)
    assert len([one for one in drawn if one.why == RANDOM]) == 10


def test_the_order_in_which_items_come_does_not_matter() -> None:
    assert draw([*NORMAL, *BAD], "seed", 10, 3) == draw([*reversed(BAD), *reversed(NORMAL)], "seed", 10, 3)


def test_another_seed_is_another_sample() -> None:
    samples = {tuple(one.candidate.key for one in draw(NORMAL, f"seed {n}", 10, 3)) for n in range(20)}
    assert len(samples) == 20


def test_over_many_seeds_every_item_has_its_turn() -> None:
    seen = {one.candidate for n in range(100) for one in draw(NORMAL, f"seed {n}", 10, 3)}
    assert seen == set(NORMAL)


def test_how_many_are_drawn() -> None:
    assert [random_count(n, 10, 3) for n in (0, 2, 11, 31, 100)] == [0, 2, 3, 4, 10]
    assert random_count(100, 0, 0) == 0
    assert random_count(100_000, 10, 3) == MAX_RANDOM
