"""A map as boxes, frames and lines with their words, for a page or a file. Pure but for the language."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import ngettext

from servicedesk.equipment.elevation import shorten
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.equipment.topology.graph import LAST, RANKS, Graph, Tie
from servicedesk.equipment.topology.layout import (
    BOX_H,
    BOX_W,
    Frame,
    Layout,
    Pair,
    depths_of,
    lay_out,
    layers_of,
)

NAME_COLUMNS, MODEL_COLUMNS = 16, 20  # half-width characters that fit into a box
NEEDS_TWO = frozenset(RANKS) - {"bmc", "virtual_machine", "wireless"}  # classes that have two power supplies
# Told apart in black and white, too.
_MARKS = {"ok": "", "warning": "!", "not_inspected": "?", "stale": "?", "": "?"}


@dataclass(frozen=True, slots=True)
class Box:
    """A device; ``mark``: a sign of its health beside the colour."""

    device_id: int
    x: float
    y: float
    label: str
    sub: str
    mark: str
    outcome: str
    title: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line; ``ends``: the numbers of all devices it stands for. ``seen``: nobody recorded it, an inspection
    saw it. ``count``: cables, where there are several."""

    path: str
    title: str
    ends: str
    seen: bool
    count: int


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    boxes: tuple[Box, ...]
    frames: tuple[Frame, ...]
    strokes: tuple[Stroke, ...]
    box_width: int = BOX_W
    box_height: int = BOX_H


def draw(graph: Graph, *, power: bool) -> Drawing:
    """The devices of a map that are tied to others."""
    numbers = sorted(graph.tied)
    if power:
        layers = depths_of(numbers, graph.ties)
    else:
        ranks = {number: RANKS.get(graph.devices[number].device_class, LAST) for number in numbers}
        layers = layers_of(numbers, graph.ties, ranks)
    pairs = sorted({(min(pair), max(pair)) for pair in graph.ties})
    found = lay_out(layers, pairs, {number: _in_order(graph.devices[number].name) for number in numbers})
    hanging = _hanging(graph.ties, found)
    boxes = tuple(_box(graph.devices[number], found, hanging) for number in numbers)
    strokes = tuple(_stroke(line.a, line.b, line.path, graph, found.frames) for line in found.lines)
    width, height = max(round(found.width), BOX_W), max(round(found.height), BOX_H)  # also of an empty map
    return Drawing(width, height, boxes, found.frames, strokes)


def _in_order(name: str) -> str:
    """SRV-9 before SRV-10."""
    return re.sub(r"[0-9]+", lambda number: number[0].zfill(9), name)


def single_feeds(graph: Graph) -> list[tuple[sa.Row[*tuple[Any, ...]], str]]:
    """Devices that should have two power feeds and have one recorded, by name, with the name of the feed."""
    feeds: dict[int, list[int]] = {}
    for device, feed in graph.ties:
        feeds.setdefault(device, []).append(feed)
    single = [
        (graph.devices[number], str(graph.devices[some[0]].name))
        for number, some in feeds.items()
        if len(some) == 1 and graph.devices[number].device_class in NEEDS_TWO
    ]
    return sorted(single, key=lambda one: _in_order(one[0].name))


def without_feed(graph: Graph) -> int:
    """How many devices that need power have no feed recorded."""
    fed = {device for device, _feed in graph.ties}
    needs = NEEDS_TWO | {"wireless", "bmc"}
    return sum(row.device_class in needs for number, row in graph.devices.items() if number not in fed)


def listed(graph: Graph) -> list[tuple[str, str, str, bool]]:
    """The same as words: the names of both devices, what is between them, and whether it was seen alone."""
    names = {number: row.name for number, row in graph.devices.items()}
    rows = [(names[a], names[b], _words(ties), _seen(ties)) for (a, b), ties in graph.ties.items()]
    return sorted(rows)


def _words(ties: Collection[Tie]) -> str:
    return ", ".join(tie.text for tie in ties if tie.text)


def _seen(ties: Collection[Tie]) -> bool:
    return all(tie.source not in ("link", "relation") for tie in ties)


def _hanging(ties: Mapping[Pair, tuple[Tie, ...]], found: Layout) -> dict[int, list[str]]:
    """The cables of devices in frames, whose single lines are not drawn."""
    framed = {number for frame in found.frames for number in frame.members}
    said: dict[int, list[str]] = {}
    for pair, some in ties.items():
        for number in framed.intersection(pair):
            said.setdefault(number, []).extend(tie.text for tie in some if tie.text)
    return said


def _box(row: Any, found: Layout, hanging: Mapping[int, list[str]]) -> Box:
    place = found.places[row.id]
    kind = str(DEVICE_CLASSES.get(row.device_class, row.device_class))
    lines = [row.name, kind, row.model, row.address, *hanging.get(row.id, ())]
    return Box(
        row.id,
        place.x,
        place.y,
        shorten(row.name, NAME_COLUMNS),
        shorten(row.model or kind, MODEL_COLUMNS),
        _MARKS.get(row.last_outcome, "×"),
        row.last_outcome,
        " · ".join(line for line in lines if line),
    )


def _stroke(a: int, b: int, path: str, graph: Graph, frames: Collection[Frame]) -> Stroke:
    one, other = _members(a, frames), _members(b, frames)
    ties = [
        tie
        for first in one
        for second in other
        for pair in ((first, second), (second, first))
        for tie in graph.ties.get(pair, ())
    ]
    names = [graph.devices[number].name for number in (a, b)]
    alone = len(one) == len(other) == 1
    if alone:
        title = " – ".join(names) + (f": {_words(ties)}" if _words(ties) else "")
    else:
        title = ngettext("%(num)s connection", "%(num)s connections", len(ties))
    count = len(ties) if alone and len(ties) > 1 else 0
    return Stroke(path, title, " ".join(str(number) for number in (*one, *other)), _seen(ties), count)


def _members(number: int, frames: Collection[Frame]) -> tuple[int, ...]:
    return next((frame.members for frame in frames if number in frame.members), (number,))
