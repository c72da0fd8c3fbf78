"""Where the devices of a map stand. Pure, and the same in gives the same out.

Devices stand in layers: those at the top, then those that are connected to them, and so on. Devices that
hang on the same neighbours, as the servers of one switch do, stand together in a block, so that two hundred
devices still fit on a sheet. Within a layer, order and place follow the neighbours (barycentres, after
Sugiyama, Tagawa and Toda 1981), so that few lines cross. A line that passes layers has a lane in each of
them, so that it runs behind no box.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil

BOX_W, BOX_H, GAP, LAYER_GAP, PAD, MARGIN = 132, 36, 14, 64, 8, 16
LANE = 6  # width that is kept free for a line through a layer
SWEEPS = 8
SHEET = 1.6  # width to height of a sheet that is looked at without turning it

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Place:
    """The box of a device: its upper left corner, in pixels."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Frame:
    """Around devices that hang on the same neighbours."""

    x: float
    y: float
    width: float
    height: float
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """Between two devices; ``a`` and ``b`` are numbers of devices, or of one and a member of a frame that
    the line ends at."""

    a: int
    b: int
    path: str  # of an SVG path
    framed: bool  # it ends at a frame: it stands for the lines of all its members


@dataclass(frozen=True, slots=True)
class Layout:
    width: float
    height: float
    places: Mapping[int, Place]
    frames: tuple[Frame, ...]
    lines: tuple[Line, ...]


@dataclass(slots=True)
class _Item:
    """What stands in a layer: a device, a block of them, or, without members, the lane of a line."""

    members: tuple[int, ...]
    layer: int
    columns: int = 1
    near: set[int] = field(default_factory=set)  # numbers of items
    x: float = 0.0
    y: float = 0.0
    bottom: float = 0.0  # of the layer

    @property
    def rows(self) -> int:
        return ceil(len(self.members) / self.columns)

    @property
    def block(self) -> bool:
        return len(self.members) > 1

    @property
    def width(self) -> float:
        if not self.members:
            return LANE
        inner = self.columns * (BOX_W + GAP) - GAP
        return inner + 2 * PAD if self.block else inner

    @property
    def height(self) -> float:
        if not self.members:
            return 0.0
        inner = self.rows * (BOX_H + PAD) - PAD
        return inner + 2 * PAD if self.block else inner

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


def lay_out(layers: Mapping[int, int], pairs: Collection[Pair], order: Mapping[int, str]) -> Layout:
    """Place every device.

    Args:
        layers: of each device, 0 at the top; see ``layers_of``.
        pairs: devices with a line between them, each pair once.
        order: a text to sort by, of each device; decides where nothing else does.
    """
    tried = []
    for columns in (1, 2, 3, 4, 6, 8, 12):
        items = _items(layers, pairs, order, columns)
        routes = _with_lanes(items)
        width, height = _place(items)
        misfit = abs(width / height - SHEET) if height else 0.0
        tried.append((misfit, columns, items, routes, width, height))
    _misfit, _columns, items, routes, width, height = min(tried, key=lambda one: one[:2])
    return _drawn(items, routes, width, height)


def layers_of(devices: Collection[int], pairs: Iterable[Pair], ranks: Mapping[int, int]) -> dict[int, int]:
    """How far each device is from the top of what it is connected with.

    The top of a connected part are its devices of the lowest rank (a router before a switch before a
    server); where all are alike, the one in the middle.
    """
    near = _near(devices, pairs)
    found: dict[int, int] = {}
    for part in _parts(devices, near):
        best = min(ranks[number] for number in part)
        top = [number for number in part if ranks[number] == best]
        if len(top) == len(part) and len(part) > 2:
            top = [min(part, key=lambda number: (_reach(number, near), -len(near[number]), number))]
        found.update(_distances(top, near))
    return found


def depths_of(devices: Collection[int], feeds: Iterable[Pair]) -> dict[int, int]:
    """How many devices are before each along its feeds, the longest way; a ring ends where it closes.

    Args:
        feeds: pairs of a device and what feeds it.
    """
    sources: dict[int, set[int]] = {number: set() for number in devices}
    fed: dict[int, set[int]] = {number: set() for number in devices}
    for device, source in feeds:
        if device != source:
            sources[device].add(source)
            fed[source].add(device)
    found: dict[int, int] = {}
    waiting = deque(sorted(number for number in devices if not sources[number]))
    while len(found) < len(sources):
        if not waiting:  # what is left stands in rings or behind them
            waiting.append(min(sources.keys() - found.keys()))
        number = waiting.popleft()
        found[number] = max((found[one] for one in sources[number] if one in found), default=-1) + 1
        for other in sorted(fed[number]):
            if other not in found and sources[other] <= found.keys():
                waiting.append(other)
    return found


def _near(devices: Iterable[int], pairs: Iterable[Pair]) -> dict[int, set[int]]:
    near: dict[int, set[int]] = {number: set() for number in devices}
    for a, b in pairs:
        near[a].add(b)
        near[b].add(a)
    return near


def _parts(devices: Collection[int], near: Mapping[int, set[int]]) -> list[list[int]]:
    left, parts = set(devices), []
    for number in sorted(devices):
        if number in left:
            part = sorted(_distances([number], near))
            left.difference_update(part)
            parts.append(part)
    return parts


def _distances(starts: Sequence[int], near: Mapping[int, set[int]]) -> dict[int, int]:
    found = dict.fromkeys(starts, 0)
    waiting = deque(starts)
    while waiting:
        number = waiting.popleft()
        for other in sorted(near[number]):
            if other not in found:
                found[other] = found[number] + 1
                waiting.append(other)
    return found


def _reach(number: int, near: Mapping[int, set[int]]) -> int:
    return max(_distances([number], near).values())


def _items(
    layers: Mapping[int, int], pairs: Collection[Pair], order: Mapping[int, str], columns: int
) -> list[_Item]:
    """Devices and blocks, layer by layer. A block's members hang on the same neighbours, none below them."""
    near = _near(layers, pairs)
    alike: dict[tuple[int, frozenset[int]], list[int]] = defaultdict(list)
    for number in sorted(layers, key=lambda one: (layers[one], order[one], one)):
        below = all(layers[other] <= layers[number] for other in near[number])
        alike[layers[number], frozenset(near[number]) if below else frozenset({-number})].append(number)
    items: list[_Item] = []
    for (layer, _key), members in alike.items():
        if len(members) > 2:
            items.append(_Item(tuple(members), layer, min(columns, len(members))))
        else:
            items += [_Item((number,), layer) for number in members]
    of = {number: place for place, item in enumerate(items) for number in item.members}
    for a, b in pairs:
        if of[a] != of[b]:
            items[of[a]].near.add(of[b])
            items[of[b]].near.add(of[a])
    return items


def _with_lanes(items: list[_Item]) -> list[tuple[int, ...]]:
    """Add a lane for each line in each layer that it passes; the numbers of items along each line."""
    there = sorted({item.layer for item in items})
    links = [(a, b) for a, item in enumerate(items) for b in item.near if a < b]
    routes = []
    for a, b in sorted(links):
        upper, lower = (a, b) if items[a].layer <= items[b].layer else (b, a)
        route = [upper]
        for layer in there:
            if items[upper].layer < layer < items[lower].layer:
                route.append(len(items))
                items.append(_Item((), layer))
        route.append(lower)
        if len(route) > 2:
            items[a].near.discard(b)
            items[b].near.discard(a)
            for one, following in pairwise(route):
                items[one].near.add(following)
                items[following].near.add(one)
        routes.append(tuple(route))
    return routes


def _place(items: list[_Item]) -> tuple[float, float]:
    """Give every item its place; the width and height of all."""
    rows: dict[int, list[_Item]] = defaultdict(list)
    for item in items:
        rows[item.layer].append(item)
    sheet = [rows[layer] for layer in sorted(rows)]
    for row in sheet:
        _in_a_row(row)
    for turn in range(SWEEPS):
        down = turn % 2 == 0
        for row in sheet if down else reversed(sheet):
            _by_neighbours(row, items, above=down)
    least = min((item.x for item in items), default=0.0)
    y = float(MARGIN)
    for row in sheet:
        for item in row:
            item.x += MARGIN - least
            item.y = y
        y += max(item.height for item in row)
        for item in row:
            item.bottom = y
        y += LAYER_GAP
    width = max((item.x + item.width for item in items), default=0.0) + MARGIN
    return width, y - LAYER_GAP + MARGIN if items else 0.0


def _in_a_row(row: list[_Item]) -> None:
    x = 0.0
    for item in row:
        item.x = x
        x += item.width + GAP


def _by_neighbours(row: list[_Item], items: list[_Item], *, above: bool) -> None:
    """Order a layer by the middle of the neighbours of one side; each stands as near to it as it can."""
    wanted: dict[int, float] = {}
    for item in row:
        side = [items[one] for one in item.near if (items[one].layer < item.layer) == above]
        side = [one for one in side if one.layer != item.layer] or [items[one] for one in item.near]
        wanted[id(item)] = sum(one.middle for one in side) / len(side) if side else item.middle
    row.sort(key=lambda item: (wanted[id(item)], item.x))
    # Groups of items that touch move together to the mean of what each of them wants.
    groups: list[tuple[list[_Item], float, float]] = []  # items, where the group begins, its width
    for item in row:
        group, start, width = [item], wanted[id(item)] - item.width / 2, item.width
        while groups and groups[-1][1] + groups[-1][2] + GAP > start:
            before, first, wide = groups.pop()
            # The mean of the starts that both would choose, by how many items each has.
            shifted = start - wide - GAP
            start = (first * len(before) + shifted * len(group)) / (len(before) + len(group))
            group, width = before + group, wide + GAP + width
        groups.append((group, start, width))
    for group, start, _width in groups:
        x = start
        for item in group:
            item.x = x
            x += item.width + GAP


def _drawn(items: list[_Item], routes: Iterable[Sequence[int]], width: float, height: float) -> Layout:
    places: dict[int, Place] = {}
    frames = []
    for item in items:
        inset = PAD if item.block else 0
        for at, number in enumerate(item.members):
            row, column = divmod(at, item.columns)
            places[number] = Place(
                item.x + inset + column * (BOX_W + GAP), item.y + inset + row * (BOX_H + PAD)
            )
        if item.block:
            frames.append(Frame(item.x, item.y, item.width, item.height, item.members))
    lines = [_line([items[one] for one in route]) for route in routes]
    return Layout(width, height, places, tuple(frames), tuple(lines))


def _line(route: Sequence[_Item]) -> Line:
    one, other = route[0], route[-1]
    framed = one.block or other.block
    if one.layer == other.layer:  # an arc below both
        left, right = sorted((one, other), key=lambda item: item.x)
        a, b = left.middle, right.middle
        if right.x - left.x - left.width <= GAP:
            y = left.y + min(left.height, right.height) / 2
            return Line(
                left.members[0], right.members[0], f"M{left.x + left.width:.0f} {y:.0f}H{right.x:.0f}", framed
            )
        y = max(left.y + left.height, right.y + right.height)
        bow = min(LAYER_GAP * 0.8, 14 + (b - a) / 12)
        path = _curve((a, left.y + left.height), (b, right.y + right.height), y + bow)
        return Line(left.members[0], right.members[0], path, framed)
    path = f"M{one.middle:.0f} {one.y + one.height:.0f}"
    for above, below in pairwise(route):
        # Down to the layer's bottom first: what stands beside may be taller.
        path += f"V{above.bottom:.0f}" if above.y + above.height < above.bottom else ""
        bend = (above.bottom + below.y) / 2
        path += _bent((above.middle, below.middle), bend, below.y)
    return Line(one.members[0], other.members[0], path, framed)


def _curve(start: tuple[float, float], end: tuple[float, float], bend: float) -> str:
    """From one point to another, leaving and arriving upright; ``bend`` is the height of both handles."""
    (a, b), (c, d) = start, end
    return f"M{a:.0f} {b:.0f}{_bent((a, c), bend, d)}"


def _bent(across: tuple[float, float], bend: float, to: float) -> str:
    a, c = across
    return f"C{a:.0f} {bend:.0f} {c:.0f} {bend:.0f} {c:.0f} {to:.0f}"
