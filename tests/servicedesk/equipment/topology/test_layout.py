"""Where devices stand on a map: every one somewhere, none on another, lines between what is tied."""

from __future__ import annotations

import re
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from servicedesk.equipment.topology.layout import (
    BOX_H,
    BOX_W,
    Layout,
    Pair,
    depths_of,
    lay_out,
    layers_of,
)

PAIRS = st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)).filter(lambda p: p[0] < p[1]), max_size=60)


def overlap(found: Layout) -> list[Pair]:
    boxes = sorted(found.places.items())
    return [
        (a, b)
        for (a, one), (b, other) in combinations(boxes, 2)
        if abs(one.x - other.x) < BOX_W and abs(one.y - other.y) < BOX_H
    ]


def points(path: str) -> list[tuple[float, float]]:
    """Points along a path of M, V, H and C."""
    found: list[tuple[float, float]] = []
    for letter, text in re.findall(r"([MVHC])([^MVHC]*)", path):
        numbers = [float(one) for one in text.split()]
        x, y = found[-1] if found else (0.0, 0.0)
        if letter == "M":
            found.append((numbers[0], numbers[1]))
            continue
        if letter in "VH":
            numbers = [x, y, x, numbers[0], x, numbers[0]] if letter == "V" else [x, y, x, y, numbers[0], y]
        a, b, c, d, e, f = numbers
        for step in range(1, 21):
            t = step / 20
            u = 1 - t
            found.append(
                (
                    u**3 * x + 3 * u * u * t * a + 3 * u * t * t * c + t**3 * e,
                    u**3 * y + 3 * u * u * t * b + 3 * u * t * t * d + t**3 * f,
                )
            )
    return found


def hidden(found: Layout) -> list[tuple[int, int, int]]:
    """Lines that run behind a box: their ends, and whose box it is."""
    return [
        (line.a, line.b, number)
        for line in found.lines
        for number, place in found.places.items()
        if any(
            place.x + 1 < x < place.x + BOX_W - 1 and place.y + 1 < y < place.y + BOX_H - 1
            for x, y in points(line.path)
        )
    ]


def site(switches: int, servers: int) -> tuple[dict[int, int], list[Pair]]:
    """Ranks and pairs: a firewall, two cores, switches on both, servers on one switch each."""
    ranks = {1: 0, 2: 2, 3: 2}
    pairs = [(1, 2), (1, 3), (2, 3)]
    number = 4
    for _ in range(switches):
        switch = number
        ranks[switch] = 2
        pairs += [(2, switch), (3, switch)]
        for _ in range(servers):
            number += 1
            ranks[number] = 4
            pairs.append((switch, number))
        number += 1
    return ranks, pairs


@settings(max_examples=60)
@given(pairs=PAIRS, ranks=st.lists(st.integers(0, 6), min_size=31, max_size=31))
def test_every_device_has_a_place_of_its_own(pairs: list[Pair], ranks: list[int]) -> None:
    unique = sorted(set(pairs))
    devices = sorted({number for pair in unique for number in pair})
    layers = layers_of(devices, unique, dict(enumerate(ranks)))
    found = lay_out(layers, unique, {number: f"D{number}" for number in devices})
    assert sorted(found.places) == devices
    assert overlap(found) == []
    for place in found.places.values():
        assert 0 <= place.x <= found.width - BOX_W
        assert 0 <= place.y <= found.height - BOX_H
    # Whatever is not next to what it is tied to hangs in a layer that is: no line spans two layers.
    assert all(abs(layers[a] - layers[b]) <= 1 for a, b in unique)
    assert lay_out(layers, unique, {number: f"D{number}" for number in devices}) == found


def test_what_is_outside_stands_above_and_servers_of_a_switch_stand_together() -> None:
    ranks, pairs = site(switches=10, servers=18)
    layers = layers_of(ranks, pairs, ranks)
    assert [layers[1], layers[2], layers[3], layers[4], layers[5]] == [0, 1, 1, 2, 3]
    found = lay_out(layers, pairs, {number: f"{number:03}" for number in ranks})
    assert len(found.places) == 193
    assert [len(frame.members) for frame in found.frames] == [18] * 10
    assert overlap(found) == []
    # One line for each frame, two for each switch, three at the top: not one for each server.
    assert len(found.lines) == 10 + 20 + 3
    assert 0.8 < found.width / found.height < 3.2


def test_a_star_of_equals_has_its_middle_at_the_top() -> None:
    pairs = [(1, 9), (2, 9), (3, 9), (4, 9)]
    assert layers_of(range(1, 10), pairs, dict.fromkeys(range(1, 10), 2))[9] == 0


def test_power_flows_down_the_longest_way() -> None:
    feeds = [(3, 2), (2, 1), (4, 1), (4, 3)]  # 1 feeds 2 and 4, 2 feeds 3, 3 feeds 4
    assert depths_of([1, 2, 3, 4], feeds) == {1: 0, 2: 1, 3: 2, 4: 3}


@settings(max_examples=60)
@given(feeds=st.lists(st.tuples(st.integers(1, 20), st.integers(1, 20)), max_size=40))
def test_no_feed_runs_behind_a_box(feeds: list[Pair]) -> None:
    pairs = sorted({(min(pair), max(pair)) for pair in feeds if pair[0] != pair[1]})
    devices = sorted({number for pair in pairs for number in pair})
    layers = depths_of(devices, [(b, a) for a, b in pairs])
    found = lay_out(layers, pairs, {number: f"D{number:02}" for number in devices})
    assert overlap(found) == []
    assert hidden(found) == []


def test_a_feed_past_two_layers_has_a_lane_of_its_own() -> None:
    pairs = [(1, 2), (2, 3), (3, 4), (1, 4)]  # supply, UPS, PDU, and a server that hangs on the supply, too
    layers = depths_of(range(1, 5), [(b, a) for a, b in pairs])
    found = lay_out(layers, pairs, {number: f"D{number}" for number in layers})
    assert hidden(found) == []
    long = next(line for line in found.lines if (line.a, line.b) == (1, 4))
    assert long.path.count("C") == 3


@given(feeds=st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), max_size=40))
def test_rings_of_feeds_end(feeds: list[Pair]) -> None:
    found = depths_of(range(1, 13), feeds)
    assert sorted(found) == list(range(1, 13))
    assert all(0 <= depth < 12 for depth in found.values())


def test_a_long_chain_is_no_trouble() -> None:
    chain = [(number + 1, number) for number in range(1, 3000)]
    assert depths_of(range(1, 3001), chain)[3000] == 2999


def test_nothing_to_place() -> None:
    assert lay_out({}, [], {}).places == {}
