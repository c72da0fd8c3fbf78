"""Names with numbers in the order people expect."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from servicedesk.core.natural import natural_key


def test_numbers_count_as_numbers() -> None:
    names = ["Gi1/0/10", "gi1/0/2", "Gi1/0/1", "eth0", "Gi1/0/09", "", "10", "9", "Gi1/0/" + "9" * 5000]
    expected = ["", "9", "10", "eth0", "Gi1/0/1", "gi1/0/2", "Gi1/0/09", "Gi1/0/10", "Gi1/0/" + "9" * 5000]
    assert sorted(names, key=natural_key) == expected


@given(st.text(max_size=20), st.text(max_size=20))
def test_of_any_two_texts_one_comes_first_or_both_stand_alike(one: str, other: str) -> None:
    first, second = natural_key(one), natural_key(other)
    assert (first < second) + (second < first) + (first == second) == 1
