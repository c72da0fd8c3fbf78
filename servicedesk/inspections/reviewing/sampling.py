"""Which items of a record are looked at: all abnormal ones, and of the others some by a seed. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from servicedesk.inspections.reviewing.models import ABNORMAL, RANDOM

DEFAULT_PERCENT, DEFAULT_MINIMUM = 2, 5
MAX_RANDOM = 200  # more is no sample; abnormal ones are not limited


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """One item that may be sampled: a reading, or an answer by hand (the others are 0 then)."""

    record_id: int
    item_id: int
    answer_id: int = 0
    abnormal: bool = False

    @property
    def key(self) -> str:
        """Its name in the draw."""
        return f"answer:{self.answer_id}" if self.answer_id else f"reading:{self.record_id}:{self.item_id}"


@dataclass(frozen=True, slots=True)
class Drawn:
    candidate: Candidate
    why: str


def random_count(population: int, percent: int, minimum: int) -> int:
    """How many of ``population`` items are drawn: the share rounded up, at least the minimum."""
    share = -(-population * percent // 100)
    return min(population, MAX_RANDOM, max(share, minimum))


def draw(candidates: Iterable[Candidate], seed: str, percent: int, minimum: int) -> list[Drawn]:
    """All abnormal items, then those others whose sha256 of seed and key is smallest.

    Anybody with the record and the seed draws the same again; nobody can wish for an item.
    """
    everything = sorted(candidates)
    normal = [one for one in everything if not one.abnormal]
    ranked = sorted(normal, key=lambda one: hashlib.sha256(f"{seed}:{one.key}".encode()).digest())
    chosen = sorted(ranked[: random_count(len(normal), percent, minimum)])
    return [Drawn(one, ABNORMAL) for one in everything if one.abnormal] + [
        Drawn(one, RANDOM) for one in chosen
    ]
