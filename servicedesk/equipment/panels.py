"""The device page shows what other domains know of a device; they register here, from above."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from servicedesk.core.actor import Actor
from servicedesk.equipment.models import Device


@dataclass(frozen=True, slots=True)
class Panel:
    """A template and what it is given (as ``panel``)."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


LATER = 21  # panels from this position on come when the page is there and asks for them
PanelMaker = Callable[[Device, Actor], "Panel | None"]
_makers: dict[str, tuple[int, PanelMaker, str]] = {}


def register_panel(name: str, position: int, maker: PanelMaker, *, fetched: str = "") -> None:
    """Add a panel; registering a name again replaces it.

    Args:
        fetched: endpoint that gives the panel by itself, for one that may take as long as all others.
    """
    _makers[name] = (position, maker, fetched)


def device_panels(device: Device, actor: Actor, *, later: bool, whole: bool = True) -> list[Panel]:
    """The panels that have something to say to this actor, in order: the first, or those that come later;
    unless the page must be ``whole``, some of them leave a place that asks for them."""
    chosen = [entry for entry in _makers.values() if (entry[0] >= LATER) == later]
    made: list[Panel | None] = []
    for _position, maker, fetched in sorted(chosen, key=lambda entry: entry[0]):
        if fetched and not whole:
            made.append(Panel("equipment/_panel_later.html", {"endpoint": fetched}))
        else:
            made.append(maker(device, actor))
    return [panel for panel in made if panel is not None]
