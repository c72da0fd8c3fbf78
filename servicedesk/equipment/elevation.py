"""The drawing of a rack: boxes in a viewBox, one for each device and face. Pure; templates write the SVG."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

UNIT_H, INNER_W, MARGIN = 20, 230, 30
_COLUMNS = 30  # half-width characters that fit beside the unit numbers


@dataclass(frozen=True, slots=True)
class Box:
    """One device on one face. ``behind``: it is mounted on the other face and shows through its depth."""

    device_id: int
    name: str
    label: str
    outcome: str
    x: int
    y: int
    width: int
    height: int
    behind: bool


@dataclass(frozen=True, slots=True)
class Elevation:
    """One face of a rack."""

    face: str
    width: int
    height: int
    units: tuple[tuple[int, int], ...]  # number of the unit, y of its middle
    boxes: tuple[Box, ...]


def draw(height_u: int, mounted: Iterable[Any], face: str) -> Elevation:
    """Lay one face out.

    Args:
        height_u: of the rack; unit 1 is at the bottom.
        mounted: rows of ``placing.mounted_rows``.
        face: front or rear; a device of full depth is on both.
    """
    boxes = [_box(row, height_u, face) for row in mounted if row.face == face or row.full_depth]
    return Elevation(
        face,
        INNER_W + 2 * MARGIN,
        height_u * UNIT_H + 2,
        tuple((unit, (height_u - unit) * UNIT_H + UNIT_H // 2 + 1) for unit in range(1, height_u + 1)),
        tuple(boxes),
    )


def _box(row: Any, height_u: int, face: str) -> Box:
    top = row.rack_unit + row.height_u - 1
    return Box(
        row.id,
        row.name,
        shorten(row.name, _COLUMNS),
        row.last_outcome,
        MARGIN,
        (height_u - top) * UNIT_H + 1,
        INNER_W,
        row.height_u * UNIT_H,
        row.face != face,
    )


def shorten(text: str, columns: int) -> str:
    """Cut to a width; a Chinese character is two columns wide, a combining mark none."""
    used = 0
    kept: list[str] = []
    for character in text:
        wide = unicodedata.east_asian_width(character) in "WF"
        used += 0 if unicodedata.combining(character) else 2 if wide else 1
        if used > columns - 1:
            return "".join(kept) + "…"
        kept.append(character)
    return text
