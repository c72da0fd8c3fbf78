"""How much open work people have. Whoever keeps the work registers here, from above."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

Counter = Callable[[Collection[int]], Mapping[int, int]]
"""Account number -> weight of the open work; who has none may be missing."""

_counters: dict[str, Counter] = {}


def register(name: str, counter: Counter) -> None:
    """Let a kind of work count; registering a name again replaces it."""
    _counters[name] = counter


def loads_of(user_ids: Collection[int]) -> dict[int, int]:
    """The weight of all open work of each of these people."""
    counted = [counter(user_ids) for counter in _counters.values()]
    return {user_id: sum(found.get(user_id, 0) for found in counted) for user_id in user_ids}
