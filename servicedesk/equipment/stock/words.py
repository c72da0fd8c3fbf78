"""The words of stock, and what may follow for a single piece: both as tables."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

IN_STOCK, IN_USE, FAULTY, AT_SUPPLIER, SCRAPPED = "in_stock", "in_use", "faulty", "at_supplier", "scrapped"

# state -> (words, tone, icon)
STATES: dict[str, tuple[LazyString, str, str]] = {
    IN_STOCK: (_l("In stock"), "ok", "check-circle"),
    IN_USE: (_l("In a device"), "info", "hdd-rack"),
    FAULTY: (_l("Faulty"), "bad", "x-circle"),
    AT_SUPPLIER: (_l("At the supplier"), "warn", "hourglass-split"),
    SCRAPPED: (_l("Scrapped"), "mute", "trash"),
}
MOVEMENTS: dict[str, LazyString] = {
    "in": lazy_pgettext("stock", "In"),
    "out": lazy_pgettext("stock", "Out"),
    "move": _l("Moved"),
    "count": lazy_pgettext("stock", "Counted"),
    "state": _l("State changed"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow of a piece, and what must be said on the way."""

    source: str
    target: str
    kind: str
    place: bool = False
    device: bool = False
    reason: bool = False


STEPS: tuple[Step, ...] = (
    Step(IN_STOCK, IN_USE, "out", device=True),
    Step(IN_STOCK, IN_STOCK, "move", place=True),
    Step(IN_STOCK, FAULTY, "out", place=True, reason=True),
    Step(IN_STOCK, AT_SUPPLIER, "out", reason=True),
    Step(IN_STOCK, SCRAPPED, "out", reason=True),
    Step(IN_USE, IN_STOCK, "in", place=True),
    Step(IN_USE, FAULTY, "state", place=True),
    Step(IN_USE, SCRAPPED, "state", reason=True),
    Step(FAULTY, AT_SUPPLIER, "state"),
    Step(FAULTY, FAULTY, "state", place=True),
    Step(FAULTY, IN_STOCK, "in", place=True, reason=True),
    Step(FAULTY, SCRAPPED, "state", reason=True),
    Step(AT_SUPPLIER, IN_STOCK, "in", place=True),
    Step(AT_SUPPLIER, FAULTY, "state", place=True),
    Step(AT_SUPPLIER, SCRAPPED, "state", reason=True),
)
BY_ENDS = {(step.source, step.target): step for step in STEPS}


def steps_from(state: str) -> tuple[Step, ...]:
    """What may follow, in order."""
    return tuple(step for step in STEPS if step.source == state)
